"""The predicates of the condition language: one row a word, with how its argument is read and tested."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from agent.analysts.data_words import CLASSES
from agent.analysts.sight import Sight
from agent.analysts.topology import Crossing, Party
from agent.catalog.conditions import Subject
from agent.catalog.grams import phrase
from agent.catalog.vocabulary import ControlName, DataTag, Trait
from agent.domain.system import Classification, Element, ElementKind, Flow, Known

Word = TypeVar("Word", bound=StrEnum)
Read = Callable[[object], Any]
"""Turns a YAML value into a frozen one; ValueError with a clause when it cannot."""


Asks = Callable[[Sight, Subject, Any], bool]
"""Asks one thing of an element or a flow."""


@dataclass(frozen=True)
class Predicate:
    """One word of the language."""

    read: Read
    test: Asks
    cost: int = 1


def many(kind: type[Word]) -> Callable[[object], frozenset[Word]]:
    """Reads one word of the enumeration, or a list of them, into a frozen set."""
    known = {w.value: w for w in kind}

    def read(value: object) -> frozenset[Word]:
        items = [str(i) for i in value] if isinstance(value, list) else [str(value)]
        strange = [i for i in items if i not in known]
        if strange or not items:
            raise ValueError(f"{', '.join(strange) or 'nothing'} is no {kind.__name__}")
        return frozenset(known[i] for i in items)

    return read


def phrases(value: object) -> frozenset[str]:
    """Reads a phrase of one to three words, or a list of them."""
    items = value if isinstance(value, list) else [value]
    found = {str(i): phrase(str(i)) for i in items}
    empty = [i for i, p in found.items() if not p]
    if empty or not items:
        raise ValueError(f"{', '.join(map(repr, empty)) or 'nothing'} is not a phrase of one to three words")
    return frozenset(found.values())


def together(value: object) -> frozenset[frozenset[str]]:
    """Reads a phrase or a list of them; "a & b" are phrases that must stand in one sentence."""
    items = value if isinstance(value, list) else [value]
    if not items:
        raise ValueError("nothing is not a phrase of one to three words")
    return frozenset(frozenset().union(*(phrases(part.strip()) for part in str(i).split("&"))) for i in items)


def flag(value: object) -> bool:
    """Reads true or false."""
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")  # noqa: TRY004 - the loader turns it into a CatalogError
    return value


def whole(value: object) -> int:
    """Reads a whole number, at least 0."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{value!r} is not a whole number of at least 0")
    return value


def crossing(value: object) -> frozenset[Crossing]:
    """Reads in, out, any (in or out) or none."""
    if value == "any":
        return frozenset({Crossing.INWARD, Crossing.OUTWARD})
    return many(Crossing)(value)


def _element(subject: Subject) -> Element:
    assert isinstance(subject, Element)  # noqa: S101 - the grammar lets these stand on elements only
    return subject


def _flow(subject: Subject) -> Flow:
    assert isinstance(subject, Flow)  # noqa: S101 - the grammar lets these stand on flows only
    return subject


def _meets(found: frozenset[Any], wanted: frozenset[Any]) -> bool:
    return not wanted.isdisjoint(found)


def _tags(sight: Sight, element: Element) -> frozenset[DataTag]:
    if element.kind is ElementKind.DATA_STORE:
        return sight.topology.own_tags[element.id]
    return sight.topology.tags[element.id]


def _at_least_class(found: Classification, wanted: frozenset[Classification]) -> bool:
    return any(CLASSES.index(found) >= CLASSES.index(w) for w in wanted)


def _state(known: Known) -> Asks:
    def test(sight: Sight, subject: Subject, wanted: frozenset[ControlName]) -> bool:
        return any(sight.protection.of(subject, c).state is known for c in wanted)

    return test


def _known(control: ControlName, stated: Callable[[Sight, Flow], Known]) -> Asks:
    """Tests the state of a flow's property. What an engineer answered still counts as open here.

    So the threat stays, and the pattern's `answered_by` makes it low.
    """

    def test(sight: Sight, subject: Subject, wanted: frozenset[Known]) -> bool:
        if Known.UNKNOWN in wanted and sight.protection.of(subject, control).answered:
            return True
        return stated(sight, _flow(subject)) in wanted

    return test


def _lacks(sight: Sight, subject: Subject, wanted: frozenset[ControlName]) -> bool:
    return all(sight.protection.of(subject, c).state is not Known.YES for c in wanted)


SHARED: Mapping[str, Predicate] = {
    # has: any of these controls is stated; lacks: none is; denies: one is stated to be missing
    "has": Predicate(many(ControlName), _state(Known.YES), 6),
    "lacks": Predicate(many(ControlName), _lacks, 6),
    "denies": Predicate(many(ControlName), _state(Known.NO), 6),
    "assumed": Predicate(flag, lambda _s, x, v: x.assumed is v),
    # a sentence anywhere in the texts says it
    "told": Predicate(together, lambda s, _x, v: s.topology.told(v), 3),
    # any of these controls is stated somewhere in the system
    "stated": Predicate(many(ControlName), lambda s, _x, v: any(s.protection.anywhere(c) for c in v), 4),
    "unstated": Predicate(
        many(ControlName),
        lambda s, _x, v: not any(s.protection.anywhere(c) for c in v),
        4,
    ),
}
"""What can be asked of elements and of flows."""

ELEMENT: Mapping[str, Predicate] = {
    **SHARED,
    "kind": Predicate(many(ElementKind), lambda _s, x, v: _element(x).kind in v),
    # trait: any of them; traits: all of them; no_trait: none of them
    "trait": Predicate(many(Trait), lambda s, x, v: _meets(s.topology.traits[x.id], v)),
    "traits": Predicate(many(Trait), lambda s, x, v: v <= s.topology.traits[x.id]),
    "no_trait": Predicate(many(Trait), lambda s, x, v: not _meets(s.topology.traits[x.id], v)),
    # a whole word or phrase of the name
    "named": Predicate(phrases, lambda s, x, v: _meets(s.topology.grams(x), v), 2),
    "not_named": Predicate(phrases, lambda s, x, v: not _meets(s.topology.grams(x), v), 2),
    # its name, its description or a sentence about it says it
    "described": Predicate(together, lambda s, x, v: s.topology.described(x.id, v), 3),
    # who stands outside: user, staff or partner
    "party": Predicate(many(Party), lambda s, x, v: s.topology.parties.get(x.id) in v),
    "outside": Predicate(flag, lambda s, x, v: (x.id in s.topology.parties) is v),
    # exposed: anybody on the internet can talk to it; reachable: some way leads to it from outside
    "exposed": Predicate(flag, lambda s, x, v: (x.id in s.topology.exposed) is v),
    "reachable": Predicate(flag, lambda s, x, v: bool(s.topology.entry_path(x.id)) is v, 2),
    "hops": Predicate(whole, lambda s, x, v: 0 <= (_hops(s, x)) <= v, 2),
    # what data it holds or handles
    "holds": Predicate(many(DataTag), lambda s, x, v: _meets(_tags(s, _element(x)), v), 2),
    "holds_class": Predicate(
        many(Classification), lambda s, x, v: _at_least_class(s.topology.classification(x), v), 3
    ),
    "in_boundary": Predicate(flag, lambda s, x, v: bool(s.topology.around[x.id]) is v),
    # how many others nobody from outside can reach without it
    "gates": Predicate(whole, lambda s, x, v: s.topology.gates.get(x.id, 0) >= v, 2),
    "connected": Predicate(
        flag, lambda s, x, v: bool(s.topology.incoming[x.id] or s.topology.outgoing[x.id]) is v
    ),
}
"""What can be asked of an element."""

FLOW: Mapping[str, Predicate] = {
    **SHARED,
    # a whole word or phrase of the label, the protocol or the named data
    "label": Predicate(phrases, lambda s, x, v: _meets(s.topology.grams(x), v), 2),
    "not_label": Predicate(phrases, lambda s, x, v: not _meets(s.topology.grams(x), v), 2),
    "carries": Predicate(many(DataTag), lambda s, x, v: _meets(s.topology.flow_tags[x.id], v), 2),
    "carries_class": Predicate(
        many(Classification), lambda s, x, v: _at_least_class(s.topology.classification(x), v), 3
    ),
    "crosses": Predicate(crossing, lambda s, x, v: s.topology.crossings[x.id] in v),
    "encrypted": Predicate(
        many(Known), _known(ControlName.TRANSPORT_ENCRYPTION, lambda s, f: s.topology.encrypted(f)), 2
    ),
    "authenticated": Predicate(
        many(Known), _known(ControlName.AUTHENTICATION, lambda s, f: s.topology.authenticated(f)), 2
    ),
    # over a VPN or another network that not everybody is on
    "private": Predicate(flag, lambda s, x, v: s.topology.over_private_network(_flow(x)) is v, 2),
}
"""What can be asked of a flow."""


def _hops(sight: Sight, subject: Subject) -> int:
    hops = sight.topology.hops(subject.id)
    return -1 if hops is None else hops
