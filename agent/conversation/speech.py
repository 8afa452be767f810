"""How people ask and say things: the tables of `forms.yaml`, checked when loaded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

import yaml

from agent.catalog.phrases import PhraseBook
from agent.catalog.vocabulary import ControlName, DataTag
from agent.domain.threat import Stride
from agent.errors import CatalogError

FILE = "forms.yaml"


class Form(StrEnum):
    """The forms of forms.yaml, and those that other signs tell."""

    HELP = "help"
    DENY = "deny"
    ADD = "add"
    CHANGE = "change"
    SUPPOSE = "suppose"
    MEANS = "means"
    COMPARE = "compare"
    MORE = "more"
    SUMMARY = "summary"
    BREAKDOWN = "breakdown"
    BARE = "bare"
    EFFORT = "effort"
    OWNER = "owner"
    ATTACKER = "attacker"
    EVIDENCE = "evidence"
    LOWER = "lower"
    WHY = "why"
    DECIDED = "decided"
    FIRST = "first"
    QUICK = "quick"
    GAPS = "gaps"
    QUESTIONS = "questions"
    ASSUMPTIONS = "assumptions"
    LIST = "list"
    FIX = "fix"
    REACH = "reach"
    DATA = "data"
    CONTROL = "control"
    IDENTIFIER = "identifier"
    TOUCHING = "touching"
    HAPPENS = "happens"
    ABOUT = "about"
    CHANGED = "changed"
    DECIDE = "decide"
    PRESS = "press"
    FRAMEWORK = "framework"
    FOREIGN = "foreign"
    GUARD = "guard"
    NEED = "need"
    SURE = "sure"
    PLAIN = "plain"
    BACKLOG = "backlog"
    UNTOUCHED = "untouched"
    HOTSPOTS = "hotspots"
    REDRAW = "redraw"
    BEYOND = "beyond"
    WHETHER = "whether"
    SPREAD = "spread"
    LEAST = "least"
    COVERED = "covered"
    OTHER = "other"


class Decision(StrEnum):
    """What an engineer decides about a threat by a sentence; of several the topmost counts."""

    SEVERITY = "severity"
    RISK_ACCEPTED = "risk_accepted"
    MITIGATED = "mitigated"
    DISMISSED = "dismissed"
    ACCEPTED = "accepted"


@dataclass(frozen=True)
class Framework:
    """A law or a standard that people ask about."""

    name: str
    data: tuple[DataTag, ...] = ()
    """Kinds of data that it is about."""
    cites: str = ""
    """What its identifiers begin with."""


@dataclass(frozen=True)
class Theme:
    """What a question is after."""

    strides: tuple[Stride, ...] = ()
    cites: tuple[str, ...] = ()


@dataclass(frozen=True)
class Speech:
    """The tables of forms.yaml."""

    book: PhraseBook[tuple[int, Form, bool]]
    protections: PhraseBook[tuple[ControlName, ...]]
    alone: Mapping[str, Form]
    asking: frozenset[str]
    stating: frozenset[str]
    idle: frozenset[str]
    alike: Mapping[str, tuple[str, ...]]
    strides: Mapping[Stride, re.Pattern[str]]
    """How each category is named."""
    courtesies: frozenset[str]
    signs: PhraseBook[Stride]
    """Words of a sentence by which its category is known when it names none."""
    verdicts: PhraseBook[Decision]
    presses: PhraseBook[str]
    pressed: Mapping[str, str]
    """What is said of each thing that is done by a button."""
    frameworks: PhraseBook[Framework]
    catalogues: tuple[Framework, ...]
    """Those of the frameworks that have identifiers."""
    themes: PhraseBook[Theme]
    glossary: Mapping[str, str]
    elsewhere: Mapping[str, frozenset[str]]
    """Little words of other languages, by the language's name."""
    vocabulary: frozenset[str]
    """Words that questions are made of."""


@cache
def load_speech() -> Speech:
    """The table of the package; CatalogError when it breaks its own grammar."""
    raw: dict[str, Any] = yaml.safe_load(
        resources.files("agent.conversation").joinpath(FILE).read_text(encoding="utf-8")
    )
    try:
        return _speech(raw)
    except (ValueError, KeyError) as error:
        raise CatalogError(f"{FILE}: {error}.") from error


def _speech(raw: Mapping[str, Any]) -> Speech:
    phrases: list[tuple[str, tuple[int, Form, bool]]] = []
    alone: dict[str, Form] = {}
    for place, entry in enumerate(raw["forms"]):
        form = Form(entry["form"])
        phrases += [(phrase, (place, form, entry.get("opens", False))) for phrase in entry["say"]]
        alone.update(dict.fromkeys(entry.get("alone", ()), form))
    presses = raw["presses"]
    alone |= {said: Form.PRESS for entry in presses.values() for said in entry.get("alone", ())}
    frameworks = ((said, _framework(entry)) for entry in raw["frameworks"] for said in entry["say"])
    return Speech(
        book=PhraseBook(phrases, FILE),
        protections=PhraseBook(_protections(raw["protections"]), FILE),
        alone=alone,
        asking=frozenset(raw["asking"].split()),
        stating=frozenset(raw["stating"].split()),
        idle=frozenset(raw["idle"].split()),
        alike={word: tuple(group) for group in raw["alike"] for word in group},
        strides={s: _called(s, raw["strides"].get(s.value, ())) for s in Stride},
        courtesies=frozenset(raw["courtesies"]),
        signs=PhraseBook(_each(raw["signs"], Stride), FILE),
        verdicts=PhraseBook(_each(raw["verdicts"], Decision), FILE),
        presses=PhraseBook(_presses(presses), FILE),
        pressed={name: " ".join(entry["told"].split()) for name, entry in presses.items()},
        frameworks=PhraseBook(frameworks, FILE),
        catalogues=tuple(f for f in map(_framework, raw["frameworks"]) if f.cites),
        themes=PhraseBook(((said, _theme(e)) for e in raw["themes"] for said in e["say"]), FILE),
        glossary={word: " ".join(text.split()) for word, text in raw["glossary"].items()},
        elsewhere={name: frozenset(words.split()) for name, words in raw["elsewhere"].items()},
        vocabulary=_vocabulary(raw),
    )


def _vocabulary(raw: Mapping[str, Any]) -> frozenset[str]:
    """Every whole word of the forms, the protections and the words that questions begin with."""
    phrases = [phrase for part in ("forms", "protections") for entry in raw[part] for phrase in entry["say"]]
    said = " ".join([*phrases, raw["asking"]]).lower().replace("|", " ").replace("?", " ")
    return frozenset(word for word in said.split() if word.isalpha())


def _each(raw: Mapping[str, Iterable[str]], kind: Any) -> Iterator[tuple[str, Any]]:
    return ((phrase, kind(name)) for name, said in raw.items() for phrase in said)


def _presses(raw: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    return (
        (phrase, name) for name, entry in raw.items() for phrase in (*entry["say"], *entry.get("alone", ()))
    )


def _framework(entry: Mapping[str, Any]) -> Framework:
    return Framework(entry["name"], tuple(map(DataTag, entry.get("data", ()))), entry.get("cites", ""))


def _theme(entry: Mapping[str, Any]) -> Theme:
    return Theme(tuple(map(Stride, entry.get("stride", ()))), tuple(entry.get("cites", ())))


def _called(stride: Stride, others: Iterable[str]) -> re.Pattern[str]:
    """An expression for the category's own name and for the other names that it goes by."""
    names = (stride.value.replace("_", " "), *others)
    said = "|".join(re.escape(n).replace(r"\ ", r"[\s_-]+") for n in sorted(names, key=len, reverse=True))
    return re.compile(rf"\b(?:{said})\b", re.IGNORECASE)


def _protections(entries: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, tuple[ControlName, ...]]]:
    for entry in entries:
        names = tuple(ControlName(c) for c in entry["controls"])
        yield from ((phrase, names) for phrase in entry["say"])
