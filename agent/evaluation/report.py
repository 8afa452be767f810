"""What the protocol found, as values: scores by list, system, rule and budget; matches and misses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from statistics import fmean

from agent.domain.base import SCHEMA_VERSION, Value
from agent.evaluation.soundness import Soundness

BUDGETS: tuple[int | None, ...] = (10, 20, None)
"""How much of a list is read; None is all of it."""
FIRST = 20
"""How many threats the bars, the pairs and the qualities look at."""


class Subject(Value):
    """One system that was measured."""

    name: str
    references: int
    machine_written: bool
    """Whether its references read as written by a machine, at least in part."""
    listed: bool
    """Whether its elements and flows are given as a data-flow diagram."""
    failed: str = ""
    """Why there is no threat model; empty where there is one."""


class Score(Value):
    """How one list did on one system under one rule, read to one budget."""

    list: str
    system: str
    gated: bool
    cut: float
    budget: int | None
    produced: int
    matched: int
    recall: float
    """Matched references of all references."""
    precision: float
    """Matched threats of those read: a lower bound, because references are incomplete."""
    chance_recall: float
    """The same list against the references of every other system, on average."""
    chance_precision: float


class Quality(Value):
    """What can be said of one list on one system without a reference, in its first 20 threats."""

    list: str
    system: str
    produced: int
    repeated: int
    """Threats that say what one before them says."""
    nameless: int
    """Threats whose title and statement name no element of the system."""
    severities: int
    """Matched pairs (text only, 0.60) whose reference gives a severity."""
    agreed: int
    """Of those, the pairs whose severities are the same; where the reference's scale ends at high, a
    critical one counts as high."""


class Pair(Value):
    """A threat of the first 20 and the reference that it matches."""

    system: str
    gated: bool
    cut: float
    rank: int
    """1 for the first threat of the list."""
    title: str
    pattern: str = ""
    reference: str
    """The reference's id."""
    cosine: float


class Missed(Value):
    """A reference that no threat of the first 20 matches, by text alone at 0.60."""

    system: str
    reference: str
    rank: int | None
    """The rank of the nearest threat of the whole list; None when there is none."""
    nearest: str = ""
    """That threat's title."""
    cosine: float = 0.0


class Macro(Value):
    """A score averaged over systems, each system counting the same."""

    systems: int
    recall: float
    precision: float
    chance_recall: float
    chance_precision: float

    @property
    def lift(self) -> float:
        """Recall beyond chance."""
        return self.recall - self.chance_recall


class Report(Value):
    """Everything that one evaluation found."""

    schema_version: int = SCHEMA_VERSION
    embedder: str
    lists: tuple[str, ...]
    """The product's first, then the baselines."""
    systems: tuple[Subject, ...]
    scores: tuple[Score, ...]
    qualities: tuple[Quality, ...]
    pairs: tuple[Pair, ...]
    """Of the first list, under the bars' rule and under the protocol's."""
    missed: tuple[Missed, ...]
    """Of the first list."""
    soundness: tuple[Soundness, ...] = ()
    """Of each of the product's lists, one a run."""

    @property
    def runs(self) -> tuple[str, ...]:
        """The names of the product's lists."""
        return tuple(dict.fromkeys(s.list for s in self.soundness))

    def macro(
        self,
        list_: str,
        *,
        gated: bool,
        cut: float,
        budget: int | None,
        among: Callable[[Subject], bool] = lambda _: True,
    ) -> Macro:
        """The average over the systems that `among` takes; zeros when it takes none."""
        names = {s.name for s in self.systems if among(s)}
        chosen = [
            s
            for s in self.scores
            if (s.list, s.gated, s.cut, s.budget) == (list_, gated, cut, budget) and s.system in names
        ]
        return Macro(
            systems=len(chosen),
            recall=_mean(s.recall for s in chosen),
            precision=_mean(s.precision for s in chosen),
            chance_recall=_mean(s.chance_recall for s in chosen),
            chance_precision=_mean(s.chance_precision for s in chosen),
        )

    def markdown(self) -> str:
        """The tables as Markdown; deterministic."""
        from agent.evaluation.tables import markdown

        return markdown(self)

    def pairs_markdown(self) -> str:
        """The matched pairs and the missed references of every system as Markdown: ids, never their words."""
        from agent.evaluation.tables import pairs_markdown

        return pairs_markdown(self)

    def json_text(self) -> str:
        """The report as JSON; `Report.model_validate_json` reads it."""
        return self.model_dump_json(indent=1) + "\n"


def _mean(values: Iterable[float]) -> float:
    return fmean(found) if (found := list(values)) else 0.0
