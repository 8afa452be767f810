"""Opening a thread for a new threat model."""

from __future__ import annotations

from agent.domain.request import Options, Request
from agent.errors import NotAllowed
from bot.access import check
from bot.handlers.refuse import whisper_denied
from bot.handlers.run_model import run_model
from bot.handlers.take_files import take_files
from bot.jobs import OpenModel
from bot.records.base import ModelEntry
from bot.render.opening import FORMATS, WITH_PICTURES, root
from bot.render.routing import Route
from bot.services import Services


def open_model(services: Services, job: OpenModel) -> None:
    """Post the root message and keep the model; with files from the form, run at once."""
    try:
        check(job.actor, services.policy, services.directory)
    except NotAllowed as refusal:
        whisper_denied(services, job, refusal.message)
        return
    options = Options(budget=services.budget, methodology=job.methodology)
    request = Request(title=job.title, description=job.description, options=options)
    services.records.add_model(
        ModelEntry(
            id=job.model,
            workspace=job.actor.workspace,
            channel=job.actor.channel,
            owner=job.actor.user,
            created=services.now(),
            request=request,
        )
    )
    message = root(
        job.title,
        job.actor.user,
        Route(job.model, 0),
        description=job.description,
        files=[f.name or f.id for f in job.files],
        waiting=not job.files,
        methodology=job.methodology,
        formats=FORMATS if services.calls is None else WITH_PICTURES,
    )
    thread = services.publisher.post(f"{job.model}/root", job.actor.channel, None, message)
    services.records.set_thread(job.model, thread, "")  # first of all: the person may be quick
    link = services.slack.read("chat.getPermalink", channel=job.actor.channel, message_ts=thread)
    services.records.set_thread(job.model, thread, str(link.get("permalink") or ""))
    if job.files and take_files(services, job, job.files, ""):
        run_model(services, job)
