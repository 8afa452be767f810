"""Replacing the index behind the alias while everybody goes on: copy, catch up, change over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from knowledge.stores.base import StoreError
from knowledge.stores.opensearch_bulk import Bulk, Write
from knowledge.stores.opensearch_indices import Found, Indices
from knowledge.stores.opensearch_layout import FIELDS, Document, Layout, key, passage, said, vectors

CATCH_UPS = 4
"""How often what was written meanwhile is copied before writers have to wait for the rest."""

FEW = 200
"""So few passages are copied while writers wait."""

STATE = ("digest", "embedders")


def reindex(indices: Indices, bulk: Bulk, *, keep: bool) -> int:
    """See OpenSearchStore.reindex; `bulk` writes into the new index."""
    indices.forget()
    old = indices.live()
    if old is None:
        indices.made()
        return 0
    new = indices.layout.index
    if old.index == new:
        return 0
    indices.create()
    done = 0
    for _ in range(CATCH_UPS):
        copied = _copy(indices, bulk, old.index)
        done += copied
        if copied <= FEW:
            break
    with indices.blocked(old.index):
        done += _copy(indices, bulk, old.index)
        _drop_others(indices, bulk, old.index)
        indices.swap(old.index)
    if not keep:
        indices.client.indices.delete(index=old.index, ignore_unavailable=True)
    return done


def _copy(indices: Indices, bulk: Bulk, old: str) -> int:
    """Copy what the new index lacks or has otherwise; how many passages."""
    done = 0
    new, layout = indices.layout.index, indices.layout
    indices.refresh(old)
    for page in indices.walk(old, {"match_all": {}}, STATE):
        ids = [one.source["id"] for one in page]
        there = indices.found(new, ids, STATE)
        lacking = [one.source["id"] for one in page if not _same(one, there.get(one.source["id"], []))]
        source = indices.found(old, lacking, (*FIELDS, "meant", "embedders", layout.vector or "meant"))
        documents = _documents(layout, [source[id_][0].source for id_ in lacking if id_ in source])
        send(bulk, (w for d in documents for w in replacing(layout, d, there.get(d["id"], []))))
        done += len(documents)
    indices.refresh(new)
    return done


def _same(one: Found, there: Sequence[Found]) -> bool:
    """Whether the new index has this document; its vector may still be missing."""
    return len(there) == 1 and there[0].source.get("digest") == one.source.get("digest")


def _documents(layout: Layout, sources: Sequence[Document]) -> list[Document]:
    """These documents as the new index keeps them; vectors of its embedder are taken over, others made."""
    passages = [passage(source) for source in sources]
    known = {
        s["id"]: s[layout.vector] for s in sources if layout.vector in s and layout.name in s["embedders"]
    }
    todo = [p for p in passages if p.id not in known and said(p)]
    if layout.embedder and todo:
        made = vectors(layout.embedder, [said(p) for p in todo])
        known |= {p.id: vector for p, vector in zip(todo, made, strict=True)}
    return [layout.document(p, known.get(p.id)) for p in passages]


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
        found = {one.source["id"]: one for one in page if said(passage(one.source))}
        documents = _documents(layout, [one.source for one in found.values()])
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
