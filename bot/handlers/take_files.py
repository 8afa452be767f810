"""Files that were dropped into the thread."""

from __future__ import annotations

import hashlib
from typing import Any

from agent.domain.request import Attachment
from agent.errors import InputError, NotAllowed, TooLarge
from bot.access import check
from bot.files import check_file, fetch
from bot.handlers.refuse import whisper_denied
from bot.handlers.run_model import run_model
from bot.intake import MAX_FILES
from bot.jobs import AddFiles, Job, SlackFile
from bot.patience import patiently
from bot.render import notices
from bot.services import Services

MAX_DESCRIPTION = 50_000


def add_files(services: Services, job: AddFiles) -> None:
    """Show that the upload was seen, take the files, and run when there is anything to read."""
    try:
        check(job.actor, services.policy, services.directory)
    except NotAllowed as refusal:
        whisper_denied(services, job, refusal.message)
        return
    services.publisher.react(job.actor.channel, job.message_ts, "eyes")
    if take_files(services, job, job.files, job.text):
        run_model(services, job)


def take_files(services: Services, job: Job, files: tuple[SlackFile, ...], text: str) -> bool:
    """Keep what can be fetched and say what cannot; whether there is anything new to model.

    A file of the same name replaces the one before; the words that came with it join the description.
    """
    entry = services.records.model(job.model)
    kept: dict[str, Attachment] = {}
    unread: list[str] = []
    for number, file in enumerate(files):
        try:
            if number >= MAX_FILES:
                raise TooLarge(
                    file.name or file.id, f"it is number {number + 1}", f"Send at most {MAX_FILES} at once."
                )
            attachment = _take(services, job, file)
            kept[attachment.name] = attachment
        except InputError as error:
            unread.append(error.message)
    if unread:
        services.publisher.post(f"{job.id}/unread", entry.channel, entry.thread, notices.unread(unread))
    if kept:
        before = {a.name: a for a in entry.request.attachments}
        changes: dict[str, Any] = {"attachments": tuple({**before, **kept}.values())}
        if text and text not in entry.request.description:
            changes["description"] = f"{entry.request.description}\n\n{text}".strip()[:MAX_DESCRIPTION]
        services.records.set_request(job.model, entry.request.model_copy(update=changes))
    return bool(kept)


def _take(services: Services, job: Job, file: SlackFile) -> Attachment:
    about = services.slack.file(file.id)
    name = str(about.get("name") or file.name or file.id)[:255]
    url = check_file(about, job.actor.channel, services.file_origins, file.name)
    content = patiently(lambda: fetch(url, name, services.slack.token))
    if services.calls is None:  # else a language model may see what no reader takes
        from agent.diagrams.base import SourceFile
        from agent.diagrams.registry import read_file

        read_file(SourceFile(name, content))
    sha256 = hashlib.sha256(content).hexdigest()
    key = f"{job.model}/files/{sha256}"
    services.artifacts.put(key, content)
    return Attachment(name=name, key=key, sha256=sha256, size=len(content))
