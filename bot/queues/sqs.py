"""The job queue on Amazon SQS: a FIFO queue with a dead-letter queue that is FIFO too.

===========================  =================================================================================
what the port promises       how SQS keeps it
===========================  =================================================================================
in order, one at a time      the message group is the model's id: while a message of a group is in flight, no
within a model               further one of it is given out
the same delivery once       the deduplication id is the job's id, which is the delivery's. SQS forgets it
                             after five minutes; what comes later, the ingress knows from the records
                             (`Records.delivered`), and handlers do nothing twice for one job id
a lease                      the visibility time-out; `extend` begins it anew
a receipt for each claim     the receipt handle; a FIFO queue refuses it once the time-out is over
tries                        ApproximateReceiveCount
a pause after a failure      the visibility time-out, set to the pause
dead letters                 `fail` moves the job there with its reason; SQS itself moves a job whose worker
                             stopped without a word as often as the redrive policy's maxReceiveCount
===========================  =================================================================================

A killed worker leaves at worst two messages for one job: a dead letter that is also still in the queue. Each
is done once, because handlers know a job by its id.
"""

from __future__ import annotations

import json
import logging
import math
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from agent.errors import ConfigurationError, InputError
from bot.aws import Aws, Refusal, Resource
from bot.jobs import Claim, DeadLetter, Job, decode, encode, pause_after
from bot.queues.sqs_messages import Message, hashed, plain, reason, sendable

log = logging.getLogger("threatbot.queue")

LARGEST = 262_144
"""Bytes of the largest body. SQS takes 1 MiB since August 2025, but a queue made before keeps the limit it
was made with; jobs are a few hundred bytes, and those with a pasted text some ten thousand."""

REMEMBERED = 10_000
"""How many sent ids one process remembers, so that `send` can tell a repetition at once."""

PEEK_SECONDS = 20
"""How long dead letters are hidden from others while they are read."""

MOVE_SECONDS = 120
"""How long dead letters are hidden from others while they are put back."""

LOST = frozenset(
    {
        "AWS.SimpleQueueService.MessageNotInflight",
        "InvalidParameterValue",
        "MessageNotInflight",
        "ReceiptHandleIsInvalid",
    }
)
"""How SQS says that a receipt handle is no longer good."""

STOPPED = "The worker stopped in the middle of it, each time, without saying why."


class SqsQueue:
    """JobQueue on SQS.

    Args:
        aws: where SQS is.
        url: the queue's URL; its redrive policy names the dead-letter queue.
        lease: seconds without `extend` after which a claimed job is given to another worker.
        attempts: tries before a job becomes a dead letter. The redrive policy's maxReceiveCount should be
            greater: with what is over, people are told of a job that stopped its worker each time.
        pause: seconds before the second try, see pause_after; whole seconds.
        wait: seconds that `claim` waits for a job, at most 20.
        clock: seconds, for the leases that this process holds.
    """

    def __init__(
        self,
        aws: Aws,
        url: str,
        *,
        lease: float = 30.0,
        attempts: int = 4,
        pause: float = 3.0,
        wait: int = 10,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._aws = aws
        self._url = url
        self._queue = Resource(aws, "sqs", f"the SQS queue {_name_in(url)}", "THREATBOT_QUEUE_URL")
        self._lease = math.ceil(lease)
        self._attempts = attempts
        self._pause = pause
        self._wait = wait
        self._clock = clock
        self._held: dict[str, float] = {}
        self._sent: OrderedDict[str, None] = OrderedDict()

    def send(self, job: Job) -> bool:
        """See JobQueue. InputError when the job is larger than a queue takes.

        False when this process has sent it before; another process's job is kept once as well, and True.
        """
        if job.id in self._sent:
            return False
        body = sendable(encode(job))
        size = len(body.encode())
        if size > LARGEST:
            raise InputError(
                f"That is too long to take over: {size:,} bytes, and {LARGEST:,} are possible. "
                "Send the text as a file, or in several messages."
            )
        self._queue.call(
            "send_message",
            QueueUrl=self._url,
            MessageBody=body,
            MessageGroupId=plain(job.model),
            MessageDeduplicationId=plain(job.id),
        )
        self._sent[job.id] = None
        while len(self._sent) > REMEMBERED:
            self._sent.popitem(last=False)
        return True

    def claim(self) -> Claim | None:
        """See JobQueue. A message that is no job goes to the dead letters, and the next one is looked at."""
        while messages := self._receive(self._queue, self._url, 1, self._lease, self._wait):
            claim = self._claimed(messages[0])
            if claim is not None:
                return claim
        return None

    def take(self, record: Mapping[str, Any]) -> Claim | None:
        """The claim on a record of a Lambda event, which SQS has leased already.

        None when it is no job: it lies with the dead letters then, and the record counts as done.
        """
        return self._claimed(Message.recorded(record))

    def extend(self, claim: Claim) -> bool:
        """See JobQueue."""
        if self.holds(claim) and self._show_again_in(claim.receipt, self._lease):
            self._held[claim.receipt] = self._clock() + self._lease
            return True
        self._held.pop(claim.receipt, None)
        return False

    def complete(self, claim: Claim) -> bool:
        """See JobQueue."""
        held = self.holds(claim)
        self._held.pop(claim.receipt, None)
        return held and self._delete(self._queue, self._url, claim.receipt)

    def fail(self, claim: Claim, error: str) -> None:
        """See JobQueue."""
        if not self.holds(claim):
            return
        if claim.last:
            self._bury(sendable(encode(claim.job)), plain(claim.job.model), claim.receipt, error)
        else:
            self._show_again_in(claim.receipt, math.ceil(pause_after(claim.attempt, self._pause)))
        self._held.pop(claim.receipt, None)

    def release(self, claim: Claim) -> None:
        """Give the job back in its place, to be claimed again at once; that counts as another try.

        For a worker whose own time is nearly over: what it has checkpointed is not done again.
        """
        if self.holds(claim):
            self._show_again_in(claim.receipt, 0)
        self._held.pop(claim.receipt, None)

    def dead_letters(self) -> tuple[DeadLetter, ...]:
        """See JobQueue; at most the first ten of each model, which is what a FIFO queue shows at once.

        A message that is no job of this version is passed over; `redrive` puts it back nevertheless.
        """
        seen: list[Message] = []
        try:
            while messages := self._letters(PEEK_SECONDS):
                seen.extend(messages)
        finally:
            self._unhide(seen)
        found: dict[str, DeadLetter] = {}
        for message in sorted(seen, key=lambda m: m.sent):
            try:
                job = decode(message.body)
            except InputError as error:
                log.warning("dead letter %s is passed over: %s", message.id, error.message)
                continue
            found[job.id] = DeadLetter(job=job, error=message.error or STOPPED)
        return tuple(found.values())

    def redrive(self) -> int:
        """See JobQueue. Killed half-way it loses nothing; called again it goes on.

        A letter for a job that was just put back stays: it may have died again meanwhile.
        """
        moved: set[str] = set()
        left: list[Message] = []
        while messages := self._letters(MOVE_SECONDS):
            for message in messages:
                if message.body in moved:
                    left.append(message)
                    continue
                self._queue.call(
                    "send_message",
                    QueueUrl=self._url,
                    MessageBody=message.body,
                    MessageGroupId=message.group,
                    MessageDeduplicationId=hashed("redrive", message.id),
                )
                self._delete(self._dead, self._dead_url, message.receipt)
                moved.add(message.body)
        self._unhide(left)
        return len(moved)

    def depth(self) -> int:
        """See JobQueue; SQS's own estimate, which is exact a minute after the last change."""
        names = [f"ApproximateNumberOfMessages{kind}" for kind in ("", "NotVisible", "Delayed")]
        answer = self._queue.call("get_queue_attributes", QueueUrl=self._url, AttributeNames=names)
        return sum(int(answer["Attributes"][name]) for name in names)

    def warm(self) -> None:
        """Load and make now what the first call would: Lambda does so before it is asked anything."""
        _ = self._queue.client

    def close(self) -> None:
        """Let go of connections."""
        self._queue.close()
        if "_dead" in self.__dict__:
            self._dead.close()

    def _claimed(self, message: Message) -> Claim | None:
        self._held[message.receipt] = self._clock() + self._lease
        try:
            job = decode(message.body)
        except InputError as error:
            log.warning("message %s goes to the dead letters: %s", message.id, error.message)
            self._bury(message.body, message.group, message.receipt, error.message)
            self._held.pop(message.receipt)
            return None
        last, spent = message.attempt >= self._attempts, message.attempt > self._attempts
        return Claim(job=job, receipt=message.receipt, attempt=message.attempt, last=last, spent=spent)

    def holds(self, claim: Claim) -> bool:
        """See JobQueue: as far as this process's own clock can tell."""
        return self._held.get(claim.receipt, -math.inf) > self._clock()

    def _bury(self, body: str, group: str, receipt: str, error: str) -> None:
        """To the dead letters first, and then out of the queue: a kill in between loses nothing."""
        self._dead.call(
            "send_message",
            QueueUrl=self._dead_url,
            MessageBody=body,
            MessageGroupId=group,
            MessageDeduplicationId=hashed("dead", receipt),
            MessageAttributes=reason(error),
        )
        self._delete(self._queue, self._url, receipt)

    def _show_again_in(self, receipt: str, seconds: int) -> bool:
        try:
            self._queue.call(
                "change_message_visibility",
                expect=LOST,
                QueueUrl=self._url,
                ReceiptHandle=receipt,
                VisibilityTimeout=seconds,
            )
        except Refusal:
            return False
        return True

    @staticmethod
    def _delete(queue: Resource, url: str, receipt: str) -> bool:
        try:
            queue.call("delete_message", expect=LOST, QueueUrl=url, ReceiptHandle=receipt)
        except Refusal:
            return False
        return True

    def _letters(self, seconds: int) -> list[Message]:
        """Some dead letters, hidden for so long; without any wait, SQS may overlook some of those it has."""
        return self._receive(self._dead, self._dead_url, 10, seconds, min(1, self._wait))

    @staticmethod
    def _receive(queue: Resource, url: str, count: int, lease: int, wait: int) -> list[Message]:
        answer = queue.call(
            "receive_message",
            QueueUrl=url,
            MaxNumberOfMessages=count,
            VisibilityTimeout=lease,
            WaitTimeSeconds=wait,
            MessageSystemAttributeNames=["ApproximateReceiveCount", "MessageGroupId", "SentTimestamp"],
            MessageAttributeNames=["error"],
            ReceiveRequestAttemptId=uuid.uuid4().hex,  # a repeated call gets the same messages
        )
        return [Message.polled(message) for message in answer.get("Messages", ())]

    def _unhide(self, messages: list[Message]) -> None:
        for start in range(0, len(messages), 10):
            batch = messages[start : start + 10]
            entries = [
                {"Id": str(n), "ReceiptHandle": m.receipt, "VisibilityTimeout": 0}
                for n, m in enumerate(batch)
            ]
            self._dead.call("change_message_visibility_batch", QueueUrl=self._dead_url, Entries=entries)

    @cached_property
    def _dead(self) -> Resource:
        return Resource(self._aws, "sqs", f"the SQS queue {_name_in(self._dead_url)}", "THREATBOT_QUEUE_URL")

    @cached_property
    def _dead_url(self) -> str:
        """Beside the queue, in the same account and region, as SQS wants it."""
        answer = self._queue.call(
            "get_queue_attributes", QueueUrl=self._url, AttributeNames=["RedrivePolicy"]
        )
        policy = answer.get("Attributes", {}).get("RedrivePolicy")
        if not policy:
            raise ConfigurationError(
                f"The SQS queue {_name_in(self._url)} has no dead-letter queue. Give it a redrive policy "
                f"with maxReceiveCount {self._attempts} and a FIFO queue as its target."
            )
        arn = str(json.loads(policy)["deadLetterTargetArn"])
        return f"{self._url.rpartition('/')[0]}/{arn.rpartition(':')[2]}"


def _name_in(url: str) -> str:
    return url.rpartition("/")[2]
