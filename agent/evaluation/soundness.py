"""What a threat model must keep to, whatever its references say: quotes, identifiers, controls."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from agent.catalog.control_words import load_control_words
from agent.catalog.patterns import load_patterns
from agent.catalog.references import load_references
from agent.catalog.vocabulary import ControlName
from agent.domain.base import Value
from agent.domain.model import ThreatModel
from agent.domain.system import Element, EvidenceKind, Flow, Known
from agent.domain.threat import Origin, Severity, Threat

QUOTED = frozenset({EvidenceKind.DIAGRAM, EvidenceKind.DESCRIPTION})
"""Evidence that must stand in the input; paths, absences and answers are made from it."""


class Soundness(Value):
    """The counts of one list on one system."""

    list: str
    system: str
    threats: int
    quotes: int
    """Pieces of evidence that quote the input."""
    verbatim: int
    """Of those, the ones that stand there word for word, but for white space."""
    references: int
    existing: int
    answered: int
    """Threats on a place where a control that answers them is stated."""
    unexplained: int
    """Of those, the ones that are above low and do not say why."""
    own: int
    """Threats that only the language model named."""
    later: int
    """Threats that only a second look at a named gap found."""


def soundness(name: str, system: str, model: ThreatModel, texts: Iterable[str]) -> Soundness:
    """The counts.

    Args:
        name: the list's name.
        system: the system's name.
        model: the threat model.
        texts: what was given: description, title, and the diagrams as text.
    """
    given = _flat("\n".join((*texts, *_drawn(model))))
    quotes = [e.quote for t in model.threats for e in t.evidence if e.kind in QUOTED]
    cited = [r.id for t in model.threats for r in t.references]
    answered = [t for t in model.threats if _answered(t, model)]
    return Soundness(
        list=name,
        system=system,
        threats=len(model.threats),
        quotes=len(quotes),
        verbatim=sum(_flat(q) in given for q in quotes),
        references=len(cited),
        existing=sum(c in load_references() for c in cited),
        answered=len(answered),
        unexplained=sum(t.severity is not Severity.LOW and not t.status_reason for t in answered),
        own=sum(t.origin is Origin.MODEL for t in model.threats),
        later=len(model.later),
    )


def _drawn(model: ThreatModel) -> Iterable[str]:
    """What a reader took out of a drawing, as far as it was read exactly: the file itself may be packed."""
    system = model.system
    yield from (e.source.quote for e in system.elements if not e.assumed)
    yield from (f.evidence.quote for f in system.flows if f.evidence.kind is EvidenceKind.DIAGRAM)
    yield from (b.name for b in system.boundaries)


def _flat(text: str) -> str:
    return re.sub(r"\W+", " ", text.replace("\\n", " ").replace("<br/>", " ")).casefold().strip()


def _answered(threat: Threat, model: ThreatModel) -> bool:
    """Whether each of its places has a stated control that answers it."""
    controls = _answering(threat)
    places: list[Element | Flow] = [e for e in model.system.elements if e.id in threat.targets]
    places += [f for f in model.system.flows if f.id in threat.targets]
    return bool(controls and places) and all(_stated(place, controls) for place in places)


def _stated(place: Element | Flow, controls: frozenset[ControlName]) -> bool:
    if isinstance(place, Flow) and (
        (ControlName.TRANSPORT_ENCRYPTION in controls and place.encrypted is Known.YES)
        or (ControlName.AUTHENTICATION in controls and place.authenticated is Known.YES)
    ):
        return True
    return any(c.name in controls and c.state is Known.YES for c in place.controls)


def _answering(threat: Threat) -> frozenset[ControlName]:
    if threat.pattern:
        return _by_pattern().get(threat.pattern, frozenset())
    named = {f.name for f in threat.likelihood.factors}
    return frozenset(c for c, words in load_control_words().items() if f"control: {words.label}" in named)


@cache
def _by_pattern() -> dict[str, frozenset[ControlName]]:
    return {p.id: frozenset(p.answered_by) for p in load_patterns()}


def total(name: str, counts: Sequence[Soundness]) -> Soundness:
    """All systems together."""
    mine = [c for c in counts if c.list == name]
    numbers = [f for f in Soundness.model_fields if f not in {"list", "system"}]
    return Soundness(list=name, system="", **{n: sum(getattr(c, n) for c in mine) for n in numbers})
