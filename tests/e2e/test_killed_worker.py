"""A worker that is killed loses nothing and doubles nothing."""

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from agent.domain.threat import ThreatStatus
from bot.demo import LocalBot, example, knows_thread, local_settings
from bot.publish import EVENT_TYPE
from bot.records.standing import standing
from bot.render import actions, forms
from bot.render.routing import Route, decode
from bot.server import Serving
from bot.services import Services
from bot.wiring import make_services
from bot.workspace.server import WorkspaceServer
from bot.workspace.state import Timing
from bot.workspace.values import Message
from bot.workspace.workspace import Workspace

KILLS, AT_ONCE = 10, 5
"""Each kill hits five runs, each at another point of it: 50 points."""
RUN_SECONDS = 2.5
"""The stretch over which the points are spread: a run and its publication take about that long."""


@dataclass
class Nursery:
    """Workers to kill."""

    process: subprocess.Popen[str]

    def grow(self) -> int:
        """A new worker's process id."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@dataclass
class Bench:
    """A workspace, an ingress without a worker, and workers to kill."""

    workspace: Workspace
    services: Services
    nursery: Nursery


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Everything but a worker; leases are short, so that another worker takes over soon."""
    secret = "a signing secret"
    workspace = Workspace(signing_secret=secret, bot_token="xoxb-1", timing=Timing(ack=30, trigger=30))
    with WorkspaceServer(workspace):
        settings = local_settings(workspace, secret, tmp_path, progress_seconds=0).model_copy(
            update={"lease_seconds": 1.0, "workers": AT_ONCE}
        )
        services = make_services(settings)
        with (
            Serving(settings, services, work=False) as serving,
            nursery(settings.model_dump(mode="json")) as grown,
        ):
            workspace.request_url = f"{serving.url}/slack/events"
            yield Bench(workspace, services, grown)


class nursery:  # noqa: N801 - a context manager
    """A nursery as a process."""

    def __init__(self, settings: dict[str, object]) -> None:
        settings["slack_signing_secret"] = "a signing secret"
        settings["slack_bot_token"] = "xoxb-1"
        self._settings = json.dumps(settings)

    def __enter__(self) -> Nursery:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("worker_nursery.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        assert self._process.stdin is not None
        self._process.stdin.write(self._settings + "\n")
        self._process.stdin.flush()
        return Nursery(self._process)

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()


def open_thread(bench: Bench, title: str) -> Message:
    """Type the command, send the form; the root message once it stands."""
    dana = bench.workspace.person("dana")
    view = dana.command("/threatmodel", f"new {title}", channel="payments").view
    assert view is not None
    dana.submit(view.id, {forms.DESCRIPTION: example()[0][:3000]})
    roots = bench.workspace.wait_until(
        lambda: [m for m in bench.workspace.messages("payments") if title in m.plain], 60
    )
    assert knows_thread(LocalBot(bench.workspace, bench.services, ""), "payments", roots[0].ts)
    return roots[0]


def keys(messages: list[Message]) -> Counter[str]:
    """How often each idempotency key was posted."""
    return Counter(
        m.metadata["event_payload"]["key"]
        for m in messages
        if m.metadata and m.metadata.get("event_type") == EVENT_TYPE
    )


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_kills_at_fifty_points_lose_and_double_nothing(bench: Bench) -> None:
    """Killed at 50 seeded points: every run ends, each verdict is kept, no message stands twice."""
    dice = random.Random(20_261_122)  # noqa: S311 - a seeded dice, no secret
    workspace = bench.workspace
    dana = workspace.person("dana")
    for kill in range(KILLS):
        worker = bench.nursery.grow()
        roots = [open_thread(bench, f"Kill {kill} run {run}") for run in range(AT_ONCE)]
        for root in roots:
            dana.upload("payments", root.ts, example()[1])
            wait(workspace, dice.uniform(0, RUN_SECONDS / AT_ONCE))
        wait(workspace, dice.uniform(0, RUN_SECONDS))
        os.kill(worker, signal.SIGKILL)

        worker = bench.nursery.grow()
        pressed = [accept(bench, root) for root in roots]
        wait(workspace, dice.uniform(0, 0.3))
        os.kill(worker, signal.SIGKILL)

        worker = bench.nursery.grow()
        for root, (message, route) in zip(roots, pressed, strict=True):
            check(bench, root, message, route)
        os.kill(worker, signal.SIGKILL)
    assert len(workspace.messages("payments")) == KILLS * AT_ONCE


def wait(workspace: Workspace, seconds: float) -> None:
    """Let time pass."""
    workspace.wait_until(lambda: False, seconds)


def accept(bench: Bench, root: Message) -> tuple[Message, Route]:
    """Press the first Accept once the run has ended; the page and what the button was about."""
    page = bench.workspace.wait_until(partial(accepting, bench.workspace, root.ts), 90)
    assert page, f"{root.plain}: the run never ended"
    message, block, value = page
    assert bench.workspace.person("dana").click(message.ts, (block, actions.ACCEPT)).ok
    route = decode(value)
    assert route is not None
    return message, route


def check(bench: Bench, root: Message, message: Message, route: Route) -> None:
    """The verdict is shown and kept once; every message of the model stands once, and none is missing."""
    workspace, records = bench.workspace, bench.services.records
    assert workspace.wait_until(partial(reads, workspace, message.ts, "→ accepted by"), 90), (
        "a verdict was lost"
    )
    model = standing(records, route.model)
    assert model.threat(route.threat).status is ThreatStatus.ACCEPTED
    assert len(records.verdicts(route.model)) == 1
    posted = keys(workspace.thread("payments", root.ts))
    assert set(posted.values()) == {1}, f"doubled: {posted}"
    assert sum("/page/" in key for key in posted) == -(-len(model.shown) // 5)


def reads(workspace: Workspace, ts: str, text: str) -> bool:
    """Whether a message holds these words."""
    return text in workspace.message(ts).plain


def accepting(workspace: Workspace, thread: str) -> tuple[Message, str, str] | None:
    """The first Accept button of a thread's pages: its message, its block and its value."""
    for message in workspace.thread("payments", thread):
        for block in message.blocks:
            for element in block.get("elements", ()):
                if isinstance(element, dict) and element.get("action_id") == actions.ACCEPT:
                    return message, str(block["block_id"]), str(element["value"])
    return None
