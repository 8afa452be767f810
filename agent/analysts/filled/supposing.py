"""What a fact would change: the rules look again at the system as if it were so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from agent import risk
from agent.analysts.areas import split
from agent.analysts.base import Brief
from agent.analysts.filled.rating import control_factor
from agent.analysts.questions import fact_of
from agent.analysts.rules import RulesAnalyst
from agent.catalog.control_words import load_control_words
from agent.catalog.vocabulary import ControlName
from agent.domain.model import ThreatModel
from agent.domain.request import Answer, Request
from agent.domain.system import Known, Outcome, System, question_id
from agent.domain.threat import Severity, Threat
from agent.understanding import apply_answers

_SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)
"""A supposed answer needs a time; it is not kept."""
_CONTROL = "control: "


def suppose(
    model: ThreatModel, request: Request, about: str, control: str, state: Known
) -> tuple[Outcome, ...]:
    """The threats whose computed severity would change, the gravest first, if the control were so.

    Args:
        model: the threat model; it is not changed.
        request: what it was made from.
        about: the id of an element or flow; "" for the whole system.
        control: a word of the control vocabulary.
        state: there or missing.
    """
    fact = fact_of(ControlName(control), flow=any(f.id == about for f in model.system.flows))
    answer = Answer(question=question_id(about, fact), value=state.value, who="", when=_SOME_DAY)
    supposed = request.model_copy(update={"answers": (*request.answers, answer)})
    before = _severities(request, model.system)
    after = _severities(supposed, apply_answers(model.system, (answer,)))
    label = load_control_words()[ControlName(control)].label
    said = "there" if state is Known.YES else "missing"
    place = model.system.name_of(about) if about else "the whole system"
    found = []
    for threat in model.threats:
        severity = _after(threat, before, after) or severity_if(threat, about, control, state)
        if severity is not None and severity not in {threat.severity, _answered(threat)}:
            reason = f"{label[:1].upper()}{label[1:]} is {said} on {place}."
            found.append((threat.severity.rank, Outcome(threat=threat.id, severity=severity, reason=reason)))
    return tuple(outcome for _, outcome in sorted(found, key=lambda item: -item[0]))


def _answered(threat: Threat) -> Severity | None:
    """What an answer has made of it already; None where none has."""
    return threat.override.severity if threat.override and threat.override.follows else None


def severity_if(threat: Threat, about: str, control: str, state: Known) -> Severity | None:
    """What a model's own threat would be if the control that it hangs on were so; None when it does not."""
    label = load_control_words()[ControlName(control)].label
    if threat.pattern or (about and about not in threat.targets):
        return None
    if not any(f.name == f"{_CONTROL}{label}" for f in threat.likelihood.factors):
        return None
    others = [f for f in threat.likelihood.factors if f.name != f"{_CONTROL}{label}"]
    likely = risk.rate(threat.likelihood.base, (*others, control_factor(control, state)))
    return risk.severity_of(likely.score, threat.impact.score)


def _after(threat: Threat, before: Sequence[Threat], after: Sequence[Threat]) -> Severity | None:
    """The severity that the rules would give; None when they never found it.

    Its own first: a near-duplicate that it stands for becomes a threat of its own in the next run when it is
    the graver one then.
    """
    keys = {threat.key, *threat.merged}
    if not any(t.key in keys for t in before):
        return None
    same = (
        [t for t in after if t.key == threat.key]
        or [t for t in after if t.key in keys]
        or [t for t in after if t.pattern == threat.pattern != "" and set(t.targets) & set(threat.targets)]
    )
    return max((t.severity for t in same), key=lambda s: s.rank, default=Severity.LOW)


def _severities(request: Request, system: System) -> tuple[Threat, ...]:
    rules = RulesAnalyst()
    areas = split(system)
    return tuple(t for a in areas for t in rules.find(Brief(request=request, system=system, area=a)).threats)
