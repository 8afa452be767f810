"""Where threats stand once earlier verdicts are known: doubted ones step back, those accepted before step up.

Severity is not touched: it comes from stated factors alone.

- One that is doubted and medium or low goes behind all others. It is kept, and can be shown.
- One that is doubted and high or critical goes behind its equals of the same severity, and never from within
  the output budget to beyond it: whoever reads the list reads it still.
- Of threats of one severity and the same rating, those accepted before take the foremost of their places,
  of those within the budget and of those beyond it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import groupby

from agent.domain.threat import Severity, Threat

KEPT_IN_LIST = frozenset({Severity.HIGH, Severity.CRITICAL})


def placed(
    threats: Sequence[Threat], budget: int, *, doubted: AbstractSet[str], known: AbstractSet[str]
) -> tuple[Threat, ...]:
    """The same threats in their new order.

    Args:
        threats: ranked, severities in falling order.
        budget: how many of them are shown.
        doubted: keys of those whose like earlier models dismissed.
        known: keys of those whose like earlier models accepted.
    """
    back = [t for t in threats if t.key in doubted and t.severity not in KEPT_IN_LIST]
    behind = {t.key for t in back}
    front = [t for t in threats if t.key not in behind]
    shown = {t.key for t in threats[:budget]}
    made: list[Threat] = []
    for _, band in groupby(front, key=lambda t: t.severity):
        room, part = max(0, budget - len(made)), list(band)
        stepped = [*_stepped_up(part[:room], known), *_stepped_up(part[room:], known)]
        made += _stepped_back(stepped, room, shown, doubted)
    return (*made, *back)


def _stepped_up(band: Sequence[Threat], known: AbstractSet[str]) -> Iterator[Threat]:
    """The band, in which the places of each rating are given to those accepted before first."""
    by_rating: dict[int, list[Threat]] = {}
    for threat in band:
        by_rating.setdefault(_rating(threat), []).append(threat)
    waiting = {r: iter(sorted(of, key=lambda t: t.key not in known)) for r, of in by_rating.items()}
    return (next(waiting[_rating(t)]) for t in band)


def _rating(threat: Threat) -> int:
    return threat.likelihood.score * threat.impact.score


def _stepped_back(
    band: Sequence[Threat], room: int, shown: AbstractSet[str], doubted: AbstractSet[str]
) -> list[Threat]:
    """The band, doubted ones last; but those shown before stay among the first `room`."""
    firm = [t for t in band if t.key not in doubted]
    stay = [t for t in band if t.key in doubted and t.key in shown]
    rest = [t for t in band if t.key in doubted and t.key not in shown]
    before = len(firm) if len(firm) + len(stay) <= room else max(0, room - len(stay))
    return [*firm[:before], *stay, *firm[before:], *rest]
