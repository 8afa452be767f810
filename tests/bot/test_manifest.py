"""The Slack app's manifest: valid by the rules of Slack's published schema, and no wider than the code."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.installations.lifecycle import WITHOUT
from bot.installations.oauth import SCOPES
from bot.installations.pages import REDIRECT
from bot.listeners.commands import COMMAND
from bot.manifest import manifest as made
from bot.render.opening import COMMANDS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module", params=["one workspace", "several workspaces", "an organisation"])
def manifest(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Each manifest that the command prints."""
    which: str = request.param
    return made(several=which == "several workspaces", organisation=which == "an organisation")


def test_the_file_in_the_repository_is_the_one_for_a_workspace() -> None:
    """Who takes the file has the same app as who asks the command, which reads a copy of it."""
    assert json.loads((ROOT / "slack-manifest.json").read_text()) == made()


def printed(*arguments: str) -> dict[str, Any]:
    """What the command prints."""
    done = CliRunner().invoke(main, ["manifest", *arguments])
    assert done.exit_code == 0, done.output
    given: dict[str, Any] = json.loads(done.output)
    return given


def test_the_command_prints_them() -> None:
    """One for a workspace, one for several, one for an organisation; with the given address everywhere."""
    assert printed() == made()
    assert printed("--several") == made(several=True)
    assert printed("--org") == printed("--org", "--several") == made(organisation=True)
    given = json.dumps(printed("--org", "--url", "https://bot.example.org/"))

    assert given.count("https://bot.example.org/slack/") == 4
    assert "example.com" not in given


@pytest.mark.parametrize("address", ["bot.example.org", "http://bot.example.org", 'https://a"b', ""])
def test_an_address_that_slack_cannot_reach_is_refused(address: str) -> None:
    """Slack takes HTTPS addresses only; anything else is wrong usage."""
    done = CliRunner().invoke(main, ["manifest", "--url", address])

    assert done.exit_code == 2
    assert "https://bot.example.com" in done.output


def test_who_can_install_it() -> None:
    """Workspaces need a way back from Slack, and are to be heard of when they remove the app.

    One workspace needs neither. Only the last can be deployed to an organisation, which says what it reaches.
    """
    one, several, whole = made(), made(several=True), made(organisation=True)
    events = [set(m["settings"]["event_subscriptions"]["bot_events"]) for m in (one, several, whole)]

    assert "redirect_urls" not in one["oauth_config"]
    for each in (several, whole):
        assert each["oauth_config"]["redirect_urls"] == [f"https://example.com{REDIRECT}"]
        assert each["oauth_config"]["scopes"] == one["oauth_config"]["scopes"]
    assert [m["settings"]["org_deploy_enabled"] for m in (one, several, whole)] == [False, False, True]
    assert events[1] - events[0] == {"app_uninstalled", "tokens_revoked"}
    assert events[2] - events[0] == WITHOUT
    assert set(SCOPES) == set(one["oauth_config"]["scopes"]["bot"])


def test_lengths_are_within_slacks_limits(manifest: dict[str, Any]) -> None:
    """Names and descriptions fit: app 35, description 140, bot 80, command 32, its description 2,000."""
    shown = manifest["display_information"]
    assert 0 < len(shown["name"]) <= 35
    assert 0 < len(shown["description"]) <= 140
    assert re.fullmatch(r"#[0-9a-fA-F]{6}", shown["background_color"])
    assert re.fullmatch(r"[a-z0-9._-]{1,80}", manifest["features"]["bot_user"]["display_name"])
    for command in manifest["features"]["slash_commands"]:
        assert re.fullmatch(r"/[a-z0-9_-]{1,31}", command["command"])
        assert 0 < len(command["description"]) <= 2000
        assert len(command["usage_hint"]) <= 1000


def test_every_address_is_the_one_endpoint(manifest: dict[str, Any]) -> None:
    """Commands, events and interactions go to one address over HTTPS."""
    addresses = {
        manifest["features"]["slash_commands"][0]["url"],
        manifest["settings"]["event_subscriptions"]["request_url"],
        manifest["settings"]["interactivity"]["request_url"],
    }

    assert addresses == {"https://example.com/slack/events"}


def test_the_command_is_the_one_that_is_listened_to(manifest: dict[str, Any]) -> None:
    """The manifest's only command is the listeners' command."""
    assert [c["command"] for c in manifest["features"]["slash_commands"]] == [COMMAND]


def test_only_known_members_stand_in_it(manifest: dict[str, Any]) -> None:
    """Slack refuses members that its schema does not name, so there are none."""
    assert set(manifest) == {"_metadata", "display_information", "features", "oauth_config", "settings"}
    assert {"scopes"} <= set(manifest["oauth_config"]) <= {"scopes", "redirect_urls"}
    assert set(manifest["settings"]) == {
        "event_subscriptions",
        "interactivity",
        "org_deploy_enabled",
        "socket_mode_enabled",
        "token_rotation_enabled",
    }
    assert manifest["_metadata"] == {"major_version": 2, "minor_version": 1}


def test_every_scope_has_its_reason(manifest: dict[str, Any]) -> None:
    """Each scope of the manifest is explained in the operations page, and no other is."""
    scopes = set(manifest["oauth_config"]["scopes"]["bot"])
    page = (ROOT / "docs" / "operations.md").read_text()
    table = page.split("## The app's scopes")[1].split("##")[0]
    explained = {
        s for row in re.findall(r"^\| (.*?) \|", table, re.MULTILINE) for s in re.findall(r"`([a-z:]+)`", row)
    }

    assert explained == scopes


def test_every_event_has_the_scope_that_slack_asks_for(manifest: dict[str, Any]) -> None:
    """message.channels needs channels:history, message.groups needs groups:history, the rest nothing."""
    needed = {"message.channels": "channels:history", "message.groups": "groups:history"}
    scopes = set(manifest["oauth_config"]["scopes"]["bot"])
    events = manifest["settings"]["event_subscriptions"]["bot_events"]

    assert {needed[e] for e in events if e not in WITHOUT} <= scopes
    assert len(events) == len(set(events)) <= 100
    assert all(len(e) <= 50 for e in events)


def test_the_hint_names_every_command(manifest: dict[str, Any]) -> None:
    """What Slack shows while one types is what the command's help explains."""
    (command,) = manifest["features"]["slash_commands"]

    assert set(command["usage_hint"].split(" | ")) == set(COMMANDS)
