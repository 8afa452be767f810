"""What an installation in a whole organisation promises: its workspaces are served, each with its data."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.installations.authorize import NOT_INSTALLED
from bot.installations.oauth import installation_of
from bot.jobs import Actor, OpenModel
from tests.bot.installations.company import Company, a_company

ANSWER: dict[str, Any] = {
    "ok": True,
    "app_id": "A0",
    "authed_user": {"id": "U0ADA"},
    "scope": "chat:write,commands",
    "token_type": "bot",
    "access_token": "xoxe.xoxb-1",
    "bot_user_id": "U0BOT",
    "refresh_token": "xoxe-1",
    "expires_in": 43_200,
    "team": None,
    "enterprise": {"id": "E0ALL", "name": "The company"},
    "is_enterprise_install": True,
}
COMMAND = {
    "command": "/threatmodel",
    "text": "help",
    "team_id": "T0SOUTH",
    "enterprise_id": "E0ALL",
    "user_id": "U0DANA",
    "channel_id": "C0PAYMENTS",
    "trigger_id": "1",
}


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    """A company that has installed the app as a whole; the token is good in the southern office."""
    with a_company(tmp_path) as made:
        south = made.install(made.south)
        made.tenants.installations.revoke("T0SOUTH", 4_000_000_000)
        made.tenants.forget("T0SOUTH")
        made.tenants.installations.save(replace(south, workspace="", enterprise="E0ALL"))
        yield made


def test_slacks_answer_is_read_as_the_organisations() -> None:
    """An organisation's installation has no workspace, though Slack's answer may name one."""
    found = installation_of(ANSWER | {"team": {"id": "T0A", "name": "A"}}, 1000.0)

    assert (found.workspace, found.enterprise, found.key, found.name) == ("", "E0ALL", "E0ALL", "The company")
    assert (found.expires, found.installed) == (44_200.0, 1000.0)


def test_a_workspace_in_an_organisation_installs_for_itself() -> None:
    """Where Slack says that it is no installation of the whole, it is the workspace's alone."""
    own = {"team": {"id": "T0A", "name": "A"}, "is_enterprise_install": False}
    found = installation_of(ANSWER | own, 1000.0)

    assert (found.workspace, found.enterprise, found.key, found.name) == ("T0A", "E0ALL", "T0A", "A")


@pytest.mark.parametrize(("whole", "served"), [("true", True), ("false", False)])
def test_slack_says_whether_the_organisation_serves(company: Company, whole: str, *, served: bool) -> None:
    """A command is served by the organisation's installation only when Slack says that it is one."""
    answer = company.deliver(COMMAND | {"is_enterprise_install": whole})

    assert answer.status == 200
    assert (NOT_INSTALLED in answer.body) is not served


def test_the_worker_speaks_with_the_organisations_token(company: Company) -> None:
    """A job of a workspace of it is done with that token, and its model belongs to the workspace."""
    who = Actor(user="U0DANA", team="T0SOUTH", workspace="T0SOUTH", channel="C0PAYMENTS", enterprise="E0ALL")
    company.services.queue.send(OpenModel(id="a", model="tm-1", actor=who, title="Shop"))
    company.work()

    assert "Shop" in company.south.messages("payments")[0].plain
    assert company.services.records.model("tm-1").workspace == "T0SOUTH"
