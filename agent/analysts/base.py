"""The Analyst port: an area of a system in, findings out."""

from __future__ import annotations

from typing import Protocol

from agent.domain.base import Value
from agent.domain.model import Area, Coverage, Gap
from agent.domain.request import Request
from agent.domain.system import Evidence, Question, System
from agent.domain.threat import Origin, Threat


class Brief(Value):
    """Everything an analyst may look at for one area."""

    request: Request
    system: System
    area: Area
    passages: tuple[Evidence, ...] = ()
    """Retrieved passages: kind PASSAGE, source = the passage's id."""
    lessons: tuple[str, ...] = ()
    """What engineers decided about the like in earlier models, a line each, the most telling first."""
    checklist: tuple[Threat, ...] = ()
    """What another analyst proposed for this area, to confirm, reject or sharpen."""
    gaps: tuple[Gap, ...] = ()
    """What the review found missing here; empty in the first round."""


class Findings(Value):
    """What an analyst says about one area."""

    area: str
    threats: tuple[Threat, ...] = ()
    """Unnumbered: `id` is empty, `severity` is computed later again from the ratings."""
    questions: tuple[Question, ...] = ()
    """`decides` holds threat *keys* here; agent.merge turns them into ids."""


class Analyst(Protocol):
    """Proposes threats."""

    origin: Origin

    def find(self, brief: Brief) -> Findings:
        """Threats on the area's elements and flows; AnalystError when it cannot finish."""
        ...

    def review(self, system: System, threats: tuple[Threat, ...], coverage: Coverage) -> tuple[Gap, ...]:
        """What is still missing, by area; empty when nothing is or when this analyst cannot tell."""
        ...
