"""retrieve: passages for one area of the system."""

from __future__ import annotations

from collections.abc import Sequence

from agent.bridging import bridge
from agent.catalog.technologies import load_technologies
from agent.domain.model import Area
from agent.domain.system import Element, ElementKind, Evidence, EvidenceKind, System
from knowledge.bridge import rewrite
from knowledge.passages import Query
from knowledge.retrieve import retrieve as search
from knowledge.stores.base import KnowledgeStore

PASSAGES_PER_AREA = 8

LONGEST = 2000
"""Characters of what an area is called that are asked for as they are."""


def retrieve(
    system: System, area: Area, store: KnowledgeStore, sub_queries: Sequence[str] = ()
) -> tuple[Evidence, ...]:
    """The passages nearest to the area's elements and flows; StoreError when the store does not answer.

    The bridge puts what the area's parts are called, their technologies and, where all elements are of one
    kind, the categories of that kind into the catalogues' words.

    Args:
        system: whose area it is.
        area: where to look.
        store: the knowledge base.
        sub_queries: the same need in the catalogues' vocabulary, as a language model has written it. They
            take the place of the names; of the bridge's as many stand behind them.
    """
    inside, moving = set(area.elements), set(area.flows)
    elements = [e for e in system.elements if e.id in inside]
    words = [" ".join((e.name, *e.technologies)) for e in elements]
    words += [f"{f.label} {f.protocol}".strip() for f in system.flows if f.id in moving]
    text = " ".join(dict.fromkeys(w for w in words if w))
    if not text:
        return ()
    query = rewrite(
        Query(text=text[:LONGEST], limit=PASSAGES_PER_AREA),
        across=bridge(),
        kind=_common_kind(elements),
        technologies=load_technologies().traits_of(t for e in elements for t in e.technologies),
    )
    if sub_queries:  # they say more than names do: beside them the names only cost places
        first, *rest = (*sub_queries, *query.sub_queries[: len(sub_queries)])
        query = query.model_copy(update={"text": first, "sub_queries": tuple(rest)})
    return tuple(
        Evidence(kind=EvidenceKind.PASSAGE, quote=hit.passage.text, source=hit.passage.id)
        for hit in search(store, query)
    )


def _common_kind(elements: Sequence[Element]) -> ElementKind | str:
    """The kind that all elements have; empty when they differ."""
    kinds = {e.kind for e in elements}
    return kinds.pop() if len(kinds) == 1 else ""
