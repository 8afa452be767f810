"""Answers after a protection: whether it is there, as far as the input says, and what hangs on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.catalog.control_words import load_control_words
from agent.catalog.controls import ControlKind
from agent.conversation import telling
from agent.conversation.context import NAMED, TOLD, Context, Draft, of_question, question_line, quoted
from agent.conversation.parts import reach
from agent.conversation.reply import Citation, listed, of_part, of_threat, one_line
from agent.conversation.search import nearness
from agent.domain.model import ThreatModel
from agent.domain.system import Element, Flow, Known, Question
from agent.domain.threat import Threat

_HALF = 0.4
"""The part of a question about a protection that a sentence of the description must have to be quoted."""


def control(context: Context) -> Draft:
    """Whether a protection is there, as far as the input says."""
    wanted = [s.control for s in context.asked.controls if s.control is not None]
    if not wanted:
        return reach(context)
    facts = _facts(wanted)
    labels = [load_control_words()[k.name].label for k in wanted]
    names = listed(dict.fromkeys(labels), "or")
    told = quoted(context, _HALF)
    lines, cited = stated_lines(context)
    told += ["\n".join(lines)] if lines else []
    hanging = [q for q in context.model.questions if q.fact in facts and _belongs(q, context)]
    for question in hanging[:2]:
        told.append(f"Open question: {question_line(question)}")
        cited.append(of_question(question))
    if not told:
        told = [f"Nothing in the input names {names}."]
    threats = _hanging_on(context, labels, hanging)
    if threats:
        told.append(
            "\n".join(["What hangs on it:", *(telling.headline(context.model, t) for t in threats[:NAMED])])
        )
    return Draft(told, [*cited, *map(of_threat, threats)], threats)


def _facts(wanted: Sequence[ControlKind]) -> set[str]:
    return {f"control:{k.name.value}" for k in wanted} | {k.sets for k in wanted if k.sets}


def stated_lines(context: Context) -> tuple[list[str], list[Citation]]:
    """Of each place that is asked about, whether the protections that are named are there; and the places."""
    wanted = [s.control for s in context.asked.controls if s.control is not None]
    names = listed(dict.fromkeys(load_control_words()[k.name].label for k in wanted), "or")
    flows, elements = _places(context)
    asked_of: list[Flow | Element] = [*flows[:NAMED], *elements[:TOLD]]
    states = {p.id: _state(context, p, _facts(wanted), names) for p in asked_of}
    return _gathered(context.model, states), [of_part(context.model, i) for i, text in states.items() if text]


def _hanging_on(context: Context, labels: Sequence[str], questions: Sequence[Question]) -> list[Threat]:
    """Threats that an open question decides, and those near the named parts whose rating waits for it."""
    decided = {id_ for q in questions for id_ in q.decides}
    near = nearness(context.asked, context.model)
    waiting = {
        t.id
        for t in context.model.threats
        if (t.id in near or not context.asked.parts)
        and any(label in f.name for f in t.likelihood.factors for label in labels)
    }
    return [t for t in context.model.threats if t.id in decided | waiting]


def _places(context: Context) -> tuple[Sequence[Flow], Sequence[Element]]:
    """What the question is about: the flows between two parts, a part with its flows, or all of it."""
    asked, system = context.asked, context.model.system
    if asked.flows:
        return asked.flows, ()
    if asked.elements:
        ids = {e.id for e in asked.elements}
        return [f for f in system.flows if ids & {f.source, f.target}], asked.elements
    return system.flows, system.elements


def _belongs(question: Question, context: Context) -> bool:
    flows, elements = _places(context)
    return question.about in {*(f.id for f in flows), *(e.id for e in elements), ""}


def _state(context: Context, place: Flow | Element, facts: set[str], names: str) -> str:
    """One sentence about one place, or nothing where nothing was said of it."""
    stated = [c for c in place.controls if f"control:{c.name}" in facts and c.state is not Known.UNKNOWN]
    name = one_line(context.model.system.name_of(place.id))
    if stated:
        found = stated[0]
        there = "is stated" if found.state is Known.YES else "is stated to be missing"
        return f"{name}: {found.name.replace('_', ' ')} {there} (“{one_line(found.evidence.quote)}”)."
    if isinstance(place, Flow):
        for fact, state in (("encrypted", place.encrypted), ("authenticated", place.authenticated)):
            if fact in facts:
                return f"{name}: {_KNOWN[state].format(fact=fact)}."
    return f"{name}: nothing in the input names {names}." if place.id in context.asked.parts else ""


def _gathered(model: ThreatModel, states: Mapping[str, str]) -> list[str]:
    """A line a place; three and more of which the same is said have one together."""
    by_text: dict[str, list[str]] = {}
    for id_, text in states.items():
        name = one_line(model.system.name_of(id_))
        if text:
            by_text.setdefault(text.removeprefix(f"{name}: "), []).append(name)
    return [
        line
        for text, names in by_text.items()
        for line in (
            [f"{'; '.join(names)}: {text}"]
            if len(names) >= _TOGETHER
            else [f"{name}: {text}" for name in names]
        )
    ]


_TOGETHER = 3
_KNOWN = {
    Known.YES: "{fact}",
    Known.NO: "not {fact}",
    Known.UNKNOWN: "the input does not say whether it is {fact}",
}
