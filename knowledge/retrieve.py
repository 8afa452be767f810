"""From a query to the passages worth showing: the store's ranking, shares for corpora, relations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import ceil

from knowledge.fusion import RELATION
from knowledge.passages import Hit, Passage, Query
from knowledge.stores.base import KnowledgeStore

SHARE = 0.6
"""The part of an answer that one corpus may fill while others have something to say."""

WIDE = 5
"""How many times the limit is looked at before the shares are dealt out."""

SEEDS = 5
"""The relations of so many of the best hits are followed."""

FADE = 0.5
"""What a related passage is worth of the hit that led to it."""


def retrieve(
    store: KnowledgeStore, query: Query, *, share: float = SHARE, relations: bool = False
) -> tuple[Hit, ...]:
    """At most `query.limit` hits, best first, ties by id; the same store and query, the same answer.

    Args:
        store: where to look; its StoreError goes through.
        query: its text and sub-queries are ranked together by the store.
        share: see SHARE; 1 leaves the store's ranking as it is.
        relations: add the passages that the best hits point to, within the query's filters. Off, nothing
            is followed.
    """
    wide = query.model_copy(update={"limit": min(200, query.limit * WIDE)})
    found: Sequence[Hit] = store.search(wide)
    if relations:
        found = _with_related(store, query, found)
    return _shared_out(found, query.limit, share)


def _shared_out(found: Sequence[Hit], limit: int, share: float) -> tuple[Hit, ...]:
    """The best hits, no source over its share; free places go to the best of those passed over."""
    most = max(1, ceil(limit * share))
    taken: Counter[str] = Counter()
    first: list[int] = []
    rest: list[int] = []
    for place, hit in enumerate(found):
        if taken[hit.passage.source] < most:
            taken[hit.passage.source] += 1
            first.append(place)
        else:
            rest.append(place)
    chosen = sorted([*first[:limit], *rest[: max(0, limit - len(first))]])
    return tuple(found[place] for place in chosen)


def _with_related(store: KnowledgeStore, query: Query, found: Sequence[Hit]) -> list[Hit]:
    known = {hit.passage.id for hit in found}
    scores: dict[str, float] = {}
    for hit in found[:SEEDS]:
        for id_ in hit.passage.related:
            if id_ not in known:
                scores[id_] = max(scores.get(id_, 0.0), hit.score * FADE)
    added = [
        Hit(passage=p, score=scores[p.id], found_by=(RELATION,)) for p in _allowed(query, store.get(scores))
    ]
    return sorted([*found, *added], key=lambda hit: (-hit.score, hit.passage.id))


def _allowed(query: Query, passages: Iterable[Passage]) -> list[Passage]:
    """Those that the query's filters let through."""
    return [
        p
        for p in passages
        if (not query.sources or p.source in query.sources)
        and (not query.kinds or p.kind in query.kinds)
        and (not query.technologies or set(query.technologies) & set(p.technologies))
        and (not query.stride or set(query.stride) & set(p.stride))
    ]
