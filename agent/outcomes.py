"""What each answer to an open question would change: asked of the analyst itself, not guessed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from agent.analysts.base import Analyst, Brief
from agent.analysts.filled.asking import control_of
from agent.analysts.filled.supposing import severity_if
from agent.domain.model import Area
from agent.domain.request import Answer, Request
from agent.domain.system import Known, Option, Outcome, Question, System
from agent.domain.threat import Severity, Threat

_SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)
"""A supposed answer needs a time; it is not kept."""


def with_outcomes(
    questions: Iterable[Question],
    threats: Sequence[Threat],
    system: System,
    request: Request,
    areas: Sequence[Area],
    analyst: Analyst,
) -> tuple[Question, ...]:
    """The questions, each option with the severities that it would give to the threats it decides.

    The analyst looks again at the areas of those threats as if the answer had been given. A threat that it
    no longer finds would be Low: a control to test.
    """
    by_id = {t.id: t for t in threats}
    suppose = _Supposition(system, request, areas, analyst)
    return tuple(
        q.model_copy(update={"options": tuple(_option(o, q, by_id, suppose) for o in q.options)})
        for q in questions
    )


def _option(option: Option, question: Question, by_id: dict[str, Threat], suppose: _Supposition) -> Option:
    if option.value == Known.UNKNOWN.value:
        return option
    decided = [by_id[d] for d in question.decides if d in by_id]
    found = suppose.threats(question.id, option.value, decided)
    outcomes = []
    for threat in decided:
        after = _severity(threat, found) if threat.pattern else _of_own(threat, question, option)
        if after is not threat.severity:
            outcomes.append(
                Outcome(threat=threat.id, severity=after.value, reason=f"{question.text} {option.label}.")
            )
    return option.model_copy(update={"outcomes": tuple(outcomes)})


def _of_own(threat: Threat, question: Question, option: Option) -> Severity:
    """What a model's own threat would be: its control's factor changes, the others stay."""
    control = control_of(question)
    supposed = control and severity_if(threat, question.about, control.value, Known(option.value))
    return supposed or threat.severity


def _severity(threat: Threat, found: Sequence[Threat]) -> Severity:
    keys = {threat.key, *threat.merged}
    same = [f for f in found if f.key in keys] or [
        f for f in found if f.pattern and f.pattern == threat.pattern and set(f.targets) & set(threat.targets)
    ]
    return max((f.severity for f in same), key=lambda s: s.rank, default=Severity.LOW)


class _Supposition:
    """The analyst's view of some areas, had a question been answered."""

    def __init__(self, system: System, request: Request, areas: Sequence[Area], analyst: Analyst) -> None:
        self._system = system
        self._request = request
        self._analyst = analyst
        self._area_of = {member: area for area in areas for member in (*area.elements, *area.flows)}

    def threats(self, question: str, value: str, decided: Sequence[Threat]) -> tuple[Threat, ...]:
        """What the analyst finds around the decided threats, had this been answered."""
        answer = Answer(question=question, value=value, who="", when=_SOME_DAY)
        request = self._request.model_copy(update={"answers": (*self._request.answers, answer)})
        areas = {a.id: a for t in decided for target in t.targets if (a := self._area_of.get(target))}
        return tuple(
            threat
            for area in areas.values()
            for threat in self._analyst.find(Brief(request=request, system=self._system, area=area)).threats
        )
