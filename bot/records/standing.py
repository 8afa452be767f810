"""A threat model as it stands: a kept revision with the verdicts since."""

from __future__ import annotations

from agent.domain.model import ThreatModel
from agent.domain.threat import Threat
from agent.domain.verdict import fold
from agent.errors import NotFound
from bot.records.base import Records


def standing(records: Records, model: str, revision: int | None = None) -> ThreatModel:
    """The revision (by default the latest) as its engineers have left it; NotFound when there is none."""
    return fold(records.revision(model, revision), records.verdicts(model))


def threat_of(model: ThreatModel, id_: str) -> Threat:
    """The threat with this id; NotFound, as a sentence, when the revision has none."""
    try:
        return model.threat(id_)
    except KeyError:
        raise NotFound(f"Revision {model.revision} of {model.title} has no threat {id_}.") from None
