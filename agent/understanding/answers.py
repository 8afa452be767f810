"""What engineers answered to open questions, brought to the system."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from agent.catalog.controls import Reach, load_controls
from agent.catalog.vocabulary import ControlName
from agent.domain.request import Answer
from agent.domain.system import (
    Control,
    Element,
    Evidence,
    EvidenceKind,
    Flow,
    Known,
    Question,
    System,
    question_parts,
)

PROPERTIES = ("encrypted", "authenticated")


def apply_answers(system: System, answers: Sequence[Answer], questions: Sequence[Question] = ()) -> System:
    """The system with what the answers say.

    Args:
        system: what diagrams and texts say.
        answers: the latest answer to a question counts. A value is "yes", "no" or "unknown", alone or
            before a colon ("yes:minutes"); any other value changes nothing, and neither does an answer to a
            question that this system does not have.
        questions: what was asked; without them the ids are worked out from the system itself.
    """
    latest = {a.question: a for a in sorted(answers, key=lambda a: a.when)}
    places = _places(latest, questions)
    changes: dict[str, list[tuple[str, Known, Evidence]]] = {}
    for id_, answer in latest.items():
        state = _state(answer.value)
        place = places.get(id_)
        if state is None or place is None:
            continue
        about, fact = place
        for target in [about] if about else _everywhere(system, fact):
            changes.setdefault(target, []).append((fact, state, _evidence(answer)))
    if not changes:
        return system
    return system.model_copy(
        update={
            "elements": tuple(_element(e, changes.get(e.id, [])) for e in system.elements),
            "flows": tuple(_flow(f, changes.get(f.id, [])) for f in system.flows),
        }
    )


def _places(wanted: Mapping[str, Answer], questions: Iterable[Question]) -> dict[str, tuple[str, str]]:
    """What each answered question is about, and which fact it sets."""
    known = {q.id: (q.about, q.fact) for q in questions}
    return {id_: known.get(id_) or question_parts(id_) for id_ in wanted}


def _state(value: str) -> Known | None:
    word = value.partition(":")[0].strip().lower()
    return Known(word) if word in set(Known) else None


def _evidence(answer: Answer) -> Evidence:
    return Evidence(kind=EvidenceKind.ANSWER, quote=answer.value, source=answer.who)


def _everywhere(system: System, fact: str) -> list[str]:
    """What an answer about the whole system speaks of: every flow, or every element of ours."""
    if fact in PROPERTIES:
        return [f.id for f in system.flows]
    name = fact.removeprefix("control:")
    kind = load_controls().kinds.get(ControlName(name)) if name in set(ControlName) else None
    if kind is None:
        return []
    if kind.reach in {Reach.FLOWS, Reach.INNER, Reach.PEOPLE}:
        return [f.id for f in system.flows]
    outside = {e.id for e in system.elements if e.kind.value == "external_entity"}
    return [e.id for e in system.elements if e.id not in outside]


def _element(element: Element, changes: Sequence[tuple[str, Known, Evidence]]) -> Element:
    controls = element.controls
    for fact, state, evidence in changes:
        if fact.startswith("control:"):
            controls = _with(controls, fact.removeprefix("control:"), state, evidence)
    return element.model_copy(update={"controls": controls}) if controls != element.controls else element


def _flow(flow: Flow, changes: Sequence[tuple[str, Known, Evidence]]) -> Flow:
    update: dict[str, object] = {}
    controls = flow.controls
    for fact, state, evidence in changes:
        if fact in PROPERTIES:
            update[fact] = state
            name = ControlName.TRANSPORT_ENCRYPTION if fact == "encrypted" else ControlName.AUTHENTICATION
            controls = _with(controls, name, state, evidence)
        elif fact.startswith("control:"):
            controls = _with(controls, fact.removeprefix("control:"), state, evidence)
    if controls != flow.controls:
        update["controls"] = controls
    return flow.model_copy(update=update) if update else flow


def _with(controls: tuple[Control, ...], name: str, state: Known, evidence: Evidence) -> tuple[Control, ...]:
    """The controls with this one in the given state; an answer outweighs what was read."""
    kept = tuple(c for c in controls if c.name != name)
    return (*kept, Control(name=name, state=state, evidence=evidence))
