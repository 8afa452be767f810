"""A person's text in place of what a language model saw in a picture."""

from __future__ import annotations

import hashlib

from agent.domain.request import Attachment
from agent.errors import NotFound
from bot.handlers.judge import admitted
from bot.handlers.publish_model import key_of
from bot.handlers.run_model import run_model
from bot.jobs import CorrectDrawing
from bot.records.base import ModelEntry
from bot.records.standing import drawing_of
from bot.render.drawing import CORRECTED, corrected
from bot.services import Services


def correct_drawing(services: Services, job: CorrectDrawing) -> None:
    """Keep the text as the file that stands in for the picture, and make the next revision."""
    if _has_begun(services, job):
        run_model(services, job)
        return
    entry = admitted(services, job, 0)
    if entry is None:
        return
    model = services.records.revision(job.model, job.revision)
    drawing = drawing_of(model, job.drawing)
    name, content = f"{drawing.source}{CORRECTED}", f"{job.text}\n".encode()
    if entry.revision != job.revision:
        comment = (
            f"Revision {entry.revision} was made while this was being corrected, so it was not taken. "
            f"Drop the file {name} here to have it read in the picture's place."
        )
        services.publisher.upload(f"{job.id}/late", entry.channel, entry.thread, name, content, comment)
        return
    _take(services, entry, name, content)
    posted = services.records.post(key_of(model, f"drawing/{job.drawing}"))
    if posted is not None and posted.ts:
        message = corrected(drawing, job.text, job.actor.user, job.revision + 1)
        services.publisher.update(entry.channel, posted.ts, message)
    run_model(services, job)


def _has_begun(services: Services, job: CorrectDrawing) -> bool:
    """Whether an earlier try of this job came as far as its run, which then only goes on."""
    try:
        services.records.run(f"run:{job.id}")
    except NotFound:
        return False
    return True


def _take(services: Services, entry: ModelEntry, name: str, content: bytes) -> None:
    sha256 = hashlib.sha256(content).hexdigest()
    key = f"{entry.id}/files/{sha256}"
    services.artifacts.put(key, content)
    attachment = Attachment(name=name, key=key, sha256=sha256, size=len(content))
    kept = {a.name: a for a in entry.request.attachments} | {name: attachment}
    services.records.set_request(
        entry.id, entry.request.model_copy(update={"attachments": tuple(kept.values())})
    )
