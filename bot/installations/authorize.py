"""Who a delivery is answered as, and where it belongs, where several workspaces have installed the app.

Whose token answers is what Slack says of the installation. What is kept belongs to the workspace in which it
happens. In Enterprise Grid that is not always the same, and Slack does not always say it: see `placing`.
"""

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

from agent.errors import DeliveryError
from bot import intake
from bot.installations.base import Installation
from bot.installations.lifecycle import WITHOUT
from bot.installations.tenants import Tenants
from bot.slack import QUIET

log = logging.getLogger("threatbot.installations")

NOT_INSTALLED = (
    "I am not installed in this workspace, or not any more, so I did nothing. "
    "An admin can install me again; what was kept before comes back then."
)
UNPLACED = (
    "Slack did not say in which workspace this is, so I did nothing. "
    "Type /threatmodel in the channel once, then do it again from there."
)
SECONDS = 1
"""How long a response_url may take, out of the three seconds that Slack gives the whole delivery."""
_FOUND = "installation"
_REFUSAL = "refusal"


def placing(tenants: Tenants) -> Callable[..., BoltResponse]:
    """Middleware before Bolt's `authorize`: finds the installation, and the workspace that it is all about.

    In Enterprise Grid a channel can be in several workspaces, and deliveries of an organisation's
    installation name none when somebody presses a button or sends a form. There a channel belongs to the
    workspace in which the first command was typed into it, and a form to the one in which it was opened.
    """

    def place(body: dict[str, Any], context: BoltContext, next_: Callable[[], BoltResponse]) -> BoltResponse:
        if not _about_itself(body):
            said, whole, grid = intake.said(body), intake.organisation(body), intake.grid(body)
            context[_FOUND] = tenants.find(said, whole)
            workspace = _of_grid(tenants, body, grid, whole) if grid and context[_FOUND] else said
            body[intake.PLACED] = intake.Placed(workspace, _noting(tenants, grid, workspace))
            standing = context[_FOUND] and workspace and tenants.find(workspace, whole)
            unknown = context[_FOUND] and not workspace
            context[_REFUSAL] = "" if standing else UNPLACED if unknown else NOT_INSTALLED
        return next_()

    return place


def _of_grid(tenants: Tenants, body: dict[str, Any], grid: str, whole: str) -> str:
    """Where a delivery of an installed workspace belongs: as was said before, else as Slack says."""
    said, channel = intake.said(body), intake.channel(body)
    thing = intake.form(body) or channel
    kept = tenants.place(grid, thing) if thing else ""
    if "command" in body and said and channel and kept != said:
        gone = kept if kept and tenants.find(kept, whole) is None else ""
        if gone or not kept:
            return tenants.settle(grid, channel, said, instead_of=gone)
    return kept or said


def _noting(tenants: Tenants, grid: str, workspace: str) -> Callable[[str], None]:
    """Keeps where a form was opened. It is open already: a failure is logged, and the form refused later."""

    def opened(form: str) -> None:
        if not (grid and form and workspace):
            return
        try:
            tenants.opened(grid, form, workspace)
        except DeliveryError as error:
            log.error("where form %s was opened was not kept: %s", form, error.message)  # noqa: TRY400 - known

    return opened


def authorize(enterprise_id: str | None, team_id: str | None, context: BoltContext) -> AuthorizeResult:
    """Bolt's `authorize`: prepared from the installation that was found, without auth.test.

    A workspace without one is let through without a token: `served` answers it.
    """
    found: Installation | None = context.get(_FOUND)
    if found is None:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)
    return AuthorizeResult(
        enterprise_id=enterprise_id,
        team_id=team_id,
        bot_token=found.bot_token,
        bot_user_id=found.bot_user,
        bot_scopes=list(found.scopes),
    )


def served(body: dict[str, Any], context: BoltContext, next_: Callable[[], BoltResponse]) -> BoltResponse:
    """Middleware: goes on for a workspace that has the app, and says so to people of one that has not."""
    refusal = context.get(_REFUSAL, NOT_INSTALLED)
    if _about_itself(body) or not refusal:
        return next_()
    log.info("a delivery of %s was refused: %s", intake.workspace(body) or "no workspace", refusal)
    return _refused(body, refusal)


def _about_itself(body: Mapping[str, Any]) -> bool:
    return (body.get("event") or {}).get("type") in WITHOUT


def _refused(body: Mapping[str, Any], why: str) -> BoltResponse:
    """Where Slack shows an answer, the sentence; 200 to events, which would only come again."""
    if "command" in body:
        return BoltResponse(status=200, body={"response_type": "ephemeral", "text": why})
    if body.get("type") == "view_submission":
        blocks = [b["block_id"] for b in body["view"].get("blocks", ()) if b.get("type") == "input"]
        if blocks:
            errors = {"response_action": "errors", "errors": {blocks[0]: why}}
            return BoltResponse(status=200, body=json.dumps(errors))
    elif body.get("response_url"):
        _whisper(str(body["response_url"]), why)
    return BoltResponse(status=200, body="")


def _whisper(response_url: str, why: str) -> None:
    try:
        client = WebhookClient(response_url, timeout=SECONDS, retry_handlers=[], logger=QUIET)
        client.send(text=why, response_type="ephemeral", replace_original=False)
    except (SlackClientError, OSError, HTTPException) as error:  # it was worth a try
        log.info("nobody could be told why nothing was done: %s", type(error).__name__)
