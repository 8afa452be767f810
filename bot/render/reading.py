"""How I read it: the system as it was understood, what was assumed, and what is asked back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agent.domain.model import ThreatModel
from agent.domain.request import Answer
from agent.domain.system import ElementKind, Question, System
from bot.render import actions as act
from bot.render.blocks import actions, button
from bot.render.message import Message
from bot.render.rich import Json, block, bullets, person, said, section
from bot.render.routing import Route
from bot.render.text import count, fallback, line, listed

QUESTIONS = 3
"""Questions asked in the thread: those whose answers would change the model most."""
_OPTIONS = 5
_LABEL = 40
_ASSUMED = 6
_UNREAD = 6
_BOUNDARIES = 6
_NAMES = 10
_NAME = 40
_KINDS = {
    ElementKind.EXTERNAL_ENTITY: "Outside",
    ElementKind.PROCESS: "Processes",
    ElementKind.DATA_STORE: "Data stores",
}


def reading(model: ThreatModel, answers: Sequence[Answer] = ()) -> Message:
    """The message with the system as read; `answers` given so far stand in place of their buttons."""
    system = model.system
    told = [
        section(said("How I read it: ", "bold"), said(system.size)),
        *bullets([said(f"{led}: ", "bold"), said(names)] for led, names in _contents(system)),
        *_several("I assumed:", (a.text for a in system.assumptions), _ASSUMED),
        *_several("I could not take over:", system.warnings, _UNREAD),
    ]
    questions = model.questions[:QUESTIONS]
    blocks = [block(*told), *_asked(model, questions, {a.question: a for a in answers})]
    return Message(fallback(f"How I read {model.title}: {system.size}"), tuple(blocks))


def _contents(system: System) -> list[tuple[str, str]]:
    """Names by kind, then names by boundary."""
    kinds = [
        (led, listed([e.name for e in system.elements if e.kind is kind], _NAMES, _NAME))
        for kind, led in _KINDS.items()
    ]
    names = {element.id: element.name for element in system.elements}
    inside = [
        (
            f"Inside {line(boundary.name, 60)}",
            listed([names.get(member, member) for member in boundary.members], _NAMES, _NAME),
        )
        for boundary in system.boundaries[:_BOUNDARIES]
    ]
    left = len(system.boundaries) - len(inside)
    more = [(count(left, "more boundary", "more boundaries"), "in the export")] if left else []
    return [(led, text) for led, text in [*kinds, *inside, *more] if text]


def _several(led: str, sentences: Iterable[str], most: int) -> list[Json]:
    found = list(sentences)
    if not found:
        return []
    shown = [[said(line(sentence, 200))] for sentence in found[:most]]
    left = len(found) - len(shown)
    return [section(said(led, "bold")), *bullets(shown + ([[said(f"{left} more")]] if left else []))]


def _asked(model: ThreatModel, questions: Sequence[Question], answers: dict[str, Answer]) -> list[Json]:
    if not questions:
        return []
    led = {
        1: "One answer would change this model most:",
        2: "Two answers would change this model most:",
    }.get(len(questions), "Three answers would change this model most:")
    blocks = [block(section(said(led, "bold")))]
    for number, question in enumerate(questions, start=1):
        blocks += _question(model, number, question, answers.get(question.id))
    return blocks


def _question(model: ThreatModel, number: int, question: Question, answer: Answer | None) -> list[Json]:
    text = [said(f"{number}. {line(question.text, 300)}"), said(_decides(question), "italic")]
    if answer:
        labels = {option.value: option.label for option in question.options}
        given = line(labels.get(answer.value, answer.value), 75)
        return [
            block(section(*text), section(said(f"→ {given}", "bold"), said(", said "), person(answer.who)))
        ]
    buttons = [
        button(
            line(option.label, _LABEL),
            act.answer(place),
            Route(model.id, model.revision, question=question.id, value=option.value),
        )
        for place, option in enumerate(question.options[:_OPTIONS], start=1)
    ]
    return [block(section(*text)), *actions(*buttons)]


def _decides(question: Question) -> str:
    return f"  decides {listed(question.decides, 5, 24)}" if question.decides else ""
