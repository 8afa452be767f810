"""How text and names tell what kind of data there is: `data_kinds.yaml`, checked when loaded."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from agent.catalog.phrases import Match, PhraseBook, Token, tokens
from agent.catalog.spelling import mended
from agent.catalog.vocabulary import DataTag, Trait
from agent.domain.system import Classification
from agent.errors import CatalogError

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Every scalar stays text: "on" and "no" are words here."""

FILE = "data_kinds.yaml"
_FIELDS = {"tag", "class", "name", "say", "holds"}
_MORE = {"unless"}


@dataclass(frozen=True)
class DataKind:
    """One kind of data."""

    tag: DataTag
    classification: Classification
    name: str
    """What an asset of this kind is called when the text gives no better name."""


@dataclass(frozen=True)
class Trade:
    """What an outside party with a trait deals in: payments, for a payment provider."""

    name: str
    classification: Classification


@dataclass(frozen=True)
class DataKinds:
    """The whole table."""

    kinds: Mapping[DataTag, DataKind]
    trades: Mapping[Trait, Trade]
    said: PhraseBook[DataKind]
    held: PhraseBook[DataKind]
    meaning_else: PhraseBook[DataKind]
    """Phrases by which a text gives the words of `holds` another meaning."""

    def of_text(self, found: Sequence[Token]) -> list[Match[DataKind]]:
        """The data that a sentence or a flow's label names, with its place among the tokens."""
        return self.said.longest(found)

    def of_store(self, name: str, other: Collection[DataKind] = ()) -> tuple[DataKind, ...]:
        """What a data store of this name holds, as its words say; the first word first, each kind once.

        The kinds in `other` are those whose words mean something else here (`otherwise`).
        """
        words = tokens(mended(name))
        held = [m for m in self.held.longest(words) if m.payload not in other]
        found = [*self.said.longest(words), *held]
        return tuple(dict.fromkeys(m.payload for m in sorted(found, key=lambda m: m.start)))

    def otherwise(self, found: Sequence[Token]) -> frozenset[DataKind]:
        """The kinds whose words in names mean something else in this text: sessions that are charged by."""
        return frozenset(m.payload for m in self.meaning_else.longest(found))


@cache
def load_data_kinds() -> DataKinds:
    """The table of the package; CatalogError, naming the place, when it breaks its own grammar."""
    return parse_data_kinds(resources.files("agent.catalog").joinpath(FILE).read_text(encoding="utf-8"))


def parse_data_kinds(text: str) -> DataKinds:
    """The table that this YAML holds; CatalogError names the entry and what is wrong with it."""
    try:
        raw = yaml.load(text, Loader=_LOADER)  # noqa: S506 - builds nothing but text, lists and maps
    except yaml.YAMLError as error:
        raise CatalogError(f"{FILE}: not YAML: {error}") from error
    entries = raw.get("kinds") if isinstance(raw, dict) else None
    if not isinstance(entries, list):
        raise CatalogError(f"{FILE}: needs one part, kinds, with a list.")
    pairs = [(_kind(entry), entry) for entry in entries]
    kinds = {kind.tag: kind for kind, _ in pairs}
    missing = sorted(set(DataTag) - set(kinds))
    if missing or len(kinds) != len(pairs):
        raise CatalogError(f"{FILE}: every tag stands here once; missing: {', '.join(missing) or 'none'}.")
    books = (_book(pairs, part) for part in ("say", "holds", "unless"))
    return DataKinds(kinds, _trades(raw.get("trades", [])), *books)


def _trades(entries: Any) -> dict[Trait, Trade]:
    try:
        return {Trait(e["trait"]): Trade(str(e["name"]), Classification(e["class"])) for e in entries}
    except (KeyError, TypeError, ValueError) as error:
        raise CatalogError(f"{FILE}: trades: trait, name and class: {error}.") from error


def _kind(entry: Any) -> DataKind:
    place = f"{FILE}: {entry.get('tag', entry) if isinstance(entry, dict) else entry}"
    if not isinstance(entry, dict) or set(entry) - _MORE != _FIELDS:
        raise CatalogError(f"{place}: an entry has {', '.join(sorted(_FIELDS))}, and unless if it needs it.")
    try:
        kind = DataKind(DataTag(entry["tag"]), Classification(entry["class"]), str(entry["name"]))
    except ValueError as error:
        raise CatalogError(f"{place}: {error}.") from error
    if not entry["say"] or not all(
        isinstance(entry.get(part, []), list) for part in ("say", "holds", "unless")
    ):
        raise CatalogError(f"{place}: say, holds and unless are lists, say with at least one phrase.")
    return kind


def _book(pairs: Sequence[tuple[DataKind, Mapping[str, Any]]], part: str) -> PhraseBook[DataKind]:
    return PhraseBook(((str(phrase), kind) for kind, entry in pairs for phrase in entry.get(part, [])), FILE)
