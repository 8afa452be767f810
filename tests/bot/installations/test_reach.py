"""An app that is installed in an organisation as a whole: whom it serves, and whom not any more."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.installations.authorize import NOT_INSTALLED
from bot.intake import model_id
from bot.jobs import Actor, Export, OpenModel, StartRun
from bot.server import Serving
from bot.workspace.workspace import Workspace
from tests.bot.installations.company import Company, a_grid_company

LATER = 4_000_000_000


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    """A company whose organisation has the app as a whole, and a stranger whose deliveries reach it too."""
    with a_grid_company(tmp_path, port=0) as made:
        made.install_whole()
        with Serving(made.settings, made.services, work=False) as serving:
            for workspace in made.platform.workspaces:
                workspace.request_url = f"{serving.url}/slack/events"
            yield made


def dana(team: str, channel: str, enterprise: str = "E0ALL") -> Actor:
    """Dana, as a delivery to one of the workspaces names her."""
    return Actor(user="U0DANA", team=team, workspace=team, channel=channel, enterprise=enterprise)


def heard(company: Company) -> None:
    """Wait until the bot has heard what Slack tells."""
    assert company.north.settle()


def answered(workspace: Workspace) -> bool:
    """Whether the command opens the form for Dana in this workspace; she is told so when not."""
    view = workspace.person("dana").command("/threatmodel", "new Shop").view
    if view is None:
        assert [m.plain for m in workspace.ephemerals("dana")][-1] == NOT_INSTALLED
    return view is not None


def test_every_workspace_of_the_organisation_is_served(company: Company) -> None:
    """The one installation is found for each of its workspaces, and for no workspace outside it."""
    *inside, west = company.platform.workspaces

    assert [answered(w) for w in inside] == [True, True]
    assert not answered(west)
    for team in ("T0NORTH", "T0SOUTH"):
        found = company.tenants.find(team, "E0ALL")
        assert found is not None
        assert found.key == "E0ALL"
    assert company.tenants.find("T0WEST") is None
    assert company.tenants.find("T0WEST", "E0WEST") is None


def test_each_workspace_has_its_own_models(company: Company) -> None:
    """With one token for all, a model's messages and records are its own workspace's."""
    for team, channel, title in (
        ("T0NORTH", "C0PAYMENTS", "Badger shop"),
        ("T0SOUTH", "C0PAYMENTSS", "Quokka shop"),
    ):
        who = dana(team, channel)
        about = "A web app stores orders in a database."
        job = OpenModel(id=team, model=model_id(team, "x"), actor=who, title=title, description=about)
        company.services.queue.send(job)
        company.services.queue.send(StartRun(id=f"{team}/run", model=job.model, actor=who))
    company.work()

    assert [m.plain.split(" — ")[0] for m in company.north.messages("payments")] == ["Badger shop"]
    assert [m.plain.split(" — ")[0] for m in company.south.messages("payments")] == ["Quokka shop"]
    for team, channel in (("T0NORTH", "C0PAYMENTS"), ("T0SOUTH", "C0PAYMENTSS")):
        (entry,) = company.services.records.models(team, channel)
        assert entry.revision == 1


@pytest.mark.parametrize("team", ["T0NORTH", "T0SOUTH"])
def test_an_export_lands_in_its_own_workspace_once(company: Company, team: str) -> None:
    """Uploaded with the organisation's token, a file is in its thread once, and nowhere else."""
    offices = {"T0NORTH": company.north, "T0SOUTH": company.south}
    channel = offices[team].channel("payments").id
    who, model = dana(team, channel), model_id(team, "x")
    about = "A web app stores orders in a database."
    company.services.queue.send(OpenModel(id="a", model=model, actor=who, title="Shop", description=about))
    company.services.queue.send(StartRun(id="b", model=model, actor=who))
    company.services.queue.send(Export(id="c", model=model, actor=who))
    company.work()

    uploaded = {t: [f.shares for f in w.store.files.values()] for t, w in offices.items()}
    assert [len(shares) for shares in uploaded[team]] == [1]
    ((place, _, thread),) = uploaded[team][0]
    assert (place, thread) == (channel, offices[team].messages("payments")[0].ts)
    assert uploaded["T0SOUTH" if team == "T0NORTH" else "T0NORTH"] == []
    assert company.services.queue.dead_letters() == ()


def test_a_workspace_that_is_taken_out_is_not_served(company: Company) -> None:
    """Its people are told so at once; those of the other workspace notice nothing."""
    assert answered(company.south)
    company.platform.take_out("T0SOUTH")
    heard(company)

    assert not answered(company.south)
    assert answered(company.north)


def test_its_jobs_end_quietly(company: Company, caplog: pytest.LogCaptureFixture) -> None:
    """What was queued for it before is dropped with one line in the log, and is no dead letter."""
    for team, channel in (("T0NORTH", "C0PAYMENTS"), ("T0SOUTH", "C0PAYMENTSS")):
        job = OpenModel(id=team, model=model_id(team, "x"), actor=dana(team, channel), title="Shop")
        company.services.queue.send(job)
    company.platform.take_out("T0SOUTH")
    heard(company)
    with caplog.at_level(logging.INFO, logger="threatbot.worker"):
        company.work()

    assert company.services.queue.depth() == 0
    assert [r.getMessage() for r in caplog.records if "dropped" in r.getMessage()] == [
        "job T0SOUTH (open_model) was dropped: T0SOUTH has removed the app"
    ]
    assert company.services.queue.dead_letters() == ()
    assert company.south.messages("payments") == []
    assert len(company.north.messages("payments")) == 1


def test_a_job_under_way_when_it_is_taken_out(company: Company) -> None:
    """A worker that has not heard of it is refused by Slack, looks again, and drops the job."""
    assert company.tenants.desk("T0SOUTH", "E0ALL") is not None
    company.north.request_url = ""
    company.platform.take_out("T0SOUTH")
    company.tenants.installations.set_reach("E0ALL", "T0SOUTH", reached=False, at=LATER)
    job = OpenModel(
        id="a", model=model_id("T0SOUTH", "x"), actor=dana("T0SOUTH", "C0PAYMENTSS"), title="Shop"
    )
    company.services.queue.send(job)
    company.work()

    assert company.services.queue.depth() == 0
    assert company.services.queue.dead_letters() == ()


def test_it_is_let_in_again(company: Company) -> None:
    """Let in again, the workspace is served by the same installation."""
    company.platform.take_out("T0SOUTH")
    company.platform.let_in("T0SOUTH")
    heard(company)

    assert answered(company.south)


def test_its_own_installation_goes_on(company: Company) -> None:
    """What a workspace has installed for itself is not the organisation's to take out."""
    company.install(company.south)
    company.platform.take_out("T0SOUTH")
    heard(company)

    found = company.tenants.find("T0SOUTH", "E0ALL")
    assert found is not None
    assert found.key == "T0SOUTH"


def test_a_new_installation_of_the_whole_counts_anew(company: Company) -> None:
    """What was taken out of the reach of an earlier installation is in the reach of a later one."""
    company.tenants.set_reach("E0ALL", "T0SOUTH", reached=False, at=1_000_000_000)

    assert company.tenants.find("T0SOUTH", "E0ALL") is not None


@pytest.mark.parametrize(
    "about",
    [
        {"team_id": None, "enterprise_id": "E0ALL"},
        {"team_id": "T0NORTH", "authorizations": [{"enterprise_id": "E0ALL", "team_id": "T0NORTH"}]},
    ],
    ids=["plain", "authorised"],
)
def test_slack_names_the_organisation_in_two_ways(company: Company, about: dict[str, Any]) -> None:
    """The organisation is found where Slack's pages show it: in the envelope, or in its authorizations."""
    event = {"type": "team_access_revoked", "team_ids": ["T0SOUTH"], "event_ts": f"{LATER}.000100"}
    body = {"type": "event_callback", "event_id": "Ev1", "event_time": LATER, "event": event} | about

    assert company.deliver(body).status == 200
    assert company.tenants.find("T0SOUTH", "E0ALL") is None
    assert company.tenants.find("T0NORTH", "E0ALL") is not None


def test_an_organisation_speaks_for_itself_alone(company: Company) -> None:
    """Another organisation, or nobody in particular, takes nothing out of this one's reach."""
    west = company.install(company.platform.workspaces[2])
    event = {"type": "team_access_revoked", "team_ids": ["T0SOUTH", "T0WEST"], "event_ts": f"{LATER}.000100"}
    body = {"type": "event_callback", "event_time": LATER, "event": event, "team_id": None}
    for number, organisation in enumerate(("E0OTHER", None, "T0SOUTH")):
        answer = company.deliver(body | {"event_id": f"Ev{number}", "enterprise_id": organisation})
        assert answer.status == 200

    assert company.tenants.find("T0SOUTH", "E0ALL") is not None
    assert company.tenants.find("T0WEST") == west


@pytest.mark.parametrize(
    "about",
    [
        {"team_id": None, "enterprise_id": "E0ALL", "is_enterprise_install": True},
        {"team_id": None, "enterprise_id": "E0ALL"},
        {"team_id": "E0ALL"},
        {"team_id": None, "authorizations": [{"enterprise_id": "E0ALL", "is_enterprise_install": True}]},
    ],
    ids=["all of it", "no workspace", "instead of a workspace", "authorised"],
)
def test_slack_says_in_several_ways_that_the_whole_is_gone(company: Company, about: dict[str, Any]) -> None:
    """However it names the organisation, its tokens are forgotten; a workspace's own are not."""
    own = company.install(company.south)
    event = {"type": "app_uninstalled", "event_ts": f"{LATER}.000100"}
    body = {"type": "event_callback", "event_id": "Ev1", "event_time": LATER, "event": event} | about

    assert company.deliver(body).status == 200
    assert company.tenants.find("T0NORTH", "E0ALL") is None
    assert company.tenants.find("T0SOUTH") == own


def test_the_whole_is_removed(company: Company) -> None:
    """When the organisation removes the app, none of its workspaces is served any more."""
    company.platform.remove_whole()
    heard(company)

    assert not answered(company.south)
    assert not answered(company.north)
    found = company.tenants.installations.find("E0ALL")
    assert found is not None
    assert found.bot_token == ""
