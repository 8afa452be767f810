"""The worker: takes jobs from the queue and does them, several models at once, one job at a time in each."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace

from agent.errors import DeliveryError, KnowledgeError, ThreatbotError
from bot.handlers import HANDLERS, close_run, end_run, give_up, sentence
from bot.jobs import Claim, Job, JobQueue, Unlearn
from bot.lessons.removal import unlearn_removed
from bot.services import Services

log = logging.getLogger("threatbot.worker")

TELLING = 10
"""How often a job is claimed at most until somebody could be told that it failed."""
REMOVED = "The app was removed from the workspace before this was done."
SPENT = "Its tries were used up, and the last one ended without a word."
IDLE_SECONDS = 0.1
"""How long an idle thread waits before it looks at the queue again."""
LONGEST_IDLE_SECONDS = 3.0
"""How long it waits at most, when the queue does not answer."""


class Worker:
    """Threads that do jobs, and one that keeps their leases.

    Args:
        services: everything a job needs.
        threads: how many models are worked on at once.
        lease_seconds: the queue's lease; renewed every third of it.
    """

    def __init__(self, services: Services, *, threads: int = 4, lease_seconds: float = 30.0) -> None:
        self._services = services
        self._stopping = threading.Event()
        self._held: dict[str, Claim] = {}
        self._lock = threading.Lock()
        self._beat = lease_seconds / 3
        self._threads = [
            threading.Thread(target=self._work, name=f"worker-{n}", daemon=True) for n in range(threads)
        ]
        self._threads.append(threading.Thread(target=self._keep_leases, name="worker-leases", daemon=True))

    def start(self) -> None:
        """Begin; returns at once."""
        for thread in self._threads:
            thread.start()

    def stop(self, seconds: float = 30.0) -> None:
        """Take no more jobs and wait up to `seconds` for those at hand; the rest is done after the lease."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(seconds)

    def do_one(self) -> bool:
        """Do the next job in this thread; False when there is none."""
        claim = self._services.queue.claim()
        if claim is None:
            return False
        with self._lock:
            self._held[claim.receipt] = claim
        try:
            do(self._services, claim)
        except Paused as pause:
            log.warning("left: %s", pause.message)
        finally:
            with self._lock:
                self._held.pop(claim.receipt, None)
        return True

    def _work(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            done = self._guarded(self.do_one)
            failures = failures + 1 if done is None else 0
            if not done:
                self._stopping.wait(idle(failures))

    def _keep_leases(self) -> None:
        while not self._stopping.wait(self._beat):
            with self._lock:
                held = list(self._held.values())
            for claim in held:
                self._guarded(lambda claim=claim: self._services.queue.extend(claim))  # type: ignore[misc]

    @staticmethod
    def _guarded(step: Callable[[], bool]) -> bool | None:
        """Do a step of the loop, None when it failed: the thread outlives a queue that is away."""
        try:
            return step()
        except DeliveryError as error:
            log.error("the queue did not answer, trying again: %s", error.message)  # noqa: TRY400 - known
        except Exception:
            log.exception("the queue did not answer; trying again")
        return None


def idle(failures: int) -> float:
    """Seconds until a thread looks at the queue again that has not answered so many times in a row."""
    return min(LONGEST_IDLE_SECONDS, IDLE_SECONDS * (1 << min(failures, 10)))


class Paused(ThreatbotError):
    """The worker has to stop before the job is done; what was checkpointed will not be done again."""


def do(services: Services, claim: Claim) -> bool:
    """Do a claimed job; False when it stays on the queue, to be tried again after a pause.

    A job that fails raises nothing: that is logged, and told to people once no try is left. Paused passes; it
    is also what ends a job whose lease was lost, before that shows anything more: another worker may have it.
    """
    job = claim.job
    own: Services | None = None
    try:
        own = _own(services, job)
        if own is None:
            return _dropped(services, claim)
        own = replace(own, publisher=own.publisher.guarded(lambda: _check(services.queue, claim)))
        if claim.spent:
            return _failed(services, own, claim, SPENT, retry=True)
        HANDLERS[job.kind](own, job)
    except Paused:
        raise
    except (DeliveryError, KnowledgeError) as error:
        retry = error.retryable if isinstance(error, DeliveryError) else True
        return _failed(services, own, claim, error.message, retry=retry)
    except ThreatbotError as error:
        return _failed(services, own, claim, error.message, retry=False)
    except Exception as error:  # the outermost edge of a job
        log.exception("job %s (%s) failed", job.id, job.kind)
        return _failed(services, own, claim, f"{type(error).__name__} in {job.kind}", retry=True)
    services.queue.complete(claim)
    return True


def _own(services: Services, job: Job) -> Services | None:
    """The services of the job's workspace; None where the app is not installed.

    A job that is about a removal looks now, whatever was known a minute ago.
    """
    if isinstance(job, Unlearn) and services.removed(job.actor):
        return None
    return services.of(job.actor)


def _dropped(services: Services, claim: Claim) -> bool:
    """The workspace has removed the app: there is nobody to tell, and nothing to try again.

    A run that the job had begun is not under way any more, and what was taught there is deleted.
    """
    job = claim.job
    unlearn_removed(services, job.actor)
    close_run(services.records_of(job.actor), job, REMOVED)
    if not isinstance(job, Unlearn):  # which is done by that
        log.info("job %s (%s) was dropped: %s has removed the app", job.id, job.kind, job.actor.workspace)
    services.queue.complete(claim)
    return True


def _failed(services: Services, own: Services | None, claim: Claim, reason: str, *, retry: bool) -> bool:
    """`own` are the services of the job's workspace; None when not even these were found."""
    job = claim.job
    log.warning("job %s (%s), try %d: %s", job.id, job.kind, claim.attempt, reason)
    if own is not None and _removed(services, claim):
        try:
            return _dropped(services, claim)
        except DeliveryError as error:  # the records are away: dropped by the next try
            services.queue.fail(claim, error.message)
            return False
    if retry and not claim.last:
        services.queue.fail(claim, reason)
        return False
    if not _told(services, own, claim, reason, expected=not retry):
        if not claim.last:
            services.queue.fail(claim, reason)
        return False  # or, when its lease is over, it is claimed once more, to be told
    if retry:
        services.queue.fail(claim, reason)
    else:
        services.queue.complete(claim)
    return True


def _told(services: Services, own: Services | None, claim: Claim, reason: str, *, expected: bool) -> bool:
    """Say that the job failed; False when that should be tried again, because Slack is away for a while."""
    job = claim.job
    try:
        if own is None:
            close_run(services.records_of(job.actor), job, sentence(job, reason, expected=expected))
        else:
            end_run(own, job, sentence(job, reason, expected=expected))
            give_up(own, job, reason, expected=expected)
    except Paused:
        raise
    except ThreatbotError as error:  # the dead letter keeps the reason
        log.exception("could not tell anybody that job %s failed", job.id)
        passing = isinstance(error, DeliveryError) and error.retryable
        return not passing or claim.attempt >= TELLING
    return True


def _check(queue: JobQueue, claim: Claim) -> None:
    """Paused when another worker may have the job."""
    if not queue.holds(claim):
        raise Paused(f"job {claim.job.id} is another worker's: its lease was lost.")


def _removed(services: Services, claim: Claim) -> bool:
    """Whether the job failed because the app was removed meanwhile; not, when nobody can tell now."""
    try:
        return services.removed(claim.job.actor)
    except DeliveryError:
        return False
