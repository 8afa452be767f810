"""One list on one system: its scores, qualities, matched pairs and misses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

from agent.domain.threat import Severity
from agent.evaluation.compared import Compared, Place
from agent.evaluation.matching import RULES, TEXT_ONLY, Comparison, Cosines, Match, Rule, repeated
from agent.evaluation.names import mentions
from agent.evaluation.report import BUDGETS, FIRST, Missed, Pair, Quality, Score
from agent.evaluation.soundness import Soundness
from agent.evaluation.systems import ReferenceSystem

SAME = 0.85
"""The cosine of two statements of one list from which on the second repeats the first."""


class Measured(ReferenceSystem):
    """A system with everything that was produced for it."""

    known: tuple[Place, ...] = ()
    """Elements and flows that a reference may name."""
    lists: dict[str, tuple[Compared, ...]]
    """Produced threats in rank order, by the list's name."""
    soundness: tuple[Soundness, ...] = ()
    """Of each of the product's lists."""
    failed: str = ""
    """Why there is no threat model; empty where there is one."""


@dataclass(frozen=True)
class Trial:
    """One list on one system.

    Args:
        name: the list's.
        system: its own, with the references placed.
        others: the wrong systems, whose references say what chance would match.
        cosines: of every statement and every whole text of all of them.
    """

    name: str
    system: Measured
    others: Sequence[Measured]
    cosines: Cosines

    @property
    def threats(self) -> tuple[Compared, ...]:
        """What the list holds, in rank order."""
        return self.system.lists.get(self.name, ())

    @cached_property
    def right(self) -> Comparison:
        """The list against the references of its own system."""
        return Comparison(self.threats, self.system.references, self.cosines)

    @cached_property
    def wrong(self) -> tuple[tuple[Comparison, int], ...]:
        """The list against the references of each other system, with their number."""
        return tuple(
            (Comparison(self.threats, o.references, self.cosines), len(o.references)) for o in self.others
        )

    def scores(self) -> list[Score]:
        """Under every rule and at every budget."""
        return [self._score(rule, budget) for rule in RULES for budget in BUDGETS]

    def _score(self, rule: Rule, budget: int | None) -> Score:
        matched = len(self.right.matches(rule, budget))
        read = len(self.threats[:budget])
        chance = [(len(c.matches(rule, budget)), count) for c, count in self.wrong]
        return Score(
            list=self.name,
            system=self.system.name,
            gated=rule.gated,
            cut=rule.cut,
            budget=budget,
            produced=read,
            matched=matched,
            recall=_share(matched, len(self.system.references)),
            precision=_share(matched, read),
            chance_recall=fmean(_share(m, count) for m, count in chance) if chance else 0.0,
            chance_precision=fmean(_share(m, read) for m, _ in chance) if chance else 0.0,
        )

    def quality(self) -> Quality:
        """What the first threats are like in themselves, and how far their severities are the references'."""
        read = self.threats[:FIRST]
        elements = {name for place in self.system.known for name in place.elements}
        given = self._severities(self.right.matches(TEXT_ONLY, FIRST))
        return Quality(
            list=self.name,
            system=self.system.name,
            produced=len(read),
            repeated=repeated(read, self.cosines, SAME),
            nameless=sum(not mentions(f"{t.title}. {t.statement}", elements) for t in read),
            severities=len(given),
            agreed=sum(mine == theirs for mine, theirs in given),
        )

    def _severities(self, matches: Sequence[Match]) -> list[tuple[Severity, Severity]]:
        """Severities of the matched pairs where both sides give one, ours first, on the reference's scale."""
        critical = any(r.severity is Severity.CRITICAL for r in self.system.references)
        both = (
            (self.threats[m.produced].severity, self.system.references[m.reference].severity) for m in matches
        )
        return [
            (mine if critical or mine is not Severity.CRITICAL else Severity.HIGH, theirs)
            for mine, theirs in both
            if mine is not None and theirs is not None
        ]

    def pairs(self, rule: Rule) -> list[Pair]:
        """What of the first threats matches under the rule, in rank order."""
        return [self._pair(rule, match) for match in self.right.matches(rule, FIRST)]

    def _pair(self, rule: Rule, match: Match) -> Pair:
        threat = self.threats[match.produced]
        return Pair(
            system=self.system.name,
            gated=rule.gated,
            cut=rule.cut,
            rank=match.produced + 1,
            title=threat.title,
            pattern=threat.pattern,
            reference=self.system.references[match.reference].id,
            cosine=round(match.cosine, 3),
        )

    def missed(self) -> list[Missed]:
        """The references that none of the first threats matches under the bars' rule."""
        found = {m.reference for m in self.right.matches(TEXT_ONLY, FIRST)}
        return [self._missed(i) for i in range(len(self.system.references)) if i not in found]

    def _missed(self, reference: int) -> Missed:
        near = self.right.nearest(reference)
        return Missed(
            system=self.system.name,
            reference=self.system.references[reference].id,
            rank=near[0] + 1 if near else None,
            nearest=self.threats[near[0]].title if near else "",
            cosine=round(near[1], 3) if near else 0.0,
        )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
