"""People of one organisation, in Enterprise Grid: each kind of delivery, whatever their home is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from agent.domain.states import ThreatStatus
from bot.access import EXTERNAL, GUEST
from bot.intake import owner_of
from bot.records.standing import standing
from bot.render import actions, forms
from bot.server import Serving
from tests.bot.installations.company import Company, a_grid_company

if TYPE_CHECKING:
    from bot.records.base import ModelEntry
    from bot.workspace.people import Person
    from bot.workspace.values import Message

CHANNEL = "C0PAYMENTS"
ABOUT = "Customers order in the web shop. The web shop stores orders in a PostgreSQL database."


@dataclass
class Office:
    """A channel of the northern office, and Lee, whom Slack names with another home."""

    company: Company

    @property
    def lee(self) -> Person:
        """At work in the northern office."""
        return self.company.north.person("lee")

    def work(self) -> None:
        """Until everything that was delivered is done."""
        assert self.company.north.settle()
        self.company.work()

    def begin(self, who: str = "lee") -> ModelEntry:
        """A command, its form sent, and the model made; its entry."""
        person = self.company.north.person(who)
        view = person.command("/threatmodel", "new Shop", channel="payments").view
        assert view is not None
        assert person.submit(view.id, {forms.DESCRIPTION: ABOUT}).ok
        self.work()
        root = self.company.north.messages("payments")[-1]
        found = self.company.services.records.find_thread("T0NORTH", CHANNEL, root.ts)
        assert found is not None
        return self.company.services.records.model(found)

    def modelled(self) -> ModelEntry:
        """The same with a first revision, made by a press."""
        entry = self.begin()
        root, block = self.button(actions.START)
        assert self.lee.click(root.ts, (block, actions.START)).ok
        self.work()
        return self.company.services.records.model(entry.id)

    def button(self, action: str) -> tuple[Message, str]:
        """The first element with this action, by its message and block."""
        root = self.company.north.messages("payments")[-1]
        return next(
            (message, str(block["block_id"]))
            for message in self.company.north.thread("payments", root.ts)
            for block in message.blocks
            for element in block.get("elements", ())
            if element.get("action_id") == action
        )

    def told(self, who: str) -> str:
        """The last thing that only this person was told."""
        return self.company.north.ephemerals(who)[-1].plain

    def text(self) -> str:
        """What stands in the thread."""
        root = self.company.north.messages("payments")[-1]
        return "\n".join(m.plain for m in self.company.north.thread("payments", root.ts))


HOMES = {
    "a home in another workspace": {"home": "T0SOUTH"},
    "a home in the organisation": {"home": "E0ALL"},
    "a channel of several workspaces": {"home": "T0SOUTH", "seat": "T0SOUTH"},
}


@pytest.fixture
def grid(tmp_path: Path) -> Iterator[Company]:
    """The organisation's two workspaces, whose deliveries reach the bot; nobody has installed it."""
    with (
        a_grid_company(tmp_path) as made,
        Serving(made.settings, made.services, work=False) as serving,
    ):
        for workspace in made.platform.workspaces:
            workspace.request_url = f"{serving.url}/slack/events"
        yield made


@pytest.fixture(params=["by the organisation", "by each workspace"])
def installed(request: pytest.FixtureRequest, grid: Company) -> Company:
    """Installed in one of both ways."""
    if request.param == "by the organisation":
        grid.install_whole()
    else:
        grid.install(grid.north)
        grid.install(grid.south)
    return grid


@pytest.fixture(params=list(HOMES.values()), ids=list(HOMES))
def office(request: pytest.FixtureRequest, installed: Company) -> Office:
    """Lee's home is elsewhere, and perhaps so is the workspace that Lee looks from."""
    whole, given = installed.platform.organisation, request.param
    assert whole is not None
    whole.at_home("U0LEE", given["home"])
    if "seat" in given:
        whole.share(installed.north.channel("payments"), installed.north)
        if whole.installed:  # with tokens of their own, each workspace opens its own forms
            installed.north.person("dana").command("/threatmodel", "help", channel="payments")
            whole.seats["U0LEE"] = given["seat"]
    return Office(installed)


def test_a_command_and_its_form(office: Office) -> None:
    """What they begin is made in the workspace of the channel."""
    entry = office.begin()

    assert (entry.workspace, entry.channel, entry.owner) == ("T0NORTH", CHANNEL, "U0LEE")
    assert owner_of(entry.id) == "T0NORTH"


def test_presses_and_their_forms(office: Office) -> None:
    """Their press starts a run, another one is a verdict, and a third opens a form that counts when sent."""
    entry = office.modelled()
    page, block = office.button(actions.ACCEPT)
    assert office.lee.click(page.ts, (block, actions.ACCEPT)).ok
    page, block = office.button(actions.DISMISS)
    view = office.lee.click(page.ts, (block, actions.DISMISS)).view
    assert view is not None
    assert office.lee.submit(view.id, {forms.REASON: "there is no such login"}).ok
    office.work()

    kept = office.company.services.records.verdicts(entry.id)
    assert {v.who for v in kept} == {"U0LEE"}
    states = [t.status for t in standing(office.company.services.records, entry.id).threats]
    assert ThreatStatus.DISMISSED in states


def test_replies_files_and_lists(office: Office) -> None:
    """Their question is answered, their diagram becomes a revision, and the channel's models are listed."""
    entry = office.begin()
    office.lee.say("payments", "what about the database?", entry.thread)
    office.work()
    assert "no threat model in this thread yet" in office.text()

    office.lee.upload("payments", entry.thread, [("shop.mmd", b"flowchart LR\n  buyer --> shop[Web shop]")])
    office.work()
    assert office.company.services.records.model(entry.id).revision == 1

    office.lee.command("/threatmodel", "list", channel="payments")
    assert "Shop" in office.told("lee")


@pytest.mark.parametrize(
    ("who", "change", "why"),
    [
        ("gil", {}, GUEST),
        ("mo", {}, EXTERNAL),
        ("mo", {"team": "E0OTHER"}, EXTERNAL),
        ("mo", {"is_stranger": False}, EXTERNAL),
    ],
    ids=["guest", "stranger", "another organisation", "of whom nothing is said"],
)
def test_others_are_refused_with_their_reason(
    installed: Company, who: str, change: dict[str, Any], why: str
) -> None:
    """Guests and people of other organisations: no verdict, no form, no answer, and why."""
    office = Office(installed)
    entry = office.modelled()
    store = installed.north.store
    user = store.user(who)
    channel = store.channel("payments")
    store.users[user.id] = type(user)(**{**vars(user), **change})
    store.channels[channel.id] = type(channel)(**{**vars(channel), "members": channel.members | {user.id}})
    other = office.company.north.person(who)
    for action in (actions.ACCEPT, actions.DISMISS):
        page, block = office.button(action)
        clicked = other.click(page.ts, (block, action))
        office.work()
        if action == actions.DISMISS and clicked.view is not None:
            assert who == "gil"  # whom only the worker knows: nothing comes of the form
            other.submit(clicked.view.id, {forms.REASON: "mine"})
            office.work()
        assert why in office.told(who)
    other.say("payments", "what about the database?", entry.thread)
    office.work()

    assert office.company.services.records.verdicts(entry.id) == ()
    assert len(office.company.north.ephemerals(who)) == 3
    assert why in office.told(who)


def test_a_press_before_anything_is_known_of_a_channel(grid: Company) -> None:
    """Where nobody can tell the workspace, nothing is done, and the person reads what to do."""
    grid.install_whole()
    office = Office(grid)
    office.modelled()
    grid.tenants.settle("E0ALL", CHANNEL, "", instead_of="T0NORTH")
    page, block = office.button(actions.ACCEPT)
    office.lee.click(page.ts, (block, actions.ACCEPT))

    assert "Type /threatmodel in the channel once" in office.told("lee")
