"""What people call each control, and how to ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from agent.catalog.reading import read_yaml
from agent.catalog.vocabulary import ControlName, Trait
from agent.errors import CatalogError


@dataclass(frozen=True)
class ControlWords:
    """One control in the words of people."""

    name: ControlName
    label: str
    """A noun phrase, such as "a rate limit"."""
    ask_element: str
    """A question with {name} for an element's name."""
    ask_flow: str
    """A question with {name} for a flow's name."""
    ask_system: str
    """A question about the whole system."""
    along: bool = False
    """Whether the control on an element upstream protects what lies behind it."""
    beside: frozenset[Trait] = frozenset()
    """Traits of a direct neighbour that mean the control is there."""


@cache
def load_control_words() -> dict[ControlName, ControlWords]:
    """Every control of the vocabulary; CatalogError when the file names another or breaks its form."""
    text = resources.files("agent.catalog").joinpath("control_words.yaml").read_text(encoding="utf-8")
    raw: dict[str, Any] = read_yaml(text)
    odd = set(raw) - {c.value for c in ControlName}
    if odd:
        raise CatalogError(f"control_words.yaml: {', '.join(sorted(odd))}: no such control.")
    return {name: _words(name, raw.get(name.value)) for name in ControlName}


def _words(name: ControlName, raw: dict[str, Any] | None) -> ControlWords:
    plain = name.value.replace("_", " ")
    if raw is None:
        ask = f"Is there {plain} on {{name}}?"
        return ControlWords(name, plain, ask, ask, f"Is there {plain}?")
    try:
        return ControlWords(
            name=name,
            label=raw["label"],
            ask_element=raw["ask"]["element"],
            ask_flow=raw["ask"]["flow"],
            ask_system=raw["ask"]["system"],
            along=raw.get("along", False),
            beside=frozenset(Trait(t) for t in raw.get("beside", ())),
        )
    except (KeyError, ValueError) as error:
        raise CatalogError(f"control_words.yaml: {name.value}: {error}.") from error
