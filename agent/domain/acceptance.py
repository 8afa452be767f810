"""Acceptance: what became of proposed threats, by who proposed them and under which prompts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from agent.domain.states import Origin, ThreatStatus
from agent.domain.tally import ThreatTally

KEPT = (ThreatStatus.ACCEPTED, ThreatStatus.MITIGATED, ThreatStatus.RISK_ACCEPTED)
"""What counts as accepted: the engineer took the threat to be one, whatever is done about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
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


def acceptance(tallies: Iterable[ThreatTally]) -> tuple[Acceptance, ...]:
    """The counts over threat models as they stand, the rules first; engineers' own do not count."""
    found: dict[tuple[Origin, str], Counter[str]] = {}
    for kind, number in (count for tally in tallies for count in tally.counts):
        if kind.origin is Origin.ENGINEER:
            continue
        counts = found.setdefault((kind.origin, kind.prompts), Counter())
        counts["proposed"] += number
        counts["accepted"] += number * (kind.status in KEPT)
        counts["dismissed"] += number * (kind.status is ThreatStatus.DISMISSED)
    ordered = sorted(found.items(), key=lambda item: (item[0][0] is not Origin.RULES, item[0][1]))
    return tuple(
        Acceptance(
            origin=origin,
            prompts=prompts,
            proposed=counts["proposed"],
            accepted=counts["accepted"],
            dismissed=counts["dismissed"],
        )
        for (origin, prompts), counts in ordered
    )
