"""Open questions out of threats that hang on a control nobody has spoken of."""

from __future__ import annotations

from collections.abc import Sequence

from agent import risk
from agent.analysts.matching import Match
from agent.analysts.protection import fact_of
from agent.analysts.questions import YES_NO, question_id
from agent.analysts.rating import ratings
from agent.analysts.topology import Topology
from agent.analysts.values import called, flow_name, values_of
from agent.catalog.control_words import load_control_words
from agent.domain.system import Element, Question
from agent.domain.threat import Threat

_MANY = 2
"""From more places than this on, the question is about the whole system."""


def ask(topology: Topology, group: Sequence[Match], threat: Threat) -> Question | None:
    """The question whose answer decides the threat; None when nothing is left open."""
    lead = next(m for m in group if m.subject.id == threat.targets[0])
    pattern = lead.pattern
    if not pattern.answered_by or lead.answer is not None or lead.denied is not None:
        return None
    control = pattern.answered_by[0]
    likelihood, impact = ratings(topology, lead)
    lowest = risk.severity_of(1, impact.score)
    weight = float(risk.severity_of(likelihood.score, impact.score).rank - lowest.rank)
    if weight <= 0:
        return None
    words = load_control_words()[control]
    subject = lead.subject
    whole = len(threat.targets) > _MANY
    fact = f"control:{control.value}" if whole else fact_of(control, subject)
    if whole and control.value == "transport_encryption":
        fact = "encrypted"
    about = "" if whole else subject.id
    if pattern.ask is not None:
        text = pattern.ask.fill(values_of(topology, [lead]))
    elif whole:
        text = words.ask_system
    elif isinstance(subject, Element):
        text = words.ask_element.replace("{name}", called(subject))
    else:
        text = words.ask_flow.replace("{name}", flow_name(topology, subject))
    return Question(
        id=question_id(about, fact),
        text=text,
        about=about,
        fact=fact,
        options=YES_NO,
        decides=(threat.key,),
        weight=weight,
    )


