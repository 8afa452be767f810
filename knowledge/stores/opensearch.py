"""The KnowledgeStore on OpenSearch: BM25 and nearest vectors, fused here as the embedded store fuses them."""

from __future__ import annotations

import re
import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from knowledge.embedders.base import Embedder
from knowledge.fusion import DEPTH, SUB_DEPTH, Fused, by_score, fuse, hits
from knowledge.passages import Hit, Passage, Query
from knowledge.stores import opensearch_rebuild as rebuild
from knowledge.stores import opensearch_search as asking
from knowledge.stores.base import StoreError
from knowledge.stores.opensearch_bulk import Bulk, Sent, Write, undone
from knowledge.stores.opensearch_client import SERVERLESS, Endpoint, connect, failing
from knowledge.stores.opensearch_indices import Found, Indices
from knowledge.stores.opensearch_layout import (
    CLUSTER,
    COLLECTION,
    FIELDS,
    Dialect,
    Document,
    Layout,
    Live,
    fingerprint,
    passage,
    said,
    vectors,
)
from knowledge.stores.vectors import embedded

PREFIX = "threatbot-passages"
"""The alias, and what the names of the indices begin with."""

STATE = ("digest", "meant", "embedders")
"""The fields that say whether a passage has to be written, and embedded, again."""

MOVES = 5
"""How often one search follows an alias that moves."""


class OpenSearchStore:
    """See KnowledgeStore. Nothing is sent before the first call; reading makes no index.

    OpenSearch has no transactions. What `upsert` could not finish, it takes back, and says so when even that
    failed; a process that was killed leaves what it had sent, and the same call again completes it.

    Args:
        endpoint: where OpenSearch answers, who asks, how long it may take.
        embedder: when given, passages are kept with vectors of it, and searched by meaning as well as soon as
            the index was made for it, see `reindex`.
        prefix: see PREFIX; several stores may share one OpenSearch under different ones.
        dialect: what the service can do; by default as `endpoint.service` says.
        sleep: how to wait before a write is tried again.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        embedder: Embedder | None = None,
        prefix: str = PREFIX,
        dialect: Dialect | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_-]{0,79}", prefix):
            raise StoreError(
                f"{prefix!r} cannot begin the name of an index: use small letters, digits, - and _."
            )
        self._url = re.sub(r"//[^/@]*@", "//", endpoint.url)
        self._embedder = embedder
        self._layout = Layout(prefix, embedder, dialect or _dialect(endpoint))
        self._reading = Indices(connect(endpoint), self._layout)
        patient = connect(replace(endpoint, timeout=endpoint.load_timeout))
        self._writing = Indices(patient, self._layout)
        self._bulk = Bulk(patient, prefix, guarded=self._layout.dialect.whole, sleep=sleep)
        self._closed = False

    # writing

    def upsert(self, passages: Iterable[Passage]) -> int:
        """See KnowledgeStore and the class. Texts are embedded before anything is written.

        A passage that stands there already is not written again, and one whose title and text have not
        changed is not embedded again.
        """
        kept = {p.id: p for p in passages}
        with self._doing("keeping passages"):
            self._writing.made()
            sent = self._bulk.send(self._writes(kept))
            if sent.trouble:
                self._take_back(sent, len(kept))
            self._writing.refresh(self._layout.prefix)
        return len(kept)

    def delete_source(self, source: str) -> int:
        """See KnowledgeStore. What is left when it fails is deleted by the same call again."""
        with self._doing(f"forgetting {source}"):
            self._writing.forget()
            if self._writing.live() is None:
                return 0
            alias = self._layout.prefix
            self._writing.refresh(alias)
            pages = self._writing.walk(alias, {"term": {"source": source}}, ())
            return self._forget([one for page in pages for one in page], f"passages of {source}")

    def delete(self, ids: Iterable[str]) -> int:
        """See KnowledgeStore. What is left when it fails is deleted by the same call again."""
        wanted = list(ids)
        with self._doing("forgetting passages"):
            self._writing.forget()
            if not wanted or self._writing.live() is None:
                return 0
            found = self._writing.found(self._layout.prefix, wanted, ())
            return self._forget([one for copies in found.values() for one in copies], "passages")

    def reindex(self, *, keep: bool = False) -> int:
        """Bring this store's schema and embedder behind the alias; how many passages were written.

        Readers go on in the old index until the new one is complete, and then find the new one; writers wait
        for the last step. A call that was killed goes on where it stopped. Nothing happens when the live
        index is of this schema and embedder already.

        Args:
            keep: leave the old index where it is.
        """
        with self._doing("replacing the index"):
            return rebuild.reindex(self._writing, self._bulk_into(self._layout.index), keep=keep)

    def embed_missing(self) -> int:
        """Give every passage that lacks a vector of this store's embedder one; how many.

        Replaces the index first when it was made for another embedder, see `reindex`.
        """
        if self._embedder is None:
            return 0
        done = self.reindex()
        with self._doing("embedding passages"):
            return done + rebuild.embed_missing(self._writing, self._bulk_into(self._layout.index))

    # reading

    def get(self, ids: Iterable[str]) -> tuple[Passage, ...]:
        """See KnowledgeStore; an id asked for twice is answered once."""
        wanted = list(dict.fromkeys(ids))
        with self._doing("reading passages"):
            if not wanted or self._reading.live() is None:
                return ()
            found = self._reading.found(self._layout.prefix, wanted, FIELDS)
        return tuple(passage(found[id_][0].source) for id_ in wanted if id_ in found)

    def search(self, query: Query) -> tuple[Hit, ...]:
        """See KnowledgeStore. The text and each sub-query are ranked alone, then together."""
        asked = list(dict.fromkeys(text for text in (query.text, *query.sub_queries) if text.strip()))
        if not asked:
            return ()
        with self._doing("searching"):
            ranking = fuse(self._answers(asked, query))[: query.limit]
            passages = {p.id: p for p in self.get(id_ for id_, _ in ranking)}
        return hits(ranking, passages)

    def ids(self, source: str) -> tuple[str, ...]:
        """See KnowledgeStore."""
        with self._doing(f"listing {source}"):
            if self._reading.live() is None:
                return ()
            pages = self._reading.walk(self._layout.prefix, {"term": {"source": source}}, ())
            return tuple(dict.fromkeys(one.source["id"] for page in pages for one in page))

    def counts(self) -> dict[str, int]:
        """See KnowledgeStore."""
        each = {"each": {"terms": {"field": "source", "size": 10_000, "order": {"_key": "asc"}}}}
        with self._doing("counting"):
            if self._reading.live() is None:
                return {}
            answer = self._reading.client.search(index=self._layout.prefix, body={"size": 0, "aggs": each})
        return {b["key"]: b["doc_count"] for b in answer["aggregations"]["each"]["buckets"]}

    def describe(self) -> str:
        """What stands there, in a sentence; StoreError, with what to do, when nothing answers."""
        self._reading.forget()
        counted = sum(self.counts().values())
        live = self._reading.live()
        if live is None:
            return f"OpenSearch at {self._url} answers, nothing is loaded yet"
        how = "by words alone"
        if self._embedder and live.embedder == self._embedder.name:
            how = f"by words and by {live.embedder} ({self._embedder.dimension} dimensions)"
            bare = self._bare(live)
            how += f", {bare} of them still without a vector" if bare else ""
        elif self._embedder:
            how += f" until `threatbot knowledge reindex` has rebuilt it for {self._embedder.name}"
        return f"OpenSearch at {self._url}: {counted} passages in {live.index}, searched {how}"

    def _bare(self, live: Live) -> int:
        """How many passages with a text lack a vector of this store's embedder."""
        without = [{"term": {"embedders": live.embedder}}, {"term": {"kind": "mark"}}]
        with self._doing("counting"):
            body = {"query": {"bool": {"must_not": without}}}
            return int(self._reading.client.count(index=live.index, body=body)["count"])

    def close(self) -> None:
        """See KnowledgeStore; closing twice is fine, any other call afterwards is a StoreError."""
        self._closed = True
        for indices in (self._reading, self._writing):
            indices.client.close()

    # inside

    @contextmanager
    def _doing(self, what: str) -> Iterator[None]:
        if self._closed:
            raise StoreError(f"The knowledge store on OpenSearch at {self._url} is closed.")
        with failing(self._url, what):
            yield

    def _bulk_into(self, index: str) -> Bulk:
        return replace(self._bulk, alias=index, guarded=False)

    def _forget(self, found: Sequence[Found], what: str) -> int:
        """Delete these documents; how many passages they were."""
        sent = self._bulk.send(Write("delete", one.key) for one in found)
        if sent.trouble:
            raise StoreError(
                f"OpenSearch at {self._url} forgot {len(sent.done)} of {len(found)} {what}: {sent.trouble}."
                " Ask again."
            )
        self._writing.refresh(self._layout.prefix)
        return len({one.source["id"] for one in found})

    def _writes(self, kept: Mapping[str, Passage]) -> list[Write]:
        """What has to be written so that these passages stand there."""
        alias = self._layout.prefix
        old = self._writing.found(alias, kept, STATE)
        changed = {id_: p for id_, p in kept.items() if self._changed(p, old.get(id_, []))}
        todo = [p for p in changed.values() if self._layout.lacks_vector(p, _first(old.get(p.id)))]
        made = self._vectors(todo)
        before = self._writing.found(alias, (id_ for id_ in changed if id_ in old), ("*",))
        writes: list[Write] = []
        for id_, one in changed.items():
            standing = before.get(id_, [])
            document = self._layout.document(one, made.get(id_), _first(standing))
            writes += rebuild.replacing(self._layout, document, standing)
        return writes

    def _changed(self, one: Passage, standing: Sequence[Found]) -> bool:
        document = _first(standing)
        if document is None or len(standing) > 1 or document.get("digest") != fingerprint(one):
            return True
        return self._layout.lacks_vector(one, document)

    def _vectors(self, passages: Sequence[Passage]) -> dict[str, array[float]]:
        if not self._embedder or not passages:
            return {}
        made = vectors(self._embedder, [said(p) for p in passages])
        return {p.id: vector for p, vector in zip(passages, made, strict=True)}

    def _take_back(self, sent: Sent, asked: int) -> None:
        back = replace(self._bulk, attempts=2).send(undone(sent, keyed=self._layout.dialect.keyed))
        kept = len(sent.done) - len(back.done) if back.trouble else 0
        left = (
            f"up to {kept} of them are there all the same; load them again"
            if kept
            else "none of them is kept"
        )
        raise StoreError(f"OpenSearch at {self._url} did not keep {asked} passages: {sent.trouble}; {left}.")

    def _answers(self, asked: Sequence[str], query: Query) -> list[dict[str, Fused]]:
        meant: list[list[float]] = []
        for _ in range(MOVES):
            live = self._reading.live()
            if live is None:
                return [{}]
            if self._embedder and live.embedder == self._embedder.name and not meant:
                meant = embedded(self._embedder, asked)
            try:
                return self._asked(live, asked, meant if live.embedder == self._layout.name else [], query)
            except asking.Moved:
                self._reading.forget()
        raise StoreError(f"The alias {self._layout.prefix} moves faster than it can be followed.")

    def _asked(
        self, live: Live, asked: Sequence[str], meant: Sequence[Sequence[float]], query: Query
    ) -> list[dict[str, Fused]]:
        depths = [DEPTH, *[SUB_DEPTH] * (len(asked) - 1)]
        by_words = zip(asked, depths, strict=True)
        searches: list[Document] = [asking.by_words(text, query, depth) for text, depth in by_words]
        by_meaning = zip(meant, depths, strict=False)  # none without vectors
        field = self._layout.vector
        searches += [asking.by_meaning(field, vector, query, depth) for vector, depth in by_meaning]
        body = [part for search in searches for part in ({}, search)]
        answer = self._reading.client.msearch(index=self._layout.prefix, body=body)
        rankings = [asking.ranking(one, live.index) for one in answer["responses"]]
        words = rankings[: len(asked)]
        meaning = rankings[len(asked) :] or [[] for _ in asked]
        return [by_score(w, m) for w, m in zip(words, meaning, strict=True)]


def _dialect(endpoint: Endpoint) -> Dialect:
    return COLLECTION if endpoint.service == SERVERLESS else CLUSTER


def _first(found: Sequence[Found] | None) -> Document | None:
    return found[0].source if found else None
