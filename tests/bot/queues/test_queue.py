"""What every JobQueue promises. Each adapter is run through all of it."""

import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.jobs import Actor, Claim, JobQueue, StartRun
from bot.queues.sqlite import SqliteQueue
from bot.queues.sqs import SqsQueue
from bot.sqlite import Database
from tests.aws_servers import SQS, named
from tests.fakes import Clock

DANA = Actor(user="U0DANA", team="T0", workspace="T0", channel="C0")


def a_job(id_: str, model: str = "tm-1") -> StartRun:
    """A job of Dana's."""
    return StartRun(id=id_, model=model, actor=DANA)


@pytest.fixture(params=["sqlite", *SQS, "light"])
def adapter(request: pytest.FixtureRequest) -> str:
    """What the queue is kept on."""
    return str(request.param)


@pytest.fixture
def clock(adapter: str, request: pytest.FixtureRequest) -> Clock:
    """The clock of the queue, and for SQS that of the server too."""
    if adapter == "sqlite":
        return Clock()
    return named(request, adapter.replace("light", "moto")).clock()


@pytest.fixture
def queue(adapter: str, tmp_path: Path, clock: Clock, request: pytest.FixtureRequest) -> Iterator[JobQueue]:
    """Each adapter with a lease of 30 s, three tries, and a pause of ten seconds."""
    made: SqliteQueue | SqsQueue
    if adapter == "sqlite":
        made = SqliteQueue(tmp_path / "queue.db", lease=30, attempts=3, pause=10, clock=clock)
    else:
        server = named(request, adapter.replace("light", "moto"))
        aws = request.getfixturevalue("light_aws") if adapter == "light" else server.aws
        url = server.make_queue(attempts=3, lease=30)
        made = SqsQueue(aws, url, lease=30, attempts=3, pause=10, wait=0, clock=clock)
    yield made
    made.close()


def taken(queue: JobQueue) -> Claim:
    """The next claim; the test fails when there is none."""
    claim = queue.claim()
    assert claim is not None
    return claim


def test_a_job_comes_back_as_it_was_sent(queue: JobQueue) -> None:
    """What is claimed is what was sent, and completing it empties the queue."""
    assert queue.send(a_job("a"))
    claim = taken(queue)

    assert claim.job == a_job("a")
    assert queue.complete(claim)
    assert queue.claim() is None
    assert queue.depth() == 0


def test_the_same_delivery_is_kept_once(queue: JobQueue) -> None:
    """A job sent again, even after it was done, is not kept again."""
    queue.send(a_job("a"))
    assert not queue.send(a_job("a"))
    queue.complete(taken(queue))

    assert not queue.send(a_job("a"))
    assert queue.claim() is None


def test_one_model_is_worked_on_in_order_and_alone(queue: JobQueue) -> None:
    """A model's second job waits for its first; another model's job does not."""
    for id_, model in (("a1", "a"), ("a2", "a"), ("b1", "b")):
        queue.send(a_job(id_, model))

    first, other = taken(queue), taken(queue)
    assert [first.job.id, other.job.id] == ["a1", "b1"]
    assert queue.claim() is None
    queue.complete(first)
    assert taken(queue).job.id == "a2"


def test_an_abandoned_job_is_given_to_another(queue: JobQueue, clock: Clock) -> None:
    """After the lease another worker gets the job, and the first one cannot complete it any more."""
    queue.send(a_job("a"))
    first = taken(queue)
    clock.advance(31)
    second = taken(queue)

    assert (second.job.id, second.attempt) == ("a", 2)
    assert not queue.complete(first)
    assert not queue.extend(first)
    assert queue.complete(second)


def test_a_heartbeat_keeps_the_lease(queue: JobQueue, clock: Clock) -> None:
    """A worker that extends its lease in time keeps the job."""
    queue.send(a_job("a"))
    claim = taken(queue)
    clock.advance(25)
    assert queue.extend(claim)
    clock.advance(25)

    assert queue.claim() is None
    assert queue.complete(claim)


def test_a_failed_job_waits_longer_each_time_and_then_dies(queue: JobQueue, clock: Clock) -> None:
    """Failures are tried again after 10 s and 50 s; the third is a dead letter with its reason."""
    queue.send(a_job("a"))
    for pause in (10, 50):
        queue.fail(taken(queue), "no answer")
        clock.advance(pause - 6)
        assert queue.claim() is None
        clock.advance(7)
    last = taken(queue)
    assert last.last
    queue.fail(last, "still no answer")

    assert queue.claim() is None
    assert [(d.job.id, d.error) for d in queue.dead_letters()] == [("a", "still no answer")]


def test_a_failing_job_holds_up_its_model_only(queue: JobQueue) -> None:
    """While a failed job waits, later jobs of its model wait behind it and other models go on."""
    for id_, model in (("a1", "a"), ("a2", "a"), ("b1", "b")):
        queue.send(a_job(id_, model))
    queue.fail(taken(queue), "no answer")

    assert taken(queue).job.id == "b1"
    assert queue.claim() is None


def test_dead_letters_can_be_tried_again(queue: JobQueue, clock: Clock) -> None:
    """Redriving puts dead letters back with all their tries."""
    queue.send(a_job("a"))
    for _ in range(3):
        queue.fail(taken(queue), "no")
        clock.advance(60)

    assert queue.redrive() == 1
    assert taken(queue).attempt == 1
    assert queue.dead_letters() == ()


def _drain(path: Path, done: "multiprocessing.Queue[str]") -> None:
    queue = SqliteQueue(path)
    while (claim := queue.claim()) is not None:
        if queue.complete(claim):
            done.put(claim.job.id)
    queue.close()


def test_a_job_of_another_version_holds_nothing_up(tmp_path: Path) -> None:
    """A job that this version cannot read is put aside; redrive brings it back."""
    path = tmp_path / "queue.db"
    queue = SqliteQueue(path)
    for id_ in ("a", "b"):
        queue.send(a_job(id_))
    with Database(path, "", version=1).write() as db:
        db.execute("UPDATE jobs SET body = replace(body, 'start_run', 'dance') WHERE id = 'a'")

    assert taken(queue).job == a_job("b")
    assert (queue.depth(), queue.dead_letters()) == (1, ())
    assert queue.redrive() == 1


@pytest.mark.slow
def test_several_processes_share_a_queue(tmp_path: Path) -> None:
    """Three processes that drain one file do every job, and none twice."""
    path = tmp_path / "queue.db"
    queue = SqliteQueue(path)
    sent = [a_job(f"j{n}", f"m{n}") for n in range(60)]
    for job in sent:
        queue.send(job)
    context = multiprocessing.get_context("spawn")
    done = context.Queue()
    workers = [context.Process(target=_drain, args=(path, done)) for _ in range(3)]
    for worker in workers:
        worker.start()
    finished = sorted(done.get(timeout=60) for _ in sent)
    for worker in workers:
        worker.join(30)

    assert finished == sorted(j.id for j in sent)
    assert done.empty()
    queue.close()
