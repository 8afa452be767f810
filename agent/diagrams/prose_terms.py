"""Short names that a text introduces: "Guarded Control Environment (GCE)", "BCUs (Brake Units, …)"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from agent.catalog.phrases import singular, tokens
from agent.diagrams.prose_mentions import kind_of
from agent.diagrams.prose_words import load_prose_words
from agent.domain.system import ElementKind

_BEHIND = re.compile(r"\(([A-Za-z][A-Za-z0-9/-]{1,9})\)")
_AHEAD = re.compile(r"\b([A-Z][A-Za-z0-9-]{1,9})\s+\(([A-Z][^(),;:]{4,80})[,;:)]")
_WORD = re.compile(r"[A-Za-z0-9]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LONGEST = 90
"""Characters before a bracket that may hold what is abbreviated."""
_CAPITALS = 2
"""Capital letters that a short name has at least."""
_SMALL = frozenset({"of", "the", "and", "for", "to", "in", "on", "a", "an", "with"})


@dataclass(frozen=True)
class Term:
    """A short name of a part of the system."""

    short: str
    """As written, in the singular."""
    full: str
    kind: ElementKind | None


def read_terms(lines: Iterable[str], title: str = "") -> tuple[Term, ...]:
    """The short names of parts that the lines introduce, each once; those of data or protocols are left out.

    Args:
        lines: the text, without Markdown.
        title: its first heading; a short name there is that of the whole, which is a process.
    """
    found: dict[str, Term] = {}
    for line in lines:
        for short, full in _introduced(line):
            term = _term(short, full, ElementKind.PROCESS if line == title else None)
            if term is not None:
                found.setdefault(term.short.lower(), term)
    return tuple(found.values())


def _introduced(line: str) -> Iterator[tuple[str, str]]:
    if "(" not in line:
        return
    for match in _BEHIND.finditer(line):
        full = _full_before(line[max(0, match.start() - _LONGEST) : match.start()], match.group(1))
        if full:
            yield match.group(1), full
    for match in _AHEAD.finditer(line):
        if _initials(match.group(2)) == _letters(match.group(1)):
            yield match.group(1), match.group(2).strip()


def _full_before(before: str, short: str) -> str:
    """The words before the bracket whose first letters the short name has; empty when they have not."""
    letters = _letters(short)
    if sum(c.isupper() for c in short) < _CAPITALS or not letters:
        return ""
    starts = [m.start() for m in _WORD.finditer(_CAMEL.sub(" ", before))]
    spaced = _CAMEL.sub(" ", before)
    for start in reversed(starts):
        full = spaced[start:]
        if letters in {_initials(full), _initials(full, every=True)} or _spells(
            letters, _WORD.findall(full.lower())
        ):
            return spaced[start:].strip()
    return ""


def _spells(letters: str, found: Sequence[str]) -> bool:
    """Whether each word gives its first letter and perhaps more: "SMGW" of "smart meter gateway"."""
    if not found or not letters:
        return not found and not letters
    word, at = found[0], 0
    if letters[0] != word[0]:
        return False
    for used in range(1, len(letters) + 1):
        at = word.find(letters[used - 1], at) + 1
        if not at:
            return False
        if _spells(letters[used:], found[1:]):
            return True
    return False


def _letters(short: str) -> str:
    """The letters of a short name; the "s" of several is dropped."""
    bare = short[:-1] if short.endswith("s") and short[:-1].isupper() else short
    return "".join(c for c in bare.lower() if c.isalpha())


def _initials(text: str, *, every: bool = False) -> str:
    return "".join(w[0] for w in _WORD.findall(text.lower()) if w[0].isalpha() and (every or w not in _SMALL))


def _term(short: str, full: str, known: ElementKind | None) -> Term | None:
    words = [t for t in tokens(full) if t.is_word]
    table = load_prose_words()
    last = words[-1].stem if words else ""
    bare = short[:-1] if short.endswith("s") and short[:-1].isupper() else short
    if not words or bare.lower() in table.never or last in table.tails | table.never:
        return None
    kind = known or table.places_that_run.get(last) or kind_of(" ".join(_one(w.text) for w in words))
    return Term(bare, full, kind) if kind is not None else None


def _one(word: str) -> str:
    return singular(word.lower()) if word.islower() else word
