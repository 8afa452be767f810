"""find: every analyst looks at one area, the later ones with the earlier ones' threats as a checklist."""

from __future__ import annotations

from collections.abc import Sequence

from agent.analysts.base import Analyst, Brief, Findings
from agent.domain.model import FailedArea
from agent.domain.system import Question
from agent.errors import AnalystError


def find(brief: Brief, analysts: Sequence[Analyst]) -> tuple[Findings, tuple[FailedArea, ...]]:
    """What the analysts say about the area, and which of them could not finish it."""
    threats = brief.checklist
    questions: tuple[Question, ...] = ()
    failed: list[FailedArea] = []
    for analyst in analysts:
        try:
            said = analyst.find(brief.model_copy(update={"checklist": threats}))
        except AnalystError as error:
            failed.append(FailedArea(area=brief.area.name, reason=error.message))
            continue
        threats = tuple(
            {t.key: t for t in (*threats, *said.threats)}.values()
        )  # the later word on a threat holds
        questions = (*questions, *said.questions)
    return Findings(area=brief.area.id, threats=threats, questions=questions), tuple(failed)
