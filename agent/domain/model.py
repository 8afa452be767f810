"""The threat model: system + threats + coverage + summary; and the run that makes one revision of it."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime, Field

from agent.domain.base import SCHEMA_VERSION, Value
from agent.domain.system import Question, System
from agent.domain.threat import Stride, Threat


class CoverageCell(Value):
    """One cell of the STRIDE × element matrix."""

    element: str
    stride: Stride
    threats: tuple[str, ...] = ()
    """Ids of the threats that stand here."""
    reason: str = ""
    """Why the cell is empty; empty text and no threats means it is a gap."""

    @property
    def covered(self) -> bool:
        """Whether the cell has a threat or a reason."""
        return bool(self.threats or self.reason)


class Coverage(Value):
    """What was looked at, and what was not."""

    cells: tuple[CoverageCell, ...] = ()
    not_looked_at: tuple[str, ...] = ()
    """What the input does not show and a review should have: sentences or noun phrases."""


class Gap(Value):
    """A named hole that the review sends back to find."""

    area: str
    reason: str


class Area(Value):
    """A part of the system that one branch of the graph looks at."""

    id: str
    name: str
    elements: tuple[str, ...]
    flows: tuple[str, ...]


class FailedArea(Value):
    """An area whose branch failed; it can be retried."""

    area: str
    reason: str


class Summary(Value):
    """What the thread's summary message says."""

    headline: str = ""
    pressing: tuple[str, ...] = ()
    """The few things to look at first, as noun phrases."""
    notes: tuple[str, ...] = ()
    """Sentences about what was assumed, flagged, failed or left out."""


class ThreatModel(Value):
    """One revision of a threat model."""

    schema_version: int = Field(default=SCHEMA_VERSION, le=SCHEMA_VERSION)
    id: str
    revision: int = Field(ge=1)
    title: str
    created: AwareDatetime | None = None
    """When the run began; None on the command line, where the same input gives the same bytes."""
    system: System
    threats: tuple[Threat, ...] = ()
    """Ranked, the most pressing first."""
    budget: int = 25
    """How many of them are shown before a person asks for the rest."""
    questions: tuple[Question, ...] = ()
    """Ranked by how much an answer would change."""
    coverage: Coverage = Coverage()
    summary: Summary = Summary()
    failed: tuple[FailedArea, ...] = ()
    partial: bool = False
    """True when the run was stopped before its end."""
    passages: tuple[str, ...] = ()
    """Ids of the passages that the run retrieved."""

    @property
    def shown(self) -> tuple[Threat, ...]:
        """The threats within the output budget, in rank order."""
        return self.threats[: self.budget]

    def threat(self, id_: str) -> Threat:
        """The threat with this id; KeyError when there is none."""
        for threat in self.threats:
            if threat.id == id_:
                return threat
        raise KeyError(id_)


class RunState(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


class Stage(StrEnum):
    """The graph's nodes, as a person reads them in the progress message."""

    READ = "read"
    UNDERSTAND = "understand"
    RETRIEVE = "retrieve"
    FIND = "find"
    MERGE = "merge"
    SCORE = "score"
    REVIEW = "review"
    SUMMARISE = "summarise"


class Progress(Value):
    """One progress event of a run, in the order they happen."""

    stage: Stage
    detail: str = ""
    """A short fact, such as "10 elements, 10 flows, 1 boundary"."""
    threats: int = 0
    """Threats found so far."""
