"""How many threats of a threat model stand where: what lists and statistics show, without the threats.

Plain values: whoever only shows numbers needs no pydantic.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from agent.domain.states import Origin, Severity, ThreatStatus

if TYPE_CHECKING:
    from agent.domain.model import ThreatModel
    from agent.domain.verdict import Verdict


class Kind(NamedTuple):
    """What threats that are counted together have in common."""

    origin: Origin
    prompts: str
    """The version of the prompts, for a language model's own threats."""
    status: ThreatStatus
    severity: Severity
    """The one that holds: the engineer's, else the computed one."""


@dataclass(frozen=True, slots=True)
class ThreatTally:
    """The threats of one revision as its engineers have left it, counted by kind."""

    counts: tuple[tuple[Kind, int], ...] = ()
    """In the order of the kinds; none of them is 0."""

    @property
    def threats(self) -> int:
        """All of them."""
        return sum(number for _, number in self.counts)

    @property
    def waiting(self) -> dict[Severity, int]:
        """Those without a verdict by severity, the worst first; none of the numbers is 0."""
        found: Counter[Severity] = Counter()
        for kind, number in self.counts:
            if kind.status is ThreatStatus.PROPOSED:
                found[kind.severity] += number
        return {severity: found[severity] for severity in reversed(Severity) if found[severity]}

    def dump(self) -> str:
        """As JSON, for `load`."""
        return json.dumps([[*kind, number] for kind, number in self.counts], separators=(",", ":"))

    @classmethod
    def load(cls, text: str) -> ThreatTally:
        """What `dump` wrote."""
        return cls(
            tuple(
                (Kind(Origin(origin), prompts, ThreatStatus(status), Severity(severity)), number)
                for origin, prompts, status, severity, number in json.loads(text)
            )
        )


def tally(model: ThreatModel) -> ThreatTally:
    """The threats of a model as it stands, verdicts folded in."""
    found = Counter(
        Kind(t.origin, model.prompts if t.origin is Origin.MODEL else "", t.status, t.effective_severity)
        for t in model.threats
    )
    return ThreatTally(tuple(sorted(found.items())))


def folded(revision: ThreatModel, verdicts: Iterable[Verdict]) -> ThreatTally:
    """The threats of a revision with the verdicts on it."""
    from agent.domain.verdict import fold

    return tally(fold(revision, verdicts))
