"""What the worker promises when jobs fail."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.domain.request import Request
from bot.demo import local_settings
from bot.jobs import Actor, Ask, OpenModel, StartRun
from bot.records.base import ModelEntry
from bot.services import Services
from bot.wiring import make_services
from bot.worker import Worker
from bot.workspace.server import WorkspaceServer
from bot.workspace.workspace import Workspace

DANA = Actor(user="U0DANA", team="T0LOCAL", workspace="T0LOCAL", channel="C0PAYMENTS")


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """A served workspace."""
    made = Workspace(signing_secret="s", bot_token="xoxb-1")
    with WorkspaceServer(made):
        yield made


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
    services: Services, workspace: Workspace
) -> None:
    """A post that Slack never takes is retried, then kept as a dead letter with its reason."""
    keep_model(services, workspace)
    workspace.faults.add("chat.postMessage", kind="5xx", times=50)
    services.queue.send(Ask(id="a", model="tm-1", actor=DANA, message_ts="1.1", text="why?"))
    worker = Worker(services)
    assert worker.do_one()
    assert services.queue.depth() == 1
    for _ in range(100):  # the pause before the second try is a second
        if not services.queue.depth():
            break
        workspace.wait_until(lambda: False, 0.1)
        worker.do_one()

    assert [d.job.id for d in services.queue.dead_letters()] == ["a"]


def test_a_channel_without_the_bot_is_told_to_the_person(services: Services, workspace: Workspace) -> None:
    """When the bot is not in the channel, the person who asked learns to invite it; nothing is retried."""
    actor = DANA.model_copy(update={"channel": "C0PLATFORM"})
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


def test_stopping_leaves_no_thread_behind(services: Services) -> None:
    """A worker that is stopped ends its threads."""
    worker = Worker(services, threads=2, lease_seconds=1)
    worker.start()
    worker.stop(10)

    assert not any(t.is_alive() for t in worker._threads)
