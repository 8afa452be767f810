"""What one call's answer is checked against, and the count of what did not pass."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from agent.analysts.filled.aliases import Aliases
from agent.analysts.filled.plain import Plain
from agent.analysts.filled.quotes import Sources
from agent.analysts.topology import Topology
from agent.domain.base import Value
from agent.domain.system import Evidence


class Tally(Value):
    """What became of a model's words; sums over a run with `+`."""

    calls: int = 0
    confirmed: int = 0
    rejected: int = 0
    sharpened: int = 0
    threats: int = 0
    """The model's own, after the checks."""
    quotes: int = 0
    """Quotes that stand word for word in the input."""
    quotes_dropped: int = 0
    references_dropped: int = 0
    """Identifiers that were not offered in this call."""
    parts_dropped: int = 0
    """Elements or flows that do not exist or lie outside of the area."""
    threats_dropped: int = 0
    """Threats left without a part or an action after the checks."""
    controls_unproven: int = 0
    """Controls said to be there or missing by a quote that does not say so."""
    links_removed: int = 0
    """Links and mentions taken out of a model's words."""

    def __add__(self, other: Tally) -> Tally:
        """Both together."""
        mine, theirs = self.model_dump(), other.model_dump()
        return Tally(**{name: count + theirs[name] for name, count in mine.items()})


@dataclass
class Check:
    """One call's answer against what exists."""

    aliases: Aliases
    topology: Topology
    sources: Sources
    inside: frozenset[str]
    """Ids of the area's elements and flows, and of the flows that touch them."""
    passages: Sequence[Evidence]
    plain: Plain = field(init=False)
    counts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.plain = Plain(self.aliases.names)

    def count(self, what: str, number: int = 1) -> None:
        """Counts for the tally, by the field's name."""
        self.counts[what] = self.counts.get(what, 0) + number

    def tally(self) -> Tally:
        """The counts."""
        return Tally(**self.counts, links_removed=self.plain.removed)

    def words(self, text: str, limit: int) -> str:
        """A clause of the model's as plain text, with the parts' names for their aliases."""
        return self.plain.line(self.aliases.spoken(text), limit).rstrip(" .")

    def parts(self, aliases: Iterable[str]) -> tuple[str, ...]:
        """Ids of the named parts that lie in or at the area."""
        named = tuple(dict.fromkeys(aliases))
        kept = tuple(id_ for id_ in self.aliases.known(named) if id_ in self.inside)
        self.count("parts_dropped", len(named) - len(kept))
        return kept

    def evidence(self, quotes: Iterable[str]) -> tuple[Evidence, ...]:
        """The quotes that stand in the input, at most four, each once."""
        found: dict[str, Evidence] = {}
        for quote in quotes:
            evidence = self.quote(quote)
            if evidence is not None:
                found.setdefault(evidence.quote, evidence)
        return tuple(found.values())[:4]

    def quote(self, quote: str) -> Evidence | None:
        """The quote as evidence, counted; None for none and for one that stands nowhere."""
        if not quote.strip():
            return None
        evidence = self.sources.find(quote)
        self.count("quotes" if evidence else "quotes_dropped")
        return evidence
