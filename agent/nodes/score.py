"""score: severity computed from the stated factors, and references that exist."""

from __future__ import annotations

from collections.abc import Sequence

from agent.domain.threat import Reference, Threat
from agent.risk import rescore
from knowledge.passages import Passage
from knowledge.stores.base import KnowledgeStore, StoreError


def score(threats: Sequence[Threat], store: KnowledgeStore | None) -> tuple[Threat, ...]:
    """The threats with severities computed anew and only references that the knowledge base has.

    Without a store, or when it does not answer, the references stay as their analyst gave them.
    """
    known = _known(threats, store)
    return tuple(rescore(t.model_copy(update={"references": _existing(t, known)})) for t in threats)


def _known(threats: Sequence[Threat], store: KnowledgeStore | None) -> dict[str, Passage] | None:
    if store is None:
        return None
    cited = sorted({r.id for t in threats for r in t.references})
    try:
        return {p.id: p for p in store.get(cited)}
    except StoreError:
        return None


def _existing(threat: Threat, known: dict[str, Passage] | None) -> tuple[Reference, ...]:
    if known is None:
        return threat.references
    return tuple(
        Reference(id=r.id, title=known[r.id].title or r.title, url=known[r.id].url or r.url)
        for r in threat.references
        if r.id in known
    )
