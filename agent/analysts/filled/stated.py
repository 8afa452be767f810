"""Controls that a quoted sentence itself states: what a model says of a control counts only so far."""

from __future__ import annotations

from functools import lru_cache

from agent.catalog.controls import load_controls
from agent.catalog.vocabulary import ControlName
from agent.diagrams.prose import read_prose
from agent.domain.system import Evidence, EvidenceKind, Known

_INPUT = frozenset({EvidenceKind.DESCRIPTION, EvidenceKind.DIAGRAM, EvidenceKind.ANSWER})
"""Where somebody says something of this system; a passage only says what is so in general."""


def stated(control: str, quote: Evidence | None) -> Known:
    """What the quoted sentence says of the control: there, missing, or nothing.

    Read with the catalog's own words (agent/catalog/controls.yaml), so that no model decides by its word
    alone that a system is protected. A sentence that says both says nothing.
    """
    if quote is None or quote.kind not in _INPUT:
        return Known.UNKNOWN
    said = {value for name, value in _facts(quote.quote) if name == control}
    return Known(said.pop()) if len(said) == 1 else Known.UNKNOWN


@lru_cache(maxsize=4096)
def _facts(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((_control(f.fact), f.value) for f in read_prose(text).facts if f.value in {"yes", "no"})


def _control(fact: str) -> str:
    sets = {kind.sets: kind.name.value for kind in load_controls().kinds.values() if kind.sets}
    return sets.get(fact, fact.removeprefix("control:"))


CONTROLS = tuple(c.value for c in ControlName)
"""Every control of the vocabulary."""
