"""The condition language: YAML in, frozen conditions out.

A condition is a mapping; all its entries must hold. The entries are the predicates of
`agent.catalog.predicates` and these words::

    all: [ … ]   any: [ … ]   not: { … }          of conditions
    from: { … }  to: { … }                        the ends of a flow
    receives:    { from: {…}, flow: {…}, at_least: 1, at_most: n, as: name }
    sends:       { to: {…},   flow: {…}, at_least: 1, at_most: n, as: name }
    linked:      { with: {…}, flow: {…}, at_least: 1, at_most: n, as: name }   in either direction
    path_from:   { start: {…}, avoiding: {…}, within: n, as: name }
    exists:      { element: {…} | flow: {…}, at_least: 1, at_most: n, as: name }   anywhere in the system
    none:        { element: {…} | flow: {…} }

`described` (of an element) and `told` (of the whole system) ask what sentences say: a list of phrases of one
to three words, or of several with "&" between them that must stand in one sentence.

A word, trait, control or kind of data that does not exist is refused with its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

from agent.catalog.conditions import Anywhere, Condition, End, Every, Linked, Not, PathFrom, Some, Test
from agent.catalog.predicates import ELEMENT, FLOW, whole
from agent.catalog.vocabulary import ControlName
from agent.errors import CatalogError

Subject = Literal["element", "flow"]


def parse(raw: object, about: Subject, place: str) -> Condition:
    """The condition that the YAML value says; CatalogError with the place when it says none."""
    parts = [_entry(word, value, about, f"{place}.{word}") for word, value in _mapping(raw, place).items()]
    if not parts:
        raise CatalogError(f"{place}: an empty condition holds of everything; say what is meant.")
    return parts[0] if len(parts) == 1 else Every(tuple(sorted(parts, key=lambda p: p.cost)))


def names_in(condition: Condition) -> frozenset[str]:
    """Every name under which the condition, or a part of it, captures elements."""
    names = {c.name for c in walk(condition) if isinstance(c, Linked | PathFrom | Anywhere)}
    return frozenset(names - {""})


def controls_in(condition: Condition) -> frozenset[ControlName]:
    """Every control that the condition, or a part of it, asks for at some place."""
    found: set[ControlName] = set()
    for part in walk(condition):
        if isinstance(part, Test) and part.name in {"has", "lacks", "denies"}:
            found |= part.value
        elif isinstance(part, Test) and part.name in _PROPERTIES:
            found.add(_PROPERTIES[part.name])
    return frozenset(found)


def is_specific(condition: Condition) -> bool:
    """Whether it asks for words of a name, a label or a text, not only for what kind of thing it is."""
    return any(isinstance(part, Test) and part.name in _WORDS for part in walk(condition, denied=False))


_WORDS = frozenset({"named", "label", "described", "told"})


def phrases_in(condition: Condition) -> tuple[frozenset[frozenset[str]], frozenset[frozenset[str]]]:
    """What the condition wants a subject to be described as, and what it wants told anywhere."""
    asked: dict[str, frozenset[frozenset[str]]] = {"described": frozenset(), "told": frozenset()}
    for part in walk(condition, denied=False):
        if isinstance(part, Test) and part.name in asked:
            asked[part.name] |= part.value
    return asked["described"], asked["told"]


_PROPERTIES = {
    "encrypted": ControlName.TRANSPORT_ENCRYPTION,
    "authenticated": ControlName.AUTHENTICATION,
}


def walk(condition: Condition, *, denied: bool = True) -> Iterator[Condition]:
    """The condition and all its parts; those that must not hold only if `denied`."""
    yield condition
    parts: tuple[Condition | None, ...] = ()
    match condition:
        case Every(parts=inner) | Some(parts=inner):
            parts = inner
        case Not(part=part):
            parts = (part,) if denied else ()
        case End(other=other):
            parts = (other,)
        case Linked(flow=flow, other=other):
            parts = (flow, other)
        case PathFrom(start=start, avoiding=avoiding):
            parts = (start, avoiding)
        case Anywhere(each=each):
            parts = (each,)
        case _:
            pass
    for inside in parts:
        if inside is not None:
            yield from walk(inside, denied=denied)


def _entry(word: str, value: object, about: Subject, place: str) -> Condition:
    combined = _COMBINERS.get(word)
    if combined is not None:
        return combined(value, about, place)
    structural = _STRUCTURES[about].get(word)
    if structural is not None:
        return structural(value, place)
    predicate = (ELEMENT if about == "element" else FLOW).get(word)
    if predicate is None:
        raise CatalogError(f"{place}: {word!r} cannot be asked of {_article(about)}.")
    try:
        return Test(word, predicate.read(value), predicate.test, predicate.cost)
    except ValueError as error:
        raise CatalogError(f"{place}: {error}.") from None


def _article(about: Subject) -> str:
    return "an element" if about == "element" else "a flow"


def _mapping(raw: object, place: str, allowed: frozenset[str] | None = None) -> Mapping[str, Any]:
    if not isinstance(raw, dict) or not all(isinstance(k, str) for k in raw):
        raise CatalogError(f"{place}: expected a mapping of words, got {raw!r}.")
    strange = set(raw) - allowed if allowed is not None else set()
    if strange:
        raise CatalogError(f"{place}: {', '.join(sorted(strange))}: not a word here.")
    return raw


def _list(value: object, about: Subject, place: str) -> tuple[Condition, ...]:
    if not isinstance(value, list) or not value:
        raise CatalogError(f"{place}: expected a list of conditions.")
    return tuple(parse(v, about, f"{place}[{i}]") for i, v in enumerate(value))


def _count(raw: Mapping[str, Any], word: str, place: str) -> int | None:
    if word not in raw:
        return None
    try:
        return whole(raw[word])
    except ValueError as error:
        raise CatalogError(f"{place}.{word}: {error}.") from None


def _linked(way: Literal["receives", "sends", "linked"], end: str) -> Callable[[object, str], Condition]:
    def read(value: object, place: str) -> Condition:
        raw = _mapping(value, place, frozenset({end, "flow", "at_least", "at_most", "as"}))
        least = _count(raw, "at_least", place)
        return Linked(
            way=way,
            flow=parse(raw["flow"], "flow", f"{place}.flow") if "flow" in raw else None,
            other=parse(raw[end], "element", f"{place}.{end}") if end in raw else None,
            at_least=1 if least is None else least,
            at_most=_count(raw, "at_most", place),
            name=str(raw.get("as", "")),
        )

    return read


def _path(value: object, place: str) -> Condition:
    raw = _mapping(value, place, frozenset({"start", "avoiding", "within", "as"}))
    return PathFrom(
        start=parse(raw.get("start"), "element", f"{place}.start"),
        avoiding=parse(raw["avoiding"], "element", f"{place}.avoiding") if "avoiding" in raw else None,
        within=_count(raw, "within", place),
        name=str(raw.get("as", "")),
    )


def _anywhere(value: object, place: str, *, none: bool = False) -> Condition:
    raw = _mapping(value, place, frozenset({"element", "flow", "at_least", "at_most", "as"}))
    kinds = [k for k in ("element", "flow") if k in raw]
    if len(kinds) != 1:
        raise CatalogError(f"{place}: expected either element or flow.")
    least = _count(raw, "at_least", place)
    return Anywhere(
        what="elements" if kinds[0] == "element" else "flows",
        each=parse(raw[kinds[0]], "element" if kinds[0] == "element" else "flow", f"{place}.{kinds[0]}"),
        at_least=0 if none else 1 if least is None else least,
        at_most=0 if none else _count(raw, "at_most", place),
        name=str(raw.get("as", "")) if kinds[0] == "element" else "",
    )


_COMBINERS: Mapping[str, Callable[[object, Subject, str], Condition]] = {
    "all": lambda value, about, place: Every(_list(value, about, place)),
    "any": lambda value, about, place: Some(_list(value, about, place)),
    "not": lambda value, about, place: Not(parse(value, about, place)),
    "exists": lambda value, _about, place: _anywhere(value, place),
    "none": lambda value, _about, place: _anywhere(value, place, none=True),
}

_STRUCTURES: Mapping[Subject, Mapping[str, Callable[[object, str], Condition]]] = {
    "element": {
        "receives": _linked("receives", "from"),
        "sends": _linked("sends", "to"),
        "linked": _linked("linked", "with"),
        "path_from": _path,
    },
    "flow": {
        "from": lambda value, place: End("from", parse(value, "element", place)),
        "to": lambda value, place: End("to", parse(value, "element", place)),
    },
}
