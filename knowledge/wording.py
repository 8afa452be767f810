"""Everyday words by what they mean to a threat model: `wording.yaml`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.resources import files

import yaml

from knowledge.corpora.starter import LOADER

_WORD = re.compile(r"[^\W_]+(?:[-.'][^\W_]+)*")

_LONGEST = 4
"""Words in a row that are looked up together."""

_ENDINGS = (
    ("ies", "y"),
    ("es", ""),
    ("s", ""),
    ("ed", ""),
    ("ed", "e"),
    ("d", ""),
    ("ing", ""),
    ("ing", "e"),
)
"""What English puts behind a word, and what stands there without it."""


@cache
def classes() -> Mapping[str, frozenset[str]]:
    """By word, or words in a row, of the base form: the names of its classes."""
    raw: dict[str, str] = yaml.load(
        files("knowledge").joinpath("wording.yaml").read_bytes(),
        Loader=LOADER,  # noqa: S506 - safe, see LOADER
    )
    found: dict[str, set[str]] = {}
    for name, words in raw.items():
        for word in str(words).split(","):
            found.setdefault(word.strip(' "'), set()).add(name)
    return {word: frozenset(names) for word, names in found.items()}


def meanings(text: str) -> tuple[str, ...]:
    """The classes that a text's words belong to, each once, in the order of their names."""
    words = _WORD.findall(text.lower())
    found: set[str] = set()
    for start, word in enumerate(words):
        found |= _of_word(word)
        if word in _heads():
            for length in range(2, _LONGEST + 1):
                found |= _of_words(words[start : start + length])
    return tuple(sorted(found))


@cache
def _heads() -> frozenset[str]:
    """The words with which several in a row begin."""
    return frozenset(head for head, _, rest in (entry.partition(" ") for entry in classes()) if rest)


@lru_cache(10_000)
def _of_word(word: str) -> frozenset[str]:
    table = classes()
    return frozenset(name for form in _forms(word) for name in table.get(form, ()))


def _of_words(words: list[str]) -> frozenset[str]:
    table, head = classes(), " ".join(words[:-1])
    return frozenset(name for form in _forms(words[-1]) for name in table.get(f"{head} {form}", ()))


def _forms(word: str) -> Iterator[str]:
    """The word as it stands, and the base forms that it may have."""
    word = word.removesuffix("'s").removesuffix("'")
    yield word
    for ending, base in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 2:
            stem = word[: -len(ending)]
            yield stem + base
            if not base and stem[-1] == stem[-2]:
                yield stem[:-1]
