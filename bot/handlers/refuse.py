"""Telling people why nothing happened."""

from __future__ import annotations

from agent.errors import NotFound
from bot.jobs import Job, Refuse
from bot.render import notices
from bot.render.routing import Route
from bot.services import Services


def refuse(services: Services, job: Refuse) -> None:
    """Whisper the reason to the person who pressed."""
    whisper_denied(services, job, job.reason)


def whisper_denied(services: Services, job: Job, reason: str) -> None:
    """Tell the person alone that they may not, and why."""
    if job.actor.channel and job.actor.user:
        services.publisher.whisper(
            f"{job.id}/denied",
            job.actor.channel,
            job.actor.user,
            thread_of(services, job),
            notices.denied(reason),
        )


def thread_of(services: Services, job: Job) -> str | None:
    """The thread of the job's model; None before there is one, and for whoever asked from the channel."""
    if getattr(job, "asked", "thread") != "thread":
        return None
    try:
        return services.records.model(job.model).thread or None
    except NotFound:
        return None


def sentence(job: Job, reason: str, *, expected: bool) -> str:
    """What people are told of a failed job: the reason, unless that concerns the machine alone."""
    return reason if expected else f"I could not finish this ({job.kind.replace('_', ' ')})."


def give_up(services: Services, job: Job, reason: str, *, expected: bool) -> None:
    """Say in the thread, or to the person where there is none, that a job failed and what to do.

    Args:
        services: the services.
        job: what failed.
        reason: the sentence of the error; it is not shown when the failure was not expected.
        expected: an error of the input or of the configuration, not of the machine.
    """
    what = sentence(job, reason, expected=expected)
    do = "" if expected else "Nothing that was kept is lost. Try again; if it stays, the log has the details."
    starts = job.kind in {"add_files", "start_run", "open_model", "correct_drawing"}
    thread = thread_of(services, job)
    retry = Route(job.model, 0) if starts and thread else None
    message = notices.error(what, do, retry)
    if thread:
        services.publisher.post(f"{job.id}/failed", job.actor.channel, thread, message)
    elif job.actor.channel:
        services.publisher.whisper(f"{job.id}/failed", job.actor.channel, job.actor.user, None, message)
