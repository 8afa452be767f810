"""When something decided in an earlier model is about the like of what is found here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from agent.catalog.technologies import load_technologies
from agent.catalog.vocabulary import Trait
from agent.domain.base import slug
from agent.domain.lesson import Lesson, Place
from agent.domain.threat import Threat


def key_of(threat: Threat | Lesson) -> str:
    """The same for the same threat elsewhere: one pattern, or without one, one title."""
    return threat.pattern or f"title: {slug(threat.title)}"


def covers(there: Sequence[Place], here: Sequence[Place]) -> bool:
    """Whether everything here is like something there: what was said there can be said of all of it."""
    return bool(here) and all(any(_agree(a, b) for b in there) for a in here)


def touches(there: Sequence[Place], here: Sequence[Place]) -> bool:
    """Whether anything here is like something there."""
    return any(_agree(a, b) for a in here for b in there)


def kin(there: Sequence[Place], here: Place) -> int:
    """How near something here is to what was there, for what no pattern knows; 0 is not at all.

    Both must say what they are made of: a kind alone likens everything to everything.
    """
    return max((_common(a, here) for a in there if a.kind == here.kind), default=0)


class Surroundings:
    """`touches` and `kin` for many lessons and the same places: worked out once by kind.

    Args:
        here: the places.
    """

    def __init__(self, here: Iterable[Place]) -> None:
        self._kinds: dict[str, _Kind] = {}
        for place in here:
            self._kinds.setdefault(place.kind, _Kind()).add(place)

    def touched(self, there: Iterable[Place]) -> bool:
        """Whether anything here is like something there."""
        return any(k.agrees(p) for p in there if (k := self._kinds.get(p.kind)) is not None)

    def kin(self, there: Iterable[Place]) -> int:
        """How near the nearest here is to what was there, as `kin` counts it."""
        found = (k.common(p) for p in there if (k := self._kinds.get(p.kind)) is not None)
        return max(found, default=0)


class _Kind:
    """All places of one kind together."""

    def __init__(self) -> None:
        self._technologies: set[str] = set()
        self._products: set[str] = set()
        self._bare = False
        self._traits: set[Trait] = set()
        self._bare_traits: set[Trait] = set()

    def add(self, place: Place) -> None:
        products, traits = _products(place.technologies), _traits(place.technologies)
        self._technologies.update(place.technologies)
        self._products |= products
        self._traits |= traits
        if not products:
            self._bare = True
            self._bare_traits |= traits

    def agrees(self, place: Place) -> bool:
        products = _products(place.technologies)
        return self._bare or not products or not products.isdisjoint(self._products)

    def common(self, place: Place) -> int:
        if not self._technologies.isdisjoint(place.technologies):
            return 2
        wide = self._bare_traits if _products(place.technologies) else self._traits
        return 0 if wide.isdisjoint(_traits(place.technologies)) else 1


def _agree(one: Place, other: Place) -> bool:
    """The same kind of thing, of a common product where both name one.

    What only says a part's role ("queue") is no product: the pattern has asked for the role already.
    """
    if one.kind != other.kind:
        return False
    mine, theirs = _products(one.technologies), _products(other.technologies)
    return not mine or not theirs or not mine.isdisjoint(theirs)


def _common(one: Place, other: Place) -> int:
    """2 for a common technology, 1 for two that do the same."""
    if not frozenset(one.technologies).isdisjoint(other.technologies):
        return 2
    if _products(one.technologies) and _products(other.technologies):
        return 0
    return 0 if _traits(one.technologies).isdisjoint(_traits(other.technologies)) else 1


@lru_cache(maxsize=4096)
def _products(ids: tuple[str, ...]) -> frozenset[str]:
    return frozenset(ids) - _roles()


@lru_cache(maxsize=4096)
def _traits(ids: tuple[str, ...]) -> frozenset[Trait]:
    return load_technologies().traits_of(ids)


@cache
def _roles() -> frozenset[str]:
    return frozenset(t.id for t in load_technologies().roles())
