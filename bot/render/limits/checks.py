"""The small words that the limits are written in: a check takes a value and its JSON pointer, gives problems.

Lengths are counted in UTF-16 code units, as the strictest client counts: an emoji is two.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

Check = Callable[[Any, str], Iterator[str]]
"""A value and its JSON pointer in, one sentence a problem out."""


def length(text: str) -> int:
    """UTF-16 code units of the text; never less than `len`."""
    return len(text) + sum(character > "\uffff" for character in text)


def string(at_most: int | None = None, *, at_least: int = 1, pattern: str = "") -> Check:
    """A string of a length within both bounds, wholly of the pattern where there is one."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield f"{at}: must be a string, not {_kind(value)}"
            return
        if at_least and not value:
            yield f"{at}: must not be empty"
        if at_most is not None and length(value) > at_most:
            yield f"{at}: {length(value)} characters, at most {at_most} are allowed"
        if pattern and not re.fullmatch(pattern, value):
            yield f"{at}: {value[:40]!r} is not of the form {pattern}"

    return check


def boolean(value: Any, at: str) -> Iterator[str]:
    """True or False."""
    if not isinstance(value, bool):
        yield f"{at}: must be true or false, not {_kind(value)}"


def integer(at_least: int, at_most: int | None = None) -> Check:
    """A whole number within the bounds."""

    def check(value: Any, at: str) -> Iterator[str]:
        if isinstance(value, bool) or not isinstance(value, int):
            yield f"{at}: must be a whole number, not {_kind(value)}"
        elif value < at_least or (at_most is not None and value > at_most):
            yield f"{at}: {value} is outside {at_least} to {'any' if at_most is None else at_most}"

    return check


def number(value: Any, at: str) -> Iterator[str]:
    """Any number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield f"{at}: must be a number, not {_kind(value)}"


def anything(value: Any, at: str) -> Iterator[str]:
    """No demand at all."""
    del value, at
    return iter(())


def enum(*allowed: object) -> Check:
    """One of the values."""

    def check(value: Any, at: str) -> Iterator[str]:
        if value not in allowed:
            yield f"{at}: {str(value)[:40]!r} is not one of {', '.join(map(str, allowed))}"

    return check


def items(each: Check, at_most: int | None = None, *, at_least: int = 1) -> Check:
    """An array with a number of items within the bounds, each of them checked."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not is_array(value):
            yield f"{at}: must be an array, not {_kind(value)}"
            return
        if len(value) < at_least:
            yield f"{at}: {len(value)} items, at least {at_least} must be there"
        if at_most is not None and len(value) > at_most:
            yield f"{at}: {len(value)} items, at most {at_most} are allowed"
        for index, item in enumerate(value):
            yield from each(item, f"{at}/{index}")

    return check


def members(
    required: Mapping[str, Check] | None = None, optional: Mapping[str, Check] | None = None, *rules: Check
) -> Check:
    """An object with all of the required members, no unknown one, and further rules over the whole."""
    needed = dict(required or {})
    known = needed | dict(optional or {})

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield f"{at}: must be an object, not {_kind(value)}"
            return
        for name in needed:
            if name not in value:
                yield f"{at}/{name}: is missing"
        for name, member in value.items():
            if name not in known:
                yield f"{at}/{name}: is not a member of {value.get('type', 'this object')}"
            else:
                yield from known[name](member, f"{at}/{name}")
        for rule in rules:
            yield from rule(value, at)

    return check


def typed(kinds: Mapping[str, Check], what: str) -> Check:
    """An object whose `type` picks its check; `what` names the place for the refusal."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield f"{at}: must be an object, not {_kind(value)}"
            return
        kind = value.get("type")
        if not isinstance(kind, str) or kind not in kinds:
            yield f"{at}/type: {str(kind)[:40]!r} is not allowed in {what}"
            return
        yield from kinds[kind](value, at)

    return check


def some_of(*names: str) -> Check:
    """A rule: at least one of the members stands."""

    def rule(value: Any, at: str) -> Iterator[str]:
        if not any(name in value for name in names):
            yield f"{at}: needs one of {', '.join(names)}"

    return rule


def one_of(*names: str) -> Check:
    """A rule: exactly one of the members stands."""

    def rule(value: Any, at: str) -> Iterator[str]:
        if sum(name in value for name in names) != 1:
            yield f"{at}: needs exactly one of {', '.join(names)}"

    return rule


def is_array(value: object) -> bool:
    """Whether the value is an array: a list or a tuple."""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def objects(value: Any) -> Iterable[Mapping[str, Any]]:
    """The objects of an array, or nothing when it is none."""
    return [item for item in value if isinstance(item, Mapping)] if is_array(value) else []


def _kind(value: object) -> str:
    return "nothing" if value is None else type(value).__name__
