"""What happens where the app is not installed, or not any more."""

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from agent.domain.model import Progress, RunState, ThreatModel
from agent.errors import StorageError
from agent.graph import Task
from bot.app import make_app
from bot.handlers.run_model import start_run
from bot.ingress import handle
from bot.installations.authorize import NOT_INSTALLED
from bot.installations.base import Installation
from bot.installations.sqlite import SqliteInstallations
from bot.installations.tenants import Tenants
from bot.jobs import Actor, OpenModel, StartRun
from bot.records.base import RunEntry
from bot.server import Serving
from bot.worker import Worker
from bot.workspace.workspace import Workspace
from tests.bot.installations.company import Company, a_company, signed

DANA = Actor(user="U0DANA", team="T0NORTH", workspace="T0NORTH", channel="C0PAYMENTS")


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    """A company whose northern office has the app, with both offices' deliveries going to the bot."""
    with a_company(tmp_path, port=0) as made:
        made.install(made.north)
        with Serving(made.settings, made.services, work=False) as serving:
            for workspace in (made.north, made.south):
                workspace.request_url = f"{serving.url}/slack/events"
            yield made


def ended(company: Company) -> bool:
    """Wait until the bot has heard of the removal."""
    company.north.settle()
    return company.tenants.find("T0NORTH") is None


def test_a_command_where_it_is_installed(company: Company) -> None:
    """The command works in the office that has the app, and its form opens with that office's token."""
    outcome = company.north.person("dana").command("/threatmodel", "new Shop")

    assert outcome.error == ""
    assert outcome.view is not None


def test_a_command_where_it_is_not(company: Company) -> None:
    """The person alone reads that the app is not installed, and nothing is opened or queued."""
    dana = company.south.person("dana")
    outcome = dana.command("/threatmodel", "new Shop")

    assert outcome.view is None
    assert [m.plain for m in company.south.ephemerals("dana")] == [NOT_INSTALLED]
    assert company.services.queue.depth() == 0


def test_a_press_where_it_is_not(company: Company) -> None:
    """A button that stayed behind is answered to the person alone, through the response_url."""
    company.south.tokens["old"] = float("inf")
    press = {
        "type": "block_actions",
        "team": {"id": "T0SOUTH"},
        "user": {"id": "U0DANA", "team_id": "T0SOUTH"},
        "channel": {"id": "C0PAYMENTS"},
        "trigger_id": "1",
        "response_url": company.south.response_url(
            company.south.store.new_response_url("U0DANA", "C0PAYMENTS")
        ),
        "actions": [{"type": "button", "action_id": "tm_start", "value": '{"m":"tm-1","r":0}'}],
    }
    answer = company.deliver(press)

    assert answer.status == 200
    assert [m.plain for m in company.south.ephemerals("dana")] == [NOT_INSTALLED]
    assert company.services.queue.depth() == 0


def test_a_form_where_it_is_not(company: Company) -> None:
    """A form that was still open keeps its text, and says why it was not taken."""
    view = {
        "id": "V1",
        "type": "modal",
        "hash": "1",
        "callback_id": "tm_intake",
        "private_metadata": "C0PAYMENTS",
        "blocks": [{"type": "input", "block_id": "title"}],
    }
    about = {"type": "view_submission", "team": {"id": "T0SOUTH"}, "user": {"id": "U0DANA"}}
    answer = company.deliver(about | {"view": view})

    assert NOT_INSTALLED in answer.body
    assert '"errors"' in answer.body


def test_an_event_where_it_is_not(company: Company) -> None:
    """Nobody can be told of an event; it is taken, so that Slack does not send it again."""
    event = {"type": "message", "channel": "C0PAYMENTS", "user": "U0DANA", "ts": "1.1", "thread_ts": "1.0"}
    body = {"type": "event_callback", "team_id": "T0SOUTH", "event_id": "Ev1", "event": event}

    assert company.deliver(body).status == 200
    assert company.services.queue.depth() == 0


def test_a_dead_response_url_costs_no_delivery(company: Company) -> None:
    """Where nobody answers at the response_url, the press is acknowledged all the same."""
    press = {
        "type": "block_actions",
        "team": {"id": "T0SOUTH"},
        "user": {"id": "U0DANA"},
        "trigger_id": "1",
        "response_url": "http://127.0.0.1:1/response",
        "actions": [{"type": "button", "action_id": "tm_start", "value": "{}"}],
    }

    assert company.deliver(press).status == 200


@pytest.mark.parametrize("how", [Workspace.remove_app, Workspace.revoke_tokens], ids=["removed", "revoked"])
def test_a_removal_forgets_the_tokens(company: Company, how: Any) -> None:
    """When an admin removes the app or revokes its tokens, Slack tells, and the tokens are forgotten."""
    how(company.north)

    assert ended(company)
    found = company.tenants.installations.find("T0NORTH")
    assert found is not None
    assert found.bot_token == ""
    assert found.revoked


def test_tokens_of_people_are_none_of_ours(company: Company) -> None:
    """A person who withdraws their own consent removes nothing: the bot has no tokens of people."""
    event = {"type": "tokens_revoked", "tokens": {"oauth": ["U0DANA"], "bot": []}}
    body = {"type": "event_callback", "team_id": "T0NORTH", "event_id": "Ev1", "event": event}

    assert company.deliver(body | {"event_time": 4_000_000_000}).status == 200
    assert company.tenants.find("T0NORTH") is not None


def test_a_late_event_does_not_remove_a_new_installation(company: Company) -> None:
    """Slack's word about the installation before, delivered late, leaves the present one alone."""
    event = {"type": "app_uninstalled"}
    body = {"type": "event_callback", "team_id": "T0NORTH", "event_id": "Ev1", "event": event}

    assert company.deliver(body | {"event_time": 1_000_000_000}).status == 200
    assert company.tenants.find("T0NORTH") is not None


def test_jobs_of_a_removed_app_end_quietly(company: Company, caplog: pytest.LogCaptureFixture) -> None:
    """What was queued before the removal is dropped with one line in the log, and tried no more."""
    company.services.queue.send(OpenModel(id="a", model="tm-1", actor=DANA, title="Shop"))
    company.north.remove_app()
    assert ended(company)
    with caplog.at_level(logging.INFO, logger="threatbot.worker"):
        company.work()

    assert company.services.queue.depth() == 0
    assert company.services.queue.dead_letters() == ()
    assert [r.getMessage() for r in caplog.records] == [
        "job a (open_model) was dropped: T0NORTH has removed the app"
    ]
    assert company.north.messages("payments") == []


def test_a_removal_in_the_middle_of_a_job_ends_it(company: Company, caplog: pytest.LogCaptureFixture) -> None:
    """A job whose token is revoked while it works is dropped, not tried again, and is no dead letter."""
    assert company.tenants.desk("T0NORTH") is not None  # the worker has it at hand
    company.north.request_url = ""
    company.north.remove_app()
    company.tenants.installations.revoke("T0NORTH", 4_000_000_000)
    company.services.queue.send(OpenModel(id="a", model="tm-1", actor=DANA, title="Shop"))
    with caplog.at_level(logging.INFO, logger="threatbot.worker"):
        assert company.work() == 1

    assert company.services.queue.depth() == 0
    assert company.services.queue.dead_letters() == ()
    assert "was dropped" in caplog.text


def test_what_was_kept_comes_back_with_the_app(company: Company) -> None:
    """Records stay through a removal: installed again, the workspace goes on with its models."""
    about = "A web app stores orders in a database."
    company.services.queue.send(OpenModel(id="a", model="tm-1", actor=DANA, title="Shop", description=about))
    company.work()
    company.north.remove_app()
    assert ended(company)
    company.install(company.north)
    company.services.queue.send(StartRun(id="b", model="tm-1", actor=DANA))
    company.work()

    assert company.services.records.model("tm-1").revision == 1


def test_slack_can_check_the_address(company: Company) -> None:
    """Slack's question whether the request URL is ours has no workspace, and is answered."""
    text = '{"type": "url_verification", "challenge": "c"}'
    headers = signed(text) | {"Content-Type": "application/json"}

    assert "c" in handle(company.app, company.services, headers, text.encode()).body


class Away(SqliteInstallations):
    """Installations that never answer."""

    def find(self, key: str) -> Installation | None:
        """See Installations."""
        raise StorageError(f"The installations are away; {key} was asked for.", cause="unreachable")


def test_installations_that_are_away(company: Company, tmp_path: Path) -> None:
    """While nobody can say who has the app, nobody is served: people read so, and events come again."""
    away = Tenants(Away(tmp_path / "away.db"), company.tenants.oauth)
    services = replace(company.services, tenants=away)
    app = make_app(company.settings.ingress, services)
    event = {"type": "message", "channel": "C0PAYMENTS", "user": "U0DANA", "ts": "1.1", "thread_ts": "1.0"}
    body = json.dumps({"type": "event_callback", "team_id": "T0NORTH", "event_id": "E1", "event": event})
    command = urlencode(
        {"command": "/threatmodel", "team_id": "T0NORTH", "user_id": "U0DANA", "channel_id": "C"}
    )
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    told = handle(app, services, signed(command) | form, command.encode())
    again = handle(app, services, signed(body) | {"Content-Type": "application/json"}, body.encode())
    away.close()

    assert "The installations are away" in told.body
    assert again.status == 500


def test_jobs_wait_for_installations_that_are_away(company: Company, tmp_path: Path) -> None:
    """A job is tried again while nobody can say whose token it needs; then it is a dead letter."""
    away = Tenants(Away(tmp_path / "away.db"), company.tenants.oauth)
    company.services.queue.send(OpenModel(id="a", model="tm-1", actor=DANA, title="Shop"))
    assert Worker(replace(company.services, tenants=away)).do_one()
    away.close()

    (dead,) = company.services.queue.dead_letters()
    assert "The installations are away" in dead.error


def open_shop(company: Company) -> str:
    """A model with something to run on; its id."""
    about = "A web app stores orders in a database."
    company.services.queue.send(
        OpenModel(id="open", model="tm-1", actor=DANA, title="Shop", description=about)
    )
    company.work()
    return "tm-1"


class Leaving:
    """A runner whose workspace removes the app after the first steps; another try would begin anew."""

    def __init__(self, company: Company, *, at: float = 4_000_000_000) -> None:
        self._company = company
        self._at = at
        self.steps = 0

    def stream(self, task: Task, cancelled: Callable[[], bool]) -> Iterator[Progress | ThreatModel]:
        """See Runner."""
        for event in self._company.services.agent().stream(task, cancelled):
            self.steps += 1
            if self.steps == 2:
                self._company.north.request_url = ""
                self._company.north.remove_app()
                self._company.tenants.revoke("T0NORTH", self._at)
            yield event


def test_a_run_under_way_when_the_app_is_removed_ends(company: Company) -> None:
    """The run stops between two steps, and its record says why; what was found until then is kept."""
    model = open_shop(company)
    leaving = Leaving(company)
    services = replace(company.services, agent=lambda: leaving)
    services.queue.send(StartRun(id="b", model=model, actor=DANA))
    assert Worker(services).do_one()

    run = services.records.run("run:b")
    assert run.state is RunState.FAILED
    assert "removed" in run.error
    assert services.records.revision(model).partial
    assert services.queue.depth() == 0
    assert services.queue.dead_letters() == ()
    assert not services.records.stop_run(model, 1, "U0DANA")


def test_a_run_that_waits_for_its_next_try_ends(tmp_path: Path) -> None:
    """A run that a failure has put back on the queue ends when the app is removed before its next try."""
    with a_company(tmp_path, attempts=3) as company:
        company.install(company.north)
        model = open_shop(company)
        services = company.services
        services.queue.send(StartRun(id="b", model=model, actor=DANA))
        company.north.faults.add("chat.postMessage", kind="5xx", times=100)
        assert Worker(services).do_one()
        assert services.records.run("run:b").state is RunState.RUNNING
        assert services.queue.depth() == 1
        company.north.faults.clear()
        company.tenants.revoke("T0NORTH", 4_000_000_000)
        assert company.south.wait_until(lambda: Worker(services).do_one(), 60)

        run = services.records.run("run:b")
        assert run.state is RunState.FAILED
        assert "removed" in run.error
        assert services.queue.depth() == 0


def test_a_run_goes_on_while_nobody_can_tell(company: Company) -> None:
    """A place for installations that does not answer for a while takes nobody's run away."""
    model = open_shop(company)
    job = StartRun(id="b", model=model, actor=DANA)
    desk = company.services.of(DANA)
    assert desk is not None
    away = Tenants(Away(Path(company.settings.data_dir) / "away.db"), company.tenants.oauth)
    start_run(replace(desk, tenants=away), job)
    away.close()

    assert company.services.records.run("run:b").state is RunState.DONE


def test_a_dead_letters_run_is_not_under_way(company: Company, tmp_path: Path) -> None:
    """A run whose job ends as a dead letter, while nobody can be told, has failed; put back, it goes on."""
    model = open_shop(company)
    services = company.services
    services.records.start_run(
        RunEntry(
            id="run:b",
            model=model,
            revision=1,
            by="U0DANA",
            created=services.now(),
            request=services.records.model(model).request,
        )
    )
    away = Tenants(Away(tmp_path / "away.db"), company.tenants.oauth)
    services.queue.send(StartRun(id="b", model=model, actor=DANA))
    assert Worker(replace(services, tenants=away)).do_one()
    away.close()

    assert services.records.run("run:b").state is RunState.FAILED
    assert services.queue.redrive() == 1
    company.work()
    assert services.records.run("run:b").state is RunState.DONE
