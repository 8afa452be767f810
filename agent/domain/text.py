"""Text that strangers wrote, cleaned of what nobody can see; and numbers with their nouns."""

from __future__ import annotations

import re

# Controls but tab and newline, surrogates, marks of no width, and those that turn the direction of what
# follows: a name must not be able to rewrite the words after it.
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060\u2066-\u2069\ud800-\udfff\ufeff]")


def clean(text: str) -> str:
    """The text without control characters, invisible marks and direction overrides; line ends as newlines."""
    for end in ("\r\n", "\r", "\u2028", "\u2029", "\u0085"):
        text = text.replace(end, "\n")
    return _HIDDEN.sub("", text)


def one_line(text: str) -> str:
    """The cleaned text with every run of white space as one space; may be empty."""
    return " ".join(clean(text).split())


def counted(number: int, noun: str, plural: str = "") -> str:
    """Such as "1 threat" or "2,000 threats"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
