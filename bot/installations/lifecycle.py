"""The app was removed: Slack's app_uninstalled and tokens_revoked."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from slack_bolt import Ack, App

from bot import intake

if TYPE_CHECKING:
    from bot.installations.tenants import Tenants

log = logging.getLogger("threatbot.installations")

ENDINGS = {"app_uninstalled", "tokens_revoked"}
"""Events that come without an installation, because they end it."""


def register(app: App, tenants: Tenants | None) -> None:
    """Listen to both; with a single bot token there is nothing to forget, and they are only logged."""

    def ended(ack: Ack, body: dict[str, Any]) -> None:
        end(tenants, body)
        ack()

    for name in sorted(ENDINGS):
        app.event(name)(ended)


def end(tenants: Tenants | None, body: dict[str, Any]) -> None:
    """Revoke what was installed before the event; what is kept of the workspace stays."""
    event, key = body["event"], intake.workspace(body)
    if event.get("type") == "tokens_revoked" and not (event.get("tokens") or {}).get("bot"):
        return  # tokens of people, of which the bot has none
    key = intake.organisation(body) or key
    revoked = tenants is not None and tenants.revoke(key, float(body.get("event_time") or 0) + 1)
    log.info("%s in %s%s", event.get("type"), key, "; its tokens are forgotten" if revoked else "")
