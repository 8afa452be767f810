"""Whether two names mean the same part of a system."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

_WORD = re.compile(r"[a-z0-9]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_REMARK = re.compile(r"\([^)]*\)")
_EMPTY = frozenset({"the", "a", "an", "of", "and"})
_ENOUGH = 2
"""Words that make a part of a name telling wherever it stands in the other."""


@cache
def name_words(name: str) -> tuple[str, ...]:
    """The name's words: lower case, camel case parted, without articles, plurals and punctuation."""
    words = _WORD.findall(_CAMEL.sub(" ", name).lower())
    return tuple(_singular(w) for w in words if w not in _EMPTY)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word  # noqa: PLR2004 - "aws", "dns" and "tls" are no plurals


def same_name(one: str, other: str) -> bool:
    """Whether both name the same thing.

    They do when their words are the same, a remark in parentheses left aside; when one ends with the other
    ("user database", "database"); or when one holds all words of the other in a row and these are two or
    more ("wallet daemon", "wallet daemon process").
    """
    return any(_within(a, b) or _within(b, a) for a in _forms(one) for b in _forms(other))


@cache
def _forms(name: str) -> tuple[tuple[str, ...], ...]:
    forms = (name_words(name), name_words(_REMARK.sub(" ", name)))
    return tuple(form for form in dict.fromkeys(forms) if form)


def _within(small: tuple[str, ...], large: tuple[str, ...]) -> bool:
    if len(small) > len(large):
        return False
    if large[len(large) - len(small) :] == small:
        return True
    return len(small) >= _ENOUGH and _has_run(large, small)


def _has_run(large: tuple[str, ...], small: tuple[str, ...]) -> bool:
    return any(large[i : i + len(small)] == small for i in range(len(large) - len(small) + 1))


def mentions(text: str, names: Iterable[str]) -> bool:
    """Whether the text holds one of the names, all its words in a row."""
    words = name_words(text)
    return any(form and _has_run(words, form) for name in names for form in _forms(name))
