"""A threat model as it stands: a kept revision with the verdicts since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.errors import NotFound
from bot.records.base import Records

if TYPE_CHECKING:
    from agent.domain.model import Drawing, ThreatModel
    from agent.domain.threat import Threat


def standing(records: Records, model: str, revision: int | None = None) -> ThreatModel:
    """The revision (by default the latest) as its engineers have left it; NotFound when there is none."""
    from agent.domain.verdict import fold

    return fold(records.revision(model, revision), records.verdicts(model))


def standing_before(records: Records, model: str, job: str) -> ThreatModel:
    """The latest revision as it stood before the job with this id: the same when the job is done again."""
    from agent.domain.verdict import fold

    verdicts = (v for v in records.verdicts(model) if v.id.rpartition("/")[0] != job)
    return fold(records.revision(model), verdicts)


def changes_of(before: ThreatModel, after: ThreatModel) -> tuple[tuple[str, str, str], ...]:
    """The threats whose severity differs: id, severity before and after."""
    now = {t.id: t.effective_severity for t in after.threats}
    return tuple(
        (old.id, old.effective_severity.value, now[old.id].value)
        for old in before.threats
        if old.id in now and old.effective_severity is not now[old.id]
    )


def threat_of(model: ThreatModel, id_: str) -> Threat:
    """The threat with this id; NotFound, as a sentence, when the revision has none."""
    try:
        return model.threat(id_)
    except KeyError:
        raise NotFound(f"Revision {model.revision} of {model.title} has no threat {id_}.") from None


def drawing_of(model: ThreatModel, number: int) -> Drawing:
    """The revision's drawing by its number, from 1; NotFound, as a sentence, when it has none."""
    if not 1 <= number <= len(model.drawings):
        raise NotFound(f"Revision {model.revision} of {model.title} has no such drawing.")
    return model.drawings[number - 1]
