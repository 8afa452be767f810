"""The worker: takes jobs from the queue and does them, several models at once, one job at a time in each."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from agent.errors import DeliveryError, KnowledgeError, ThreatbotError
from bot.handlers import HANDLERS, give_up
from bot.jobs import Claim
from bot.services import Services

log = logging.getLogger("threatbot.worker")

IDLE_SECONDS = 0.1
"""How long an idle thread waits before it looks at the queue again."""


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
            self._do(claim)
        finally:
            with self._lock:
                self._held.pop(claim.receipt, None)
        return True

    def _work(self) -> None:
        while not self._stopping.is_set():
            if not self._guarded(self.do_one):
                self._stopping.wait(IDLE_SECONDS)

    def _keep_leases(self) -> None:
        while not self._stopping.wait(self._beat):
            with self._lock:
                held = list(self._held.values())
            for claim in held:
                self._guarded(lambda claim=claim: self._services.queue.extend(claim))  # type: ignore[misc]

    @staticmethod
    def _guarded(step: Callable[[], bool]) -> bool:
        """Do a step of the loop; the thread outlives a queue that is locked or away for a while."""
        try:
            return step()
        except Exception:
            log.exception("the queue did not answer; trying again")
            return False

    def _do(self, claim: Claim) -> None:
        job = claim.job
        try:
            HANDLERS[job.kind](self._services, job)
        except (DeliveryError, KnowledgeError) as error:
            retry = error.retryable if isinstance(error, DeliveryError) else True
            self._failed(claim, error.message, retry=retry)
        except ThreatbotError as error:
            self._failed(claim, error.message, retry=False)
        except Exception as error:  # the outermost edge of a job
            log.exception("job %s (%s) failed", job.id, job.kind)
            self._failed(claim, f"{type(error).__name__} in {job.kind}", retry=True)
        else:
            self._services.queue.complete(claim)

    def _failed(self, claim: Claim, reason: str, *, retry: bool) -> None:
        job = claim.job
        log.warning("job %s (%s), try %d: %s", job.id, job.kind, claim.attempt, reason)
        if retry and not claim.last:
            self._services.queue.fail(claim, reason)
            return
        try:
            give_up(self._services, job, reason, expected=not retry)
        except ThreatbotError:  # the dead letter keeps the reason
            log.exception("could not tell anybody that job %s failed", job.id)
        if retry:
            self._services.queue.fail(claim, reason)
        else:
            self._services.queue.complete(claim)
