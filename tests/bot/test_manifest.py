"""The Slack app's manifest: valid by the rules of Slack's published schema, and no wider than the code."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bot.listeners.commands import COMMAND

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    """The manifest in the repository."""
    loaded: dict[str, Any] = json.loads((ROOT / "slack-manifest.json").read_text())
    return loaded


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
    assert set(manifest["oauth_config"]) == {"scopes"}
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
    """message.channels needs channels:history, message.groups needs groups:history."""
    needed = {"message.channels": "channels:history", "message.groups": "groups:history"}
    scopes = set(manifest["oauth_config"]["scopes"]["bot"])
    events = manifest["settings"]["event_subscriptions"]["bot_events"]

    assert {needed[e] for e in events} <= scopes
