"""Phrases of the data files, found in running text by their words.

The grammar of a phrase: words in order, compared without case, hyphens and plural endings; `word*` is any
word that starts so (four letters at least); `=word` is this very form; `a|b` is either; `word?` may be
missing; `..` is a gap of at most five words inside one clause. Words are never searched by regular
expression, so a long text takes time in proportion to its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

from agent.errors import CatalogError

Payload = TypeVar("Payload")

MAX_GAP = 5
"""Words that `..` may stand for."""

_AHEAD = 3 * MAX_GAP
"""Words and marks that are looked at for the next word of a phrase."""
_HIDING = 5
"""Words of a phrase that hides shorter ones; one that gaps have made longer is too loose for that."""
_PREFIX = 4
"""Letters that a `word*` is indexed by, and so its least length."""

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|[^\w\s]|_")
_KEPT = frozenset(
    {"https", "wss", "ftps", "sftps", "ldaps", "smtps", "imaps", "amqps", "mqtts", "redis", "sms"}
)
"""Words whose last letter is no plural: `https` is not many `http`."""
_IRREGULAR = {
    "caches": "cache",
    "cookies": "cookie",
    "people": "person",
    "men": "man",
    "women": "woman",
    "children": "child",
    "indices": "index",
    "matrices": "matrix",
    "apis": "api",
    "ids": "id",
    "ips": "ip",
    "vms": "vm",
    "dbs": "db",
    "uis": "ui",
    "pcs": "pc",
    "aliases": "alias",
    "buses": "bus",
}
_PASSED = frozenset({"-", "_", "/", '"', "'", "`", "*", ","})
"""Marks that may stand inside a phrase; a comma only in a gap."""
_LOOSE = frozenset({"not", "never", "always", "only", "also", "all"})
"""Words that may stand anywhere inside a phrase."""
_JOINING = frozenset({"and", "but", "while", "which", "so"})
_STARTING = frozenset({"the", "a", "an", "our", "its", "it", "we", "they", "this", "their"})
"""Words after which, and with which, a clause of its own begins; no phrase goes on there."""
_DENYING = frozenset({"not", "never"})


class Token(NamedTuple):
    """A word or a punctuation mark, with its place in the text."""

    text: str
    word: str
    """Lower-case, without a possessive ending; empty for a punctuation mark."""
    stem: str
    """`word` without its plural ending; the mark itself for punctuation."""
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        """Whether it is a word and not a mark."""
        return bool(self.word)


@lru_cache(maxsize=8192)
def singular(word: str) -> str:
    """The word without an English plural ending, by rule: the same for "policy" and "policies"."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) <= 3 or word in _KEPT or not word.endswith("s"):  # noqa: PLR2004 - "dns", "aws", "bus"
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "zes", "shes", "ches")):
        return word[:-2]
    if word.endswith(("ss", "us", "is")):
        return word
    return word[:-1]


def tokens(text: str) -> tuple[Token, ...]:
    """The words and marks of a text, in order."""
    found = []
    for match in _TOKEN.finditer(text):
        raw = match.group()
        if raw[0].isalnum():
            word = raw.lower().replace("’", "'").removesuffix("'s")
            found.append(Token(raw, word, singular(word), match.start(), match.end()))
        else:
            found.append(Token(raw, "", raw, match.start(), match.end()))
    return tuple(found)


class _Piece(NamedTuple):
    """One place of a phrase: the words that fit, the beginnings that fit, and whether it may be missing."""

    stems: frozenset[str]
    prefixes: tuple[str, ...]
    optional: bool
    gap: bool
    forms: frozenset[str] = frozenset()

    @property
    def plain(self) -> bool:
        """Whether only whole words in any form fit, and one must stand there."""
        return bool(self.stems) and not (self.prefixes or self.optional or self.gap or self.forms)

    def fits(self, token: Token) -> bool:
        if token.stem in self.stems or token.word in self.forms:
            return True
        return bool(self.prefixes) and token.word.startswith(self.prefixes)


class Match(NamedTuple, Generic[Payload]):
    """Where a phrase stands: tokens `start` to `end` (exclusive), and what it means."""

    start: int
    end: int
    payload: Payload
    denied: bool = False
    """Whether a "not" stands inside, which the phrase does not have: "messages are *not* signed"."""


@dataclass(frozen=True)
class _Phrase(Generic[Payload]):
    pieces: tuple[_Piece, ...]
    payload: Payload


class PhraseBook(Generic[Payload]):
    """Many phrases, found in one pass.

    Args:
        phrases: pairs of a phrase in the grammar above and what it means.
        place: what an error names, such as "controls.yaml".

    Raises:
        CatalogError: a phrase that the grammar does not know.
    """

    def __init__(self, phrases: Iterable[tuple[str, Payload]], place: str) -> None:
        self._by_stem: dict[str, list[_Phrase[Payload]]] = {}
        self._by_pair: dict[tuple[str, str], list[_Phrase[Payload]]] = {}
        self._by_prefix: dict[str, list[_Phrase[Payload]]] = {}
        for text, payload in phrases:
            pieces = _parse(text, place)
            while pieces[0].optional:
                self._add(_Phrase(pieces, payload))
                pieces = pieces[1:]
            self._add(_Phrase(pieces, payload))

    def _add(self, phrase: _Phrase[Payload]) -> None:
        first = phrase.pieces[0]
        second = phrase.pieces[1] if len(phrase.pieces) > 1 else None
        for stem in {*first.stems, *map(singular, first.forms)}:
            if second is not None and second.plain:
                for other in second.stems:
                    self._by_pair.setdefault((stem, other), []).append(phrase)
            else:
                self._by_stem.setdefault(stem, []).append(phrase)
        for prefix in first.prefixes:
            self._by_prefix.setdefault(prefix[:_PREFIX], []).append(phrase)

    def all(self, found: Sequence[Token]) -> list[Match[Payload]]:
        """Every place where a phrase stands, overlapping ones included, in the order of the text."""
        matches = []
        for at, token in enumerate(found):
            for phrase in self._candidates(found, at, token):
                end, denied = _match(phrase.pieces, found, at)
                if end:
                    matches.append(Match(at, end, phrase.payload, denied))
        return matches

    def _candidates(self, found: Sequence[Token], at: int, token: Token) -> Iterator[_Phrase[Payload]]:
        """The phrases that can begin here, by the first word and, where they say it, the second."""
        yield from self._by_stem.get(token.stem, ())
        if token.word:
            yield from self._by_prefix.get(token.word[:_PREFIX], ())
        if self._by_pair:
            for stem in _next_stems(found, at):
                yield from self._by_pair.get((token.stem, stem), ())

    def longest(self, found: Sequence[Token]) -> list[Match[Payload]]:
        """The places that no longer phrase covers: "API key rotation" hides "API key".

        Phrases that stand at the very same place all count, when they mean different things.
        """
        kept: list[Match[Payload]] = []
        reach = 0
        for match in sorted(self.all(found), key=lambda m: (m.start, -m.end)):
            new = all(m.payload != match.payload for m in kept if m.end > match.start) if kept else True
            if match.end > reach or (new and any(match[:2] == k[:2] for k in kept[-4:])):
                kept.append(match)
                if match.end - match.start <= _HIDING:
                    reach = max(reach, match.end)
        return kept


def _next_stems(found: Sequence[Token], at: int) -> Iterator[str]:
    """The words that a phrase may go on with: the next, and the one after words that may stand anywhere."""
    seen: set[str] = set()
    for token in found[at + 1 : at + 1 + _AHEAD]:
        if token.stem not in seen:
            seen.add(token.stem)
            yield token.stem
        if token.is_word and token.word not in _LOOSE:
            return
        if not token.is_word and token.stem not in _PASSED:
            return


def _match(pieces: tuple[_Piece, ...], found: Sequence[Token], at: int) -> tuple[int, bool]:
    """The end of the phrase when it stands at this place, else 0; and whether a "not" stands inside."""
    if not pieces[0].fits(found[at]):
        return 0, False
    place, skip, denied = at, 0, False
    for piece in pieces:
        if piece.gap:
            skip = MAX_GAP
            continue
        hit = _seek(piece, found, place, skip)
        if hit < 0:
            if not piece.optional:
                return 0, False
            continue
        denied = denied or any(t.word in _DENYING for t in found[place:hit])
        place, skip = hit + 1, 0
    return place, denied


def _seek(piece: _Piece, found: Sequence[Token], place: int, skip: int) -> int:
    """The place of the first token that fits, at most `skip` words on; -1 when there is none."""
    seen = 0
    for at in range(place, min(len(found), place + _AHEAD)):
        token = found[at]
        if piece.fits(token):
            return at
        if token.word in _JOINING and at + 1 < len(found) and found[at + 1].word in _STARTING:
            return -1
        if token.is_word:
            seen += token.word not in _LOOSE
            if seen > skip:
                return -1
        elif token.stem not in _PASSED or (token.stem == "," and not skip):
            return -1
    return -1


def _parse(text: str, place: str) -> tuple[_Piece, ...]:
    pieces: list[_Piece] = []
    for part in text.replace("-", " ").replace("/", " ").lower().split():
        if part == "..":
            pieces.append(_Piece(frozenset(), (), optional=True, gap=True))
            continue
        optional = part.endswith("?")
        stems, prefixes, forms = set(), [], set()
        for word in part.removesuffix("?").split("|"):
            _check(word, text, place)
            if word.startswith("="):
                forms.add(word[1:])
            elif word.endswith("*"):
                prefixes.append(word[:-1])
            else:
                stems.add(singular(word))
        pieces.append(_Piece(frozenset(stems), tuple(prefixes), optional, gap=False, forms=frozenset(forms)))
    if not pieces or pieces[0].gap or pieces[-1].gap or all(p.optional for p in pieces):
        raise CatalogError(f'{place}: the phrase "{text}" must begin and end with a word.')
    return tuple(pieces)


def _check(word: str, text: str, place: str) -> None:
    bare = word.removesuffix("*").removeprefix("=")
    if not re.fullmatch(r"[^\W_]+(?:'[^\W_]+)?", bare):
        raise CatalogError(f'{place}: "{word}" in the phrase "{text}" is not a word.')
    if word.endswith("*") and len(bare) < _PREFIX:
        raise CatalogError(f'{place}: "{word}" in the phrase "{text}" needs four letters before the star.')
