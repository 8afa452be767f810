"""What is looked for, where a threat, a mitigation and a run stand, how bad: words for who passes them on."""

from __future__ import annotations

from enum import StrEnum


class Methodology(StrEnum):
    """Which catalogue of questions is asked of the system."""

    STRIDE = "stride"
    LINDDUN = "linddun"
    MAESTRO = "maestro"

    @property
    def label(self) -> str:
        """As written for people."""
        return self.value.upper()


class ThreatStatus(StrEnum):
    """Where a threat stands; folded from verdicts."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    MITIGATED = "mitigated"
    RISK_ACCEPTED = "risk_accepted"


class Severity(StrEnum):
    """How bad a threat is; computed by agent.risk, or set by an engineer."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for low to 3 for critical."""
        return list(Severity).index(self)


class Origin(StrEnum):
    """Who proposed it."""

    RULES = "rules"
    MODEL = "model"
    ENGINEER = "engineer"


class MitigationStatus(StrEnum):
    """Where a mitigation stands; folded from verdicts."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DONE = "done"


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
