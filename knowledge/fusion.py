"""Several rankings into one. Every store uses this, so that they rank alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from knowledge.passages import Hit, Passage

Ranking = Sequence[tuple[str, float]]
"""Passage ids with scores, best first; a higher score is better, of any scale."""

WORDS = "words"
MEANING = "meaning"
RELATION = "relation"

DEPTH = 200
"""Places of the question's own rankings that are fused: as many as a query may ask for."""

SUB_DEPTH = 50
"""Places of each sub-query's ranking: what is further down adds nothing that changes an answer."""

MEANING_WEIGHT = 0.7
"""How much the vectors' ranking counts beside the words'; found on labelled queries (docs/evaluation.md)."""

RANK_OFFSET = 2.0
"""The k of reciprocal rank fusion (Cormack, Clarke, Buettcher, 2009: 60). Small, because a sub-query in the
catalogues' own words names what it wants, so its first places are worth far more than its later ones."""

TEXT_WEIGHT = 2.0
"""What the question itself counts beside its first sub-query: with less, a question in the catalogues' own
words loses to its sub-queries; with more, one in a designer's words does not gain from them."""

FADING = 0.1
"""Each sub-query counts a little less than the one before it: 1 / (1 + FADING × place)."""


@dataclass
class Fused:
    """A score and the ways that found it."""

    score: float = 0.0
    ways: set[str] = field(default_factory=set)

    def add(self, score: float, ways: Iterable[str]) -> None:
        """Count one more ranking in."""
        self.score += score
        self.ways.update(ways)


def by_score(words: Ranking, meaning: Ranking) -> dict[str, Fused]:
    """Both rankings of one question: each scaled to 0–1 by its own best and worst, weighted, added."""
    fused: dict[str, Fused] = {}
    weight = MEANING_WEIGHT if meaning else 0.0
    for ranking, share, way in ((words, 1 - weight, WORDS), (meaning, weight, MEANING)):
        for id_, score in _scaled(ranking):
            fused.setdefault(id_, Fused()).add(score * share, (way,))
    return fused


def _scaled(ranking: Ranking) -> list[tuple[str, float]]:
    if not ranking:
        return []
    best, worst = ranking[0][1], ranking[-1][1]
    span = best - worst
    if span <= 0:
        return [(id_, 1.0) for id_, _ in ranking]
    return [(id_, 0.1 + 0.9 * (score - worst) / span) for id_, score in ranking]


def by_rank(answers: Sequence[Mapping[str, Fused]], weights: Sequence[float]) -> dict[str, Fused]:
    """The answers to several questions, by weighted reciprocal rank."""
    fused: dict[str, Fused] = {}
    for answer, weight in zip(answers, weights, strict=True):
        for place, (id_, one) in enumerate(ordered(answer)):
            fused.setdefault(id_, Fused()).add(weight / (RANK_OFFSET + place), one.ways)
    return fused


def ordered(answer: Mapping[str, Fused]) -> list[tuple[str, Fused]]:
    """Best first, ties by id."""
    return sorted(answer.items(), key=lambda item: (-item[1].score, item[0]))


def fuse(answers: Sequence[Mapping[str, Fused]]) -> list[tuple[str, Fused]]:
    """One ranking out of the answer to the question itself (first) and those to its sub-queries."""
    if len(answers) == 1:
        return ordered(answers[0])
    weights = [TEXT_WEIGHT, *(1 / (1 + FADING * place) for place in range(len(answers) - 1))]
    return ordered(by_rank(answers, weights))


def hits(ranking: Iterable[tuple[str, Fused]], passages: Mapping[str, Passage]) -> tuple[Hit, ...]:
    """The ranking as hits; ids without a passage (deleted meanwhile) are left out."""
    return tuple(
        Hit(
            passage=passages[id_],
            score=round(one.score, 6),
            found_by=tuple(way for way in (WORDS, MEANING, RELATION) if way in one.ways),
        )
        for id_, one in ranking
        if id_ in passages
    )
