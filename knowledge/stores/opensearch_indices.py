"""The alias that readers and writers use, the index behind it, and the documents in an index."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from knowledge.stores.base import StoreError
from knowledge.stores.opensearch_layout import Document, Layout, Live, compact, key, live

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

PAGE = 500
"""How many documents one request asks for."""

MOST = 10_000
"""How many hits a search may give (index.max_result_window)."""

SHARD_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 0.0)
"""Seconds between questions for documents whose shard does not answer, as while it opens, or closes because
its index was replaced; after the last one the answer stands as it is."""

NO_INDEX = "index_not_found_exception"

T = TypeVar("T")


@dataclass(frozen=True)
class Found:
    """A document as it stands in an index."""

    key: str
    source: Document
    seen: tuple[int, int] | None
    """Its sequence number and primary term."""


class Indices:
    """See the module. Errors of the client go through.

    Args:
        client: who asks.
        layout: the names, and what a new index looks like.
    """

    def __init__(self, client: OpenSearch, layout: Layout) -> None:
        self.client = client
        self.layout = layout
        self._live: Live | None = None

    def live(self) -> Live | None:
        """The index behind the alias as last seen; looked up when nothing was seen."""
        found = self._live
        if found is None:
            found = self._live = self._look_up()
        return found

    def forget(self) -> None:
        """Look again next time: the alias has moved."""
        self._live = None

    def made(self) -> Live:
        """The live index; this layout's own is made, and put behind the alias, when there is none."""
        self.forget()
        if self.live() is None:
            self.create()
            self._alias({"add": {"index": self.layout.index, "alias": self.layout.prefix}})
        found = self.live()
        if found is None:
            raise StoreError(
                f"The index {self.layout.index} was made, but nothing is behind {self.layout.prefix}."
            )
        return found

    def _look_up(self) -> Live | None:
        from opensearchpy.exceptions import NotFoundError

        prefix = self.layout.prefix
        try:
            found = self.client.indices.get(index=prefix)
        except NotFoundError:
            return None
        if not isinstance(found, dict) or not found:
            raise StoreError(f"Asked for the index {prefix}, what answers there is no OpenSearch.")
        if len(found) > 1:
            names = ", ".join(sorted(found))
            raise StoreError(f"The alias {prefix} stands for {names}: remove it from all but one of them.")
        ((index, body),) = found.items()
        return live(index, body.get("mappings", {}))

    def create(self) -> None:
        """Make this layout's index, if it is not there yet."""
        from opensearchpy.exceptions import RequestError

        layout = self.layout
        self.client.indices.put_index_template(name=layout.prefix, body=layout.template())
        try:
            self.client.indices.create(index=layout.index, body=layout.creation())
        except RequestError as error:
            if error.error != "resource_already_exists_exception":
                raise
            if layout.dialect.whole:  # somebody else may be making it right now
                self.client.cluster.health(index=layout.index, wait_for_active_shards=1)

    def swap(self, old: str) -> None:
        """Put this layout's index behind the alias in place of another, in one step."""
        alias, new = self.layout.prefix, self.layout.index
        self._alias({"remove": {"index": old, "alias": alias}}, {"add": {"index": new, "alias": alias}})
        self.forget()

    def _alias(self, *actions: Document) -> None:
        self.client.indices.update_aliases(body={"actions": list(actions)})

    @contextmanager
    def blocked(self, index: str) -> Iterator[None]:
        """Nobody writes into the index meanwhile; those who try are told to come again."""
        if not self.layout.dialect.whole:
            yield
            return
        self.client.indices.add_block(index=index, block="write")
        try:
            yield
        finally:
            self.client.indices.put_settings(
                index=index, body={"index.blocks.write": None}, ignore_unavailable=True
            )

    def refresh(self, index: str) -> None:
        """Let searches see everything that was written, where the service knows how."""
        if self.layout.dialect.whole:
            self.client.indices.refresh(index=index)

    def found(self, index: str, ids: Iterable[str], fields: Sequence[str]) -> dict[str, list[Found]]:
        """The documents of these passages by passage id, with these fields; wildcards are allowed."""
        made: dict[str, list[Found]] = {}
        for page in pages(dict.fromkeys(ids), PAGE):
            given = self._by_key if self.layout.dialect.keyed else self._by_id
            for one in given(index, page, [*fields, "id"]):
                made.setdefault(one.source["id"], []).append(one)
        return made

    def _by_key(self, index: str, ids: Sequence[str], fields: Sequence[str]) -> Iterator[Found]:
        from opensearchpy.exceptions import NotFoundError, TransportError

        for doc in self._asked_by_key(index, ids, fields):
            if "error" in doc:
                kind = doc["error"].get("type", "")
                raised = NotFoundError if kind == NO_INDEX else TransportError
                raise raised(503, kind, {"error": doc["error"]})
            if doc["found"]:
                yield Found(doc["_id"], compact(doc["_source"]), (doc["_seq_no"], doc["_primary_term"]))

    def _asked_by_key(self, index: str, ids: Sequence[str], fields: Sequence[str]) -> list[Document]:
        """The answer's documents; asked again while a shard does not answer."""
        asked = {"ids": [key(id_) for id_ in ids]}
        for pause in SHARD_PAUSES:
            answer = self.client.mget(index=index, body=asked, params={"_source_includes": ",".join(fields)})
            docs: list[Document] = answer["docs"]
            if all(doc.get("error", {}).get("type", NO_INDEX) == NO_INDEX for doc in docs):
                break
            time.sleep(pause)
        return docs

    def _by_id(self, index: str, ids: Sequence[str], fields: Sequence[str]) -> Iterator[Found]:
        body = {"query": {"terms": {"id": list(ids)}}, "size": MOST, "_source": list(fields)}
        yield from self._hits(index, body)

    def walk(self, index: str, query: Document, fields: Sequence[str]) -> Iterator[list[Found]]:
        """Every document that fits, in pages, in the order of the passages' ids."""
        body: Document = {"query": query, "size": PAGE, "_source": [*fields, "id"], "sort": [{"id": "asc"}]}
        if self.layout.dialect.whole:
            body["seq_no_primary_term"] = True
        while page := list(self._hits(index, body)):
            yield page
            body["search_after"] = [page[-1].source["id"]]

    def newest(self, index: str) -> int:
        """The highest sequence number; -1 where nothing was written or the service does not tell."""
        if not self.layout.dialect.whole:
            return -1
        self.refresh(index)
        body = {"size": 1, "sort": [{"_seq_no": "desc"}], "_source": False}
        hits = self.client.search(index=index, body=body)["hits"]["hits"]
        return int(hits[0]["sort"][0]) if hits else -1

    def _hits(self, index: str, body: Document) -> Iterator[Found]:
        for hit in self.client.search(index=index, body=body)["hits"]["hits"]:
            seen = (hit["_seq_no"], hit["_primary_term"]) if "_seq_no" in hit else None
            yield Found(hit["_id"], compact(hit["_source"]), seen)


def pages(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """The things, so many at a time."""
    left = iter(things)
    while page := list(islice(left, size)):
        yield page
