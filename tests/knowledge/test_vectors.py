"""The embedded store with vectors. The embedder here knows three meanings by their words."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pytest

from knowledge.passages import Passage, Query
from knowledge.stores.base import StoreError
from knowledge.stores.sqlite import SqliteStore
from tests.conftest import Requires

MEANINGS = (
    ("forged", "counterfeit", "fake"),
    ("flood", "overload", "exhaustion"),
    ("leak", "disclosure", "spill"),
)


class ByMeaning:
    """Unit vectors over MEANINGS; counts the texts that it was given."""

    dimension = 4

    def __init__(self, name: str = "toy-1") -> None:
        self.name = name
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """See Embedder."""
        self.texts += texts
        return [self._vector(text.lower()) for text in texts]

    def _vector(self, text: str) -> list[float]:
        counts = [float(sum(word in text for word in words)) for words in MEANINGS]
        values = [*counts, 0.01]
        length = sum(v * v for v in values) ** 0.5
        return [v / length for v in values]


PASSAGES = [
    Passage(
        id="a", source="x", title="Counterfeit events", text="somebody makes them up", stride=("spoofing",)
    ),
    Passage(id="b", source="x", title="Overload", text="too much at once"),
    Passage(id="c", source="y", title="Disclosure", text="read by others"),
    Passage(id="d", source="y", title="A forged receipt", text=""),
]

needs_numpy = pytest.mark.usefixtures("numpy")


@pytest.fixture
def numpy(requires: Requires) -> None:
    """Skips where numpy, which is an extra, is missing."""
    requires("numpy", find_spec("numpy"), "install threatbot[local-embedder]")


def found(store: SqliteStore, text: str, **filters: object) -> list[tuple[str, tuple[str, ...]]]:
    """Ids with the ways that found them."""
    hits = store.search(Query.model_validate({"text": text, **filters}))
    return [(h.passage.id, h.found_by) for h in hits]


@needs_numpy
def test_meaning_finds_what_words_do_not() -> None:
    """A question without a word in common with the passage finds it, and says by which way."""
    with closing(SqliteStore(embedder=ByMeaning())) as store:
        store.upsert(PASSAGES)
        best = found(store, "fake")
        assert {best[0][0], best[1][0]} == {"a", "d"}
        assert best[0][1] == ("meaning",)
        assert found(store, "overload")[0] == ("b", ("words", "meaning"))


@needs_numpy
def test_filters_hold_for_vectors_too() -> None:
    """What a filter keeps out is not found by meaning either."""
    with closing(SqliteStore(embedder=ByMeaning())) as store:
        store.upsert(PASSAGES)
        assert {id_ for id_, _ in found(store, "fake", sources=["y"])} == {"c", "d"}
        assert [id_ for id_, _ in found(store, "fake", stride=["spoofing"])] == ["a"]
        assert found(store, "fake", sources=["nobody"]) == []


@needs_numpy
def test_unchanged_texts_are_not_embedded_again(tmp_path: Path) -> None:
    """Loading the same passages again embeds only the one whose text has changed."""
    embedder = ByMeaning()
    with closing(SqliteStore(tmp_path / "k.db", embedder=embedder)) as store:
        store.upsert(PASSAGES)
        embedder.texts.clear()
        changed = PASSAGES[1].model_copy(update={"text": "a flood"})
        store.upsert([PASSAGES[0].model_copy(update={"url": "https://example.org"}), changed])
        assert embedder.texts == ["Overload. a flood"]


@needs_numpy
def test_another_handle_notices_new_vectors(tmp_path: Path) -> None:
    """The cached matrix of one handle does not hide what another handle, or process, has written."""
    with (
        closing(SqliteStore(tmp_path / "k.db", embedder=ByMeaning())) as one,
        closing(SqliteStore(tmp_path / "k.db", embedder=ByMeaning())) as other,
    ):
        one.upsert(PASSAGES[:1])
        assert [id_ for id_, _ in found(other, "fake")] == ["a"]
        one.upsert(PASSAGES[3:])
        assert {id_ for id_, _ in found(other, "fake")} == {"a", "d"}
        one.delete_source("x")
        assert [id_ for id_, _ in found(other, "fake")] == ["d"]


@needs_numpy
def test_vectors_of_another_embedder_are_not_compared(tmp_path: Path) -> None:
    """After a change of the embedder only words find, until the missing vectors are made."""
    path = tmp_path / "k.db"
    with closing(SqliteStore(path, embedder=ByMeaning("toy-1"))) as store:
        store.upsert(PASSAGES)
    with closing(SqliteStore(path, embedder=ByMeaning("toy-2"))) as store:
        assert found(store, "fake") == []
        assert found(store, "forged") == [("d", ("words",))]
        assert store.embed_missing() == 4
        assert store.embed_missing() == 0
        assert found(store, "fake")[0][1] == ("meaning",)


@needs_numpy
def test_a_store_filled_without_vectors_can_get_them(tmp_path: Path) -> None:
    """Passages kept without an embedder get vectors later; a text that changes loses its own."""
    path = tmp_path / "k.db"
    with closing(SqliteStore(path)) as plain, closing(SqliteStore(path, embedder=ByMeaning())) as store:
        plain.upsert(PASSAGES)
        assert plain.embed_missing() == 0
        assert store.embed_missing() == 4
        plain.upsert([PASSAGES[0], PASSAGES[1].model_copy(update={"title": "Flood"})])
        assert store.embed_missing() == 1
        assert plain.search(Query(text="counterfeit"))[0].passage == PASSAGES[0]


def test_an_embedder_that_breaks_its_promise_is_named() -> None:
    """Vectors of the wrong length are refused and nothing is kept."""
    embedder = ByMeaning("short")
    embedder.dimension = 7
    with closing(SqliteStore(embedder=embedder)) as store:
        with pytest.raises(StoreError, match="embedder short"):
            store.upsert(PASSAGES)
        assert store.counts() == {}


def test_without_an_embedder_numpy_is_not_loaded() -> None:
    """A store by words alone works without numpy and does not import it."""
    program = (
        "import sys\n"
        "from knowledge.passages import Passage, Query\n"
        "from knowledge.stores.sqlite import SqliteStore\n"
        "store = SqliteStore()\n"
        "store.upsert([Passage(id='a', source='x', title='Here', text='')])\n"
        "assert store.search(Query(text='here'))\n"
        "store.close()\n"
        "sys.exit('numpy' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
