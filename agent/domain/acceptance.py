"""Acceptance: what became of proposed threats, by who proposed them and under which prompts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from agent.domain.base import Value
from agent.domain.model import ThreatModel
from agent.domain.threat import Origin, ThreatStatus

KEPT = (ThreatStatus.ACCEPTED, ThreatStatus.MITIGATED, ThreatStatus.RISK_ACCEPTED)
"""What counts as accepted: the engineer took the threat to be one, whatever is done about it."""


class Acceptance(Value):
    """The counts of one proposer."""

    origin: Origin
    prompts: str = ""
    """The version of the prompts, for a language model's own threats."""
    proposed: int = 0
    accepted: int = 0
    dismissed: int = 0

    @property
    def judged(self) -> int:
        """Threats on which somebody has decided."""
        return self.accepted + self.dismissed

    @property
    def rate(self) -> float | None:
        """The accepted share of the judged; None while nobody has judged any."""
        return self.accepted / self.judged if self.judged else None


def acceptance(models: Iterable[ThreatModel]) -> tuple[Acceptance, ...]:
    """The counts over threat models as they stand, the rules first; engineers' own do not count."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for model in models:
        for threat in model.threats:
            if threat.origin is Origin.ENGINEER:
                continue
            key = (threat.origin.value, model.prompts if threat.origin is Origin.MODEL else "")
            counts = found.setdefault(key, Counter())
            counts["proposed"] += 1
            counts["accepted"] += threat.status in KEPT
            counts["dismissed"] += threat.status is ThreatStatus.DISMISSED
    ordered = sorted(found.items(), key=lambda item: (item[0][0] != Origin.RULES.value, item[0][1]))
    return tuple(
        Acceptance(
            origin=Origin(origin),
            prompts=prompts,
            proposed=counts["proposed"],
            accepted=counts["accepted"],
            dismissed=counts["dismissed"],
        )
        for (origin, prompts), counts in ordered
    )
