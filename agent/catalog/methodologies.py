"""The methodologies: which questions each asks, and of what. `methodologies.yaml`, checked when loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from agent.catalog.reading import read_yaml
from agent.catalog.vocabulary import ControlName, Trait
from agent.domain.request import Methodology
from agent.domain.system import ElementKind
from agent.errors import CatalogError

FILE = "methodologies.yaml"
_FIELDS = {"label", "kinds", "traits", "holds", "answered_by", "flows"}
_FLOWS = ("", "encrypted", "authenticated")


@dataclass(frozen=True)
class Category:
    """One category of a methodology."""

    id: str
    label: str
    """As written for people."""
    kinds: frozenset[ElementKind]
    """What it can befall."""
    traits: frozenset[Trait]
    """Only elements with one of these; any where it is empty."""
    personal: bool
    """Whether it is asked only where there are data about people."""
    answered_by: frozenset[ControlName]
    """Controls any of which, stated at an element, is a reason for an empty cell."""
    flows: str
    """ "encrypted" or "authenticated": what is a reason when every flow of an element is so; or ""."""


@dataclass(frozen=True)
class Method:
    """One methodology."""

    title: str
    categories: tuple[Category, ...]

    def category(self, id_: str) -> Category | None:
        """The category with this id."""
        return next((c for c in self.categories if c.id == id_), None)


@cache
def load_methods() -> Mapping[Methodology, Method]:
    """The packaged table."""
    return parse_methods((resources.files("agent.catalog") / FILE).read_text("utf-8"))


def parse_methods(text: str) -> Mapping[Methodology, Method]:
    """The methodologies of a YAML text, all of them; CatalogError names the place of what is wrong."""
    try:
        raw = read_yaml(text)
    except yaml.YAMLError as error:
        raise CatalogError(f"{FILE}: {error}") from error
    if not isinstance(raw, dict) or set(raw) != {m.value for m in Methodology}:
        raise CatalogError(f"{FILE}: expected {', '.join(m.value for m in Methodology)}.")
    return {m: _method(raw[m.value], f"{FILE}: {m.value}") for m in Methodology}


def _method(raw: Any, place: str) -> Method:
    if not isinstance(raw, dict) or set(raw) != {"title", "categories"} or not raw["categories"]:
        raise CatalogError(f"{place}: expected title and categories.")
    return Method(
        title=str(raw["title"]),
        categories=tuple(_category(i, c, f"{place}: {i}") for i, c in raw["categories"].items()),
    )


def _category(id_: str, raw: Any, place: str) -> Category:
    if not isinstance(raw, dict) or "label" not in raw or set(raw) - _FIELDS:
        raise CatalogError(f"{place}: expected a label, and of {', '.join(sorted(_FIELDS))} what it needs.")
    if raw.get("flows", "") not in _FLOWS or raw.get("holds", "personal") != "personal":
        raise CatalogError(f"{place}: flows is encrypted or authenticated, holds is personal.")
    try:
        return Category(
            id=id_,
            label=str(raw["label"]),
            kinds=frozenset(ElementKind(k) for k in raw.get("kinds", ElementKind)),
            traits=frozenset(Trait(t) for t in raw.get("traits", ())),
            personal="holds" in raw,
            answered_by=frozenset(ControlName(c) for c in raw.get("answered_by", ())),
            flows=str(raw.get("flows", "")),
        )
    except ValueError as error:
        raise CatalogError(f"{place}: {error}.") from None
