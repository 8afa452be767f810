"""Replacing the index behind the alias while everybody goes on: copy, catch up, change over."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence

from knowledge.passages import Passage
from knowledge.stores.base import StoreError
from knowledge.stores.opensearch_bulk import Bulk, Write
from knowledge.stores.opensearch_indices import Found, Indices
from knowledge.stores.opensearch_layout import (
    FIELDS,
    Document,
    Layout,
    fingerprint,
    key,
    passage,
    said,
    vectors,
)

CATCH_UPS = 4
"""How often what was written meanwhile is copied before writers have to wait for the rest."""

FEW = 200
"""So few passages are copied while writers wait."""


def reindex(indices: Indices, bulk: Bulk, *, keep: bool) -> int:
    """See OpenSearchStore.reindex; `bulk` writes into the new index."""
    from opensearchpy.exceptions import NotFoundError

    indices.forget()
    old = indices.live()
    if old is None:
        indices.made()
        return 0
    if old.index == indices.layout.index:
        return 0
    indices.create()
    try:
        return _replaced(indices, bulk, old.index, keep=keep)
    except NotFoundError:
        indices.forget()
        found = indices.live()
        if found is None or found.index != indices.layout.index:
            raise
        return 0  # somebody else was faster


def _replaced(indices: Indices, bulk: Bulk, old: str, *, keep: bool) -> int:
    done, since = 0, -1
    for _ in range(CATCH_UPS):
        newest = indices.newest(old)
        copied = _copy(indices, bulk, old, since)
        done, since = done + copied, newest
        if copied <= FEW:
            break
    with indices.blocked(old):
        done += _copy(indices, bulk, old, since)
        _drop_others(indices, bulk, old)
        indices.swap(old)
    if not keep:
        indices.client.indices.delete(index=old, ignore_unavailable=True)
    return done


def _copy(indices: Indices, bulk: Bulk, old: str, since: int) -> int:
    """Copy what was written after `since` and the new index lacks or has otherwise; how many passages."""
    done = 0
    new, layout = indices.layout.index, indices.layout
    indices.refresh(old)
    later: Document = {"range": {"_seq_no": {"gt": since}}} if since >= 0 else {"match_all": {}}
    for page in indices.walk(old, later, FIELDS):
        passages = {p.id: p for p in (passage(one.source) for one in page)}
        there = indices.found(new, passages, ("digest",))
        lacking = [p for id_, p in passages.items() if not _same(p, there.get(id_, []))]
        known = _known(indices, old, lacking)
        documents = _documents(layout, lacking, known)
        send(bulk, (w for d in documents for w in replacing(layout, d, there.get(d["id"], []))))
        done += len(documents)
    indices.refresh(new)
    return done


def _same(one: Passage, there: Sequence[Found]) -> bool:
    """Whether the new index has this passage."""
    return len(there) == 1 and there[0].source.get("digest") == fingerprint(one)


def _known(indices: Indices, old: str, passages: Sequence[Passage]) -> dict[str, array[float]]:
    """The vectors of the new index' embedder that somebody has put into the old one already."""
    layout = indices.layout
    if not layout.embedder:
        return {}
    found = indices.found(old, (p.id for p in passages), ("embedders", layout.vector))
    return {id_: v for id_, (one, *_) in found.items() if (v := one.source.get(layout.vector)) is not None}


def _documents(
    layout: Layout, passages: Sequence[Passage], known: Mapping[str, array[float]]
) -> list[Document]:
    """These passages as the new index keeps them, with the vectors that are known, and others made."""
    todo = [p for p in passages if p.id not in known and said(p)]
    made = dict(known)
    if layout.embedder and todo:
        made |= zip((p.id for p in todo), vectors(layout.embedder, [said(p) for p in todo]), strict=True)
    return [layout.document(p, made.get(p.id)) for p in passages]


def _drop_others(indices: Indices, bulk: Bulk, old: str) -> None:
    """Delete from the new index what the old one has no longer."""
    new = indices.layout.index
    for page in indices.walk(new, {"match_all": {}}, ()):
        there = indices.found(old, (one.source["id"] for one in page), ())
        send(bulk, (Write("delete", one.key) for one in page if one.source["id"] not in there))
    indices.refresh(new)


def embed_missing(indices: Indices, bulk: Bulk) -> int:
    """Make the vectors that documents of this layout's index lack; how many."""
    layout = indices.layout
    index, done = layout.index, 0
    indices.refresh(index)
    lacking: Document = {"bool": {"must_not": {"term": {"embedders": layout.name}}}}
    for page in indices.walk(index, lacking, FIELDS):
        found = {one.source["id"]: one for one in page}
        passages = [p for p in (passage(one.source) for one in found.values()) if said(p)]
        documents = _documents(layout, passages, {})
        writes = [w for d in documents for w in replacing(layout, d, [found[d["id"]]], guarded=True)]
        done += send(bulk, writes)
    indices.refresh(index)
    return done


def replacing(
    layout: Layout, document: Document, standing: Sequence[Found], *, guarded: bool = False
) -> Iterable[Write]:
    """The writes that put a document where these stand.

    Args:
        layout: whether documents have keys of ours.
        document: what to keep.
        standing: the documents of the same passage, as they are now.
        guarded: leave them alone when they have changed meanwhile.
    """
    if layout.dialect.keyed:
        one = standing[0] if standing else None
        return [
            Write(
                "index",
                key(document["id"]),
                document,
                before=one.source if one else None,
                unless_changed=one.seen if one and guarded else None,
            )
        ]
    old = [Write("delete", one.key, before=one.source) for one in standing]
    return [Write("index", "", document), *old]


def send(bulk: Bulk, writes: Iterable[Write]) -> int:
    """Send them all; how many were done. StoreError when one cannot be."""
    sent = bulk.send(writes)
    if sent.trouble:
        raise StoreError(f"OpenSearch did not take passages into {bulk.alias}: {sent.trouble}.")
    return len(sent.done)
