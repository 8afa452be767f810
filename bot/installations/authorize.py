"""Who a delivery is answered as, where several workspaces have installed the app."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any

from slack_bolt import BoltContext
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackClientError
from slack_sdk.webhook import WebhookClient

from bot import intake
from bot.installations.lifecycle import WITHOUT
from bot.installations.tenants import Tenants

log = logging.getLogger("threatbot.installations")

NOT_INSTALLED = (
    "I am not installed in this workspace, or not any more, so I did nothing. "
    "An admin can install me again; what was kept before comes back then."
)
SECONDS = 1
"""How long a response_url may take, out of the three seconds that Slack gives the whole delivery."""
_SERVED = "installed_workspace"


def by_workspace(tenants: Tenants) -> Callable[..., AuthorizeResult]:
    """Bolt's `authorize`: prepared from the installation, without auth.test.

    A workspace without one is let through without a token: `served` answers it.
    """

    def authorize(enterprise_id: str | None, team_id: str | None, context: BoltContext) -> AuthorizeResult:
        whole = (enterprise_id or "") if context.is_enterprise_install else ""
        found = tenants.find(team_id or "", whole)
        if found is None:
            return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)
        context[_SERVED] = team_id
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token=found.bot_token,
            bot_user_id=found.bot_user,
            bot_scopes=list(found.scopes),
        )

    return authorize


def served(body: dict[str, Any], context: BoltContext, next_: Callable[[], BoltResponse]) -> BoltResponse:
    """Middleware: goes on for a workspace that has the app, and says so to people of one that has not.

    What Bolt and `intake` understand to be the workspace has to be the same: one decides whose token is
    used, the other whose records are seen.
    """
    about_itself = (body.get("event") or {}).get("type") in WITHOUT
    if about_itself or (context.get(_SERVED) and context[_SERVED] == intake.workspace(body)):
        return next_()
    log.info("a delivery of %s, which has not installed the app, was refused", intake.workspace(body))
    return _refusal(body)


def _refusal(body: Mapping[str, Any]) -> BoltResponse:
    """Where Slack shows an answer, the sentence; 200 to events, which would only come again."""
    if "command" in body:
        return BoltResponse(status=200, body={"response_type": "ephemeral", "text": NOT_INSTALLED})
    if body.get("type") == "view_submission":
        blocks = [b["block_id"] for b in body["view"].get("blocks", ()) if b.get("type") == "input"]
        if blocks:
            errors = {"response_action": "errors", "errors": {blocks[0]: NOT_INSTALLED}}
            return BoltResponse(status=200, body=json.dumps(errors))
    elif body.get("response_url"):
        _whisper(str(body["response_url"]))
    return BoltResponse(status=200, body="")


def _whisper(response_url: str) -> None:
    try:
        client = WebhookClient(response_url, timeout=SECONDS, retry_handlers=[])
        client.send(text=NOT_INSTALLED, response_type="ephemeral", replace_original=False)
    except (SlackClientError, OSError, HTTPException) as error:  # it was worth a try
        log.info("nobody could be told that the app is not installed: %s", type(error).__name__)
