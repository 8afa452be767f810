"""What a passage is about, as far as it says so in words that our own passages are labelled with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from knowledge.corpora import starter
from knowledge.passages import Passage
from knowledge.words import identifiers

MOST = 12
"""Labels of one kind that a passage may have."""

_CATEGORIES = tuple(starter.STRIDE.values())
_WORD = re.compile(r"[a-z0-9]+")

VAGUE = frozenset(
    {"agent", "api", "end_user", "embedding", "service", "stream", "third_party", "training", "worker"}
)
"""Labels whose words say too little by themselves, or mean something else in a standard."""


@dataclass(frozen=True)
class Labels:
    """See Passage."""

    technologies: tuple[str, ...]
    stride: tuple[str, ...]
    related: tuple[str, ...]


def labels(text: str) -> Labels:
    """The technologies and categories that are named in it, and the identifiers of our passages."""
    found = dict.fromkeys(_named(_WORD.findall(text.lower())))
    pack = _pack()
    cited = [id_ for id_ in identifiers(text) if id_ in pack][:MOST]
    categories = {category for id_ in cited for category in pack[id_].stride} | found.keys()
    return Labels(
        technologies=tuple(name for name in found if name not in _CATEGORIES)[:MOST],
        stride=tuple(category for category in _CATEGORIES if category in categories),
        related=tuple(cited),
    )


def _named(words: Sequence[str]) -> Iterator[str]:
    """The labels whose words stand next to each other, the longest at each place."""
    known, longest = _known()
    for place in range(len(words)):
        for length in range(longest, 0, -1):
            if name := known.get(" ".join(words[place : place + length])):
                yield name
                break


@cache
def _pack() -> Mapping[str, Passage]:
    return {p.id: p for p in starter.load()}


@cache
def _known() -> tuple[Mapping[str, str], int]:
    """Each label by how it is written, of one or of many; and how many words the longest has."""
    names = {name for p in _pack().values() for name in p.technologies} - VAGUE
    written: dict[str, str] = {}
    for name in sorted({*names, *_CATEGORIES}):
        words = name.replace("_", " ")
        written |= {words: name, f"{words}s": name}
        if words.endswith("y"):
            written[f"{words[:-1]}ies"] = name
    return written, max(len(words.split()) for words in written)
