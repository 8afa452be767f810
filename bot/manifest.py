"""The Slack app's manifest: for one workspace, for several that install the app, or for an organisation.

What an organisation needs is not in the manifest for a workspace: once an app can be deployed to
organisations, that cannot be undone, and nothing says that an app that cannot may name their events.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from bot.installations.lifecycle import ENDINGS, REACHES

URL = "https://example.com"
"""Stands in the manifest for the bot's public address."""


def manifest(url: str = URL, *, several: bool = False, organisation: bool = False) -> dict[str, Any]:
    """What Slack's page “Create an app from a manifest” takes.

    Args:
        url: the bot's public address, without a slash at its end.
        several: workspaces install the app themselves.
        organisation: so does an organisation as a whole.
    """
    text = resources.files("bot").joinpath("slack_manifest.json").read_text("utf-8")
    made: dict[str, Any] = json.loads(text.replace(URL, url))
    settings = made["settings"]
    if several or organisation:
        made["oauth_config"] = {"redirect_urls": [f"{url}/slack/oauth_redirect"], **made["oauth_config"]}
        settings["event_subscriptions"]["bot_events"] += sorted(ENDINGS)
    if organisation:
        settings["event_subscriptions"]["bot_events"] += sorted(REACHES)
        settings["org_deploy_enabled"] = True
    return made
