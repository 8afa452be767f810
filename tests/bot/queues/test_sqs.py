"""What the queue on SQS promises beyond the port."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from agent.errors import ConfigurationError, InputError
from bot.jobs import Actor, Ask, Claim, StartRun, encode
from bot.queues.sqs import LARGEST, STOPPED, SqsQueue
from tests.aws_double import AwsClock, AwsDouble
from tests.aws_servers import SQS, named

DANA = Actor(user="U0DANA", team="T0", workspace="T0", channel="C0")


def a_job(id_: str, model: str = "tm-1") -> StartRun:
    """A job of Dana's."""
    return StartRun(id=id_, model=model, actor=DANA)


def a_question(text: str) -> Ask:
    """A question of Dana's."""
    return Ask(id="q", model="tm-1", actor=DANA, message_ts="17.1", text=text)


@pytest.fixture(name="aws_double", params=SQS)
def each_server(request: pytest.FixtureRequest) -> AwsDouble:
    """Each server that answers as SQS does."""
    return named(request, request.param)


@pytest.fixture
def clock(aws_double: AwsDouble) -> AwsClock:
    """The queue's clock, and SQS's."""
    return aws_double.clock()


@pytest.fixture
def url(aws_double: AwsDouble) -> str:
    """A queue with three tries."""
    return aws_double.make_queue(attempts=3)


@pytest.fixture
def queue(aws_double: AwsDouble, url: str, clock: AwsClock) -> Iterator[SqsQueue]:
    """A worker's view of it."""
    made = SqsQueue(aws_double.aws, url, lease=30, attempts=3, pause=10, wait=0, clock=clock)
    yield made
    made.close()


def another(server: AwsDouble, url: str, clock: AwsClock) -> SqsQueue:
    """Another process's view of the same queue."""
    return SqsQueue(server.aws, url, lease=30, attempts=3, pause=10, wait=0, clock=clock)


def taken(queue: SqsQueue) -> Claim:
    """The next claim; the test fails when there is none."""
    claim = queue.claim()
    assert claim is not None
    return claim


def died(queue: SqsQueue, clock: AwsClock, *ids: str) -> None:
    """Let jobs of one model fail until they are dead letters."""
    for id_ in ids:
        queue.send(a_job(id_))
    for _ in range(3 * len(ids)):
        queue.fail(taken(queue), "no")
        clock.advance(60)


def as_event(server: AwsDouble, url: str) -> list[dict[str, Any]]:
    """What Lambda would be called with: it receives, and passes on under its own names."""
    answer = server.sqs.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=10,
        MessageSystemAttributeNames=["All"],
        MessageAttributeNames=["All"],
    )
    return [
        {
            "messageId": m["MessageId"],
            "receiptHandle": m["ReceiptHandle"],
            "body": m["Body"],
            "attributes": m["Attributes"],
            "messageAttributes": {},
            "eventSource": "aws:sqs",
        }
        for m in answer.get("Messages", [])
    ]


def test_another_process_sends_the_same_delivery_in_vain(
    aws_double: AwsDouble, url: str, queue: SqsQueue, clock: AwsClock
) -> None:
    """Two ingress processes that got the same delivery put one job on the queue."""
    queue.send(a_job("a"))
    another(aws_double, url, clock).send(a_job("a"))

    queue.complete(taken(queue))
    assert queue.claim() is None


def test_ids_that_sqs_does_not_take_are_kept_apart(queue: SqsQueue) -> None:
    """Ids with spaces, umlauts or 400 characters are no reason to refuse, and do not fall together."""
    ids = ["a b", "ä", "x" * 400, "x" * 399 + "y"]
    for id_ in ids:
        queue.send(a_job(id_, model=f"model of {id_}"))

    assert sorted(taken(queue).job.id for _ in ids) == sorted(ids)


def test_characters_that_sqs_does_not_take_come_through(queue: SqsQueue) -> None:
    """A job comes back as it was sent, with characters that XML forbids in it."""
    job = a_question('zero\u0000 tab\t bell\u0007 end\uffff quote" line\u2028 smile\U0001f600')
    queue.send(job)

    assert taken(queue).job == job


def test_a_job_over_the_limit_is_refused(queue: SqsQueue) -> None:
    """More bytes than a queue takes: an error that says how many, and nothing is sent."""
    with pytest.raises(InputError, match=f"{LARGEST:,}"):
        queue.send(a_question("ä" * (LARGEST // 2)))
    assert queue.claim() is None


def test_redriven_dead_letters_keep_their_order(queue: SqsQueue, clock: AwsClock) -> None:
    """The dead letters of a model go back in the order in which they were sent."""
    ids = [f"j{n}" for n in range(4)]
    died(queue, clock, *ids)

    assert queue.redrive() == 4
    for id_ in ids:
        claim = taken(queue)
        assert (claim.job.id, claim.attempt) == (id_, 1)
        queue.complete(claim)


def test_many_dead_letters_of_one_model(queue: SqsQueue, url: str, aws_double: AwsDouble) -> None:
    """Of more than ten of a model the first ten are shown, and all go back, in order."""
    ids = [f"j{n:02d}" for n in range(23)]
    for id_ in ids:
        aws_double.sqs.send_message(
            QueueUrl=url.replace(".fifo", "-dead.fifo"),
            MessageBody=encode(a_job(id_)),
            MessageGroupId="tm-1",
            MessageDeduplicationId=id_,
        )

    assert [d.job.id for d in queue.dead_letters()] == ids[:10]
    assert queue.redrive() == 23
    for id_ in ids:
        claim = taken(queue)
        assert claim.job.id == id_
        queue.complete(claim)


def test_reading_dead_letters_loses_none(queue: SqsQueue, clock: AwsClock) -> None:
    """Dead letters can be read again and again, the oldest first, and put back afterwards."""
    died(queue, clock, "first", "second")
    for _ in range(3):
        assert [(d.job.id, d.error) for d in queue.dead_letters()] == [("first", "no"), ("second", "no")]

    assert queue.redrive() == 2


def test_a_job_whose_worker_always_dies_is_a_dead_letter(queue: SqsQueue, clock: AwsClock) -> None:
    """A job that three workers took and never finished is moved by SQS, and the letter says so."""
    queue.send(a_job("poison"))
    for _ in range(3):
        taken(queue)
        clock.advance(31)

    assert queue.claim() is None
    assert [(d.job.id, d.error) for d in queue.dead_letters()] == [("poison", STOPPED)]


def test_a_redrive_puts_a_job_back_once(
    queue: SqsQueue, url: str, clock: AwsClock, aws_double: AwsDouble
) -> None:
    """A job with two letters goes back once; the other stays, as it would if the job had died again."""
    died(queue, clock, "a")
    aws_double.sqs.send_message(
        QueueUrl=url.replace(".fifo", "-dead.fifo"),
        MessageBody=encode(a_job("a")),
        MessageGroupId="tm-1",
        MessageDeduplicationId="again",
    )

    assert len(queue.dead_letters()) == 1
    assert queue.redrive() == 1
    queue.complete(taken(queue))
    assert queue.claim() is None
    assert [d.job.id for d in queue.dead_letters()] == ["a"]


def test_what_is_no_job_does_not_stop_the_queue(queue: SqsQueue, url: str, aws_double: AwsDouble) -> None:
    """What this version cannot read goes to the dead letters, from where a redrive brings it back."""
    body = json.dumps({"kind": "from_the_future"})
    aws_double.sqs.send_message(
        QueueUrl=url, MessageBody=body, MessageGroupId="tm-1", MessageDeduplicationId="odd"
    )
    queue.send(a_job("a"))

    assert taken(queue).job.id == "a"
    assert queue.dead_letters() == ()
    assert queue.redrive() == 1


def test_a_queue_without_dead_letters_is_a_wrong_setting(aws_double: AwsDouble) -> None:
    """A queue without a redrive policy is named, with what to give it."""
    name = aws_double.name("alone") + ".fifo"
    url = aws_double.sqs.create_queue(QueueName=name, Attributes={"FifoQueue": "true"})["QueueUrl"]

    with pytest.raises(ConfigurationError, match=f"{name} has no dead-letter queue"):
        SqsQueue(aws_double.aws, url).dead_letters()


def test_a_lambda_event_is_a_claim(queue: SqsQueue, url: str, aws_double: AwsDouble) -> None:
    """A record of a Lambda event can be extended and completed as if it had been claimed here."""
    queue.send(a_job("a"))
    (record,) = as_event(aws_double, url)
    claim = queue.take(record)

    assert claim is not None
    assert (claim.job, claim.attempt, claim.last) == (a_job("a"), 1, False)
    assert queue.extend(claim)
    assert queue.complete(claim)
    assert queue.depth() == 0


def test_the_last_try_of_a_lambda_event_is_known(queue: SqsQueue, url: str, aws_double: AwsDouble) -> None:
    """The record's receive count says which try it is."""
    queue.send(a_job("a"))
    (record,) = as_event(aws_double, url)
    record["attributes"]["ApproximateReceiveCount"] = "3"
    claim = queue.take(record)

    assert claim is not None
    assert (claim.attempt, claim.last) == (3, True)
    queue.fail(claim, "no answer")
    assert [d.error for d in queue.dead_letters()] == ["no answer"]
    assert queue.depth() == 0


def test_a_record_that_is_no_job_is_put_aside(queue: SqsQueue, url: str, aws_double: AwsDouble) -> None:
    """Lambda is told nothing failed, and the message waits with the dead letters."""
    aws_double.sqs.send_message(
        QueueUrl=url, MessageBody="{", MessageGroupId="tm-1", MessageDeduplicationId="odd"
    )
    (record,) = as_event(aws_double, url)

    assert queue.take(record) is None
    assert queue.depth() == 0
    assert queue.redrive() == 1


def test_a_worker_short_of_time_gives_a_job_back_in_its_place(queue: SqsQueue) -> None:
    """A released job comes again at once, before the later jobs of its model, as another try."""
    for id_ in ("a", "b"):
        queue.send(a_job(id_))
    queue.release(taken(queue))
    again = taken(queue)

    assert (again.job.id, again.attempt) == ("a", 2)


def test_a_claim_of_another_process_is_not_mine(aws_double: AwsDouble, url: str, clock: AwsClock) -> None:
    """Whoever does not hold the lease can neither complete, extend, fail nor release a job."""
    mine, theirs = another(aws_double, url, clock), another(aws_double, url, clock)
    mine.send(a_job("a"))
    claim = taken(mine)

    assert not theirs.complete(claim)
    assert not theirs.extend(claim)
    theirs.fail(replace(claim, last=True), "not yours")
    theirs.release(claim)
    assert mine.dead_letters() == ()
    assert mine.claim() is None
    assert mine.complete(claim)


def operations(queue: SqsQueue) -> list[tuple[str, str]]:
    """What the queue asks from now on: the call, and the last part of the queue's name."""
    asked: list[tuple[str, str]] = []

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        asked.append((model.name, "dead" if "-dead" in params["QueueUrl"] else "jobs"))

    for resource in (queue._queue, queue._dead):  # what it asks is the promise
        resource.client.meta.events.register("provide-client-params.sqs.*", note)
    return asked


def test_each_role_needs_its_own_calls_only(queue: SqsQueue, clock: AwsClock) -> None:
    """The ingress sends; a worker receives, extends, completes and buries; an operator reads and redrives."""
    asked = operations(queue)
    queue.send(a_job("a"))
    assert set(asked) == {("SendMessage", "jobs")}
    asked.clear()

    queue.extend(taken(queue))
    clock.advance(31)
    queue.fail(taken(queue), "no")
    clock.advance(60)
    queue.fail(taken(queue), "no")
    queue.depth()
    assert set(asked) == {
        ("ReceiveMessage", "jobs"),
        ("ChangeMessageVisibility", "jobs"),
        ("DeleteMessage", "jobs"),
        ("GetQueueAttributes", "jobs"),
        ("SendMessage", "dead"),
    }
    asked.clear()

    assert len(queue.dead_letters()) == queue.redrive() == 1
    assert set(asked) == {
        ("ReceiveMessage", "dead"),
        ("ChangeMessageVisibilityBatch", "dead"),
        ("DeleteMessage", "dead"),
        ("SendMessage", "jobs"),
    }


def test_several_workers_share_a_queue(aws_double: AwsDouble, url: str, clock: AwsClock) -> None:
    """Four workers do every job once, and those of one model in their order."""
    sender = another(aws_double, url, clock)
    sent = [a_job(f"m{n % 5}-{n:02d}", f"m{n % 5}") for n in range(30)]
    for job in sent:
        sender.send(job)
    done: list[str] = []
    lock = threading.Lock()

    def work() -> None:
        queue = another(aws_double, url, clock)
        while True:
            with lock:
                if len(done) == len(sent):
                    return
            claim = queue.claim()
            if claim is not None:
                with lock:
                    done.append(claim.job.id)
                assert queue.complete(claim)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)

    assert sorted(done) == sorted(j.id for j in sent)
    for model in {j.model for j in sent}:
        mine = [id_ for id_ in done if id_.startswith(model)]
        assert mine == sorted(mine)


def test_a_job_whose_tries_never_ended_is_to_be_explained(aws_double: AwsDouble, clock: AwsClock) -> None:
    """Where SQS gives a job out more often than it may be tried, the claim says that it is spent."""
    url = aws_double.make_queue(attempts=5)
    queue = another(aws_double, url, clock)
    queue.send(a_job("a"))
    claims = []
    for _ in range(4):
        claims.append(taken(queue))
        clock.advance(31)
    queue.close()

    assert [(claim.last, claim.spent) for claim in claims] == [
        (False, False), (False, False), (True, False), (True, True),
    ]  # fmt: skip
