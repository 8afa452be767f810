"""Open questions out of a model's own threats: the controls that nobody has spoken of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agent import risk
from agent.analysts.filled.supposing import severity_if
from agent.analysts.questions import YES_NO, fact_of
from agent.catalog.control_words import load_control_words
from agent.catalog.vocabulary import ControlName
from agent.domain.system import Known, Question, System, question_id
from agent.domain.text import one_line
from agent.domain.threat import Threat


def question(system: System, about: str, control: ControlName) -> Question:
    """Whether the control is there, in the catalog's words; it decides nothing yet."""
    flow = any(f.id == about for f in system.flows)
    words, fact = load_control_words()[control], fact_of(control, flow=flow)
    text = words.ask_flow if flow else words.ask_element
    return Question(
        id=question_id(about, fact),
        text=text.replace("{name}", one_line(system.name_of(about))),
        about=about,
        fact=fact,
        options=YES_NO,
    )


def open_questions(system: System, threats: Iterable[Threat]) -> tuple[Question, ...]:
    """One for each threat of the model's own that hangs on a control of which nothing is known.

    `decides` holds the threats' keys, the weight is in severity levels between the two answers.
    """
    asked = []
    for threat in threats:
        control = _unknown(threat)
        if control is not None:
            asked.append(deciding(question(system, threat.targets[0], control), control, [threat]))
    return tuple(q for q in asked if q.decides)


def deciding(asked: Question, control: ControlName, threats: Sequence[Threat]) -> Question:
    """The question with the keys of the model's own threats that its answer would change."""
    weight, keys = 0.0, []
    for threat in threats:
        there = severity_if(threat, asked.about, control.value, Known.YES)
        missing = severity_if(threat, asked.about, control.value, Known.NO)
        if there is not None and missing is not None and there is not missing:
            keys.append(threat.key)
            weight += abs(missing.rank - there.rank)
    return asked.model_copy(update={"decides": tuple(keys), "weight": weight})


def control_of(asked: Question) -> ControlName | None:
    """The control that the question is about."""
    for flow in (True, False):
        for control in ControlName:
            if fact_of(control, flow=flow) == asked.fact:
                return control
    return None


def _unknown(threat: Threat) -> ControlName | None:
    """The control that a model's own threat hangs on while nothing is known of it."""
    if threat.pattern:
        return None
    for control, words in load_control_words().items():
        if risk.control_unknown(words.label) in threat.likelihood.factors:
            return control
    return None
