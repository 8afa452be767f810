"""What the worker promises when jobs fail."""

from dataclasses import replace
from pathlib import Path

import pytest

from agent.domain.request import Request
from bot.demo import local_settings
from bot.jobs import Actor, Ask, OpenModel, StartRun
from bot.queues.sqlite import SqliteQueue
from bot.records.base import ModelEntry
from bot.services import Services
from bot.wiring import make_services
from bot.worker import Paused, Worker, do, idle
from bot.workspace.workspace import Workspace
from tests.fakes import Clock

DANA = Actor(user="U0DANA", team="T0LOCAL", workspace="T0LOCAL", channel="C0PAYMENTS")


@pytest.fixture
def services(workspace: Workspace, tmp_path: Path) -> Services:
    """Services that give a job one try more before it is dead."""
    settings = local_settings(workspace, "s", tmp_path, progress_seconds=0)
    return make_services(settings.model_copy(update={"attempts": 2}))


def keep_model(services: Services, workspace: Workspace) -> str:
    """A model with a thread of its own; the thread's ts."""
    root = workspace.person("dana").say("payments", "root")
    services.records.add_model(
        ModelEntry(
            id="tm-1",
            workspace="T0LOCAL",
            channel="C0PAYMENTS",
            thread=root.ts,
            owner="U0DANA",
            created=services.now(),
            request=Request(title="Shop"),
        )
    )
    return root.ts


def test_a_run_with_nothing_to_read_ends_with_a_sentence(services: Services, workspace: Workspace) -> None:
    """A run on an empty request is explained in its progress message, done, and not tried again."""
    thread = keep_model(services, workspace)
    services.queue.send(StartRun(id="a", model="tm-1", actor=DANA))
    assert Worker(services).do_one()

    assert services.queue.depth() == 0
    assert services.queue.dead_letters() == ()
    text = "\n".join(m.plain for m in workspace.thread("payments", thread))
    assert "?" in text


def test_a_slack_that_is_away_is_tried_again_and_then_a_dead_letter(
    workspace: Workspace, tmp_path: Path
) -> None:
    """A post that Slack never takes is retried, then kept as a dead letter: nobody could be told."""
    settings = local_settings(workspace, "s", tmp_path, progress_seconds=0)
    services = make_services(settings.model_copy(update={"attempts": 2, "lease_seconds": 0.5}))
    keep_model(services, workspace)
    workspace.faults.add("chat.postMessage", kind="5xx", times=500)
    services.queue.send(Ask(id="a", model="tm-1", actor=DANA, message_ts="1.1", text="why?"))
    worker = Worker(services, threads=1, lease_seconds=0.5)
    worker.start()  # it keeps its leases, which are shorter than its patience with Slack
    for _ in range(1_000):
        if not services.queue.depth():
            break
        workspace.wait_until(lambda: False, 0.1)
    worker.stop()

    assert [d.job.id for d in services.queue.dead_letters()] == ["a"]


def test_a_channel_without_the_bot_is_told_to_the_person(services: Services, workspace: Workspace) -> None:
    """When the bot is not in the channel, the person who asked learns to invite it; nothing is retried."""
    actor = replace(DANA, channel="C0PLATFORM")
    services.queue.send(OpenModel(id="a", model="tm-2", actor=actor, title="Shop"))
    assert Worker(services).do_one()

    assert services.queue.depth() == 0
    assert workspace.messages("platform") == []


def test_a_model_that_is_gone_is_said_to_be_gone(services: Services, workspace: Workspace) -> None:
    """A job about a model that nobody keeps tells the person, and is not tried again."""
    services.queue.send(StartRun(id="a", model="tm-9", actor=DANA))
    assert Worker(services).do_one()

    assert services.queue.depth() == 0
    assert any("do not know this threat model" in m.plain for m in workspace.ephemerals("dana"))


def test_a_failure_that_could_not_be_shown_is_shown_by_the_next_try(
    services: Services, workspace: Workspace
) -> None:
    """When Slack refuses the last form of a progress message, the run is not over: the next try shows it."""
    thread = keep_model(services, workspace)
    workspace.faults.add("chat.update", kind="error", times=1, error="service_unavailable")
    services.queue.send(StartRun(id="a", model="tm-1", actor=DANA))
    worker = Worker(services)
    assert worker.do_one()
    for _ in range(100):
        if not services.queue.depth():
            break
        workspace.wait_until(lambda: False, 0.1)
        worker.do_one()

    text = "\n".join(m.plain for m in workspace.thread("payments", thread))
    assert "Failed" in text
    assert "[Stop]" not in text


def test_a_worker_without_its_lease_shows_nothing(
    services: Services, workspace: Workspace, tmp_path: Path
) -> None:
    """Who lost a job to another worker stops before posting; the other one posts, once."""
    thread = keep_model(services, workspace)
    clock = Clock()
    queue = SqliteQueue(tmp_path / "own.db", lease=30, clock=clock)
    services = replace(services, queue=queue)
    queue.send(Ask(id="a", model="tm-1", actor=DANA, message_ts="1.1", text="why?"))
    slow = queue.claim()
    clock.advance(31)
    quick = queue.claim()
    assert slow is not None
    assert quick is not None
    with pytest.raises(Paused):
        do(services, slow)
    assert len(workspace.thread("payments", thread)) == 1
    assert do(services, quick)

    assert len(workspace.thread("payments", thread)) == 2


def test_a_queue_that_is_away_is_asked_less_and_less() -> None:
    """Each failure in a row doubles the wait, up to three seconds; an empty queue is asked after 0.1 s."""
    assert [idle(failures) for failures in (0, 1, 2, 20, 2000)] == [0.1, 0.2, 0.4, 3.0, 3.0]


def test_stopping_leaves_no_thread_behind(services: Services) -> None:
    """A worker that is stopped ends its threads."""
    worker = Worker(services, threads=2, lease_seconds=1)
    worker.start()
    worker.stop(10)

    assert not any(t.is_alive() for t in worker._threads)
