"""Exports into the thread, and the threats over the output budget."""

from __future__ import annotations

from agent.export import export as write
from bot.handlers.judge import admitted
from bot.handlers.publish_model import key_of
from bot.jobs import Export, ShowRest
from bot.records.standing import standing
from bot.render.channel import exported
from bot.render.pages import page, rest, shown_pages
from bot.services import Services


def export(services: Services, job: Export) -> None:
    """Put the model as it stands into the thread, in the format that was picked."""
    entry = admitted(services, job, 0)
    if entry is None:
        return
    model = standing(services.records, job.model)
    name, content = write(model, job.name)
    services.publisher.upload(
        f"{job.id}/export",
        entry.channel,
        entry.thread,
        name,
        content,
        f"{model.title}, revision {model.revision}, as it stands now.",
    )
    if job.asked == "list":
        where = exported(model.title, entry.link, name)
        services.publisher.whisper(f"{job.id}/where", job.actor.channel, job.actor.user, None, where)


def show_rest(services: Services, job: ShowRest) -> None:
    """Post the pages beyond the output budget."""
    entry = admitted(services, job, job.revision)
    if entry is None:
        return
    model = standing(services.records, job.model)
    first = shown_pages(model) + 1
    for number in range(first, first + len(rest(model))):
        services.publisher.post(
            key_of(model, f"page/{number}"), entry.channel, entry.thread, page(model, number)
        )
