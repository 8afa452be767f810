"""A threat: one thing that can go wrong, on named elements or flows, with evidence."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime, Field

from agent.domain.base import Value, digest
from agent.domain.states import MitigationStatus as MitigationStatus  # noqa: PLC0414 - also known from here
from agent.domain.states import Origin as Origin  # noqa: PLC0414 - also known from here
from agent.domain.states import Severity as Severity  # noqa: PLC0414 - also known from here
from agent.domain.states import ThreatStatus as ThreatStatus  # noqa: PLC0414 - also known from here
from agent.domain.system import Evidence


class Stride(StrEnum):
    """The six categories of STRIDE (Kohnfelder and Garg, 1999)."""

    SPOOFING = "spoofing"
    TAMPERING = "tampering"
    REPUDIATION = "repudiation"
    INFORMATION_DISCLOSURE = "information_disclosure"
    DENIAL_OF_SERVICE = "denial_of_service"
    ELEVATION_OF_PRIVILEGE = "elevation_of_privilege"

    @property
    def label(self) -> str:
        """As written for people, such as "Information disclosure"."""
        return self.value.replace("_", " ").capitalize()


class Effort(StrEnum):
    """What a mitigation costs: hours, days or weeks."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class Statement(Value):
    """A threat in the grammar of Threat Composer (AWS).

    "A [source] [prerequisites] can [action], which leads to [impact], resulting in
    reduced [goal] of [assets]."
    """

    source: str
    prerequisites: str = ""
    action: str
    impact: str
    goal: tuple[str, ...] = ()
    """Of confidentiality, integrity, availability, and the like."""
    assets: tuple[str, ...] = ()

    def text(self) -> str:
        """The whole sentence."""
        source = self.source[:1].upper() + self.source[1:]
        start = f"{source} {self.prerequisites}".strip()
        ends = ""
        if self.goal:
            of = f" of {_join(self.assets)}" if self.assets else ""
            ends = f", resulting in reduced {_join(self.goal)}{of}"
        elif self.assets:
            ends = f", negatively affecting {_join(self.assets)}"
        impact = f", which leads to {self.impact}" if self.impact else ""
        return f"{start} can {self.action}{impact}{ends}."


def _join(items: tuple[str, ...]) -> str:
    if len(items) <= 1:
        return "".join(items)
    return ", ".join(items[:-1]) + " and " + items[-1]


class Factor(Value):
    """One stated reason why a rating is what it is."""

    name: str
    """Such as "exposure", "boundary crossing", "data class", "control", "skill"."""
    points: int
    """What it adds to the rating's base."""
    reason: str
    """The fact, in the system's own names."""


class Rating(Value):
    """A 1–5 score with the factors that made it."""

    score: int = Field(ge=1, le=5)
    base: int = Field(ge=1, le=5)
    factors: tuple[Factor, ...] = ()


class SeverityOverride(Value):
    """An engineer's severity, over the computed one."""

    severity: Severity
    who: str
    when: AwareDatetime
    reason: str = ""
    follows: str = ""
    """The question whose answer it follows from; empty where the engineer spoke of the severity itself."""


class Reference(Value):
    """An identifier that exists in a corpus."""

    id: str
    """Such as "CWE-345", "CAPEC-148", "T1190", "AML.T0051", "API1:2023", "LLM01:2025", "ASVS-4.1.5"."""
    title: str = ""
    url: str = ""


class Mitigation(Value):
    """One thing to do about a threat."""

    id: str
    """Stable within its threat, such as "M-1"."""
    text: str
    effort: Effort = Effort.MEDIUM
    status: MitigationStatus = MitigationStatus.PROPOSED
    origin: Origin = Origin.RULES


class Threat(Value):
    """One thing that can go wrong."""

    id: str = ""
    """ "T-001", stable over revisions; empty until agent.merge numbers it."""
    key: str
    """What makes it the same threat in the next revision: see `threat_key`."""
    pattern: str = ""
    """The catalog pattern that proposed it; empty for a model's or an engineer's own."""
    title: str
    statement: Statement
    stride: tuple[Stride, ...]
    categories: tuple[str, ...] = ()
    """Labels of the methodology's own categories; empty where it is STRIDE."""
    targets: tuple[str, ...]
    """Ids of elements or flows, the most affected first."""
    evidence: tuple[Evidence, ...] = ()
    likelihood: Rating
    impact: Rating
    severity: Severity
    """Computed from likelihood and impact by agent.risk."""
    override: SeverityOverride | None = None
    confidence: float = Field(default=0.5, ge=0, le=1)
    references: tuple[Reference, ...] = ()
    mitigations: tuple[Mitigation, ...] = ()
    status: ThreatStatus = ThreatStatus.PROPOSED
    status_reason: str = ""
    """Why it was dismissed, or which control answers it."""
    decided_by: str = ""
    """Who set the status; empty while it is proposed."""
    decided_at: AwareDatetime | None = None
    origin: Origin = Origin.RULES
    merged: tuple[str, ...] = ()
    """Keys of near-duplicates that this threat stands for."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The labels of its categories: the methodology's own, else those of STRIDE."""
        return self.categories or tuple(s.label for s in self.stride)

    @property
    def effective_severity(self) -> Severity:
        """The engineer's severity where there is one, else the computed one."""
        return self.override.severity if self.override else self.severity


def threat_key(origin: str, targets: tuple[str, ...]) -> str:
    """The key of a threat: the same origin (a pattern id or a title) on the same targets, the same key."""
    return digest(origin, *sorted(targets))
