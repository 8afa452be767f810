"""What every KnowledgeStore keeps. A store's own test module subclasses StoreContract and gives `opened`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.passages import Passage, Query
from knowledge.stores.base import KnowledgeStore, StoreError

FORGERY = Passage(
    id="CWE-345",
    source="cwe",
    kind="weakness",
    title="Insufficient verification of data authenticity",
    text="A webhook is acted on although nobody checked who sent it.",
    url="https://cwe.mitre.org/data/definitions/345.html",
    licence="Apache-2.0",
    stride=("spoofing", "tampering"),
    technologies=("webhook",),
    related=("CAPEC-148",),
)
SPOOFING = Passage(
    id="CAPEC-148",
    source="capec",
    kind="attack_pattern",
    title="Content spoofing",
    text="Somebody alters what another party shows or receives, so that it is taken for the original.",
    stride=("spoofing",),
    technologies=("web_frontend",),
)
STUFFING = Passage(
    id="T1110.004",
    source="attack",
    kind="technique",
    title="Credential stuffing",
    text="Passwords leaked elsewhere are tried on this login.",
    stride=("spoofing",),
)
LINKS = Passage(
    id="company:links",
    source="company",
    kind="document",
    title="How we sign links",
    text="Presigned links to the bucket are valid for sixty seconds. Überprüfung durch das Café-Team.",
    technologies=("object_storage", "webhook"),
)
ALL = (FORGERY, SPOOFING, STUFFING, LINKS)


def ids(store: KnowledgeStore, text: str, **filters: object) -> list[str]:
    """The ids that a search gives, best first."""
    return [h.passage.id for h in store.search(Query.model_validate({"text": text, **filters}))]


class StoreContract:
    """Subclass it and override the fixture `opened`."""

    @pytest.fixture
    def opened(self) -> Iterator[Callable[[], KnowledgeStore]]:
        """A function that opens one more handle on the same, at first empty, store."""
        raise AssertionError("override `opened`")

    @pytest.fixture
    def empty(self, opened: Callable[[], KnowledgeStore]) -> KnowledgeStore:
        """A store with nothing in it."""
        return opened()

    @pytest.fixture
    def store(self, empty: KnowledgeStore) -> KnowledgeStore:
        """A store with four passages of four sources."""
        assert empty.upsert(ALL) == 4
        return empty

    def test_get_gives_what_was_kept(self, store: KnowledgeStore) -> None:
        """Every field comes back as it was; the order is the one asked for; unknown ids are left out."""
        assert store.get(["company:links", "nobody", "CWE-345"]) == (LINKS, FORGERY)
        assert store.get([]) == ()

    def test_upsert_replaces(self, store: KnowledgeStore) -> None:
        """The same id again: the new words are found, the old ones no longer, nothing is there twice."""
        changed = FORGERY.model_copy(
            update={
                "text": "An unsigned parcel event is believed.",
                "stride": ("tampering",),
                "technologies": (),
            }
        )
        assert store.upsert([changed]) == 1
        assert store.get(["CWE-345"]) == (changed,)
        assert ids(store, "parcel") == ["CWE-345"]
        assert ids(store, "webhook") == ["company:links"]
        assert ids(store, "authenticity", stride=["spoofing"]) == []
        assert store.counts() == {"attack": 1, "capec": 1, "company": 1, "cwe": 1}

    def test_upsert_is_all_or_none(self, store: KnowledgeStore) -> None:
        """A source of passages that breaks half-way leaves the store as it was."""

        def breaking() -> Iterator[Passage]:
            yield FORGERY.model_copy(update={"title": "Half a load"})
            raise ConnectionResetError("the file ended early")

        with pytest.raises(ConnectionResetError):
            store.upsert(breaking())
        assert store.get(["CWE-345"]) == (FORGERY,)

    def test_the_last_of_two_with_one_id_counts(self, empty: KnowledgeStore) -> None:
        """One call with the same id twice keeps the later one and counts it once."""
        later = FORGERY.model_copy(update={"title": "Later"})
        assert empty.upsert([FORGERY, later]) == 1
        assert empty.get(["CWE-345"]) == (later,)

    def test_delete_source(self, store: KnowledgeStore) -> None:
        """A corpus goes as a whole, with its words; the others stay; nothing to delete is 0."""
        assert store.delete_source("cwe") == 1
        assert store.delete_source("cwe") == 0
        assert store.get(["CWE-345"]) == ()
        assert ids(store, "authenticity") == []
        assert store.counts() == {"attack": 1, "capec": 1, "company": 1}

    def test_delete(self, store: KnowledgeStore) -> None:
        """The passages with these ids go, with their words; unknown ids and a second time are 0."""
        assert store.delete(["CWE-345", "nobody", "company:links", "CWE-345"]) == 2
        assert store.delete(["CWE-345", "company:links"]) == 0
        assert store.delete([]) == 0
        assert store.get(["CWE-345", "company:links"]) == ()
        assert ids(store, "webhook links authenticity") == []
        assert store.counts() == {"attack": 1, "capec": 1}

    def test_a_deleted_passage_can_come_back(self, store: KnowledgeStore) -> None:
        """What was forgotten by its id is kept, found and counted again when it is given again."""
        store.delete(["CWE-345"])
        assert store.upsert([FORGERY]) == 1
        assert ids(store, "authenticity") == ["CWE-345"]
        assert store.get(["CWE-345"]) == (FORGERY,)

    def test_many_are_deleted_by_their_ids(self, empty: KnowledgeStore) -> None:
        """Thousands of ids go in one call; their neighbours stay."""
        empty.upsert(Passage(id=f"p{i:04}", source="bulk", title=f"Number{i}", text="t") for i in range(1500))
        assert empty.delete(f"p{i:04}" for i in range(1, 1500)) == 1499
        assert empty.ids("bulk") == ("p0000",)
        assert empty.counts() == {"bulk": 1}

    def test_ids_of_a_corpus(self, store: KnowledgeStore) -> None:
        """All ids of one corpus, in order, however many; of a corpus that is not there none."""
        assert store.ids("company") == ("company:links",)
        assert store.ids("nobody") == ()
        names = tuple(f"n{i:04}" for i in range(1100))
        store.upsert(Passage(id=n, source="many", title="", text="t") for n in reversed(names))
        assert store.ids("many") == names

    def test_counts_of_an_empty_store(self, empty: KnowledgeStore) -> None:
        """An empty store counts nothing, finds nothing and has nothing to forget."""
        assert empty.counts() == {}
        assert empty.ids("cwe") == ()
        assert empty.delete(["CWE-345"]) == 0
        assert ids(empty, "webhook") == []

    def test_words_are_stemmed(self, store: KnowledgeStore) -> None:
        """Another form of a word finds it, and so does another case or a missing accent."""
        assert ids(store, "verifying AUTHENTICITY")[0] == "CWE-345"
        assert ids(store, "uberprufung cafe") == ["company:links"]

    def test_titles_weigh_more(self, empty: KnowledgeStore) -> None:
        """A word in a title ranks before the same word in a text of the same length."""
        empty.upsert(
            [
                Passage(id="a", source="x", title="Nothing of note", text="Replay of tokens"),
                Passage(id="b", source="x", title="Replay of tokens", text="Nothing of note"),
            ]
        )
        assert ids(empty, "replay") == ["b", "a"]

    def test_an_identifier_finds_its_passage(self, store: KnowledgeStore) -> None:
        """An identifier in the question, in any case, brings its passage first."""
        assert ids(store, "what is cwe-345?")[0] == "CWE-345"
        assert ids(store, "T1110.004 please")[0] == "T1110.004"

    def test_technologies_are_words_too(self, store: KnowledgeStore) -> None:
        """A technology that a passage is about is found by its name, written as words."""
        assert ids(store, "object storage") == ["company:links"]

    @pytest.mark.parametrize(
        ("filters", "expected"),
        [
            ({"sources": ["capec", "attack"]}, {"CAPEC-148", "T1110.004"}),
            ({"kinds": ["weakness", "document"]}, {"CWE-345", "company:links"}),
            ({"technologies": ["webhook"]}, {"CWE-345", "company:links"}),
            ({"stride": ["tampering"]}, {"CWE-345"}),
            ({"stride": ["spoofing", "tampering"], "sources": ["cwe", "company"]}, {"CWE-345"}),
            ({"sources": ["nobody"]}, set()),
        ],
    )
    def test_filters(self, store: KnowledgeStore, filters: dict[str, list[str]], expected: set[str]) -> None:
        """Each filter keeps what has one of its values; several filters must all hold."""
        everything = "webhook spoofing credential links"
        assert set(ids(store, everything)) == {p.id for p in ALL}
        assert set(ids(store, everything, **filters)) == expected

    def test_limit_and_order(self, store: KnowledgeStore) -> None:
        """At most `limit` hits, best first, with the way that found them."""
        found = store.search(Query(text="webhook spoofing credential links", limit=3))
        assert len(found) == 3
        assert [h.score for h in found] == sorted((h.score for h in found), reverse=True)
        assert all("words" in h.found_by for h in found)

    def test_ties_go_by_id(self, empty: KnowledgeStore) -> None:
        """Passages that fit equally well come in the order of their ids, also at the limit's edge."""
        names = [f"n{i:03}" for i in range(300)]
        empty.upsert(Passage(id=n, source="x", title="Twin", text="the same text") for n in reversed(names))
        assert ids(empty, "twin", limit=5) == names[:5]
        assert ids(empty, "twin", limit=200) == names[:200]

    def test_sub_queries_count(self, store: KnowledgeStore) -> None:
        """A sub-query finds what the question's own words do not, beside what they do."""
        found = store.search(Query(text="leaked passwords", sub_queries=("content spoofing", "  ")))
        assert {h.passage.id for h in found} == {"T1110.004", "CAPEC-148"}

    @pytest.mark.parametrize(
        "text",
        ["", "   ", "?!…", '"', "*", 'a" OR "b', "NEAR(a b)", "title:x", "^x -y +z", "(((", "{}[]\\/~"],
    )
    def test_query_syntax_is_data(self, store: KnowledgeStore, text: str) -> None:
        """No text is read as the engine's query language, and none of these words fits anything."""
        assert ids(store, text) == []

    @settings(  # several stores run this one test, each as a class of its own
        max_examples=60,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
    )
    @given(text=st.text(max_size=60))
    def test_any_text_can_be_asked(self, store: KnowledgeStore, text: str) -> None:
        """Whatever a person types gives hits, in order, or nothing."""
        found = store.search(Query(text=text))
        assert [h.score for h in found] == sorted((h.score for h in found), reverse=True)

    def test_long_questions(self, store: KnowledgeStore) -> None:
        """A whole document as a question is answered."""
        assert "CWE-345" in ids(store, "authenticity " + " ".join(f"word{i}" for i in range(5000)))

    def test_many_at_once(self, empty: KnowledgeStore) -> None:
        """A load of thousands is kept, counted, found and given back."""
        many = [Passage(id=f"p{i:04}", source="bulk", title=f"Number{i}", text="t") for i in range(3000)]
        assert empty.upsert(iter(many)) == 3000
        assert empty.counts() == {"bulk": 3000}
        assert empty.get(p.id for p in many) == tuple(many)
        assert ids(empty, "number2999") == ["p2999"]

    def test_another_handle_sees_it(
        self, store: KnowledgeStore, opened: Callable[[], KnowledgeStore]
    ) -> None:
        """What one handle has written, another one finds, and the other way round."""
        other = opened()
        assert ids(other, "authenticity") == ["CWE-345"]
        other.upsert([FORGERY.model_copy(update={"title": "Trusted blindly"})])
        assert ids(store, "authenticity") == []
        assert ids(store, "blindly") == ["CWE-345"]

    def test_it_outlives_its_handle(
        self, store: KnowledgeStore, opened: Callable[[], KnowledgeStore]
    ) -> None:
        """After closing, a new handle has everything; the closed one says so instead of answering."""
        store.close()
        store.close()
        assert opened().get(["CWE-345"]) == (FORGERY,)
        with pytest.raises(StoreError):
            store.counts()
