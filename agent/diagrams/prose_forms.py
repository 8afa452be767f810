"""Verbs and their forms: "sends", "sent" and "sending" of "send"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Words = tuple[str, ...]


@dataclass(frozen=True)
class Verb:
    """One verb that moves data."""

    base: str
    to: tuple[Words, ...]
    """The words after which the receiver is named; the empty tuple is the direct object."""
    source: tuple[Words, ...]
    """The words after which the sender is named."""


class Tense(StrEnum):
    """Which form of a verb a word is."""

    BASE = "base"
    THIRD = "third"
    PAST = "past"
    """Past tense or participle."""
    GERUND = "gerund"


@dataclass(frozen=True)
class VerbForm:
    """One form of a verb: "sent" of "send"."""

    verb: Verb | None
    """None for a verb that moves no data."""
    tense: Tense
    base: str = ""


def verb_forms(raw: Mapping[str, Any]) -> Iterable[tuple[str, VerbForm]]:
    """Every form of every verb of the table, plain verbs first, so that those that move data win."""
    for base in raw["plain_verbs"]:
        yield from _conjugate(str(base), None, ())
    for base, entry in raw["verbs"].items():
        to = tuple(tuple(str(p).split()) for p in entry.get("to", ()))
        source = tuple(tuple(str(p).split()) for p in entry.get("from", ()))
        yield from _conjugate(str(base), Verb(str(base), to, source), entry.get("forms", ()))


def _conjugate(base: str, verb: Verb | None, irregular: Iterable[Any]) -> Iterable[tuple[str, VerbForm]]:
    """Every form of the verb: base, third person, past, participle; irregular forms replace what they are."""
    special = [str(f) for f in irregular]
    gerund = next((f for f in special if f.endswith("ing")), "") or _gerund(base)
    past = [f for f in special if not f.endswith("ing")] or [_past(base)]
    yield gerund, VerbForm(verb, Tense.GERUND, base)
    for form in past:
        yield form, VerbForm(verb, Tense.PAST, base)
    yield _third(base), VerbForm(verb, Tense.THIRD, base)
    yield base, VerbForm(verb, Tense.BASE, base)


def _third(stem: str) -> str:
    if stem.endswith(("s", "x", "z", "sh", "ch", "o")):
        return stem + "es"
    if stem.endswith("y") and stem[-2] not in "aeiou":
        return stem[:-1] + "ies"
    return stem + "s"


def _past(stem: str) -> str:
    if stem.endswith("e"):
        return stem + "d"
    if stem.endswith("y") and stem[-2] not in "aeiou":
        return stem[:-1] + "ied"
    return stem + "ed"


def _gerund(stem: str) -> str:
    return (stem[:-1] if stem.endswith("e") and not stem.endswith("ee") else stem) + "ing"
