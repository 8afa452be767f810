"""What is understood of a payload: whose it is, who acts, and what makes it the same when it comes again."""

from typing import Any

import pytest
from slack_bolt.request.internals import (
    extract_enterprise_id,
    extract_is_enterprise_install,
    extract_team_id,
)

from bot import intake

EVENT: dict[str, Any] = {
    "type": "event_callback",
    "team_id": "T0HOST",
    "event_id": "Ev1",
    "event": {"type": "message", "user": "U1", "channel": "C1", "ts": "1.1", "user_team": "T0GUEST"},
}
PAYLOADS: dict[str, dict[str, Any]] = {
    "command": {"command": "/threatmodel", "team_id": "T0A", "user_id": "U1", "channel_id": "C1"},
    "press": {"type": "block_actions", "team": {"id": "T0A"}, "user": {"id": "U1", "team_id": "T0A"}},
    "form": {"type": "view_submission", "team": {"id": "T0A"}, "user": {"id": "U1"}, "view": {"id": "V1"}},
    "form opened in a shared channel": {
        "type": "view_submission",
        "team": {"id": "T0GUEST"},
        "user": {"id": "U1", "team_id": "T0GUEST"},
        "view": {"id": "V1", "app_installed_team_id": "T0A"},
    },
    "event": EVENT,
    "event heard in a shared channel": EVENT
    | {"authorizations": [{"team_id": "T0A", "user_id": "UBOT", "is_bot": True}]},
    "command of an organisation": {
        "command": "/threatmodel",
        "team_id": "T0A",
        "enterprise_id": "E0ALL",
        "is_enterprise_install": "true",
    },
    "command in Grid, installed by the workspace": {
        "command": "/threatmodel",
        "team_id": "T0A",
        "enterprise_id": "E0ALL",
        "is_enterprise_install": "false",
    },
    "event of an organisation": EVENT
    | {"authorizations": [{"team_id": "T0A", "enterprise_id": "E0ALL", "is_enterprise_install": True}]},
}


WHOLE: dict[str, Any] = {"enterprise": {"id": "E0ALL"}, "is_enterprise_install": True, "team": None}
"""What Slack says in every interaction that an organisation's installation hears of."""
HOME = {"id": "U1", "team_id": "T0HOME"}
UNSAID: dict[str, dict[str, Any]] = {
    "press": WHOLE | {"type": "block_actions", "user": HOME, "channel": {"id": "C1"}},
    "shortcut": WHOLE | {"type": "shortcut", "user": HOME},
    "form": WHOLE
    | {"type": "view_submission", "user": HOME, "view": {"id": "V1", "app_installed_team_id": "E0ALL"}},
    "form sent by another organisation": WHOLE
    | {
        "type": "view_submission",
        "team": {"id": "T0OTHER"},
        "user": HOME,
        "view": {"id": "V1", "app_installed_team_id": "E0ALL"},
    },
    "event": {
        **EVENT,
        "team_id": "E0ALL",
        "enterprise_id": "E0ALL",
        "authorizations": [{"team_id": "E0ALL", "enterprise_id": "E0ALL", "is_enterprise_install": True}],
    },
    "event from another organisation": {
        **EVENT,
        "team_id": "T0OTHER",
        "enterprise_id": "E0OTHER",
        "is_ext_shared_channel": True,
        "authorizations": [{"team_id": None, "enterprise_id": "E0ALL", "is_enterprise_install": True}],
    },
}


@pytest.mark.parametrize("body", UNSAID.values(), ids=UNSAID.keys())
def test_a_persons_home_is_no_workspace_to_act_in(body: dict[str, Any]) -> None:
    """Where Slack names only a home, another's workspace or the organisation, no workspace is made of it."""
    assert intake.workspace(body) == ""
    assert intake.organisation(body) == intake.grid(body) == "E0ALL"
    assert intake.actor(body).workspace == ""


def test_where_an_organisations_event_happened() -> None:
    """When the installation names no workspace, the one in which it happened counts, if it is of it."""
    told = {**UNSAID["event"], "team_id": "T0A"}

    assert intake.workspace(told) == "T0A"
    assert intake.workspace({**told, "enterprise_id": "E0OTHER"}) == ""


def test_a_delivery_belongs_where_it_was_found_to() -> None:
    """What was found counts before what Slack says; a body cannot claim it for itself."""
    body = UNSAID["press"] | {"trigger_id": "1.2.3"}
    found = body | {intake.PLACED: intake.Placed("T0A", print)}

    assert (intake.workspace(found), intake.actor(found).workspace) == ("T0A", "T0A")
    assert "T0A" in intake.delivery_id(found)
    for claim in ("T0B", {"workspace": "T0B"}):
        assert intake.workspace(body | {intake.PLACED: claim}) == ""


def test_what_has_no_id_is_the_same_when_it_comes_again() -> None:
    """How it was looked after meanwhile does not count."""
    ids = {
        intake.delivery_id({"type": "x", intake.PLACED: intake.Placed("T0A", lambda _: None)})
        for _ in range(2)
    }

    assert len(ids) == 1


def test_what_a_delivery_is_about() -> None:
    """The channel, and the first form of the stack; a Home tab is no form."""
    assert [intake.channel(b) for b in (EVENT, PAYLOADS["command"], UNSAID["press"])] == ["C1"] * 3
    assert intake.channel({"container": {"channel_id": "C1"}}) == "C1"
    assert intake.channel(PAYLOADS["form"]) == ""
    assert intake.form({"view": {"id": "V2", "root_view_id": "V1"}}) == "V1"
    assert intake.form({"view": {"id": "V1", "type": "home"}}) == intake.form(EVENT) == ""


@pytest.mark.parametrize("body", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_bolt_understands_the_same(body: dict[str, Any]) -> None:
    """The workspace whose records are seen is the one whose token Bolt uses, and so is the organisation."""
    assert intake.workspace(body) == extract_team_id(body)
    whole = extract_enterprise_id(body) if extract_is_enterprise_install(body) else ""
    assert intake.organisation(body) == whole
    assert intake.actor(body).workspace == intake.workspace(body)
    assert intake.actor(body).enterprise == whole


def test_a_guest_of_a_shared_channel_acts_from_elsewhere() -> None:
    """Their own workspace is not taken for the one that has the app."""
    for name in ("form opened in a shared channel", "event heard in a shared channel"):
        who = intake.actor(PAYLOADS[name])
        assert (who.workspace, who.team) == ("T0A", "T0GUEST")


@pytest.mark.parametrize(
    "body",
    [
        EVENT,
        EVENT | {"event": {"type": "app_home_opened"}},
        PAYLOADS["form"],
        PAYLOADS["press"] | {"trigger_id": "1.2.3"},
        PAYLOADS["press"],
    ],
    ids=["message", "other event", "form", "trigger", "nothing else"],
)
def test_the_same_ids_in_two_workspaces_are_two_deliveries(body: dict[str, Any]) -> None:
    """What identifies a delivery names its workspace, so that no job, run or post is another's."""
    ids = set()
    for team in ("T0A", "T0B"):
        other = body | {"team_id": team, "team": {"id": team}, "authorizations": [{"team_id": team}]}
        ids.add(intake.delivery_id(other))
    assert len(ids) == 2


def test_a_model_id_names_its_workspace() -> None:
    """It can be read off an id; one of an earlier version, or of no workspace, names none."""
    assert intake.owner_of(intake.model_id("T0A", "x")) == "T0A"
    assert intake.model_id("T0A", "x") != intake.model_id("T0B", "x")
    assert intake.owner_of("tm-0123456789abcdef") == ""
    assert intake.owner_of(intake.model_id("", "x")) == ""
    assert intake.owner_of("tm-T0A-../../T0B") == ""
