"""One workspace's way onto the queue: no job goes among those of another one's model."""

from __future__ import annotations

from bot.intake import owner_of
from bot.jobs import Job, JobQueue, Refuse
from bot.records.scoped import UNKNOWN


class ScopedQueue:
    """What the ingress sends with.

    Jobs of one model are done in order, so a job with another workspace's model id, though it could do
    nothing there, would stand in the way of its own. It goes on as a refusal, among the sender's own.
    """

    def __init__(self, queue: JobQueue) -> None:
        self._queue = queue

    def send(self, job: Job) -> bool:
        """See JobQueue."""
        whose = job.actor.workspace
        if owner_of(job.model) not in {"", whose}:
            job = Refuse(id=job.id, model=whose, actor=job.actor, reason=UNKNOWN)
        return self._queue.send(job)
