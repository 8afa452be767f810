"""How text states that a protection is there or missing: `controls.yaml`, checked when loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

import yaml

from agent.catalog.phrases import PhraseBook
from agent.catalog.vocabulary import ControlName
from agent.domain.system import Exposure
from agent.errors import CatalogError

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Every scalar stays text: "on" and "no" are words here."""

FILE = "controls.yaml"
FACTS = ("encrypted", "authenticated")
"""The properties of a flow that a control may set or imply."""


class Holder(StrEnum):
    """Where a control is kept when the text names an element."""

    ELEMENT = "element"
    FLOW = "flow"
    BOTH = "both"


class Reach(StrEnum):
    """What a sentence speaks of that names nothing."""

    FLOWS = "flows"
    INNER = "inner"
    ENTRIES = "entries"
    PEOPLE = "people"
    PROCESSES = "processes"
    STORES = "stores"
    QUEUES = "queues"
    HOLDERS = "holders"
    ALL = "all"
    NAMED = "named"
    WHOLE = "whole"
    """The system as a whole: stated of any part, it stands for every other that denies nothing."""
    BROAD = "broad"
    """What the sentence's words name, and all of the system where they name nothing of it."""


@dataclass(frozen=True)
class ControlKind:
    """One control, and what follows from it."""

    name: ControlName
    sets: str
    """ "encrypted" or "authenticated" when the control and that property are one; else empty."""
    implies: tuple[str, ...]
    """Facts that follow when it is stated, and not when it is denied."""
    kept: Holder
    reach: Reach


@dataclass(frozen=True)
class Statement:
    """What one phrase means: a control that is there (or missing), an exposure, or nothing at all."""

    control: ControlKind | None
    present: bool = True
    exposure: Exposure | None = None


@dataclass(frozen=True)
class Controls:
    """The whole table."""

    kinds: Mapping[ControlName, ControlKind]
    book: PhraseBook[Statement]


@cache
def load_controls() -> Controls:
    """The table of the package; CatalogError, naming the place, when it breaks its own grammar."""
    text = resources.files("agent.catalog").joinpath(FILE).read_text(encoding="utf-8")
    return parse_controls(text)


def parse_controls(text: str) -> Controls:
    """The table that this YAML holds; CatalogError names the control and what is wrong with it."""
    try:
        raw = yaml.load(text, Loader=_LOADER)  # noqa: S506 - builds nothing but text, lists and maps
    except yaml.YAMLError as error:
        raise CatalogError(f"{FILE}: not YAML: {error}") from error
    if not isinstance(raw, dict) or set(raw) != {"controls", "nothing", "exposure"}:
        raise CatalogError(f"{FILE}: needs exactly three parts: controls, nothing and exposure.")
    entries = [(_kind(entry), entry) for entry in _list(raw["controls"], "controls")]
    kinds = {kind.name: kind for kind, _ in entries}
    missing = sorted(set(ControlName) - set(kinds))
    if missing or len(kinds) != len(entries):
        raise CatalogError(
            f"{FILE}: every control stands here once; missing: {', '.join(missing) or 'none'}."
        )
    phrases = [pair for kind, entry in entries for pair in _phrases(kind, entry)]
    phrases += [(str(phrase), Statement(None)) for phrase in _list(raw["nothing"], "nothing")]
    phrases += _exposures(raw["exposure"])
    return Controls(kinds, PhraseBook(phrases, FILE))


def _kind(entry: Any) -> ControlKind:
    place = f"{FILE}: {entry.get('control', entry) if isinstance(entry, dict) else entry}"
    if not isinstance(entry, dict) or set(entry) - {
        "control",
        "sets",
        "implies",
        "kept",
        "reach",
        "say",
        "deny",
    }:
        raise CatalogError(f"{place}: an entry has control, sets, implies, kept, reach, say and deny.")
    try:
        kind = ControlKind(
            name=ControlName(entry["control"]),
            sets=entry.get("sets", ""),
            implies=tuple(entry.get("implies", ())),
            kept=Holder(entry["kept"]),
            reach=Reach(entry["reach"]),
        )
    except (KeyError, ValueError) as error:
        raise CatalogError(f"{place}: {error} is missing or not a word of the vocabulary.") from error
    if not entry.get("say"):
        raise CatalogError(f"{place}: say needs at least one phrase.")
    for fact in (kind.sets, *kind.implies):
        if fact and fact not in FACTS and fact.removeprefix("control:") not in set(ControlName):
            raise CatalogError(f'{place}: "{fact}" is not a fact.')
    return kind


def _phrases(kind: ControlKind, entry: Mapping[str, Any]) -> Iterator[tuple[str, Statement]]:
    place = f"{kind.name}: say"
    for phrase in _list(entry["say"], place):
        yield str(phrase), Statement(kind)
    for phrase in _list(entry.get("deny", []), f"{kind.name}: deny"):
        yield str(phrase), Statement(kind, present=False)


def _exposures(raw: Any) -> Iterator[tuple[str, Statement]]:
    if not isinstance(raw, dict):
        raise CatalogError(f"{FILE}: exposure: a list of phrases for each of internet, internal and local.")
    for name, phrases in raw.items():
        if name not in {"internet", "internal", "local"}:
            raise CatalogError(f'{FILE}: exposure: "{name}" is not internet, internal or local.')
        for phrase in _list(phrases, f"exposure: {name}"):
            yield str(phrase), Statement(None, exposure=Exposure(name))


def _list(raw: Any, place: str) -> list[Any]:
    if not isinstance(raw, list):
        raise CatalogError(f"{FILE}: {place}: a list.")
    return raw
