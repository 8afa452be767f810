"""What a question asks: its form, and the threats, parts and data of the model that it speaks of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from agent.catalog.controls import ControlKind, Statement, load_controls
from agent.catalog.data_kinds import DataKind, load_data_kinds
from agent.catalog.phrases import Token, tokens
from agent.catalog.spelling import mended
from agent.conversation import turns
from agent.conversation.places import named_places
from agent.conversation.respelling import respelled
from agent.conversation.speech import Decision, Form, Framework, load_speech
from agent.domain.model import ThreatModel
from agent.domain.system import Element, Exposure, Flow
from agent.domain.threat import Severity, Stride, Threat
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

_SPECIFIC = frozenset(
    {Form.WHY, Form.LOWER, Form.FIX, Form.DECIDED, Form.SUPPOSE, Form.ATTACKER, Form.EVIDENCE, Form.OWNER}
    | {Form.COMPARE, Form.QUICK, Form.EFFORT, Form.SUMMARY, Form.NEED, Form.SURE, Form.PLAIN, Form.FIRST}
    | {Form.LEAST, Form.SPREAD, Form.WHETHER, Form.COVERED, Form.EFFORT}
    | {Form.BACKLOG, Form.BEYOND, Form.REDRAW, Form.HOTSPOTS, Form.UNTOUCHED}
)
"""Forms that a question about a control keeps: "how do we fix the missing signature" asks for the fix."""

_WHOLE = frozenset(
    {Form.FIRST, Form.QUICK, Form.SUMMARY, Form.BREAKDOWN, Form.LIST, Form.GAPS, Form.EFFORT, Form.BARE}
    | {Form.QUESTIONS, Form.ASSUMPTIONS, Form.CHANGED, Form.DECIDED, Form.BACKLOG, Form.HOTSPOTS}
    | {Form.UNTOUCHED}
)
"""Forms of what is asked about the model as a whole, with or without a question mark."""
_OURS = frozenset({"we", "our", "the", "it", "they"})

_LISTED = frozenset({Form.TOUCHING, Form.ABOUT, Form.HAPPENS, Form.OTHER})
"""Forms by which a question that names a category asks for its threats."""

_LOOSE = frozenset({Form.ABOUT, Form.OTHER, Form.HAPPENS})
"""Forms that say little of what is asked."""

_COPULAS = frozenset(
    {"is", "are", "isn't", "aren't", "was", "has", "have", "does", "doesn't", "do", "don't", "runs", "uses"}
    | {"checks", "gets", "cannot", "can't", "never", "always", "only", "sits", "lives", "needs", "requires"}
    | {"works", "stands", "signs", "encrypts", "validates", "verifies", "limits", "stores", "keeps", "logs"}
    | {"connects", "comes", "goes", "accepts", "rejects", "allows", "talks", "masks", "rotates", "filters"}
)
_QUESTIONS = frozenset({"what", "who", "which", "how", "why", "where", "when", "whose"})
_YES_OR_NO = frozenset(
    {"is", "are", "does", "do", "has", "have", "was", "were", "isn't", "aren't", "where", "which"}
)


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
    exposures: tuple[Exposure, ...] = ()
    """How far a part is said to be open."""
    data: tuple[DataKind, ...] = ()
    severities: tuple[Severity, ...] = ()
    strides: tuple[Stride, ...] = ()
    frameworks: tuple[Framework, ...] = ()
    """Laws and standards that it names."""
    decision: Decision | None = None
    """What it decides about the threats that it names."""
    press: str = ""
    """What it wants done that is done by a button."""
    language: str = ""
    """The language that it is in, where that is not English."""
    groups: tuple[tuple[str, ...], ...] = field(default=())
    """The words that say what is sought, each with those that stand for it."""

    @property
    def parts(self) -> tuple[str, ...]:
        """Ids of the flows, or where none is named the elements, that it speaks of."""
        return tuple(f.id for f in self.flows) or tuple(e.id for e in self.elements)


def is_courtesy(text: str) -> bool:
    """Whether it asks and says nothing that wants an answer: thanks, an okay, a thumb up."""
    bare = re.sub(r"[^\w\s+']", " ", turns.SMILEY.sub(" ", text.lower())).split()
    if not bare:
        return bool(text.strip()) and "?" not in text
    return "?" not in text and _is_kind(tuple(bare))


def _is_kind(said: tuple[str, ...]) -> bool:
    """Whether the words are courtesies, one after the other."""
    known = load_speech().courtesies
    heads = (n for n in range(len(said), 0, -1) if " ".join(said[:n]) in known)
    return not said or any(_is_kind(said[n:]) for n in heads)


def understand(question: str, model: ThreatModel) -> Asked:
    """The question taken apart; an empty one asks for help."""
    text = mended(" ".join(question.replace("’", "'").split())[:LONGEST])
    text = turns.GREETING.sub("", text, count=1) or text
    corrected = turns.DENIED.sub("", text, count=1)
    if corrected != text and corrected.strip(" .!?"):
        found = _spelled(corrected, model)
        if found.form is Form.CHANGE:
            return found
    return _spelled(text, model)


def _spelled(text: str, model: ThreatModel) -> Asked:
    """The question with its slips put right; what would be kept of a person's words is kept as written."""
    found = _taken_apart(respelled(text, model), model)
    return replace(found, text=text) if found.form in _KEPT else found


_KEPT = frozenset({Form.CHANGE, Form.ADD, Form.DECIDE})


def _taken_apart(text: str, model: ThreatModel) -> Asked:
    found = tokens(text)
    strides, named = _strides(text)
    elements, flows = named_places(found, named, model)
    internal = [Exposure.INTERNAL] if turns.INTERNAL.search(text) else []
    beside = tokens(_without_names(text, elements))
    heard = load_controls().book.longest(found)
    frameworks = tuple(dict.fromkeys(m.payload for m in load_speech().frameworks.longest(found)))
    asked = Asked(
        text=text,
        form=Form.OTHER,
        threats=_threats(text, model),
        elements=elements,
        flows=flows,
        identifiers=tuple(dict.fromkeys(m.group().upper() for m in _IDENTIFIER.finditer(text))),
        controls=_controls(beside),
        exposures=tuple(dict.fromkeys([*(e for m in heard if (e := m.payload.exposure)), *internal])),
        data=tuple(dict.fromkeys(m.payload for m in load_data_kinds().of_text(beside))),
        severities=tuple(s for s in reversed(Severity) if any(t.stem == s.value for t in found)),
        strides=strides,
        frameworks=frameworks,
        decision=_decision(text, found),
        press=next((m.payload for m in load_speech().presses.all(found)), ""),
        language=_language(found),
        groups=_groups(found),
    )
    return replace(asked, form=_form(found, asked))


def _without_names(text: str, elements: Sequence[Element]) -> str:
    """The text without the parts' names: “Merchant auth service” speaks of no authentication."""
    for element in elements:
        text = re.sub(rf"\b{re.escape(element.name)}\b", "it", text, flags=re.IGNORECASE)
    return text


def _decision(text: str, found: Sequence[Token]) -> Decision | None:
    """What is decided about threats; nothing where it is said not to be."""
    if turns.NOT_YET.match(text):
        return None
    heard = {m.payload for m in load_speech().verdicts.all(found)}
    return next((d for d in Decision if d in heard), None)


def _form(found: Sequence[Token], asked: Asked) -> Form:  # noqa: PLR0911 - one return a sign
    speech = load_speech()
    bare = asked.text.lower().strip(" .!?…")
    if not bare or bare in speech.alone:
        return speech.alone.get(bare, Form.HELP)
    first = _by_turn(_first(found, asked), asked)
    if first is Form.ADD or (first is Form.HELP and not asked.parts):
        return first
    if told := _told(asked, first):
        return told
    if _states(found, asked) and not (first in _WHOLE and found[0].word not in _OURS):
        return Form.CHANGE
    if first in _SPECIFIC:
        return first
    if asked.identifiers and not asked.threats and first in _LOOSE:
        return Form.IDENTIFIER
    if asked.controls and not asked.threats and (_yes_or_no(found) or first in {Form.ABOUT, Form.OTHER}):
        return Form.CONTROL
    return Form.LIST if asked.strides and first in _LISTED else first


def _by_turn(first: Form, asked: Asked) -> Form:
    """The form that a turn of speech tells, whose words stand too far apart for a phrase; else the same."""
    if asked.controls and turns.HELPS.match(asked.text):
        return Form.SUPPOSE
    if first is Form.OTHER and turns.FIRST.match(asked.text):
        return Form.FIRST
    if turns.AS_GUARD.search(asked.text) and asked.parts:
        return Form.GUARD
    if turns.LOOKED.match(asked.text):
        return Form.WHETHER
    if turns.EXPLAINED.match(asked.text) and first not in {Form.SUMMARY, Form.IDENTIFIER}:
        return Form.PLAIN
    return Form.NEED if asked.controls and turns.ENOUGH.match(asked.text) else first


def _first(found: Sequence[Token], asked: Asked) -> Form:
    """The topmost form of forms.yaml of which a phrase stands in the question, and that can be meant."""
    heard = [m for m in load_speech().book.all(found) if not m.payload[2] or m.start == 0]
    places = sorted((m.payload for m in heard), key=lambda payload: payload[0])
    return next((form for _, form, _ in places if _can_be(form, asked)), Form.OTHER)


def _can_be(form: Form, asked: Asked) -> bool:
    """Whether the question has what a form needs: two threats to compare, a protection to suppose."""
    protects = bool(asked.controls or asked.exposures)
    needs = {
        Form.SUPPOSE: protects,
        Form.NEED: bool(asked.controls),
        Form.REDRAW: bool(asked.parts) and not asked.threats,
        Form.COMPARE: len(asked.threats) > 1,
        Form.MEANS: bool(term(asked.text)),
        Form.SURE: bool(asked.threats) or bool(turns.POINTS.search(asked.text)),
        Form.PLAIN: bool(asked.threats or asked.parts) or bool(turns.POINTS.search(asked.text)),
        Form.SPREAD: bool(asked.elements) and not asked.threats,
        Form.LEAST: not asked.threats and not asked.controls,
        Form.UNTOUCHED: not asked.parts,
        Form.HOTSPOTS: not asked.parts,
        Form.FIRST: not turns.ABOUT_IT.search(asked.text),
    }
    return needs.get(form, True)


def _told(asked: Asked, first: Form) -> Form | None:
    """The form that a word of its own kind tells: a decision, a button, a law, another language, a term."""
    parts = asked.parts
    if asked.threats and asked.decision and not asked.text.endswith("?"):
        return Form.DECIDE
    if asked.press and not (parts or asked.threats):
        return Form.PRESS
    if asked.language and not asked.threats:
        return Form.FOREIGN
    if asked.frameworks and not asked.identifiers and not (first is Form.DATA and (parts or asked.data)):
        return Form.FRAMEWORK
    if not (parts or asked.threats) and turns.DEFINED.match(asked.text) and term(asked.text):
        return Form.MEANS
    return None


def strongest(asked: Asked) -> list[tuple[ControlKind, bool]]:
    """The controls that it names and whether they are there, without those that another brings with it."""
    said = [(s.control, s.present) for s in asked.controls if s.control is not None]
    brought = {fact.removeprefix("control:") for kind, present in said if present for fact in kind.implies}
    return [(kind, present) for kind, present in said if kind.name.value not in brought]


def term(text: str) -> str:
    """The word of the glossary that the text names; "" when it names none."""
    said = f" {' '.join(t.stem for t in tokens(text))} "
    return next((w for w in load_speech().glossary if f" {w.lower()} " in said), "")


def _language(found: Sequence[Token]) -> str:
    """The language that has more of the little words than English has; "" for English."""
    said = [t.word for t in found if t.is_word]
    speech = load_speech()
    english = sum(w in stop_words() or w in speech.asking or w in speech.idle for w in said)
    counts = {name: sum(w in words for w in said) for name, words in speech.elsewhere.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] > max(1, english) else ""


def _states(found: Sequence[Token], asked: Asked) -> bool:
    """Whether it says how things are, and does not ask."""
    if asked.text.rstrip().endswith("?"):
        return False
    begins = [t.word for t in found if t.is_word]
    speech = load_speech()
    if not begins or begins[0] in speech.asking:
        return False
    if asked.elements and _COPULAS & set(begins) and not _QUESTIONS & set(begins):
        return True
    started = begins[0] in speech.stating or bool(asked.elements) or {"we", "our"} & set(begins[:3])
    return bool(started and (asked.controls or begins[0] in {"we", "our"} or "we" in begins[:3]))


def _yes_or_no(found: Sequence[Token]) -> bool:
    return next((t.word for t in found if t.is_word), "") in _YES_OR_NO


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


def _groups(found: Sequence[Token]) -> tuple[tuple[str, ...], ...]:
    speech = load_speech()
    heard = dict.fromkeys(t.word for t in found if len(t.word) > 1)
    sought = [w for w in heard if w not in stop_words() and w not in speech.idle]
    return tuple(dict.fromkeys(speech.alike.get(w) or _both(w) for w in sought))[:12]


def _both(word: str) -> tuple[str, ...]:
    """The word, and of a denied one what it denies: a sentence that nobody reviews it says “unreviewed”."""
    return (word, word[2:]) if word.startswith("un") and len(word) > _LONG else (word,)


_LONG = 7
