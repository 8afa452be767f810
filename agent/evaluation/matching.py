"""Which produced threats say what a reference says: cosine of embeddings, two gates, one to one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import mul

from agent.evaluation.assignment import assign
from agent.evaluation.compared import Compared
from agent.evaluation.names import same_name
from knowledge.embedders.base import Embedder

CUTS = (0.60, 0.72, 0.80)
"""Cosines from which on two threats say the same; 0.72 is the protocol's, 0.60 that of text alone."""


@dataclass(frozen=True)
class Rule:
    """When a produced threat matches a reference threat."""

    gated: bool
    """True: categories meet, places meet, and "STRIDE. component. statement" is compared. False: the
    statements alone are compared."""
    cut: float

    @property
    def label(self) -> str:
        """As it stands in a table."""
        return f"{'gates' if self.gated else 'text only'}, {self.cut:.2f}"


TEXT_ONLY = Rule(gated=False, cut=0.60)
"""The rule that the bars are stated in."""
PROTOCOL = Rule(gated=True, cut=0.72)
"""The rule that agreed best with people on labelled pairs."""
RULES = tuple(Rule(gated=gated, cut=cut) for gated in (False, True) for cut in CUTS)


@dataclass(frozen=True)
class Match:
    """A produced threat and the reference that it matches, by their places in the two lists."""

    produced: int
    reference: int
    cosine: float


class Cosines:
    """Cosines of texts; each text is embedded once, all in one call."""

    def __init__(self, embedder: Embedder, texts: Iterable[str]) -> None:
        distinct = list(dict.fromkeys(texts))
        self._vectors = dict(zip(distinct, embedder.embed(distinct), strict=True)) if distinct else {}

    def of(self, one: str, other: str) -> float:
        """The cosine of two of the texts; KeyError for a text that was not given."""
        return sum(map(mul, self._vectors[one], self._vectors[other]), 0.0)


class Comparison:
    """One produced list against one list of references: the cosines, computed once for every rule.

    Args:
        threats: produced, in rank order.
        references: with their elements placed.
        cosines: of the statements and of the whole texts of both lists.
    """

    def __init__(self, threats: Sequence[Compared], references: Sequence[Compared], cosines: Cosines) -> None:
        self._text = [[cosines.of(t.statement, r.statement) for r in references] for t in threats]
        self._whole = [
            [cosines.of(t.whole, r.whole) if gates_open(t, r) else None for r in references] for t in threats
        ]

    def matches(self, rule: Rule, budget: int | None = None) -> tuple[Match, ...]:
        """The optimal assignment of the first `budget` threats (all, by default), in rank order."""
        table: Sequence[Sequence[float | None]] = self._whole if rule.gated else self._text
        weights = [
            [min(1.0, cosine) if cosine is not None and cosine >= rule.cut else None for cosine in row]
            for row in table[:budget]
        ]
        return tuple(Match(t, r, weights[t][r] or 0.0) for t, r in assign(weights))

    def nearest(self, reference: int) -> tuple[int, float] | None:
        """The produced threat whose statement is nearest to the reference's; None when the list is empty."""
        column = [(row[reference], -t) for t, row in enumerate(self._text)]
        if not column:
            return None
        cosine, place = max(column)
        return -place, cosine


def gates_open(threat: Compared, reference: Compared) -> bool:
    """Whether the categories meet and the places meet; what the reference does not say is not asked."""
    if reference.stride and set(reference.stride).isdisjoint(threat.stride):
        return False
    return not reference.elements or any(
        same_name(mine, theirs) for mine in threat.elements for theirs in reference.elements
    )


def repeated(threats: Sequence[Compared], cosines: Cosines, cut: float) -> int:
    """How many threats say what one before them says: the statements' cosine is at least the cut."""
    return sum(
        any(cosines.of(threat.statement, before.statement) >= cut for before in threats[:place])
        for place, threat in enumerate(threats)
    )
