"""retrieve: passages for one area of the system."""

from __future__ import annotations

from agent.domain.model import Area
from agent.domain.system import Evidence, EvidenceKind, System
from knowledge.passages import Query
from knowledge.retrieve import retrieve as search
from knowledge.stores.base import KnowledgeStore

PASSAGES_PER_AREA = 8


def retrieve(system: System, area: Area, store: KnowledgeStore) -> tuple[Evidence, ...]:
    """The passages nearest to the area's elements and flows; StoreError when the store does not answer."""
    inside = set(area.elements)
    elements = [e for e in system.elements if e.id in inside]
    moving = set(area.flows)
    flows = [f for f in system.flows if f.id in moving]
    words = [" ".join((e.name, *e.technologies)) for e in elements]
    words += [f"{f.label} {f.protocol}".strip() for f in flows]
    text = " ".join(dict.fromkeys(w for w in words if w))
    if not text:
        return ()
    query = Query(text=text[:2000], sub_queries=tuple(words[:8]), limit=PASSAGES_PER_AREA)
    return tuple(
        Evidence(kind=EvidenceKind.PASSAGE, quote=hit.passage.text, source=hit.passage.id)
        for hit in search(store, query)
    )
