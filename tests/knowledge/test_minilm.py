from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from knowledge.embedders.base import EmbedderError
from knowledge.embedders.minilm import MiniLm, missing
from knowledge.passages import Passage, Query
from knowledge.stores.base import StoreError
from knowledge.stores.sqlite import SqliteStore
from tests.conftest import Requires

_MISSING = """
import sys
sys.path[:] = [p for p in sys.path if "site-packages" not in p] + [sys.argv[1]]
from knowledge.embedders.base import EmbedderError
from knowledge.embedders.minilm import MiniLm
try:
    MiniLm().embed(["x"])
except EmbedderError as error:
    print(error)
"""


@pytest.fixture(scope="module")
def embedder(requires: Requires) -> MiniLm:
    """The real model."""
    requires("the local embedder", not missing(), "install threatbot[local-embedder]")
    return MiniLm()


def cosine(one: list[float], other: list[float]) -> float:
    """Of unit vectors."""
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_what_means_the_same_lies_near(embedder: MiniLm) -> None:
    """A paraphrase lies nearer than another topic, and vectors are of unit length."""
    forged, faked, other = embedder.embed(
        ["A forged message is accepted", "Somebody's fake event is believed", "The disk is full of logs"]
    )
    assert len(forged) == embedder.dimension
    assert cosine(forged, forged) == pytest.approx(1, abs=1e-5)
    assert cosine(forged, faked) > cosine(forged, other) + 0.15


def test_the_batch_does_not_matter(embedder: MiniLm) -> None:
    """A text has the same vector alone, among others, and in any thread; order is kept."""
    texts = [f"text number {i} " * (i % 7 + 1) for i in range(70)] + ["", "long " * 2000]
    together = embedder.embed(texts)
    with ThreadPoolExecutor(4) as pool:
        alone = list(pool.map(lambda t: embedder.embed([t])[0], texts[:8]))
    assert len(together) == len(texts)
    for one, other in zip(alone, together, strict=False):
        assert cosine(one, other) == pytest.approx(1, abs=0.02)
    assert embedder.embed([]) == []


def test_a_repeated_question_is_not_embedded_again(embedder: MiniLm) -> None:
    """The bridge and the store ask for the same text: equal vectors, and nobody can spoil the other's."""
    (first,) = embedder.embed(["asked twice"])
    first[0] = 9.0
    (second, third) = embedder.embed(["asked twice", "asked once"])
    assert second != first
    assert second == embedder.embed(["asked twice"])[0]
    assert third == embedder.embed(["asked once", "asked twice"])[0]


def test_in_a_store(embedder: MiniLm, tmp_path: Path) -> None:
    """A question without a word of the passage finds it by meaning."""
    with closing(SqliteStore(tmp_path / "k.db", embedder=embedder)) as store:
        store.upsert(
            [
                Passage(id="a", source="x", title="Replay of messages", text="An old event is sent again."),
                Passage(id="b", source="x", title="Full disk", text="Logs fill the volume."),
            ]
        )
        hits = store.search(Query(text="recorded requests work a second time"))
        assert hits[0].passage.id == "a"
        assert hits[0].found_by == ("meaning",)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    """Without its packages it says which, and how to install them or go on without."""
    import pydantic

    site = Path(pydantic.__file__).parents[1]
    empty = tmp_path / "site"
    empty.mkdir()
    for name in (
        "pydantic",
        "pydantic_core",
        "annotated_types",
        "typing_inspection",
        "typing_extensions.py",
        "yaml",
    ):
        (empty / name).symlink_to(site / name)
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-S", "-c", _MISSING, str(empty)],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "needs numpy, onnxruntime, tokenizers" in done.stdout
    assert "install threatbot[local-embedder]" in done.stdout


class _Down:
    """An embedder that does not answer."""

    name = "down"
    dimension = 3

    def embed(self, texts: object) -> list[list[float]]:
        """See Embedder."""
        raise EmbedderError(f"the service is away for {texts!r}")


def test_a_failing_embedder_is_a_store_error() -> None:
    """A caller of the store sees one kind of failure, with the embedder's sentence."""
    with closing(SqliteStore(embedder=_Down())) as store:
        with pytest.raises(StoreError, match="the service is away"):
            store.search(Query(text="anything"))
        with pytest.raises(StoreError, match="the service is away"):
            store.upsert([Passage(id="a", source="x", title="A", text="")])
        assert store.counts() == {}
