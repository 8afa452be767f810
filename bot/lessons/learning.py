"""What a threat model teaches is kept whenever its engineers or a run have changed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.domain.lesson import Lesson, Teaching, lessons
from agent.errors import DeliveryError
from agent.secrets import mask
from bot.lessons.base import Home

if TYPE_CHECKING:
    from agent.domain.model import ThreatModel
    from bot.jobs import Job
    from bot.records.base import ModelEntry
    from bot.services import Services


def learn(services: Services, job: Job, entry: ModelEntry, model: ThreatModel) -> None:
    """Keep what the model as it stands teaches; the same again changes nothing.

    A secret that somebody typed into a reason stays in the verdict, where it was said, and is masked here.
    """
    home = Home(
        workspace=entry.workspace,
        channel=entry.channel,
        private=_is_private(services, entry.channel),
        created=entry.created,
        enterprise=job.actor.enterprise,
    )
    taught = tuple(_masked(lesson) for lesson in lessons(model))
    services.lessons.keep(
        home,
        Teaching(model=model.id, title=mask(model.title).text, link=entry.link, lessons=taught),
    )


def _is_private(services: Services, channel: str) -> bool:
    """Whether not everybody in the workspace may read the channel; so it is where Slack does not say."""
    try:
        found = services.directory.channel(channel)
    except DeliveryError as error:
        if error.retryable:
            raise
        return True
    return not found.get("is_channel") or bool(found.get("is_private"))


def _masked(lesson: Lesson) -> Lesson:
    texts = {name: mask(getattr(lesson, name)).text for name in ("title", "after", "reason")}
    return lesson.model_copy(update=texts)
