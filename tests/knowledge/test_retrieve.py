from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.passages import Passage, Query
from knowledge.retrieve import retrieve
from knowledge.stores.sqlite import SqliteStore


def _passage(id_: str, source: str, text: str, *related: str) -> Passage:
    return Passage(id=id_, source=source, title=id_, text=text, related=related)


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    """Thirty passages of a loud corpus, four of two quiet ones; the loud one fits every question better."""
    loud = [_passage(f"loud{i:02}", "loud", "queue poison " * 3) for i in range(30)]
    quiet = [
        _passage("soft0", "soft", "one queue among many other things that stand here", "far", "loud00"),
        _passage("soft1", "soft", "a poison that is named once in a longer text than the others", "gone"),
        _passage("calm0", "calm", "a queue is mentioned here, in the middle of a text that goes on and on"),
        _passage("far", "calm", "nothing in common"),
    ]
    with closing(SqliteStore()) as made:
        made.upsert([*loud, *quiet])
        yield made


def test_one_corpus_does_not_drown_the_others(store: SqliteStore) -> None:
    """A corpus fills its share of 4 places, the others get theirs, the one that is left goes to the best."""
    hits = retrieve(store, Query(text="queue poison", limit=8), share=0.5)
    assert Counter(h.passage.source for h in hits) == {"loud": 5, "soft": 2, "calm": 1}
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)


def test_free_places_go_to_the_best_of_the_rest(store: SqliteStore) -> None:
    """When nobody else fits, the loud corpus fills the whole answer."""
    hits = retrieve(store, Query(text="queue poison", limit=10, sources=("loud",)), share=0.3)
    assert [h.passage.id for h in hits] == [f"loud{i:02}" for i in range(10)]


def test_a_whole_share_is_the_stores_ranking(store: SqliteStore) -> None:
    """With a share of 1 the answer is what the store says."""
    query = Query(text="queue poison", limit=6)
    assert retrieve(store, query, share=1) == store.search(query)


def test_sub_queries_are_ranked_with_the_text(store: SqliteStore) -> None:
    """What only a sub-query names comes in."""
    hits = retrieve(store, Query(text="nothing whatsoever", sub_queries=("middle of a text",)))
    assert hits[0].passage.id == "calm0"
    assert retrieve(store, Query(text="zzz")) == ()


def test_relations_are_followed_on_request(store: SqliteStore) -> None:
    """A passage that a hit points to comes in below it and says how; one that does not exist is left out."""
    query = Query(text="queue", sources=("soft", "calm"))
    assert "far" not in {h.passage.id for h in retrieve(store, query)}
    by_id = {h.passage.id: h for h in retrieve(store, query, relations=True)}
    assert by_id["far"].found_by == ("relation",)
    assert by_id["far"].score < by_id["soft0"].score
    assert "gone" not in by_id


def test_relations_respect_the_filters(store: SqliteStore) -> None:
    """A related passage of a corpus that was not asked for stays out."""
    hits = retrieve(store, Query(text="queue", sources=("soft",)), relations=True)
    assert {h.passage.source for h in hits} == {"soft"}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(st.sampled_from(["queue", "poison", "text", "longer", "zzz"]), max_size=4),
    limit=st.integers(1, 40),
    share=st.floats(0.01, 1),
    relations=st.booleans(),
)
def test_any_answer_is_whole(
    store: SqliteStore, words: list[str], limit: int, share: float, *, relations: bool
) -> None:
    """Never over the limit, never a passage twice, best first, and the same when asked again."""
    query = Query(text=" ".join(words), limit=limit)
    hits = retrieve(store, query, share=share, relations=relations)
    names = [h.passage.id for h in hits]
    assert len(names) == len(set(names)) <= limit
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
    assert hits == retrieve(store, query, share=share, relations=relations)
