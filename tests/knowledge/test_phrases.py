"""What the index of phrases and the classes of everyday words promise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.passages import Passage
from knowledge.phrases import Phrases
from knowledge.wording import classes, meanings

SAID = [
    Passage(id="s1", source="said", title="", text="customers choose the price"),
    Passage(id="s2", source="said", title="", text="staff may erase the backup"),
]
NAMED = [
    Passage(id="CWE-1", source="cwe", title="Snapshot Deletion", text="A snapshot goes.", kind="weakness")
]


@pytest.fixture(scope="module")
def index() -> Iterator[Phrases]:
    """Two phrases and a passage."""
    with closing(Phrases(SAID, NAMED)) as made:
        yield made


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("couriers", "outsider"),
        ("The patient's", "outsider"),
        ("unpacked", "parse"),
        ("as often as they like", "guess"),
        ("stopping", "outage"),
        ("back office", "staff"),
    ],
)
def test_words_have_classes_in_every_form(text: str, expected: str) -> None:
    """Plurals, genitives, past and present forms, and words in a row are known by their base form."""
    assert expected in meanings(text)


def test_every_class_is_used() -> None:
    """Each word of the table leads to a class when it is written as it stands there."""
    assert len({name for names in classes().values() for name in names}) > 50
    for word, names in classes().items():
        assert names <= set(meanings(word)), word


@given(st.text(max_size=80))
def test_any_text_has_meanings(text: str) -> None:
    """Whatever the text: known classes, each once, in the order of their names."""
    found = meanings(text)
    known = {name for names in classes().values() for name in names}
    assert set(found) <= known
    assert list(found) == sorted(set(found))


def test_classes_find_other_words(index: Phrases) -> None:
    """A phrase without a common word is found by class, and only then."""
    assert index.near("patients pick their fare", (), 5) == []
    ((best, score), *_) = index.near("patients pick their fare", (), 5, by_class=True)
    assert best == "s1"
    assert 0 < score <= 1


def test_sources_and_limit(index: Phrases) -> None:
    """Only passages of the sources asked for, at most so many, the nearest first."""
    assert {id_ for id_, _ in index.near("erase the backup snapshot", (), 5)} == {"s2", "CWE-1"}
    assert [id_ for id_, _ in index.near("erase the backup snapshot", ["cwe"], 5)] == ["CWE-1"]
    assert len(index.near("erase the backup snapshot", (), 1)) == 1


@pytest.mark.parametrize("text", ["", "  ", "?!", '"', "NEAR(a b) OR *"])
def test_syntax_is_never_read(index: Phrases, text: str) -> None:
    """Punctuation and query syntax are words at most."""
    assert index.near(text, (), 5) == []
