"""The index replaced behind the alias, while readers and writers go on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any

import pytest

from knowledge.embedders.base import EmbedderError
from knowledge.passages import Passage, Query
from knowledge.stores.base import StoreError
from knowledge.stores.opensearch import OpenSearchStore
from knowledge.stores.opensearch_client import connect
from knowledge.stores.opensearch_layout import CLUSTER, Dialect
from tests.bedrock_double import embedding
from tests.http_front import Said, front
from tests.knowledge.store_contract import ALL, ids
from tests.opensearch_node import Node

pytest.importorskip("opensearchpy", reason="opensearch-py is not installed (extra aws)")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("opensearch")]

MANY = [Passage(id=f"p{i:04}", source="bulk", title=f"Number{i}", text="shared words") for i in range(1200)]


class WordVectors:
    """An embedder that gives out after so many texts; counts them."""

    def __init__(self, name: str = "toy", dimension: int = 32, most: int = 1_000_000) -> None:
        self.name = name
        self.dimension = dimension
        self.most = most
        self.texts = 0

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """See Embedder."""
        self.texts += len(texts)
        if self.texts > self.most:
            raise EmbedderError(f"The embedder {self.name} is away.")
        return [embedding(text, self.dimension) for text in texts]


@contextmanager
def opened(
    node: Node, prefix: str, embedder: WordVectors | None = None, *, url: str = "", dialect: Dialect = CLUSTER
) -> Iterator[OpenSearchStore]:
    """A store, closed at the end."""
    with closing(
        OpenSearchStore(node.endpoint(url), prefix=prefix, embedder=embedder, dialect=dialect)
    ) as store:
        yield store


def indices(node: Node, prefix: str) -> dict[str, list[str]]:
    """The indices under a prefix with their aliases."""
    with closing(connect(node.endpoint())) as client:
        return {name: list(body["aliases"]) for name, body in client.indices.get(index=f"{prefix}*").items()}


@pytest.mark.parametrize("dialect", [CLUSTER, Dialect(keyed=False)], ids=["keyed", "unkeyed"])
def test_another_embedder_gets_an_index_of_its_own(node: Node, prefix: str, dialect: Dialect) -> None:
    """After a change of the embedder words find until the rebuild; then meaning does, in a new index."""
    with opened(node, prefix, WordVectors("toy-1", 32), dialect=dialect) as store:
        store.upsert(ALL)
    with opened(node, prefix, WordVectors("toy-2", 64), dialect=dialect) as store:
        assert [h.found_by for h in store.search(Query(text="authenticity"))] == [("words",)]
        assert "until `threatbot knowledge reindex` has rebuilt it for toy-2" in store.describe()
        assert store.reindex() == 4
        found = store.search(Query(text="authenticity"))
        assert {h.passage for h in found} == set(ALL)
        assert found[0].found_by == ("words", "meaning")
        assert store.reindex() == 0
    assert indices(node, prefix) == {f"{prefix}-v1-toy-2-64": [prefix]}


def test_the_old_index_can_be_kept(node: Node, prefix: str) -> None:
    """With `keep` the old index stays, open for writing, but nobody is led to it."""
    with opened(node, prefix) as store:
        store.upsert(ALL)
    with opened(node, prefix, WordVectors()) as store:
        store.reindex(keep=True)
    assert indices(node, prefix) == {f"{prefix}-v1-toy-32": [prefix], f"{prefix}-v1-words": []}
    with opened(node, prefix) as back:
        back.upsert(ALL[:1])
        back.delete_source("attack")
        assert back.reindex(keep=True) == 0  # nothing of the old index was out of date but the deleted
        assert back.counts() == {"capec": 1, "company": 1, "cwe": 1}


def test_an_older_schema_is_replaced(node: Node, prefix: str) -> None:
    """An index that an earlier version made is read as it is, and replaced with everything in it."""
    with closing(connect(node.endpoint())) as client:
        meta = {"threatbot": "passages", "schema": 0, "embedder": ""}
        words: dict[str, Any] = {"words": {"type": "text"}, "id": {"type": "keyword"}}
        words["title"] = {"type": "text", "copy_to": "words"}
        client.indices.create(
            index=f"{prefix}-v0-words",
            body={"aliases": {prefix: {}}, "mappings": {"_meta": meta, "properties": words}},
        )
        for one in ALL:
            client.index(index=prefix, id=one.id, body=one.model_dump(mode="json"), refresh=True)
    with opened(node, prefix) as store:
        assert ids(store, "stuffing") == ["T1110.004"]
        assert ids(store, "credentials") == []
        assert store.reindex() == 4
        assert ids(store, "credentials") == ["T1110.004"]
        assert store.get(p.id for p in ALL) == ALL
    assert list(indices(node, prefix)) == [f"{prefix}-v1-words"]


def test_a_rebuild_that_broke_goes_on(node: Node, prefix: str) -> None:
    """What was embedded before an interruption is not embedded again; until the end nothing has changed."""
    with opened(node, prefix) as store:
        store.upsert(MANY)
    with opened(node, prefix, WordVectors(most=800)) as store:
        with pytest.raises(StoreError, match="embedder toy is away"):
            store.reindex()
        assert ids(store, "number77") == ["p0077"]
    again = WordVectors()
    with opened(node, prefix, again) as store:
        assert store.reindex() == 700
        assert again.texts == 700
        assert store.counts() == {"bulk": 1200}
        store.upsert([MANY[0].model_copy(update={"title": "Open again"})])


def test_a_rebuild_that_cannot_change_over_leaves_the_old_index_open(node: Node, prefix: str) -> None:
    """When the last step fails, readers and writers go on in the old index."""
    with opened(node, prefix) as store:
        store.upsert(ALL)
    with front(node.url) as between:
        between.rule = lambda asked, forward: (
            Said(500, {"error": {"reason": "no master"}}) if asked.path == "/_aliases" else forward()
        )
        with (
            opened(node, prefix, WordVectors(), url=between.url) as store,
            pytest.raises(StoreError, match="while replacing the index: no master"),
        ):
            store.reindex()
    with opened(node, prefix) as store:
        assert store.upsert(MANY[:1]) == 1
        assert ids(store, "number0") == ["p0000"]


class Busy:
    """Readers and writers that go on until they are told to stop; keeps what they saw."""

    def __init__(self, node: Node, prefix: str) -> None:
        self.node, self.prefix = node, prefix
        self.stop = threading.Event()
        self.trouble: list[StoreError] = []
        self.answers: list[int] = []
        self.written: list[str] = []

    def read(self) -> None:
        """Ask for 200 passages that are always there."""
        query = Query(text="shared words", sources=("bulk",), limit=200)
        with opened(self.node, self.prefix, WordVectors("toy-1")) as store:
            while not self.stop.is_set():
                self.answers.append(len(store.search(query)))

    def write(self) -> None:
        """Write one passage after another, and forget a corpus in between."""
        with opened(self.node, self.prefix) as store:
            while not self.stop.is_set():
                i = len(self.written)
                store.upsert([Passage(id=f"w{i}", source="written", title=f"Written{i}", text="late")])
                self.written.append(f"w{i}")
                if i == 2:
                    store.delete_source("cwe")

    def more(self, count: int) -> None:
        """Wait for so many more writes and answers."""
        written, answers = len(self.written) + count, len(self.answers) + count
        while (len(self.written) < written or len(self.answers) < answers) and not self.trouble:
            self.stop.wait(0.05)

    @contextmanager
    def going(self) -> Iterator[None]:
        """Both at work."""
        threads = [threading.Thread(target=self._kept, args=(work,)) for work in (self.read, self.write)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.stop.set()
            for thread in threads:
                thread.join()

    def _kept(self, work: Callable[[], None]) -> None:
        try:
            work()
        except StoreError as error:
            self.trouble.append(error)


def test_two_rebuilds_at_once(node: Node, prefix: str) -> None:
    """Two processes that replace the same index at the same time end well, with everything in place once."""
    with opened(node, prefix) as store:
        store.upsert([*MANY, *ALL])

    def rebuild(_: int) -> int:
        with opened(node, prefix, WordVectors()) as mine:
            return mine.reindex()

    with ThreadPoolExecutor(2) as pool:
        assert len(list(pool.map(rebuild, range(2)))) == 2
    with opened(node, prefix, WordVectors()) as store:
        assert store.counts() == {"attack": 1, "bulk": 1200, "capec": 1, "company": 1, "cwe": 1}
        assert store.embed_missing() == 0
    assert indices(node, prefix) == {f"{prefix}-v1-toy-32": [prefix]}


def test_a_rebuild_of_nothing_makes_the_index(node: Node, prefix: str) -> None:
    """On an empty OpenSearch a rebuild prepares the index, so that a reader finds its place."""
    with opened(node, prefix, WordVectors()) as store:
        assert store.reindex() == 0
        assert store.embed_missing() == 0
    assert indices(node, prefix) == {f"{prefix}-v1-toy-32": [prefix]}


def test_a_rebuild_that_was_killed_before_the_end_is_named(node: Node, prefix: str) -> None:
    """Writers who find the index closed for a rebuild wait, then say so; the next rebuild opens it again."""
    slept: list[float] = []
    endpoint = node.endpoint()
    with closing(OpenSearchStore(endpoint, prefix=prefix, sleep=slept.append)) as store:
        store.upsert(ALL[:2])
        with closing(connect(endpoint)) as client:
            client.indices.add_block(index=f"{prefix}-v1-words", block="write")
        with pytest.raises(StoreError, match="being replaced and takes no writes; run a rebuild"):
            store.upsert(ALL)
        assert sum(slept) > 15
        with opened(node, prefix, WordVectors()) as other:
            assert other.reindex(keep=True) == 2
        assert store.upsert(ALL) == 4


def test_nobody_notices_a_rebuild(node: Node, prefix: str) -> None:
    """While the index is replaced each search is answered in full, and no write and no deletion is lost."""
    with opened(node, prefix, WordVectors("toy-1")) as store:
        store.upsert([*MANY, *ALL])
    busy = Busy(node, prefix)
    with busy.going(), opened(node, prefix, WordVectors("toy-2")) as store:
        busy.more(4)
        store.reindex()
        busy.more(2)
    assert busy.trouble == []
    assert set(busy.answers) == {200}
    with opened(node, prefix, WordVectors("toy-2")) as store:
        store.embed_missing()
        expected = {"attack": 1, "bulk": 1200, "capec": 1, "company": 1, "written": len(busy.written)}
        assert store.counts() == expected
        assert [p.id for p in store.get(busy.written)] == busy.written
        last = store.search(Query(text=f"written{len(busy.written) - 1}"))[0]
        assert last.found_by == ("words", "meaning")
    assert list(indices(node, prefix)) == [f"{prefix}-v1-toy-2-32"]
