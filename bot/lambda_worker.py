"""The worker on Lambda: the records of an SQS event are jobs; what is not done stays on the queue.

An event of the schedule brings the company's documents up to date (bot.lambda_documents).

A message's lease is kept short and renewed while its job is done, so a function that is killed loses seconds,
not the time-out of the queue. A run for which the function's time does not suffice stops between two steps
and gives its message back: the next call goes on from the checkpoint, under the same run id.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, cast

from pydantic import SecretStr

from agent.domain.model import Progress, Stage, ThreatModel
from agent.errors import ConfigurationError, InputError, ThreatbotError
from bot.lambda_documents import EVENT, SyncedDocuments
from bot.queues.sqs import SqsQueue
from bot.secrets import Secret
from bot.telemetry import Telemetry, traced
from bot.wiring import make_aws, make_services
from bot.worker import Paused, do

if TYPE_CHECKING:
    from agent.graph import Task
    from bot.jobs import Claim
    from bot.services import Runner
    from bot.settings import Settings
    from knowledge.stores.base import KnowledgeStore

log = logging.getLogger("threatbot.worker")

MARGIN = 240.0
"""Seconds before the function's end at which a run begins no further step: longer than most steps take."""
SECRET_SECONDS = 300.0
"""How often the secret is looked at again: the worker does not hear from Slack that it was changed."""
_NO_BORDER = {Stage.READ, Stage.FIND, Stage.SUMMARISE}
"""Stages after which no run pauses: of parallel branches, whose end is not the step's, and the last one."""


class WorkerHandler:
    """Does the jobs of each event.

    Args:
        settings: the settings; ConfigurationError when they name no queue.
        clock: seconds since the epoch.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self._settings = settings
        self._clock = clock
        self._telemetry = Telemetry(settings.stage)
        self._secret = Secret(make_aws(settings), settings.secret) if settings.secret else None
        self._make()
        documents = SyncedDocuments(settings, self._store, self._telemetry)
        self._event = traced(self._records) if settings.traces else self._records
        self._documents = traced(documents.sync) if settings.traces else documents.sync
        _load()

    def __call__(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        """Which messages are to stay on the queue, in SQS' form for partial failures.

        For an event of the schedule, how many files were new, changed and so on. InputError for any other.
        """
        scheduled = dict(event) == EVENT
        if not scheduled and not _of_a_queue(event):
            raise InputError(
                "The worker takes events of its queue and of the documents' schedule, and no other."
            )
        if self._secret and self._secret.changed(SECRET_SECONDS):
            self._make()
        try:
            if scheduled:
                return self._documents(event, context)
            kept = self._event(event, context)
        finally:
            self._telemetry.flush()
        return {"batchItemFailures": [{"itemIdentifier": message} for message in kept]}

    def _make(self) -> None:
        values = self._secret.values if self._secret else {}
        known = {name: SecretStr(value) for name, value in values.items()}
        self._services = make_services(self._settings.model_copy(update=known))
        queue = self._services.queue
        if not isinstance(queue, SqsQueue):
            raise ConfigurationError(
                "THREATBOT_QUEUE_URL is not set: on Lambda, jobs come from an SQS queue."
            )
        self._queue = queue
        for port in (queue, self._services.artifacts):
            getattr(port, "warm", int)()

    def _store(self) -> KnowledgeStore:
        return self._services.store()

    def _records(self, event: Mapping[str, Any], context: Any) -> list[str]:
        """The ids of the messages that are not done. Within a model, nothing overtakes one that failed."""
        kept: list[str] = []
        blocked: set[str] = set()
        for record in event["Records"]:
            group = str(record["attributes"]["MessageGroupId"])
            if group in blocked:
                self._give_back(record)
            elif self._done(record, context):
                continue
            blocked.add(group)
            kept.append(str(record["messageId"]))
        return kept

    def _give_back(self, record: Mapping[str, Any]) -> None:
        claim = self._queue.take(record)
        if claim is not None:
            self._queue.release(claim)

    def _done(self, record: Mapping[str, Any], context: Any) -> bool:
        self._telemetry.seconds(
            "QueueAge", max(0.0, self._clock() - int(record["attributes"]["SentTimestamp"]) / 1000)
        )
        claim = self._queue.take(record)
        if claim is None:
            self._telemetry.count("FailedJobs")
            return True
        with (
            self._telemetry.about(claim, str(record["messageId"]), context.aws_request_id),
            self._held(claim),
        ):
            return self._job(claim, context)

    def _job(self, claim: Claim, context: Any) -> bool:
        began = time.monotonic()
        runner = Limited(self._services.agent, context, self._telemetry, last=claim.last)
        try:
            done = do(replace(self._services, agent=lambda: runner), claim)
        except Paused as pause:
            log.info("paused: %s", pause.message)
            self._telemetry.count("Pauses")
            self._queue.release(claim)
            return False
        self._telemetry.count("Jobs")
        self._telemetry.count("FailedJobs", int(not done))
        self._tell_verdicts(claim)
        log.info(
            "job done" if done else "job stays",
            extra={"milliseconds": round((time.monotonic() - began) * 1000)},
        )
        return done

    def _tell_verdicts(self, claim: Claim) -> None:
        if claim.job.kind != "give_verdict":
            return
        for verdict in self._services.records.verdicts(claim.job.model):
            if verdict.id.startswith(f"{claim.job.id}/"):
                self._telemetry.verdict(verdict)

    @contextmanager
    def _held(self, claim: Claim) -> Iterator[None]:
        """Renew the lease until the block ends. Whoever is killed inside loses one lease, no more."""
        over = Event()

        def renew() -> None:
            while True:
                try:
                    self._queue.extend(claim)
                except ThreatbotError:
                    log.exception("the lease could not be renewed; trying again")
                if over.wait(self._settings.lease_seconds / 3):
                    return

        thread = Thread(target=renew, name="lease", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


class Limited:
    """A Runner that stops between two steps when the function's time is nearly over; it counts what is made.

    Args:
        runner: makes the threat models.
        context: Lambda's, which knows the time that is left.
        telemetry: where ended runs are counted.
        last: no further try is left: the run ends with what was found, instead of pausing.
    """

    def __init__(
        self, runner: Callable[[], Runner], context: Any, telemetry: Telemetry, *, last: bool
    ) -> None:
        self._runner = runner
        self._left: Callable[[], float] = lambda: context.get_remaining_time_in_millis() / 1000
        self._margin = min(MARGIN, self._left() / 3)
        self._telemetry = telemetry
        self._last = last

    def stream(
        self, task: Task, cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[Progress | ThreatModel]:
        """See Runner. Paused when the time is nearly over."""
        began = time.monotonic()
        events = self._runner().stream(task, lambda: cancelled() or (self._last and self._ending()))
        with closing(cast("Generator[Progress | ThreatModel]", events)) as open_events:
            for event in open_events:
                if isinstance(event, ThreatModel):
                    self._telemetry.run(event, time.monotonic() - began)
                yield event
                if isinstance(event, Progress) and event.stage not in _NO_BORDER and self._pausing():
                    raise Paused(f"run {task.run} goes on after {event.stage}, in another call.")

    def _pausing(self) -> bool:
        return not self._last and self._ending()

    def _ending(self) -> bool:
        return bool(self._left() < self._margin)


def _of_a_queue(event: Mapping[str, Any]) -> bool:
    records = event.get("Records")
    return isinstance(records, list) and all(r.get("eventSource") == "aws:sqs" for r in records)


def _load() -> None:
    """Load now what the first job needs: while a function starts, it has more of a processor."""
    import agent.resumable  # noqa: F401
    import bot.checkpoints  # noqa: F401
