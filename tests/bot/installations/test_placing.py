"""Where a delivery of an organisation belongs: when Slack says it, says something else, or does not say."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.errors import StorageError
from bot.installations.authorize import NOT_INSTALLED, UNPLACED
from bot.installations.sqlite import SqliteInstallations
from bot.installations.tenants import FORM_SECONDS, SECONDS, Tenants
from bot.intake import owner_of
from bot.render import actions, forms
from bot.render.routing import Route, encode
from bot.workspace.workspace import Workspace
from tests.bot.installations.company import Company, a_grid_company
from tests.fakes import Clock

SHARED = "C0PAYMENTS"
"""A channel of the northern office that is in the southern one too."""
LATER = 4_000_000_000


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    """Both workspaces of the organisation have installed the bot for themselves."""
    with a_grid_company(tmp_path) as made:
        made.install(made.north)
        made.install(made.south)
        yield made


def command(team: str, text: str = "help", number: int = 1, **about: str) -> dict[str, Any]:
    """What Slack says of a command that somebody types who looks from this workspace."""
    return {
        "command": "/threatmodel",
        "text": text,
        "team_id": team,
        "enterprise_id": "E0ALL",
        "is_enterprise_install": "false",
        "user_id": "U0DANA",
        "channel_id": SHARED,
        "trigger_id": f"{number}.{team}",
        **about,
    }


def opening(workspace: Workspace, **about: str) -> dict[str, Any]:
    """The same, with a trigger that opens a form."""
    trigger = workspace.store.new_trigger("U0DANA", channel=SHARED).id
    return command(workspace.store.seed.team["id"], "new Shop") | about | {"trigger_id": trigger}


def sent(workspace: Workspace, says: str | None, installed: str, channel: str = SHARED) -> dict[str, Any]:
    """The form that is open, sent: Slack says these of the workspace."""
    (view,) = workspace.store.views.values()
    named = [b["block_id"] for b in view.blocks if b["type"] == "input"]
    return {
        "type": "view_submission",
        "team": {"id": says, "domain": "x", "enterprise_id": "E0ALL"} if says else None,
        "enterprise": {"id": "E0ALL", "name": "All"},
        "is_enterprise_install": says is None,
        "user": {"id": "U0DANA", "team_id": "T0SOUTH"},
        "view": {
            "id": view.id,
            "hash": view.hash,
            "type": "modal",
            "callback_id": actions.INTAKE_VIEW,
            "private_metadata": channel,
            "app_installed_team_id": installed,
            "state": {"values": {forms.TITLE: {forms.TITLE: {"value": "Shop"}}}},
            "blocks": [{"type": "input", "block_id": name} for name in named],
        },
    }


def made_in(company: Company) -> list[str]:
    """The workspaces of all models."""
    company.work()
    places = [(t, SHARED + mark) for t in ("T0NORTH", "T0SOUTH", "E0ALL") for mark in ("", "S")]
    return [owner_of(e.id) for place in places for e in company.services.records.models(*place)]


def test_a_channel_belongs_where_it_was_first_used(company: Company) -> None:
    """Whoever uses it afterwards from another workspace sees and changes what is kept there."""
    company.deliver(command("T0NORTH"))
    company.deliver(opening(company.south))
    company.deliver(sent(company.south, "T0SOUTH", "T0SOUTH"))

    assert made_in(company) == ["T0NORTH"]
    assert "Shop" in company.deliver(command("T0SOUTH", "list", 2)).body


def test_an_event_belongs_to_its_channel(company: Company) -> None:
    """Slack names one of several installations that hear of a message: it counts once, in the channel's."""
    company.deliver(command("T0NORTH"))
    event = {"type": "message", "user": "U0DANA", "team": "T0SOUTH", "channel": SHARED, "ts": "1.1"}
    told = [
        company.deliver(
            {
                "type": "event_callback",
                "event_id": f"Ev{team}",
                "team_id": "E0ALL",
                "context_team_id": "E0ALL",
                "enterprise_id": "E0ALL",
                "event": event,
                "authorizations": [{"enterprise_id": "E0ALL", "team_id": team, "user_id": "U0THREATBOT"}],
            }
        )
        for team in ("T0SOUTH", "T0NORTH")
    ]

    assert told[0].delivery == f"message:T0NORTH:{SHARED}:1.1"
    assert (told[1].status, told[1].delivery) == (200, "")


@pytest.mark.parametrize(("says", "installed"), [("T0NORTH", "T0NORTH"), ("T0SOUTH", "T0NORTH")])
def test_a_form_belongs_where_it_was_opened(company: Company, says: str, installed: str) -> None:
    """Not to the workspace that Slack names when it is sent, which may be that which installed first."""
    company.deliver(opening(company.south, channel_id=SHARED + "S"))
    company.deliver(sent(company.south, says, installed, SHARED + "S"))

    assert made_in(company) == ["T0SOUTH"]


def test_a_form_that_nobody_knows_is_refused(company: Company) -> None:
    """When an organisation's form comes back and nobody knows from where, the person reads what to do."""
    company.install_whole()
    company.deliver(opening(company.south))
    form = sent(company.south, None, "E0ALL")
    form["view"]["id"] = "V0UNKNOWN"

    assert UNPLACED in company.deliver(form).body
    assert made_in(company) == []


def test_an_organisation_knows_only_its_own_places(company: Company) -> None:
    """A channel of the same id in another organisation, or a form of the same id, is another one."""
    company.deliver(command("T0NORTH"))
    company.deliver(opening(company.north))
    (view,) = company.north.store.views

    assert company.tenants.place("E0ALL", SHARED) == "T0NORTH"
    assert company.tenants.place("E0ALL", view) == "T0NORTH"
    assert company.tenants.place("E0OTHER", SHARED) == ""
    assert company.tenants.place("E0OTHER", view) == ""


def test_a_channel_outlives_its_workspace(company: Company) -> None:
    """When the workspace that it belongs to has removed the app, the next one that uses it takes it over.

    What was kept stays with the workspace that it belonged to.
    """
    company.deliver(command("T0NORTH"))
    company.deliver(opening(company.north))
    company.deliver(sent(company.north, "T0NORTH", "T0NORTH"))
    company.tenants.revoke("T0NORTH", LATER)
    press = {
        "type": "block_actions",
        "team": {"id": "T0SOUTH"},
        "enterprise": {"id": "E0ALL"},
        "user": {"id": "U0DANA", "team_id": "T0SOUTH"},
        "channel": {"id": SHARED},
        "trigger_id": "press",
        "actions": [{"action_id": actions.START, "value": encode(Route("tm-x", 0))}],
    }

    assert company.deliver(press).delivery == ""
    assert "/threatmodel new" in company.deliver(command("T0SOUTH", number=3)).body
    assert company.tenants.place("E0ALL", SHARED) == "T0SOUTH"
    assert "Shop" not in company.deliver(command("T0SOUTH", "list", 4)).body


def test_who_has_not_installed_it_takes_no_channel(company: Company) -> None:
    """A command of a workspace without the app is refused, and says nothing of where a channel belongs."""
    company.tenants.revoke("T0SOUTH", LATER)

    assert NOT_INSTALLED in company.deliver(command("T0SOUTH")).body
    assert company.tenants.place("E0ALL", SHARED) == ""


def test_nothing_is_kept_of_places_outside_of_organisations(company: Company) -> None:
    """A workspace on its own has no channels of others, and costs no look-up and no write."""
    west = company.platform.workspaces[2]
    company.install(west)
    answer = company.deliver(command("T0WEST", enterprise_id="") | {"channel_id": "C0PAYMENTSW"})

    assert "/threatmodel new" in answer.body
    assert company.tenants.place("", "C0PAYMENTSW") == ""


class Forgetful(SqliteInstallations):
    """Installations that count looks, and cannot keep forms."""

    looks = 0

    def place(self, organisation: str, thing: str) -> str:
        """See Installations."""
        self.looks += 1
        return super().place(organisation, thing)

    def settle(
        self, organisation: str, thing: str, workspace: str, *, instead_of: str = "", until: float = 0.0
    ) -> str:
        """See Installations."""
        if until:
            raise StorageError("away", cause="away", setting="", retryable=True)
        return super().settle(organisation, thing, workspace, instead_of=instead_of)


def test_a_form_opens_though_it_cannot_be_kept(company: Company, caplog: pytest.LogCaptureFixture) -> None:
    """The person has it on their screen already: the failure is logged, and the press counts."""
    company.tenants.installations = Forgetful(company.settings.data_dir / "installations.db")
    with caplog.at_level(logging.ERROR, logger="threatbot.installations"):
        answer = company.deliver(opening(company.south))
    company.tenants.installations.close()

    assert answer.status == 200
    assert len(company.south.store.views) == 1
    assert "was not kept" in caplog.text


def test_a_place_is_looked_for_once_a_minute(company: Company, tmp_path: Path) -> None:
    """What is known is remembered for a minute; what is not is looked for each time."""
    clock, kept = Clock(), Forgetful(tmp_path / "other.db")
    tenants = Tenants(kept, company.tenants.oauth, clock=clock)
    for _ in range(2):
        assert tenants.place("E0ALL", SHARED) == ""
    assert kept.looks == 2

    kept.settle("E0ALL", SHARED, "T0NORTH")
    looks = kept.looks
    for _ in range(3):
        assert tenants.place("E0ALL", SHARED) == "T0NORTH"
    assert kept.looks == looks + 1

    clock.advance(SECONDS)
    tenants.place("E0ALL", SHARED)
    assert kept.looks == looks + 2
    kept.close()


def test_no_more_places_are_remembered_than_that(company: Company, tmp_path: Path) -> None:
    """Forms come without end: what is too much is forgotten, and looked for again."""
    kept = Forgetful(tmp_path / "other.db")
    tenants = Tenants(kept, company.tenants.oauth, places=2)
    for form in ("V1", "V2", "V3"):
        kept.settle("E0ALL", form, "T0NORTH")
        assert tenants.place("E0ALL", form) == "T0NORTH"
    looks = kept.looks

    assert [tenants.place("E0ALL", form) for form in ("V3", "V1")] == ["T0NORTH", "T0NORTH"]
    assert kept.looks == looks + 1
    kept.close()


def test_a_form_is_known_for_a_day(company: Company, tmp_path: Path) -> None:
    """Open longer than that, it is not known any more."""
    clock = Clock()
    kept = SqliteInstallations(tmp_path / "other.db", clock=clock)
    tenants = Tenants(kept, company.tenants.oauth, clock=clock)
    tenants.opened("E0ALL", "V1", "T0NORTH")
    clock.advance(FORM_SECONDS - 1)
    assert tenants.place("E0ALL", "V1") == "T0NORTH"

    clock.advance(SECONDS + 2)
    assert tenants.place("E0ALL", "V1") == ""
    kept.close()
