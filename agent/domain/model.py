"""The threat model: system + threats + coverage + summary; and the run that makes one revision of it."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from agent.domain.base import SCHEMA_VERSION, Value
from agent.domain.states import RunState as RunState  # noqa: PLC0414 - also known from here
from agent.domain.states import Stage as Stage  # noqa: PLC0414 - also known from here
from agent.domain.system import Question, System
from agent.domain.threat import Origin, Stride, Threat
from agent.domain.usage import Usage


class CoverageCell(Value):
    """One cell of the matrix of the methodology's categories × elements."""

    element: str
    stride: Stride | None = None
    """The category, where the methodology is STRIDE."""
    category: str = ""
    """The label of the category, where it is another one."""
    threats: tuple[str, ...] = ()
    """Ids of the threats that stand here."""
    reason: str = ""
    """Why the cell is empty; empty text and no threats means it is a gap."""

    @property
    def label(self) -> str:
        """The category as written for people."""
        return self.stride.label if self.stride else self.category

    @property
    def covered(self) -> bool:
        """Whether the cell has a threat or a reason."""
        return bool(self.threats or self.reason)


class Coverage(Value):
    """What was looked at, and what was not."""

    methodology: str = "STRIDE"
    """As written for people."""
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


class Drawing(Value):
    """What a language model saw in a picture, as text that a person can correct and send back."""

    source: str
    """The picture's name."""
    mermaid: str
    """A Mermaid flowchart."""


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
    later: tuple[str, ...] = ()
    """Ids of the threats that only a second look at named gaps found."""
    drawings: tuple[Drawing, ...] = ()
    usage: Usage = Usage()
    """What the language model took; nothing when there was none."""
    prompts: str = ""
    """The version of the prompts; empty when no language model was asked."""

    @property
    def shown(self) -> tuple[Threat, ...]:
        """The threats within the output budget, in rank order, then those that engineers added."""
        found = tuple(t for t in self.threats if t.origin is not Origin.ENGINEER)
        return (*found[: self.budget], *self.added)

    @property
    def added(self) -> tuple[Threat, ...]:
        """The threats that engineers added; they come last and no budget hides them."""
        return tuple(t for t in self.threats if t.origin is Origin.ENGINEER)

    def threat(self, id_: str) -> Threat:
        """The threat with this id; KeyError when there is none."""
        for threat in self.threats:
            if threat.id == id_:
                return threat
        raise KeyError(id_)


class Progress(Value):
    """One progress event of a run, in the order they happen."""

    stage: Stage
    detail: str = ""
    """A short fact, such as "10 elements, 10 flows, 1 boundary"."""
    threats: int = 0
    """Threats found so far."""
    first: tuple[Threat, ...] = ()
    """What the rules find at once, before a language model looks: the most pressing first, without ids."""
