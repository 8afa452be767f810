"""The factors that a model may state, from data files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from agent.errors import CatalogError


@dataclass(frozen=True)
class Harm:
    """One kind of harm."""

    name: str
    base: int
    says: str
    noun: str


@cache
def load_harms() -> dict[str, Harm]:
    """Every harm by name; CatalogError when the file breaks its form."""
    text = resources.files("agent.analysts.filled").joinpath("harms.yaml").read_text(encoding="utf-8")
    raw: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders
    try:
        return {name: Harm(name, **entry) for name, entry in raw.items()}
    except TypeError as error:
        raise CatalogError(f"harms.yaml: {error}.") from error
