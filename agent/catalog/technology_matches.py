"""What the technologies that a label names make of it: which of them decides what kind of thing it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.catalog.technology import Technology
from agent.catalog.vocabulary import Trait
from agent.catalog.words import Word
from agent.domain.system import ElementKind

_PEOPLE = frozenset({Trait.END_USER, Trait.ADMIN_PERSON})


@dataclass(frozen=True, slots=True)
class Match:
    """A name in a label."""

    technology: Technology
    start: int
    length: int
    """Words of the alias."""
    word: Word
    """The last word of it."""
    fills: bool = False
    """Whether it is all that its phrase names."""
    ours: bool = False
    """Whether it is what we do with the product named right before it."""

    @property
    def decides(self) -> bool:
        """Whether it rules over the kind: a ruling entry that ends its phrase."""
        return (self.technology.rules or self.ours) and self.word.ends


def is_ours(match: Match, before: Match) -> bool:
    """Whether a word such as "client" means the part that we run with the product named before it."""
    return (
        before.technology.kind in match.technology.after
        and not before.technology.is_role
        and match.word.ends
        and match.word.phrase == before.word.phrase
        and match.technology.traits.isdisjoint(before.technology.traits)
    )


def deciding_kind(matches: Sequence[Match]) -> ElementKind | None:
    """The kind that the first phrase with a match decides."""
    if not matches:
        return None
    main = [m for m in matches if m.word.phrase == matches[0].word.phrase]
    ruling = [m for m in main if m.decides and not m.word.linked]
    marked = [m for m in main if m.technology.rules and m.technology.kind is ElementKind.EXTERNAL_ENTITY]
    if ruling and (ruling[-1].technology.kind is not ElementKind.PROCESS or not marked):
        return _hosted(main, matches) or ruling[-1].technology.kind
    if marked:
        return ElementKind.EXTERNAL_ENTITY
    rest = [m for m in main if m.technology.rules] or _named(main) or _renamed(main, matches) or main
    ending = [m for m in rest if m.technology.ends and not m.word.linked]
    return (ending or rest)[-1].technology.kind


def without_kept_people(matches: list[Match], size: int) -> list[Match]:
    """Without the people whose data a store's product keeps: "PostgreSQL users and meetings"."""
    store = next((m for m in matches if m.technology.kind is ElementKind.DATA_STORE), None)
    if store is None or store.technology.is_role:
        return matches
    return [
        m
        for m in matches
        if m.start <= store.start or not m.technology.traits <= _PEOPLE or m.start + m.length == size
    ]


def _products(matches: Sequence[Match]) -> list[Match]:
    return [m for m in matches if not m.technology.is_role]


def _named(main: Sequence[Match]) -> list[Match]:
    """The products of a phrase; what it runs on ("dbt on Snowflake") only where no other is named."""
    products = _products(main)
    return [m for m in products if not m.word.linked] or products


def _hosted(main: Sequence[Match], matches: Sequence[Match]) -> ElementKind | None:
    """External where somebody else's product does what the main phrase says: "Documents (Dropbox)"."""
    named = _renamed(main, matches)
    outside = bool(named) and named[-1].technology.kind is ElementKind.EXTERNAL_ENTITY
    return ElementKind.EXTERNAL_ENTITY if outside and named[-1].fills else None


def _renamed(main: Sequence[Match], matches: Sequence[Match]) -> list[Match]:
    """Products of later phrases that do what the main phrase says: Auth0 in "Login service (Auth0)"."""
    traits = frozenset(t for m in main for t in m.technology.traits)
    later = matches[len(main) :]
    return [m for m in _products(later) if m.technology.traits & traits]
