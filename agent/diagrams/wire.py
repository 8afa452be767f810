"""What an arrow's label says about the wire: protocol, encryption, authentication, data.

The words are data: `protocols.yaml` beside this module.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from agent.catalog.words import phrase_of
from agent.domain.system import Known
from agent.errors import CatalogError

FILE = "protocols.yaml"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORD = re.compile(r"[^\W_]+")
_PIECE = re.compile(r"[,;\n()\[\]{}|/+&•]|(?<=\s)[-–—](?=\s)|:\s")
_CLAUSE = re.compile(r"[,;\n()\[\]{}|•]|:\s")
"""Where a phrase ends; "/" and "+" may stand inside one ("gRPC/TLS", "TCP+SSL")."""
_OPTIONAL_S = re.compile(r"http\s?\(\s?s\s?\)", re.IGNORECASE)
_LONGEST_LABEL = 300
_SHORTEST_NAME = 3

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wire:
    """What a label says; empty and unknown where it says nothing."""

    protocol: str = ""
    encrypted: Known = Known.UNKNOWN
    authenticated: Known = Known.UNKNOWN
    data: tuple[str, ...] = ()


NOTHING = Wire()
"""What an arrow without a label says."""


@dataclass(frozen=True, slots=True)
class _Protocol:
    id: str
    encrypted: Known
    authenticated: Known
    rank: int


@dataclass(frozen=True, slots=True)
class _Table:
    protocols: Mapping[Phrase, _Protocol]
    either: frozenset[Phrase]
    """Phrases that leave open whether HTTP is encrypted."""
    states: Mapping[str, frozenset[Phrase]]
    goods: frozenset[str]
    issuing: frozenset[str]
    about: frozenset[str]
    joining: frozenset[str]
    sign_in: frozenset[str]
    noise: frozenset[str]
    verbs: frozenset[str]
    known: frozenset[Phrase]
    """Every phrase that says something about the wire."""
    lengths: Mapping[str, tuple[int, ...]]
    """How long the phrases that start with a word are, the longest first."""


@lru_cache(maxsize=4096)
def read_wire(label: str) -> Wire:
    """What the label says: unknown unless a word says so; clear text only for a protocol known for it."""
    table = _table()
    label = _OPTIONAL_S.sub("http/s", label[:_LONGEST_LABEL])
    words = _WORD.findall(label.lower())
    phrases = [p for clause in _CLAUSE.split(label.lower()) for p in _clause(clause)]
    protocol = _protocol(phrases, table)
    return Wire(
        protocol=protocol.id if protocol else "",
        encrypted=_encrypted(phrases, words, protocol, table),
        authenticated=_authenticated(label, phrases, table),
        data=_data(label),
    )


def joined(stated: Wire | None, heard: Wire) -> Wire:
    """What the format states, and where it states nothing what the label says."""
    if stated is None:
        return heard
    return Wire(
        protocol=stated.protocol or heard.protocol,
        encrypted=heard.encrypted if stated.encrypted is Known.UNKNOWN else stated.encrypted,
        authenticated=heard.authenticated if stated.authenticated is Known.UNKNOWN else stated.authenticated,
        data=stated.data or heard.data,
    )


@lru_cache(maxsize=8192)
def _clause(clause: str) -> tuple[Phrase, ...]:
    return tuple(_phrases(_WORD.findall(clause), _table()))


def _phrases(words: Sequence[str], table: _Table) -> list[Phrase]:
    """The known phrases in reading order, the longest at each place."""
    found: list[Phrase] = []
    at = 0
    while at < len(words):
        lengths = table.lengths.get(words[at], ())
        phrase = next((p for n in lengths if (p := tuple(words[at : at + n])) in table.known), None)
        if phrase is not None:
            found.append(phrase)
        at += len(phrase) if phrase else 1
    return found


def _protocol(phrases: Iterable[Phrase], table: _Table) -> _Protocol | None:
    if any(p in table.either for p in phrases):
        return _Protocol("https", Known.UNKNOWN, Known.UNKNOWN, 1)
    named = [table.protocols[p] for p in phrases if p in table.protocols]
    return min(named, key=lambda p: p.rank, default=None)


def _encrypted(
    phrases: Sequence[Phrase], words: Sequence[str], named: _Protocol | None, table: _Table
) -> Known:
    if any(p in table.states["encrypted_no"] for p in phrases):
        return Known.NO
    stated = any(p in table.states["encrypted_yes"] for p in phrases)
    if stated and not ("encrypted" in words and table.goods.intersection(words)):
        return Known.YES
    carried = {table.protocols[p].encrypted for p in phrases if p in table.protocols}
    if Known.YES in carried:
        return Known.YES
    return named.encrypted if named else Known.UNKNOWN


def _authenticated(label: str, phrases: Sequence[Phrase], table: _Table) -> Known:
    if any(p in table.states["authenticated_no"] for p in phrases):
        return Known.NO
    if any(table.protocols[p].authenticated is Known.YES for p in phrases if p in table.protocols):
        return Known.YES
    if not any(p in table.states["authenticated_yes"] for p in phrases):
        return Known.UNKNOWN
    carried = any(_carries_credential(piece) for piece in _PIECE.split(label))
    return Known.YES if carried else Known.UNKNOWN


@lru_cache(maxsize=8192)
def _carries_credential(piece: str) -> bool:
    """Whether a piece names a credential that comes with the call, and is not itself about one.

    The credential stands alone ("bearer token") or is joined to the data ("order with bearer token"); one
    that is listed beside other data ("password hashes and token") is data.
    """
    table = _table()
    words = _WORD.findall(piece.lower())
    phrases = _phrases(words, table)
    named = [p for p in phrases if p in table.states["authenticated_yes"]]
    if not named or (table.issuing | table.about).intersection(words):
        return False
    told = {word for phrase in phrases for word in phrase}
    beside = [w for w in words if w not in told and w not in table.noise and len(w) >= _SHORTEST_NAME]
    at = words.index(named[0][0])
    return not beside or bool(table.joining.intersection(words[:at]))


def signs_in(label: str) -> bool:
    """Whether a label names the way to sign in, such as OIDC or SAML."""
    return not _table().sign_in.isdisjoint(_WORD.findall(label[:_LONGEST_LABEL].lower()))


def _data(label: str) -> tuple[str, ...]:
    """The pieces of the label that name data: without what names the wire, and without a verb in front."""
    pieces = (_named(piece) for piece in _PIECE.split(label))
    return tuple(dict.fromkeys(p for p in pieces if p))


@lru_cache(maxsize=8192)
def _named(piece: str) -> str:
    table = _table()
    words = [m for m in _WORD.finditer(piece) if not m[0].isdigit()]
    lower = [m[0].lower() for m in words]
    while lower and lower[0] in table.verbs:
        words, lower = words[1:], lower[1:]
    phrases = _phrases(lower, table)
    goods = _goods(piece, phrases, table)
    told = {word for phrase in phrases if phrase not in goods for word in phrase}
    rest = [m for m, word in zip(words, lower, strict=True) if word not in told]
    telling = [m for m in rest if m[0].lower() not in table.noise and len(m[0]) >= _SHORTEST_NAME]
    if not telling:
        return ""
    if told:
        return " ".join(m[0] for m in rest if m[0].lower() not in table.noise)
    if goods and lower[0] in table.issuing:
        return " ".join(w for phrase in goods for w in _spelled(phrase, rest))
    return " ".join(piece[words[0].start() :].split()).rstrip(" .")


def _goods(piece: str, phrases: Sequence[Phrase], table: _Table) -> list[Phrase]:
    """Credentials that a piece is about and that do not come with the call: "JWT" in "issue JWT"."""
    named = [p for p in phrases if p in table.states["authenticated_yes"]]
    if named and (table.issuing | table.about).intersection(_WORD.findall(piece.lower())):
        return named
    return []


def _spelled(phrase: Phrase, words: Sequence[re.Match[str]]) -> list[str]:
    return [m[0] for m in words if m[0].lower() in phrase]


@lru_cache(maxsize=1)
def _table() -> _Table:
    text = resources.files("agent.diagrams").joinpath(FILE).read_text("utf-8")
    try:
        return _parse(yaml.load(text, _LOADER))  # noqa: S506 - a safe loader, in C where there is one
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise CatalogError(f"{FILE}: {error!r}.") from None


def _parse(raw: Mapping[str, Any]) -> _Table:
    protocols = {
        phrase: _Protocol(
            id_,
            Known(row.get("encrypted", "unknown")),
            Known(row.get("authenticated", "unknown")),
            int(row["rank"]),
        )
        for id_, row in raw["protocols"].items()
        for phrase in _listed(row["words"])
    }
    states = {name: frozenset(_listed(line)) for name, line in raw["states"].items()}
    known = frozenset([*protocols, *_listed(raw["either"]), *(p for s in states.values() for p in s)])
    lengths: dict[str, set[int]] = {}
    for phrase in known:
        lengths.setdefault(phrase[0], set()).add(len(phrase))
    return _Table(
        protocols=protocols,
        either=frozenset(_listed(raw["either"])),
        states=states,
        goods=_words(raw["goods"]),
        issuing=_words(raw["issuing"]),
        about=_words(raw["about"]),
        joining=_words(raw["joining"]),
        sign_in=_words(raw["sign_in"]),
        noise=_words(raw["noise"]),
        verbs=_words(raw["verbs"]),
        known=known,
        lengths={word: tuple(sorted(found, reverse=True)) for word, found in lengths.items()},
    )


def _listed(line: str) -> list[Phrase]:
    return [phrase_of(part) for part in line.split(",") if part.strip()]


def _words(line: str) -> frozenset[str]:
    return frozenset(part.strip() for part in line.split(",") if part.strip())
