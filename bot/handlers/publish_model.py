"""A revision as messages: how the system was read, the summary, and the pages."""

from __future__ import annotations

from agent.domain.model import Drawing, ThreatModel
from bot.records.base import ModelEntry
from bot.records.standing import standing
from bot.render.drawing import CORRECTED, as_file, seen
from bot.render.pages import added_pages, page, page_of, shown_pages
from bot.render.reading import reading
from bot.render.routing import Route
from bot.render.summary import summary
from bot.services import Services


def key_of(model: ThreatModel, part: str) -> str:
    """The idempotency key of a revision's message."""
    return f"{model.id}/r{model.revision}/{part}"


def publish(services: Services, entry: ModelEntry, revision: ThreatModel) -> None:
    """Post what stands of the revision; a message that was posted before stays as it is."""
    model = standing(services.records, revision.id, revision.revision)
    post = services.publisher.post
    answers = services.records.model(model.id).request.answers
    post(key_of(model, "reading"), entry.channel, entry.thread, reading(model, answers))
    for number, drawing in enumerate(model.drawings, start=1):
        _show_drawing(services, entry, model, number, drawing)
    post(key_of(model, "summary"), entry.channel, entry.thread, summary(model))
    for number in (*range(1, shown_pages(model) + 1), *added_pages(model)):
        post(key_of(model, f"page/{number}"), entry.channel, entry.thread, page(model, number))


def _show_drawing(
    services: Services, entry: ModelEntry, model: ThreatModel, number: int, drawing: Drawing
) -> None:
    """What was seen in a picture, with a button that opens it for correction; as a file when it is long."""
    key = key_of(model, f"drawing/{number}")
    message = seen(drawing, Route(model.id, model.revision, value=str(number)))
    if message is not None:
        services.publisher.post(key, entry.channel, entry.thread, message)
        return
    name, content = f"{drawing.source}{CORRECTED}", drawing.mermaid.encode()
    services.publisher.upload(key, entry.channel, entry.thread, name, content, as_file(drawing))


def refresh_page(services: Services, entry: ModelEntry, model: ThreatModel, threat: str) -> None:
    """Show on its page how a threat stands now; a page that was never posted is left alone."""
    number = page_of(model, threat)
    if number is None:
        return
    posted = services.records.post(key_of(model, f"page/{number}"))
    if posted is not None and posted.ts:
        services.publisher.update(entry.channel, posted.ts, page(model, number))


def show_added(services: Services, entry: ModelEntry, model: ThreatModel, threat: str) -> None:
    """Show a threat that an engineer added: on its page, which may be new, and in the summary's numbers."""
    number = page_of(model, threat)
    if number is None:
        return
    key = key_of(model, f"page/{number}")
    services.publisher.put(key, entry.channel, entry.thread, page(model, number))
    posted = services.records.post(key_of(model, "summary"))
    if posted is not None and posted.ts:
        services.publisher.update(entry.channel, posted.ts, summary(model))
