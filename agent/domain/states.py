"""Where a threat, a mitigation and a run stand: words alone, for those who only pass them on."""

from __future__ import annotations

from enum import StrEnum


class ThreatStatus(StrEnum):
    """Where a threat stands; folded from verdicts."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    MITIGATED = "mitigated"
    RISK_ACCEPTED = "risk_accepted"


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
