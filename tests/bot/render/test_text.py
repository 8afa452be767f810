"""Text of strangers, made fit to be shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.render import text
from bot.render.limits.checks import length


@given(st.text(), st.integers(1, 200))
def test_clipped_text_fits_even_when_slack_escapes_it(value: str, limit: int) -> None:
    """Whatever the text, what is left is no longer than the limit in UTF-16 units after escaping."""
    assert length(text.escape(text.clip(value, limit))) <= limit


@given(st.text(max_size=50))
def test_short_text_is_not_clipped(value: str) -> None:
    """Text within the limit comes back as it is."""
    assert text.clip(value, 300) == value


def test_clipped_text_says_so() -> None:
    """A cut ends with "…" and leaves no blank before it."""
    assert text.clip("one two three", 5) == "one…"
    assert text.clip("one two three", 8) == "one two…"


def test_a_line_is_one_line() -> None:
    """Line breaks and runs of blanks become one blank; nothing to say gives the word for it."""
    assert text.line(" a\n\tb\r\nc  d ", 50) == "a b c d"
    assert text.line(" \n ", 50) == "(no name)"
    assert text.line("", 50, "") == ""


@pytest.mark.parametrize("hidden", ["\x00", "\x1b", "\u202e", "\u2066", "\u200b", "\ufeff", "\x85"])
def test_what_cannot_be_seen_is_left_out(hidden: str) -> None:
    """Control characters and marks that turn the direction of what follows do not get through."""
    assert hidden not in text.line(f"Web{hidden}app", 50)


def test_text_that_runs_from_right_to_left_stays() -> None:
    """Arabic and Hebrew names are names like others."""
    assert text.line("قاعدة البيانات", 50) == "قاعدة البيانات"


def test_paragraphs_keep_their_breaks() -> None:
    """Line breaks stay, more than one blank line in a row does not."""
    assert text.lines("a\nb\n\n \n\nc\n", 50) == "a\nb\n\nc"


def test_a_fallback_mentions_and_links_nothing() -> None:
    """The text beside the blocks has every angle bracket and ampersand escaped."""
    assert text.fallback("<!channel> & <@U1>") == "&lt;!channel&gt; &amp; &lt;@U1&gt;"
    assert text.fallback("") == "(no text)"


def test_numbers_take_their_noun() -> None:
    """One is singular, everything else plural, large numbers are grouped."""
    assert text.count(1, "threat") == "1 threat"
    assert text.count(0, "threat") == "0 threats"
    assert text.count(2, "boundary", "boundaries") == "2 boundaries"
    assert text.count(1_200, "flow") == "1,200 flows"


def test_a_list_of_names_says_how_many_are_left() -> None:
    """Names beyond the most are counted."""
    assert text.listed(["a", "b"], 3, 10) == "a, b"
    assert text.listed(["a", "b", "c", "d"], 2, 10) == "a, b and 2 more"
    assert text.listed([], 2, 10) == ""
