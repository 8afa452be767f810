"""When two names mean the same element: by their words, not by their letters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import yaml

from agent.catalog.phrases import tokens

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BRACKETS = re.compile(r"[(\[{][^()\[\]{}]*[)\]}]")
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_MAX_NAME = 200
"""Characters of a name that are compared."""


@dataclass(frozen=True)
class _Tables:
    same: Mapping[str, str]
    joined: Mapping[str, str]
    light: frozenset[str]
    heads: frozenset[str]
    nameless: frozenset[str]


@cache
def _tables() -> _Tables:
    text = resources.files("agent").joinpath("naming.yaml").read_text(encoding="utf-8")
    raw = yaml.load(text, Loader=_LOADER)  # noqa: S506 - builds nothing but text, lists and maps
    return _Tables(
        raw["same"],
        raw["joined"],
        frozenset(raw["light"]),
        frozenset(raw["heads"]),
        frozenset(raw["nameless"]),
    )


@lru_cache(maxsize=16384)
def words(name: str) -> tuple[str, ...]:
    """The words of a name as they are compared: lower case, singular, "DB" as "database".

    >>> words("the PaymentsDB")
    ('the', 'payment', 'database')
    """
    tables = _tables()
    spaced = _CAMEL.sub(" ", name[:_MAX_NAME])
    found = [_word(t.text, t.stem) for t in tokens(spaced) if t.is_word]
    text = " ".join(found)
    for two, one in tables.joined.items():
        if two in text:
            text = re.sub(rf"\b{two}\b", one, text)
    return tuple(text.split())


def _word(text: str, stem: str) -> str:
    same = _tables().same
    return same.get(text.lower()) or same.get(stem) or stem


def key(name: str) -> str:
    """What two spellings of one name share: case, punctuation, articles and plural endings are gone."""
    kept = [w for w in words(name) if w not in {"the", "a", "an", "our"}]
    return " ".join(kept or words(name))


@lru_cache(maxsize=16384)
def core(name: str) -> tuple[str, ...]:
    """The words that carry the name: without brackets, providers and words such as "service"."""
    bare = _BRACKETS.sub(" ", name)
    kept = tuple(w for w in words(bare) if w not in _tables().light)
    return kept or words(bare) or words(name)


def spoken(title: str) -> str:
    """A system's title as it stands within a sentence; "the system" where the title names none.

    >>> spoken("architecture diagram"), spoken("Ferry tickets")
    ('the system', 'Ferry tickets')
    """
    told = [w for w in words(title) if not w.isdigit() and w not in _tables().nameless]
    return title if told else "the system"


def is_plural(name: str) -> bool:
    """Whether the last word of the name stands for several."""
    last = [t for t in tokens(name) if t.is_word]
    return bool(last) and last[-1].stem != last[-1].word


class NameIndex:
    """Finds the named things that a text means.

    Args:
        names: pairs of an id and its name; several ids may share a name.
    """

    def __init__(self, names: Iterable[tuple[str, str]] = ()) -> None:
        self._exact: dict[str, list[str]] = {}
        self._by_word: dict[str, list[str]] = {}
        self._words: dict[str, frozenset[str]] = {}
        self._core: dict[str, tuple[str, ...]] = {}
        for id_, name in names:
            self.add(id_, name)

    def add(self, id_: str, name: str) -> None:
        """Know one more name."""
        spellings = dict.fromkeys((key(name), key(_BRACKETS.sub(" ", name))))
        for spelling in spellings:
            if spelling:
                self._exact.setdefault(spelling, []).append(id_)
        self._words[id_] = frozenset(words(name))
        self._core[id_] = core(name)
        for word in self._words[id_]:
            self._by_word.setdefault(word, []).append(id_)

    def alias(self, id_: str, name: str) -> None:
        """Know another spelling of a name, to be found when it is spelled so and not by its words."""
        if key(name):
            self._exact.setdefault(key(name), []).append(id_)

    def exact(self, text: str) -> tuple[str, ...]:
        """The ids whose name is this, spelled alike or nearly."""
        return tuple(self._exact.get(key(text), ()))

    def find(self, text: str) -> tuple[str, ...]:
        """The ids that the text means; several only when it speaks of several; empty when it is not clear."""
        found = self.exact(text) or tuple(self._within(text))
        if found:
            return found if len(found) == 1 or self.exact(text) or is_plural(text) else ()
        return self._around(text)

    def inside(self, text: str) -> tuple[str, ...]:
        """Like `find`, but only names that say no less than the text: "S3 data bucket" is not "S3"."""
        found = self.exact(text) or tuple(self._within(text))
        return found if len(found) == 1 or self.exact(text) else ()

    def candidates(self, text: str) -> tuple[str, ...]:
        """Every id that the text might mean, for a sentence that says so when `find` cannot tell."""
        return self.exact(text) or tuple(self._within(text)) or self._around(text)

    def _within(self, text: str) -> list[str]:
        """Ids whose name has all the words that carry the text."""
        if not core(text):
            return []
        sought = frozenset(core(text))
        lists = sorted((self._by_word.get(w, []) for w in sought), key=len)
        if not lists or not lists[0]:
            return []
        said = frozenset(words(text))
        fits = [i for i in dict.fromkeys(lists[0]) if sought <= self._words[i]]
        fits = [i for i in fits if not _clash(said, self._words[i])]
        head = core(text)[-1]
        return [i for i in fits if self._core[i][-1:] == (head,)] or fits

    def _around(self, text: str) -> tuple[str, ...]:
        """The one id whose carrying words end the text's, the longest name: "our Orders API"."""
        sought, said = core(text), frozenset(words(text))
        ends = {sought[-n:] for n in range(1, len(sought) + 1)}
        near = dict.fromkeys(i for i in self._by_word.get(sought[-1], ())) if sought else {}
        fits = [i for i in near if self._core[i] in ends and not _clash(said, self._words[i])]
        best = max((len(self._core[i]) for i in fits), default=0)
        found = tuple(i for i in fits if len(self._core[i]) == best)
        return found if len(found) == 1 else ()


def _clash(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether both say what they are, and say different things: a web application is no web server."""
    heads = _tables().heads
    return bool(one & heads) and bool(other & heads) and not one & other & heads
