"""A run: progress in one message, the agent at work, the revision kept and published."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace

from agent.domain.model import Progress, RunState, ThreatModel
from agent.errors import Cancelled, DeliveryError, InputError, NotAllowed, NotFound
from bot.access import check
from bot.handlers.publish_model import publish
from bot.handlers.refuse import whisper_denied
from bot.jobs import Job, StartRun
from bot.lessons.learning import learn
from bot.records.base import ModelEntry, Records, RunEntry
from bot.records.standing import standing
from bot.render.progress import progress
from bot.render.routing import Route
from bot.services import Services

log = logging.getLogger("threatbot.run")


def start_run(services: Services, job: StartRun) -> None:
    """Make the next revision of what is there."""
    try:
        check(job.actor, services.policy, services.directory)
    except NotAllowed as refusal:
        whisper_denied(services, job, refusal.message)
        return
    run_model(services, job)


def run_model(services: Services, job: Job) -> None:
    """Run the agent on the model's request as it is now, and publish what it makes.

    Done again after a kill, it goes on with the same run: from the last checkpoint, or with publishing. So
    does a failed run, when its job is put back; unless another run has made its revision since.
    """
    entry = services.records.model(job.model)
    run = services.records.start_run(
        RunEntry(
            id=f"run:{job.id}",
            model=job.model,
            revision=entry.revision + 1,
            by=job.actor.user,
            created=services.now(),
            request=entry.request,
        )
    )
    if run.state is RunState.FAILED and entry.revision >= run.revision:
        publish(services, entry, services.records.revision(job.model, run.revision))
        return
    if run.state in {RunState.QUEUED, RunState.RUNNING, RunState.FAILED}:
        _make(services, job, entry, run)
        run = services.records.run(run.id)
    if run.state in {RunState.DONE, RunState.STOPPED} and not run.error:
        publish(services, entry, services.records.revision(job.model, run.revision))


def _make(services: Services, job: Job, entry: ModelEntry, run: RunEntry) -> None:
    services.records.set_run(run.id, RunState.RUNNING)
    shown = ProgressMessage(services, entry, run)
    shown.show()
    try:
        model = _drive(services, job, entry, run, shown)
    except Cancelled as stop:
        shown.end(RunState.STOPPED, stop.message)  # before it is kept: a kill in between does both again
        services.records.set_run(run.id, RunState.STOPPED, stop.message)
        return
    except InputError as error:
        shown.end(RunState.FAILED, error.message)
        services.records.set_run(run.id, RunState.FAILED, error.message)
        return
    services.records.save_revision(model)
    learn(services, job, entry, standing(services.records, model.id, model.revision))
    state = RunState.STOPPED if model.partial else RunState.DONE
    shown.end(state)
    services.records.set_run(run.id, state)


def end_run(services: Services, job: Job, reason: str) -> None:
    """End the run that this job has begun, if it goes on still: it failed, for this reason."""
    run = _going_on(services.records, job)
    if run is None:
        return
    try:
        ProgressMessage(services, services.records.model(job.model), run).fail(reason)
    except DeliveryError as error:
        if error.retryable:
            raise
    services.records.set_run(run.id, RunState.FAILED, reason)


def close_run(records: Records, job: Job, reason: str) -> None:
    """The same where nobody can be told, because there is no way to Slack: the record alone is ended."""
    run = _going_on(records, job)
    if run is not None:
        records.set_run(run.id, RunState.FAILED, reason)


def _going_on(records: Records, job: Job) -> RunEntry | None:
    """The run that this job has begun, unless it has ended."""
    try:
        run = records.run(f"run:{job.id}")
    except NotFound:
        return None
    return run if run.state in {RunState.QUEUED, RunState.RUNNING} else None


def _drive(
    services: Services, job: Job, entry: ModelEntry, run: RunEntry, shown: ProgressMessage
) -> ThreatModel:
    from agent.graph import Task

    # with what engineers added, or the next free number could be that of a threat of theirs
    previous = standing(services.records, run.model, run.revision - 1) if run.revision > 1 else None
    task = Task(
        run=run.id,
        model=run.model,
        revision=run.revision,
        created=run.created,
        request=run.request,
        previous=previous,
        lessons=services.lessons.of(entry.workspace, entry.channel),
    )
    events = services.agent().stream(task, _stop_asked(services, job, run))
    for event in events:
        if isinstance(event, ThreatModel):
            return event
        shown.add(event)
    raise Cancelled("The run ended without a threat model. Press Re-run.")


def _stop_asked(services: Services, job: Job, run: RunEntry) -> Callable[[], bool]:
    """Whether somebody who may has pressed Stop, or the app was removed; who may not is told so, once."""
    denied: set[str] = set()

    def asked() -> bool:
        if _homeless(services, job):
            return True
        by = services.records.run(run.id).stop_by
        if not by or by in denied:
            return False
        presser = replace(job.actor, user=by, team=job.actor.workspace)
        try:
            check(presser, services.policy, services.directory)
        except NotAllowed as refusal:
            denied.add(by)
            whisper_denied(services, replace(job, id=f"{run.id}/stop", actor=presser), refusal.message)
            return False
        return True

    return asked


def _homeless(services: Services, job: Job) -> bool:
    """Whether the app was taken away where the run's thread is: what it finds could not be shown there."""
    try:
        return services.tenants is not None and not services.tenants.find(
            job.actor.workspace, job.actor.enterprise
        )
    except DeliveryError:  # nobody can tell now
        return False


class ProgressMessage:
    """One message that changes in place, at most once in `progress_seconds`."""

    def __init__(self, services: Services, entry: ModelEntry, run: RunEntry) -> None:
        self._services = services
        self._entry = entry
        self._run = run
        self._events: list[Progress] = []
        self._began = time.monotonic()
        self._shown_at = float("-inf")

    def show(self) -> None:
        """Post it, unless it stands already."""
        self._put(RunState.RUNNING)

    def add(self, event: Progress) -> None:
        """One more event; shown now or with a later one. A Slack that is away does not end a run."""
        self._events.append(event)
        if event.first or time.monotonic() - self._shown_at >= self._services.progress_seconds:
            try:
                self._put(RunState.RUNNING)
            except DeliveryError as error:
                self._shown_at = time.monotonic()
                log.warning("run %s goes on, unseen: %s", self._run.id, error.message)

    def end(self, state: RunState, reason: str = "") -> None:
        """The last form, without the Stop button."""
        self._put(state, reason, time.monotonic() - self._began)

    def fail(self, reason: str) -> None:
        """The last form of a run that nobody works on any more."""
        self._put(RunState.FAILED, reason)

    def _put(self, state: RunState, reason: str = "", seconds: float | None = None) -> None:
        message = progress(
            self._run.request.title,
            Route(self._run.model, self._run.revision),
            self._events,
            state,
            seconds=seconds,
            reason=reason,
        )
        key = f"{self._run.id}/progress"
        self._services.publisher.put(key, self._entry.channel, self._entry.thread, message)
        self._shown_at = time.monotonic()
        if state is RunState.RUNNING and self._events:
            found = max(event.threats for event in self._events)
            self._services.records.set_stage(self._run.id, self._events[-1].stage, found)
