"""Stop: what was found until then stands, and only those who may can press it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from agent.graph import Agent
from bot.demo import LocalBot, example, knows_thread, local_settings
from bot.render import actions, forms
from bot.server import Serving
from bot.services import Services
from bot.wiring import make_saver, make_services
from bot.workspace.server import WorkspaceServer
from bot.workspace.state import Timing
from bot.workspace.workspace import Workspace
from tests.fakes import SlowAnalyst


@dataclass
class Bench:
    """A bot whose analyst waits until it is let go on."""

    workspace: Workspace
    services: Services
    analyst: SlowAnalyst

    def begin(self) -> str:
        """Open a thread, drop the diagram, and wait until the analyst is at work; the thread's ts."""
        dana = self.workspace.person("dana")
        view = dana.command("/threatmodel", "new Charging", channel="payments").view
        assert view is not None
        dana.submit(view.id, {forms.DESCRIPTION: ""})
        assert self.workspace.wait_until(lambda: self.workspace.messages("payments"), 60)
        thread = self.workspace.messages("payments")[-1].ts
        assert knows_thread(LocalBot(self.workspace, self.services, ""), "payments", thread)
        dana.upload("payments", thread, example()[1])
        assert self.analyst.asked.wait(60)
        return thread

    def press_stop(self, thread: str, who: str) -> None:
        """Press Stop on the progress message."""
        for message in self.workspace.thread("payments", thread):
            for block in message.blocks:
                if any(
                    e.get("action_id") == actions.STOP
                    for e in block.get("elements", ())
                    if isinstance(e, dict)
                ):
                    assert self.workspace.person(who).click(message.ts, (block["block_id"], actions.STOP)).ok
                    return
        pytest.fail("there is no Stop button")

    def text(self, thread: str) -> str:
        """What can be read in the thread."""
        return "\n".join(m.plain for m in self.workspace.thread("payments", thread))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """The bot with its slow analyst."""
    workspace = Workspace(signing_secret="s", bot_token="xoxb-1", timing=Timing(ack=30, trigger=30))
    analyst = SlowAnalyst()
    with WorkspaceServer(workspace):
        settings = local_settings(workspace, "s", tmp_path, progress_seconds=0)
        made = make_services(settings)
        agent = Agent(
            artifacts=made.artifacts,
            analysts=(analyst,),
            store=made.store(),
            checkpointer=make_saver(tmp_path / "checkpoints.db"),
        )
        services = replace(made, agent=lambda: agent)
        with Serving(settings, services) as serving:
            workspace.request_url = f"{serving.url}/slack/events"
            yield Bench(workspace, services, analyst)
            analyst.let_go.set()


def test_stop_leaves_a_partial_model(bench: Bench) -> None:
    """After Stop the thread says so, the button is gone, and what was found is published as partial."""
    thread = bench.begin()
    bench.press_stop(thread, "dana")
    bench.analyst.let_go.set()

    assert bench.workspace.wait_until(lambda: "Revision 1" in bench.text(thread), 60), bench.text(thread)
    model = bench.services.records.models("T0LOCAL", "C0PAYMENTS")[0]
    assert bench.services.records.revision(model.id).partial
    assert "Stopped" in bench.text(thread)


def test_a_guest_cannot_stop(bench: Bench) -> None:
    """A guest who presses Stop is told why not, and the run goes on to its end."""
    thread = bench.begin()
    bench.press_stop(thread, "gil")
    bench.analyst.let_go.set()

    assert bench.workspace.wait_until(lambda: "Revision 1" in bench.text(thread), 60), bench.text(thread)
    model = bench.services.records.models("T0LOCAL", "C0PAYMENTS")[0]
    assert not bench.services.records.revision(model.id).partial
    assert any("Guests cannot" in m.plain for m in bench.workspace.ephemerals("gil"))
