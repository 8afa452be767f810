"""Misspelt small words and verbs put right, so that a hurried description is read like a careful one."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache, lru_cache

from agent.catalog.spelling import mended
from agent.diagrams.prose_words import load_prose_words

_WORD = re.compile(r"[A-Za-z]+")
_SHORTEST = 5
"""Letters of a word whose swapped or missing letters are put right."""


def spelled(text: str, kept: Collection[str] = frozenset()) -> str:
    """The text with common misspellings put right, capitals of first letters kept.

    Args:
        text: one sentence.
        kept: words in lower case that stay as they are, for they stand in names.

    Known slips come from the table; beside them a word of at least five letters that is a verb or the name
    of a role but for two letters swapped, or for a letter that should be double. What the
    tables of technologies put right in names is put right too.
    """

    def right(match: re.Match[str]) -> str:
        word = match.group()
        return word if word.lower() in kept else mended(_spelled(word))

    return _phrases().sub(_right, _WORD.sub(right, text))


@cache
def _phrases() -> re.Pattern[str]:
    found = (re.escape(p) for p in load_prose_words().slips if " " in p)
    return re.compile(rf"\b(?:{'|'.join(found)})\b")


def _right(match: re.Match[str]) -> str:
    return load_prose_words().slips[match.group()]


@lru_cache(maxsize=16384)
def _spelled(word: str) -> str:
    lower = word.lower()
    slips = load_prose_words().slips
    right = slips.get(lower, "")
    if not right and len(lower) >= _SHORTEST and word[1:].islower() and lower not in _known():
        meant = {w for w in _near(lower) if w in _targets()}
        right = meant.pop() if len(meant) == 1 else ""
    if not right:
        return word
    return right[:1].upper() + right[1:] if word[0].isupper() else right


def _near(word: str) -> set[str]:
    """Words that swapping two neighbours, or doubling one letter, makes of this one."""
    swapped = {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(1, len(word) - 1)}
    doubled = {word[:i] + word[i] + word[i:] for i in range(1, len(word))}
    return (swapped | doubled) - {word}


@cache
def _targets() -> frozenset[str]:
    """What a misspelt word may stand for: forms of verbs that move data, and one-word names of roles."""
    words = load_prose_words()
    moving = (w for w, form in words.verbs.items() if form.verb is not None)
    return frozenset(w for w in (*moving, *words.roles) if len(w) >= _SHORTEST)


@cache
def _known() -> frozenset[str]:
    words = load_prose_words()
    return frozenset((*words.verbs, *words.roles, *words.function_words, *words.never, *words.tails))
