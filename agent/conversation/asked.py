"""What a question asks: its form, and the threats, parts and data of the model that it speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

import yaml

from agent.catalog.controls import Statement, load_controls
from agent.catalog.data_kinds import DataKind, load_data_kinds
from agent.catalog.phrases import PhraseBook, Token, tokens
from agent.catalog.technologies import load_technologies
from agent.catalog.vocabulary import ControlName
from agent.domain.model import ThreatModel
from agent.domain.system import Element, Flow
from agent.domain.threat import Severity, Stride, Threat
from agent.errors import CatalogError
from agent.naming import core, key, words
from knowledge.words import stop_words

LONGEST = 2000
"""Characters of a question that are looked at."""

_THREAT = re.compile(
    r"\b(?:t-(\d{1,5})|t(\d{1,3})|threat (?:number |no\.? ?|#)?(\d{1,5}))\b(?!\.\d)", re.IGNORECASE
)
_IDENTIFIER = re.compile(
    r"\b(?:(?:CWE|CAPEC)-\d+|AML\.T\d{4}(?:\.\d{3})?|T\d{4}(?:\.\d{3})?|(?:API|LLM|A)\d{1,2}:20\d\d|ASVS-\d+\.\d+\.\d+)\b",
    re.IGNORECASE,
)
_LEAST = 4
"""Letters of a single word that may stand for an element or a flow."""


class Form(StrEnum):
    """The forms of forms.yaml, and those that other signs tell."""

    HELP = "help"
    ADD = "add"
    CHANGE = "change"
    LOWER = "lower"
    WHY = "why"
    DECIDED = "decided"
    FIRST = "first"
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
    OTHER = "other"


_SPECIFIC = frozenset({Form.WHY, Form.LOWER, Form.FIX, Form.DECIDED, Form.ADD, Form.HELP})
"""Forms that a question about a control keeps: "how do we fix the missing signature" asks for the fix."""

_LISTED = frozenset({Form.TOUCHING, Form.ABOUT, Form.HAPPENS, Form.OTHER})
"""Forms by which a question that names a category asks for its threats."""


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


@dataclass(frozen=True)
class Asked:
    """A question, taken apart."""

    text: str
    form: Form
    threats: tuple[Threat, ...] = ()
    """Named by their ids."""
    elements: tuple[Element, ...] = ()
    flows: tuple[Flow, ...] = ()
    """Named by both ends or by their label."""
    identifiers: tuple[str, ...] = ()
    controls: tuple[Statement, ...] = ()
    data: tuple[DataKind, ...] = ()
    severities: tuple[Severity, ...] = ()
    strides: tuple[Stride, ...] = ()
    groups: tuple[tuple[str, ...], ...] = field(default=())
    """The words that say what is sought, each with those that stand for it."""

    @property
    def parts(self) -> tuple[str, ...]:
        """Ids of the flows, or where none is named the elements, that it speaks of."""
        return tuple(f.id for f in self.flows) or tuple(e.id for e in self.elements)


@cache
def load_speech() -> Speech:
    """The table of the package; CatalogError when it breaks its own grammar."""
    raw: dict[str, Any] = yaml.safe_load(
        resources.files("agent.conversation").joinpath("forms.yaml").read_text(encoding="utf-8")
    )
    phrases: list[tuple[str, tuple[int, Form, bool]]] = []
    alone: dict[str, Form] = {}
    for place, entry in enumerate(raw["forms"]):
        try:
            form = Form(entry["form"])
        except ValueError as error:
            raise CatalogError(f"forms.yaml: {error}.") from error
        phrases += [(phrase, (place, form, entry.get("opens", False))) for phrase in entry["say"]]
        alone.update(dict.fromkeys(entry.get("alone", ()), form))
    alike = {word: tuple(group) for group in raw["alike"] for word in group}
    return Speech(
        book=PhraseBook(phrases, "forms.yaml"),
        protections=PhraseBook(_protections(raw["protections"]), "forms.yaml"),
        alone=alone,
        asking=frozenset(raw["asking"].split()),
        stating=frozenset(raw["stating"].split()),
        idle=frozenset(raw["idle"].split()),
        alike=alike,
        strides={s: _called(s, raw["strides"].get(s.value, ())) for s in Stride},
        courtesies=frozenset(raw["courtesies"]),
        signs=PhraseBook(((p, Stride(s)) for s, said in raw["signs"].items() for p in said), "forms.yaml"),
    )


def _called(stride: Stride, others: Iterable[str]) -> re.Pattern[str]:
    """An expression for the category's own name and for the other names that it goes by."""
    names = (stride.value.replace("_", " "), *others)
    said = "|".join(re.escape(n).replace(r"\ ", r"[\s_-]+") for n in sorted(names, key=len, reverse=True))
    return re.compile(rf"\b(?:{said})\b", re.IGNORECASE)


def _protections(entries: Iterable[dict[str, Any]]) -> Iterator[tuple[str, tuple[ControlName, ...]]]:
    for entry in entries:
        try:
            names = tuple(ControlName(c) for c in entry["controls"])
        except ValueError as error:
            raise CatalogError(f"forms.yaml: {error}.") from error
        yield from ((phrase, names) for phrase in entry["say"])


def is_courtesy(text: str) -> bool:
    """Whether it asks and says nothing that wants an answer: thanks, an okay, a thumb up."""
    bare = " ".join(re.sub(r"[^\w\s+']", " ", _SMILEY.sub(" ", text.lower())).split())
    return bare in load_speech().courtesies or bool(not bare and text.strip() and "?" not in text)


_SMILEY = re.compile(r":[a-z0-9_+'-]+:")


def understand(question: str, model: ThreatModel) -> Asked:
    """The question taken apart; an empty one asks for help."""
    text = " ".join(question.split())[:LONGEST]
    found = tokens(text)
    strides, named = _strides(text)
    whole = _named_whole(named, model.system.elements)
    elements = tuple(dict.fromkeys((*whole, *_named_partly(named, whole, model.system.elements))))
    labelled = () if elements else _labelled(tokens(named), model)
    if not elements and not labelled:
        elements = _by_technology(named, model.system.elements)
    identifiers = tuple(dict.fromkeys(m.group().upper() for m in _IDENTIFIER.finditer(text)))
    data = tuple(dict.fromkeys(m.payload for m in load_data_kinds().of_text(found)))
    asked = Asked(
        text=text,
        form=Form.OTHER,
        threats=_threats(text, model),
        elements=elements,
        flows=labelled or _between(elements, model),
        identifiers=identifiers,
        controls=_controls(found),
        data=data,
        severities=tuple(s for s in reversed(Severity) if any(t.word == s.value for t in found)),
        strides=strides,
        groups=_groups(found),
    )
    return replace(asked, form=_form(text, found, asked))


def _form(text: str, found: Sequence[Token], asked: Asked) -> Form:  # noqa: PLR0911 - one return a sign
    speech = load_speech()
    bare = text.lower().strip(" .!")
    if not bare or bare in speech.alone:
        return speech.alone.get(bare, Form.HELP)
    heard = [m for m in speech.book.all(found) if not m.payload[2] or m.start == 0]
    first = min((m.payload[:2] for m in heard), default=(0, Form.OTHER))[1]
    if first is Form.ADD or (first is Form.HELP and not asked.parts):
        return first
    if _states(text, found, asked):
        return Form.CHANGE
    if first in _SPECIFIC:
        return first
    if asked.identifiers and not asked.threats and first in {Form.ABOUT, Form.OTHER, Form.HAPPENS}:
        return Form.IDENTIFIER
    if asked.controls and _yes_or_no(found):
        return Form.CONTROL
    return Form.LIST if asked.strides and first in _LISTED else first


def _states(text: str, found: Sequence[Token], asked: Asked) -> bool:
    """Whether it says how things are, and does not ask."""
    if text.rstrip().endswith("?"):
        return False
    begins = [t.word for t in found if t.is_word][:3]
    speech = load_speech()
    if not begins or begins[0] in speech.asking:
        return False
    started = begins[0] in speech.stating or bool(asked.elements) or {"we", "our"} & set(begins)
    return bool(started and (asked.controls or begins[0] in {"we", "our"} or "we" in begins))


def _yes_or_no(found: Sequence[Token]) -> bool:
    begins = next((t.word for t in found if t.is_word), "")
    return begins in {
        "is",
        "are",
        "does",
        "do",
        "has",
        "have",
        "was",
        "were",
        "isn't",
        "aren't",
        "where",
        "which",
    }


def _controls(found: Sequence[Token]) -> tuple[Statement, ...]:
    """The protections that are named, as the descriptions' table hears them, else as questions say it."""
    table = load_controls()
    heard = [m.payload for m in table.book.longest(found) if m.payload.control is not None]
    if not heard:
        named = load_speech().protections.longest(found)[:1]
        heard = [Statement(table.kinds[name]) for m in named for name in m.payload]
    return tuple(dict.fromkeys(heard))


def _strides(text: str) -> tuple[tuple[Stride, ...], str]:
    """The categories that are named, and the text without them: "denial of service" names no service."""
    said = load_speech().strides
    found = tuple(s for s in Stride if said[s].search(text))
    for stride in found:
        text = said[stride].sub(" ", text)
    return found, text


def _threats(text: str, model: ThreatModel) -> tuple[Threat, ...]:
    numbers = [int(next(g for g in m.groups() if g)) for m in _THREAT.finditer(text)]
    by_number = {int(t.id[2:]): t for t in model.threats if t.id[2:].isdigit()}
    return tuple(by_number[n] for n in dict.fromkeys(numbers) if n in by_number)


def unknown_threats(asked: Asked, model: ThreatModel) -> tuple[str, ...]:
    """Ids in the form of threats that the model does not have, as it would write them."""
    have = {int(t.id[2:]) for t in model.threats if t.id[2:].isdigit()}
    numbers = [int(next(g for g in m.groups() if g)) for m in _THREAT.finditer(asked.text)]
    return tuple(f"T-{n:03}" for n in dict.fromkeys(numbers) if n not in have)


def _named_whole(text: str, elements: Iterable[Element]) -> tuple[Element, ...]:
    """Longest names first, so that "Order queue" is not also "Order"; then in the order of the text."""
    rest = f" {key(text)} "
    at: list[tuple[int, Element]] = []
    for element in sorted(elements, key=lambda e: (-len(key(e.name)), e.id)):
        name = f" {key(element.name)} "
        place = rest.find(name) if name.strip() else -1
        if place >= 0:
            at.append((place, element))
            rest = rest[:place] + " " + "#" * (len(name) - 2) + " " + rest[place + len(name) :]
    return tuple(element for _, element in sorted(at, key=lambda pair: (pair[0], pair[1].id)))


def _named_partly(text: str, whole: Sequence[Element], elements: Sequence[Element]) -> tuple[Element, ...]:
    """By words of the name that no element named in full has: all that carry it, else any one."""
    passed = load_speech().idle | stop_words() | {w for e in whole for w in words(e.name)}
    heard = {w for w in words(text) if w not in passed and len(w) >= _LEAST - 1}
    cored = [e for e in elements if set(core(e.name)) <= heard]
    if cored:
        return tuple(cored)
    return tuple(e for e in elements if {w for w in words(e.name) if len(w) >= _LEAST - 1} & heard)


def _by_technology(text: str, elements: Sequence[Element]) -> tuple[Element, ...]:
    """By what the text calls it: "the queue" is every element that is a queue."""
    table = load_technologies()
    wanted = {t.id for part in re.split(r"[\s,.;:?!]+", text) for t in table.recognise(part)}
    traits = {trait for id_ in wanted for trait in table.get(id_).traits}
    named = tuple(e for e in elements if wanted & set(e.technologies))
    return named or tuple(e for e in elements if traits & table.traits_of(e.technologies))


def _between(elements: Sequence[Element], model: ThreatModel) -> tuple[Flow, ...]:
    """Flows between two of the elements."""
    ids = {e.id for e in elements}
    return tuple(f for f in model.system.flows if f.source in ids and f.target in ids)


def _labelled(found: Sequence[Token], model: ThreatModel) -> tuple[Flow, ...]:
    """Flows of whose label the question says a word."""
    heard = {t.stem for t in found if len(t.stem) >= _LEAST and t.stem not in load_speech().idle}
    return tuple(f for f in model.system.flows if (heard - stop_words()) & {t.stem for t in tokens(f.label)})


def _groups(found: Sequence[Token]) -> tuple[tuple[str, ...], ...]:
    speech = load_speech()
    heard = dict.fromkeys(t.word for t in found if len(t.word) > 1)
    sought = [w for w in heard if w not in stop_words() and w not in speech.idle]
    return tuple(dict.fromkeys(speech.alike.get(w, (w,)) for w in sought))[:12]
