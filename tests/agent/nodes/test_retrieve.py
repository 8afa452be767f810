"""What the node retrieve promises."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from agent.analysts.areas import split
from agent.domain.model import Area
from agent.domain.system import Element, ElementKind, Evidence, EvidenceKind, Flow, System
from agent.nodes.retrieve import PASSAGES_PER_AREA, retrieve
from knowledge.corpora import starter
from knowledge.passages import Passage
from knowledge.stores.base import StoreError
from knowledge.stores.sqlite import SqliteStore
from tests.fakes import AwayStore

DRAWN = Evidence(kind=EvidenceKind.DIAGRAM, quote="drawn", source="ferry.mmd")
SHELF = Element(
    id="shelf", name="Timetable shelf", kind=ElementKind.DATA_STORE, technologies=("aws-s3",), source=DRAWN
)
FERRY = System(
    name="Ferry",
    elements=(SHELF, Element(id="crew", name="Crew", kind=ElementKind.EXTERNAL_ENTITY, source=DRAWN)),
    flows=(Flow(id="f1", source="crew", target="shelf", label="sailing times", evidence=DRAWN),),
)


@pytest.fixture(scope="module")
def store() -> Iterator[SqliteStore]:
    """The pack by its names alone, in no designer's words."""
    with closing(SqliteStore()) as made:
        made.upsert(Passage(id=p.id, source=p.source, title=p.title, text="") for p in starter.load())
        yield made


def ids(found: tuple[Evidence, ...]) -> list[str]:
    """The passages' identifiers."""
    return [one.source for one in found]


def test_technologies_find_what_no_word_says(store: SqliteStore) -> None:
    """A bucket that is called a shelf finds what the catalogues say of object storage."""
    (area,) = split(FERRY)
    assert "T1530" in ids(retrieve(FERRY, area, store))


def test_sub_queries_come_before_the_bridge(store: SqliteStore) -> None:
    """What a language model asks for is found first, and the bridge's passages stay beside it."""
    (area,) = split(FERRY)
    asked = ("race condition", "prompt injection")
    alone = ids(retrieve(FERRY, area, store))
    together = ids(retrieve(FERRY, area, store, asked))
    assert {"CWE-362", "LLM01:2025"} - set(alone) == {"CWE-362", "LLM01:2025"}
    assert {"CWE-362", "LLM01:2025"} <= set(together)
    assert set(alone) & set(together)
    assert len(together) == PASSAGES_PER_AREA


def test_passages_are_quoted_with_their_identifier(store: SqliteStore) -> None:
    """Each is evidence of a passage; the same area gives the same ones."""
    (area,) = split(FERRY)
    found = retrieve(FERRY, area, store)
    assert all(one.kind is EvidenceKind.PASSAGE and store.get([one.source]) for one in found)
    assert found == retrieve(FERRY, area, store)


def test_an_area_without_a_name_asks_nothing(store: SqliteStore) -> None:
    """Nothing in it, nothing looked up: not even a store that is away is noticed."""
    empty = Area(id="01", name="empty", elements=(), flows=())
    assert retrieve(FERRY, empty, store) == ()
    assert retrieve(FERRY, empty, AwayStore()) == ()


def test_a_store_that_is_away_is_a_store_error() -> None:
    """The failure goes through, for the run to note."""
    (area,) = split(FERRY)
    with pytest.raises(StoreError, match="away"):
        retrieve(FERRY, area, AwayStore())
