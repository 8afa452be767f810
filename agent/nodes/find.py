"""find: every analyst looks at one area, the later ones with the earlier ones' threats as a checklist."""

from __future__ import annotations

from collections.abc import Sequence

from agent.analysts.base import Analyst, Brief, Findings
from agent.domain.model import FailedArea
from agent.domain.threat import Origin
from agent.errors import AnalystError


def find(
    brief: Brief, analysts: Sequence[Analyst], before: Findings | None = None
) -> tuple[Findings, tuple[FailedArea, ...]]:
    """What the analysts say about the area, and which of them could not finish it.

    `before` is what was said in an earlier round: it stands, and the rules do not overrule a model's word
    on their own threats by saying the same again.
    """
    earlier = {t.key: t for t in before.threats} if before else {}
    threats = {**earlier, **{t.key: t for t in brief.checklist}}
    questions = before.questions if before else ()
    failed: list[FailedArea] = []
    for analyst in analysts:
        try:
            said = analyst.find(brief.model_copy(update={"checklist": tuple(threats.values())}))
        except AnalystError as error:
            reason = error.message.removeprefix(f"{brief.area.name}: ")
            failed.append(FailedArea(area=brief.area.name, reason=reason))
            continue
        known = earlier if analyst.origin is Origin.RULES else {}
        threats |= {t.key: t for t in said.threats if t.key not in known}  # the later word holds
        questions = (*questions, *said.questions)
    return (
        Findings(area=brief.area.id, threats=tuple(threats.values()), questions=questions),
        tuple(failed),
    )
