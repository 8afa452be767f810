"""Open questions out of threats that hang on a control nobody has spoken of."""

from __future__ import annotations

from collections.abc import Sequence

from agent import risk
from agent.analysts.matching import Match
from agent.analysts.questions import YES_NO, fact_of
from agent.analysts.rating import ratings
from agent.analysts.topology import Topology
from agent.analysts.values import called, flow_name, values_of
from agent.catalog.control_words import load_control_words
from agent.catalog.controls import Reach, load_controls
from agent.domain.system import Element, Flow, Question, question_id
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
    whole = len(threat.targets) > _MANY or load_controls().kinds[control].reach is Reach.WHOLE
    fact = fact_of(control, flow=isinstance(lead.subject, Flow))
    about = "" if whole else lead.subject.id
    return Question(
        id=question_id(about, fact),
        text=_text(topology, lead, whole=whole),
        about=about,
        fact=fact,
        options=YES_NO,
        decides=(threat.key,),
        weight=weight,
    )


def _text(topology: Topology, lead: Match, *, whole: bool) -> str:
    """The pattern's own question, else the control's."""
    pattern, subject = lead.pattern, lead.subject
    words = load_control_words()[pattern.answered_by[0]]
    if whole:
        return words.ask_system
    ask = (pattern.ask_eased if lead.eased is not None else None) or pattern.ask
    if ask is not None:
        return ask.fill(values_of(topology, [lead]))
    if isinstance(subject, Element):
        return words.ask_element.replace("{name}", called(subject))
    return words.ask_flow.replace("{name}", flow_name(topology, subject))
