from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.bridge import LIMIT, Bridge, bridge, rewrite
from knowledge.corpora import starter
from knowledge.passages import Passage, Query
from knowledge.retrieve import retrieve
from knowledge.stores.sqlite import SqliteStore
from knowledge.words import names_identifier
from tests.conftest import Requires

PACK = {p.id: p for p in starter.load()}


@pytest.fixture(scope="module")
def store() -> Iterator[SqliteStore]:
    """Passages named as the catalogues name them, in none of a designer's words."""
    with closing(SqliteStore()) as made:
        made.upsert(Passage(id=p.id, source=p.source, title=p.title, text="") for p in PACK.values())
        yield made


def ids(queries: tuple[str, ...]) -> list[str]:
    """The identifiers that sub-queries begin with."""
    return [q.partition(" ")[0] for q in queries]


def test_the_phrases_name_what_exists() -> None:
    """Each concept says something and names identifiers of the pack, each once."""
    raw = yaml.safe_load(files("knowledge").joinpath("bridge.yaml").read_text(encoding="utf-8"))
    assert len(raw["concepts"]) > 100
    for concept in raw["concepts"]:
        assert all(phrase.strip() for phrase in concept["says"].split(";"))
        assert concept["ids"]
        assert [id_ for id_ in concept["ids"] if id_ not in PACK] == []
        assert len(set(concept["ids"])) == len(concept["ids"])
    assert set(raw["kinds"]) == {"external_entity", "process", "data_store", "flow"}


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("the invoice service looks up any invoice by the number in the address", "CWE-639"),
        ("marketing can paste a link and our backend loads a preview of it", "CWE-918"),
        ("gift cards can be redeemed twice when two phones do it together", "CWE-362"),
        ("our lock firmware accepts any image that the update server hands out", "CWE-494"),
        ("support staff can open every customer's conversation", "CAPEC-122"),
        ("one AWS role with full rights for all lambdas", "CWE-250"),
        ("the chatbot summarises mails that strangers send", "LLM01:2025"),
        ("nobody records which operator changed a price", "CWE-778"),
        ("partners call us with one API key that they all share", "API2:2023"),
        ("redis is reachable from the whole office network without a password", "CWE-306"),
    ],
)
def test_designers_words_become_names(description: str, expected: str) -> None:
    """A description in plain words brings the identifier among the bridge's sub-queries."""
    assert expected in ids(bridge().sub_queries(description))


def test_it_finds_what_words_alone_do_not(store: SqliteStore) -> None:
    """A retrieval with the bridge finds the passage whose text shares no word with the description."""
    query = Query(text="gift cards redeemed twice when two phones do it together", limit=10)
    assert "CWE-362" not in [h.passage.id for h in retrieve(store, query)]
    assert "CWE-362" in [h.passage.id for h in retrieve(store, rewrite(query))]


def test_only_the_corpora_asked_for() -> None:
    """With sources, no identifier of another corpus takes a place."""
    found = ids(bridge().sub_queries("the bucket is open to everyone", sources=["attack", "capec"]))
    assert {PACK[id_].source for id_ in found} <= {"attack", "capec"}
    assert "T1530" in found


def test_technologies_and_categories_fill_in() -> None:
    """Where the text says nothing, what is typical of the technology and the category comes in."""
    found = ids(bridge().sub_queries("", technologies=["object_storage"], stride=["information_disclosure"]))
    assert len(found) == LIMIT
    for id_ in found:
        assert "object_storage" in PACK[id_].technologies
        assert "information_disclosure" in PACK[id_].stride


def test_the_text_keeps_most_places() -> None:
    """With a text that says something, technologies fill a quarter of the places at most."""
    text = "any logged-in user can read any record by changing the id"
    alone = ids(bridge().sub_queries(text))
    together = ids(bridge().sub_queries(text, technologies=["api"]))
    assert together[: LIMIT - LIMIT // 4] == alone[: LIMIT - LIMIT // 4]
    assert len(together) == LIMIT


def test_the_kind_decides_the_categories() -> None:
    """Without categories, those that apply to the kind of element are asked."""
    for kind, letters in (("external_entity", "SR"), ("data_store", "TRID")):
        found = ids(bridge().sub_queries("", kind=kind, technologies=["email"]))
        asked = {starter.STRIDE[letter] for letter in letters}
        assert found
        assert all(asked & set(PACK[id_].stride) for id_ in found)


def test_own_sub_queries_come_first() -> None:
    """What the caller, or a language model, has written stands before what the bridge adds, nothing twice."""
    query = Query(text="unsigned webhook", sub_queries=("forged callback", "CWE-345 mine"))
    rewritten = rewrite(query)
    assert rewritten.sub_queries[:2] == ("forged callback", "CWE-345 mine")
    assert len(set(rewritten.sub_queries)) == len(rewritten.sub_queries) <= 2 + LIMIT
    assert rewrite(rewritten) == rewritten
    assert rewritten.model_copy(update={"sub_queries": query.sub_queries}) == query


class _Rhymes:
    """An embedder for which only the word "wallaby" means anything: the same as "replayed"."""

    name = "rhymes"
    dimension = 2

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """See Embedder."""
        return [[1.0, 0.0] if "wallaby" in t or "replayed" in t else [0.0, 1.0] for t in texts]


def test_an_embedder_finds_by_meaning(requires: Requires, tmp_path: Path) -> None:
    """With an embedder a text without a known word finds its names, and the index can be kept in a file."""
    requires("numpy", find_spec("numpy"), "install threatbot[local-embedder]")
    assert bridge().sub_queries("wallaby") == ()
    for _ in range(2):
        with closing(Bridge(embedder=_Rhymes(), path=tmp_path / "bridge.db")) as across:
            assert "CWE-294" in ids(across.sub_queries("wallaby"))
            assert rewrite(Query(text="wallaby"), across=across).sub_queries


@settings(max_examples=60, deadline=None)
@given(
    text=st.text(max_size=80),
    limit=st.integers(1, 12),
    technology=st.sampled_from(["", "api", "queue", "nope"]),
)
def test_any_text_gives_names(text: str, limit: int, technology: str) -> None:
    """Whatever the text: at most so many, each an identifier of the pack, the same when asked again."""
    hints = [technology] if technology else []
    found = bridge().sub_queries(text, technologies=hints, limit=limit)
    assert len(found) <= limit
    assert all(names_identifier(q) and q.partition(" ")[0] in PACK for q in found)
    assert found == bridge().sub_queries(text, technologies=hints, limit=limit)
