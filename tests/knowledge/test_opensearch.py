"""The store on a real OpenSearch: the contract, vectors, parity with the embedded store."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing

import pytest

from knowledge.passages import Passage, Query
from knowledge.stores.base import KnowledgeStore, StoreError
from knowledge.stores.opensearch import OpenSearchStore
from knowledge.stores.opensearch_client import Endpoint, connect
from knowledge.stores.opensearch_layout import Dialect
from knowledge.stores.sqlite import SqliteStore
from tests.bedrock_double import embedding
from tests.http_front import front
from tests.knowledge.store_contract import ALL, FORGERY, StoreContract, ids
from tests.opensearch_node import Node

pytest.importorskip("opensearchpy", reason="opensearch-py is not installed (extra aws)")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("opensearch")]

Opened = Callable[[], KnowledgeStore]


class WordVectors:
    """An embedder in which texts with words in common are near each other; keeps what it was given."""

    def __init__(self, name: str = "toy", dimension: int = 32) -> None:
        self.name = name
        self.dimension = dimension
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """See Embedder."""
        self.texts += texts
        return [embedding(text, self.dimension) for text in texts]


class TestOpenSearchStore(StoreContract):
    """The contract on a cluster."""

    @pytest.fixture
    def opened(self, node: Node, prefix: str) -> Iterator[Opened]:
        """Handles on one alias."""
        yield from _handles(node, prefix, Dialect())


class TestWithoutKeysOfOurs(StoreContract):
    """The contract where documents cannot be given keys, as in serverless collections."""

    @pytest.fixture
    def opened(self, node: Node, prefix: str) -> Iterator[Opened]:
        """Handles on one alias."""
        yield from _handles(node, prefix, Dialect(keyed=False))


def _handles(node: Node, prefix: str, dialect: Dialect) -> Iterator[Opened]:
    handles: list[OpenSearchStore] = []

    def open_one() -> OpenSearchStore:
        handles.append(OpenSearchStore(node.endpoint(), prefix=prefix, dialect=dialect))
        return handles[-1]

    yield open_one
    for handle in handles:
        handle.close()


@pytest.fixture
def store(node: Node, prefix: str) -> Iterator[OpenSearchStore]:
    """A store with vectors."""
    with closing(OpenSearchStore(node.endpoint(), prefix=prefix, embedder=WordVectors())) as made:
        yield made


def test_meaning_finds_and_says_so(store: OpenSearchStore) -> None:
    """The nearest vectors are found beside the words, each hit with the ways that found it."""
    store.upsert(ALL)
    found = {h.passage.id: h.found_by for h in store.search(Query(text="the webhook that nobody checked"))}
    assert found["CWE-345"] == ("words", "meaning")
    assert found["T1110.004"] == ("meaning",)


def test_filters_hold_inside_the_vector_search(store: OpenSearchStore) -> None:
    """One passage of a small corpus is found by meaning although thousands of others are nearer."""
    near = [Passage(id=f"n{i}", source="near", title="flood of requests", text=str(i)) for i in range(1000)]
    far = Passage(id="far", source="far", kind="weakness", title="Overload", text="too much at once")
    store.upsert([*near, far])
    hits = store.search(Query(text="flood of requests", sources=("far",), limit=5))
    assert [(h.passage.id, h.found_by) for h in hits] == [("far", ("meaning",))]
    assert store.search(Query(text="flood of requests", sources=("far",), kinds=("technique",))) == ()


def test_what_stands_there_is_not_sent_again(node: Node, prefix: str) -> None:
    """Loading the same passages again embeds nothing and writes nothing, but counts them all."""
    embedder = WordVectors()
    with (
        front(node.url) as between,
        closing(OpenSearchStore(node.endpoint(between.url), prefix=prefix, embedder=embedder)) as store,
    ):
        assert store.upsert(ALL) == 4
        embedder.texts.clear()
        between.asked.clear()
        assert store.upsert(ALL) == 4
        assert embedder.texts == []
        assert not [asked for asked in between.asked if "_bulk" in asked.path]


def test_only_changed_texts_are_embedded(store: OpenSearchStore, node: Node, prefix: str) -> None:
    """A change beside the text keeps the vector, one of the text makes a new one, also by another handle."""
    store.upsert(ALL)
    embedder = WordVectors()
    with closing(OpenSearchStore(node.endpoint(), prefix=prefix, embedder=embedder)) as other:
        elsewhere = ALL[1].model_copy(update={"url": "https://example.org"})
        reworded = ALL[2].model_copy(update={"title": "Stuffing"})
        other.upsert([ALL[0], elsewhere, reworded])
        assert embedder.texts == [f"Stuffing. {ALL[2].text}"]
        found = {h.passage.id: h for h in other.search(Query(text="content spoofing"))}
    assert found["CAPEC-148"].passage == elsewhere
    assert all("meaning" in h.found_by for h in found.values())
    assert len(found) == 4


def test_a_store_without_embedder_keeps_the_vectors_of_others(
    store: OpenSearchStore, node: Node, prefix: str
) -> None:
    """Words alone read and write an index with vectors; a reworded passage has none until it is embedded."""
    store.upsert(ALL)
    with closing(OpenSearchStore(node.endpoint(), prefix=prefix)) as plain:
        assert [h.found_by for h in plain.search(Query(text="authenticity"))] == [("words",)]
        plain.upsert([ALL[0].model_copy(update={"licence": ""}), ALL[1].model_copy(update={"text": "New"})])
        assert plain.embed_missing() == 0
    found = {h.passage.id for h in store.search(Query(text="zzz")) if "meaning" in h.found_by}
    assert found == {p.id for p in ALL} - {"CAPEC-148"}
    assert store.embed_missing() == 1
    assert store.embed_missing() == 0
    assert len(store.search(Query(text="zzz"))) == 4


def test_reading_makes_nothing(store: OpenSearchStore, node: Node, prefix: str) -> None:
    """Asking an empty store makes no index: a reader needs no right to write."""
    assert store.counts() == {}
    assert store.search(Query(text="anything")) == ()
    assert store.get(["CWE-345"]) == ()
    assert store.delete_source("cwe") == 0
    assert list(connect(node.endpoint()).indices.get(index=f"{prefix}*")) == []
    assert store.describe() == f"OpenSearch at {node.url} answers, nothing is loaded yet"


def test_it_describes_itself(store: OpenSearchStore, node: Node, prefix: str) -> None:
    """The line for a person names address, passages, index and how it is searched."""
    store.upsert(ALL)
    where = f"OpenSearch at {node.url}: 4 passages in {prefix}-v1-toy-32, searched by words"
    assert store.describe() == f"{where} and by toy (32 dimensions)"
    with closing(OpenSearchStore(node.endpoint(), prefix=prefix)) as plain:
        assert plain.describe() == f"{where} alone"


def test_two_prefixes_share_nothing(store: OpenSearchStore, node: Node, prefix: str) -> None:
    """Two stores on one OpenSearch do not see each other."""
    store.upsert(ALL)
    with closing(OpenSearchStore(node.endpoint(), prefix=f"{prefix}-too")) as other:
        other.upsert([FORGERY])
        assert other.counts() == {"cwe": 1}
        assert ids(other, "webhook") == ["CWE-345"]


def test_a_long_id_is_kept(store: OpenSearchStore) -> None:
    """An id longer than OpenSearch takes as a key comes back whole."""
    long = Passage(id="company:" + "x" * 2000, source="company", title="Long", text="name")
    other = long.model_copy(update={"id": long.id + "y"})
    store.upsert([long, other])
    assert store.get([other.id, long.id]) == (other, long)


def test_an_index_of_somebody_else_is_refused(store: OpenSearchStore, node: Node, prefix: str) -> None:
    """An index of that name with other documents is left alone and named."""
    connect(node.endpoint()).indices.create(index=prefix)
    with pytest.raises(StoreError, match=f"index {prefix} is not a knowledge store: choose another prefix"):
        store.upsert(ALL)


def test_a_document_of_somebody_else_is_named(store: OpenSearchStore, node: Node, prefix: str) -> None:
    """A document that is no passage is named by its id, not shown in part."""
    store.upsert(ALL)
    with closing(connect(node.endpoint())) as client:
        client.index(index=prefix, id="odd", body={"id": "odd", "source": "x"}, refresh=True)
    with pytest.raises(StoreError, match="document 'odd' in OpenSearch is not a passage"):
        store.get(["CWE-345", "odd"])


def test_a_deleted_index_is_an_empty_store(store: OpenSearchStore, node: Node, prefix: str) -> None:
    """When somebody deletes the index under an open store, it is empty, and can be filled again."""
    store.upsert(ALL)
    assert store.search(Query(text="webhook"))
    with closing(connect(node.endpoint())) as client:
        client.indices.delete(index=f"{prefix}-v1-toy-32")
    assert store.search(Query(text="webhook")) == ()
    assert store.upsert(ALL[:1]) == 1
    assert {h.passage.id for h in store.search(Query(text="webhook"))} == {"CWE-345"}


def test_an_alias_of_two_indices_is_refused(store: OpenSearchStore, node: Node, prefix: str) -> None:
    """When it is not clear which index is the store, both are named."""
    store.upsert(ALL)
    connect(node.endpoint()).indices.create(index=f"{prefix}-x", body={"aliases": {prefix: {}}})
    other = OpenSearchStore(node.endpoint(), prefix=prefix)
    with closing(other), pytest.raises(StoreError, match=f"stands for {prefix}-v1-toy-32, {prefix}-x"):
        other.counts()


@pytest.mark.parametrize("prefix_", ["", "Upper", "with space", "-first", "a" * 99, "x*"])
def test_a_prefix_that_cannot_be_used_is_refused(prefix_: str) -> None:
    """A prefix that is no name for an index is refused before anything is sent."""
    with pytest.raises(StoreError, match="cannot begin the name of an index"):
        OpenSearchStore(Endpoint(url="http://127.0.0.1:9"), prefix=prefix_)


def test_an_embedder_that_breaks_its_promise_is_named(node: Node, prefix: str) -> None:
    """Vectors of the wrong length are refused and nothing is kept."""
    embedder = WordVectors("short")
    with closing(OpenSearchStore(node.endpoint(), prefix=prefix, embedder=embedder)) as store:
        store.upsert(ALL[:1])
        embedder.embed = lambda texts: [[1.0] for _ in texts]  # type: ignore[method-assign]
        with pytest.raises(StoreError, match="embedder short did not give one vector"):
            store.upsert(ALL[1:])
        assert store.counts() == {"cwe": 1}


SUBJECTS = [
    "webhook",
    "session",
    "bucket",
    "queue",
    "token",
    "cookie",
    "diagram",
    "password",
    "backup",
    "certificate",
    "proxy",
    "sensor",
]
FAILINGS = (
    "forged by strangers",
    "leaked into logs",
    "kept without encryption",
    "replayed after expiry",
    "flooded until it stops",
    "changed without a trace",
    "shared between tenants",
    "guessed by patient attackers",
)
PADDING = (
    "The owner hears of it from customers, weeks later.",
    "It needs no skill, only time and a laptop.",
    "Reviews miss it, because every part looks harmless.",
    "Nobody has tested what happens when the vendor is gone.",
    "An old library decides, and its defaults are generous.",
    "The night shift restarts the service and forgets why.",
    "Monitoring shows green while records disappear.",
    "Two teams each believe that the other one checks.",
    "A feature flag from last spring keeps the door open.",
)


def test_both_stores_find_the_same(node: Node, prefix: str) -> None:
    """On one corpus with the same questions, the recall of the two stores differs by at most 0.02."""
    corpus = [
        Passage(
            id=f"p-{i:02}-{n}",
            source=("one", "two", "three")[n % 3],
            title=f"{s.capitalize()} {failing}",
            text=f"{PADDING[(n + i) % 9]} A {s} is {failing}. {PADDING[(2 * n + i) % 9]}",
        )
        for i, s in enumerate(SUBJECTS)
        for n, failing in enumerate(FAILINGS)
    ]
    embedder = WordVectors("toy", 256)
    with (
        closing(SqliteStore(embedder=embedder)) as embedded,
        closing(OpenSearchStore(node.endpoint(), prefix=prefix, embedder=embedder)) as remote,
    ):
        embedded.upsert(corpus)
        remote.upsert(corpus)
        recalls = [_recall(store) for store in (embedded, remote)]
    assert 0.4 < recalls[0] < 0.95
    assert abs(recalls[0] - recalls[1]) <= 0.02


def _recall(store: KnowledgeStore) -> float:
    """The part of two subjects' passages among the first 20, when a question names both and much besides."""
    parts = []
    for i, one in enumerate(SUBJECTS):
        j = (i + 1) % len(SUBJECTS)
        for padding in PADDING:
            query = Query(
                text=f"{one}s or a {SUBJECTS[j]}. {padding}", sub_queries=(f"{one} leaked",), limit=20
            )
            found = {h.passage.id for h in store.search(query)}
            wanted = {f"p-{s:02}-{n}" for s in (i, j) for n in range(len(FAILINGS))}
            parts.append(len(found & wanted) / len(wanted))
    return sum(parts) / len(parts)


def test_importing_the_store_loads_no_client() -> None:
    """The client and boto3 are loaded by the first store, not by the import."""
    loaded = "{'opensearchpy', 'boto3'} & set(sys.modules)"
    program = f"import sys, knowledge.stores.opensearch; sys.exit(bool({loaded}))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
