"""Phrases of the data files, found in running text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.catalog.phrases import PhraseBook, singular, tokens
from agent.errors import CatalogError


def found(phrases: list[str], text: str) -> list[str]:
    """The phrases that stand in the text, as often as they do."""
    book = PhraseBook(((p, p) for p in phrases), "test.yaml")
    return [m.payload for m in book.all(tokens(text))]


@pytest.mark.parametrize(
    ("phrase", "text", "hit"),
    [
        ("rate limit", "Rate-limits apply", True),
        ("rate limit", "the rate is a limit", False),
        ("verif*", "the till verifies it", True),
        ("sign|seal .. letter", "they seal each and every letter", True),
        ("sign|seal .. letter", "they seal it. The letter goes out", False),
        ("sign|seal .. letter", "they seal one two three four five six letters", False),
        ("daily? backup", "a backup", True),
        ("daily? backup", "daily backups", True),
        ("=orders", "an order", False),
        ("=orders", "many orders", True),
        ("client certificate", "clients with certificates", False),
    ],
)
def test_grammar(phrase: str, text: str, hit: bool) -> None:  # noqa: FBT001 - a column of the table
    """Every form of the grammar fits what it says and nothing else."""
    assert (phrase in found([phrase], text)) is hit


def test_a_gap_ends_where_a_new_clause_begins() -> None:
    """A gap does not reach over "and the …" into another clause."""
    assert found(["signed .. signature"], "signed by us and the till checks the signature") == []


def test_not_inside_a_phrase_is_told() -> None:
    """A "not" that a phrase does not have marks the match as denied."""
    book = PhraseBook([("letter .. is|are sealed", 1)], "test.yaml")
    (denied,) = book.all(tokens("letters to staff are not sealed"))
    (stated,) = book.all(tokens("letters to staff are sealed"))
    assert (denied.denied, stated.denied) == (True, False)


def test_longer_phrases_hide_shorter_ones() -> None:
    """`longest` keeps the longer of two phrases that share words, and two that stand at the same place."""
    book = PhraseBook(
        [("api key", "key"), ("api key rotation", "rotation"), ("api key rotation", "habit")], "t"
    )
    assert {m.payload for m in book.longest(tokens("API key rotation"))} == {"rotation", "habit"}


@pytest.mark.parametrize("phrase", ["", ".. end", "start ..", "ab*", "maybe?", "semi;colon"])
def test_a_phrase_outside_the_grammar_is_refused(phrase: str) -> None:
    """A broken phrase is a CatalogError that names the file and the phrase."""
    with pytest.raises(CatalogError, match=r"test\.yaml"):
        PhraseBook([(phrase, 1)], "test.yaml")


@pytest.mark.parametrize(
    ("word", "one"),
    [
        ("policies", "policy"),
        ("caches", "cache"),
        ("https", "https"),
        ("addresses", "address"),
        ("redis", "redis"),
    ],
)
def test_singular(word: str, one: str) -> None:
    """Plural endings go, and words that only look like plurals stay."""
    assert singular(word) == one


@settings(deadline=None)
@given(st.text(max_size=300))
def test_tokens_are_places_of_the_text(text: str) -> None:
    """Every token is what stands at its place, and places only grow."""
    found_tokens = tokens(text)
    assert all(text[t.start : t.end] == t.text for t in found_tokens)
    assert [t.start for t in found_tokens] == sorted(t.start for t in found_tokens)
