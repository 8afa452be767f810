"""Lessons: what the verdicts on one threat model teach later ones.

They are derived from a threat model as its engineers have left it, and from nothing else: a verdict that is
taken back is unlearned by deriving them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from pydantic import AwareDatetime

from agent.domain.acceptance import KEPT
from agent.domain.base import Value
from agent.domain.model import ThreatModel
from agent.domain.system import System
from agent.domain.text import one_line
from agent.domain.threat import MitigationStatus, Origin, Severity, Stride, Threat, ThreatStatus

MOST = 200
"""Lessons that one model teaches at most: those of its most pressing threats."""
TITLE, TEXT = 140, 300
"""Characters that are kept of a title, and of a reason or another text."""
_PLACES = 12
FLOW = "flow"


class LessonKind(StrEnum):
    """What was decided."""

    ACCEPTED = "accepted"
    """Taken to be one, whatever is done about it: accepted, mitigated or its risk accepted."""
    DISMISSED = "dismissed"
    SEVERITY = "severity"
    """An engineer's severity, `after`, stands over the computed one."""
    REJECTED = "rejected"
    """The mitigation `after` is not to be done."""
    ADDED = "added"
    """An engineer's own threat; `after` is what somebody can do."""


class Place(Value):
    """What kind of thing a threat was on."""

    kind: str
    """An ElementKind, or FLOW."""
    technologies: tuple[str, ...] = ()
    """Identifiers of the technology table; of a flow, those of its receiver."""


class Lesson(Value):
    """What was decided about one threat of one model."""

    kind: LessonKind
    pattern: str = ""
    """The catalog's pattern; empty for a language model's or an engineer's own threat."""
    title: str
    stride: tuple[Stride, ...] = ()
    places: tuple[Place, ...] = ()
    """Each once, the most affected first."""
    severity: Severity
    """What was computed there."""
    after: str = ""
    reason: str = ""
    who: str = ""
    """Empty for a mitigation, of which the model does not say who decided."""
    when: AwareDatetime | None = None


class Teaching(Value):
    """What one threat model teaches others."""

    model: str
    title: str
    link: str = ""
    """The permalink of its thread."""
    lessons: tuple[Lesson, ...] = ()


def lessons(model: ThreatModel) -> tuple[Lesson, ...]:
    """What a threat model as it stands teaches, in the order of its threats; at most MOST.

    Args:
        model: with the verdicts folded in.
    """
    kinds = Kinds(model.system)
    found = [lesson for threat in model.threats for lesson in _of(kinds, threat)]
    return tuple(found[:MOST])


class Kinds:
    """What kinds of things the parts of a system are."""

    def __init__(self, system: System) -> None:
        elements = {e.id: e for e in system.elements}
        self._of = {id_: Place(kind=e.kind.value, technologies=e.technologies) for id_, e in elements.items()}
        for flow in system.flows:
            receiver = elements.get(flow.target)
            made = receiver.technologies if receiver else ()
            self._of.setdefault(flow.id, Place(kind=FLOW, technologies=made))

    def of(self, targets: Iterable[str]) -> tuple[Place, ...]:
        """Those of the targets, each once and in their order; unknown ids are none."""
        return tuple(dict.fromkeys(self._of[t] for t in targets if t in self._of))

    def firsts(self) -> Iterator[tuple[Place, str]]:
        """Every kind of thing once, with the id of the first part that is one; elements before flows."""
        found: dict[Place, str] = {}
        for id_, place in self._of.items():
            found.setdefault(place, id_)
        yield from found.items()


def _of(kinds: Kinds, threat: Threat) -> Iterator[Lesson]:
    about = Lesson(
        kind=LessonKind.ACCEPTED,
        pattern=threat.pattern,
        title=_clipped(threat.title, TITLE),
        stride=threat.stride,
        places=kinds.of(threat.targets)[:_PLACES],
        severity=threat.severity,
    )
    kind = _decided(threat)
    if kind is not None:
        after = threat.statement.action if kind is LessonKind.ADDED else ""
        said = {"kind": kind, "after": _clipped(after), "reason": _clipped(threat.status_reason)}
        yield about.model_copy(update={**said, "who": threat.decided_by, "when": threat.decided_at})
    own = threat.override
    if (
        own
        and not own.follows
        and own.severity is not threat.severity
        and threat.origin is not Origin.ENGINEER
    ):
        changed = {"kind": LessonKind.SEVERITY, "after": own.severity.value, "reason": _clipped(own.reason)}
        yield about.model_copy(update={**changed, "who": own.who, "when": own.when})
    for mitigation in threat.mitigations:
        if mitigation.status is MitigationStatus.REJECTED:
            yield about.model_copy(
                update={"kind": LessonKind.REJECTED, "after": _clipped(mitigation.text), "reason": ""}
            )


def _decided(threat: Threat) -> LessonKind | None:
    """What the threat's status teaches; an engineer's own threat that was dismissed teaches nothing."""
    if threat.origin is Origin.ENGINEER:
        return LessonKind.ADDED if threat.status is not ThreatStatus.DISMISSED else None
    if threat.status is ThreatStatus.DISMISSED:
        return LessonKind.DISMISSED
    return LessonKind.ACCEPTED if threat.status in KEPT else None


def _clipped(text: str, limit: int = TEXT) -> str:
    line = one_line(text)
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
