"""Settings + Services → slack_bolt.App: who it speaks for, what was delivered before, then the listeners."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from slack_bolt import App, BoltContext
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse

from agent.errors import ConfigurationError, ThreatbotError
from bot import intake, listeners
from bot.ingress_settings import IngressSettings
from bot.installations import lifecycle
from bot.queues.scoped import ScopedQueue
from bot.records.scoped import ScopedRecords
from bot.services import Ingress

if TYPE_CHECKING:
    from bot.jobs import JobQueue

log = logging.getLogger("threatbot.ingress")
TRY_AGAIN = "I could not take that over just now. Nothing was changed; try again in a minute."


def make_app(settings: IngressSettings, services: Ingress) -> App:
    """The Bolt app: verifies, recognises repeated deliveries, and enqueues. It makes no call but views.open.

    Its listeners see the records of the workspace that the delivery is for, and no others. Where several
    workspaces install the app (`services.tenants`), one that has not is told so.

    ConfigurationError when the signing secret is missing, or the bot token where nobody installs.
    """
    secret = settings.slack_signing_secret
    needed = {"SIGNING_SECRET": secret}
    if services.tenants is None:
        needed["BOT_TOKEN"] = settings.slack_bot_token
    for name, value in needed.items():
        if not value:
            raise ConfigurationError(
                f"THREATBOT_SLACK_{name} is not set. `threatbot doctor` says where to find it."
            )
    authorize, placing = _authorize(settings.slack_bot_token), None
    admitting: list[Callable[..., BoltResponse]] = []
    if services.tenants is not None:
        from bot.installations import authorize as several

        authorize, placing = several.authorize, several.placing(services.tenants)
        admitting = [several.served]
    app = App(
        name="threatbot.bolt",  # of its loggers; without one Bolt reads the call stack, half a start
        signing_secret=secret,
        process_before_response=True,
        token_verification_enabled=False,
        before_authorize=placing,
        authorize=authorize,
        client=services.slack.ingress_client(),
        attaching_conversation_kwargs_enabled=False,
    )
    app.logger.setLevel(logging.WARNING)  # below it, Bolt logs what people wrote
    for middleware in admitting:
        app.middleware(middleware)
    app.middleware(_deliveries(services))
    app.error(_failed)
    listeners.register(app, _scoped(services))
    lifecycle.register(app, services.tenants, services.queue)
    return app


_WORKSPACE: ContextVar[str] = ContextVar("workspace", default="")
"""The workspace of the delivery at hand: set before any listener runs, in the thread that it runs in."""


def _scoped(services: Ingress) -> Ingress:
    """What listeners are given: records and queue of the workspace of the delivery at hand."""
    queue = cast("JobQueue", ScopedQueue(services.queue))  # they only send
    return replace(services, records=ScopedRecords(services.records, _WORKSPACE.get), queue=queue)


def _authorize(token: str) -> Callable[..., AuthorizeResult]:
    """A prepared answer: Bolt would otherwise call auth.test in the first request."""

    def authorize(enterprise_id: str | None, team_id: str | None, context: BoltContext) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token=token,
            bot_user_id=_bot_user(context),
        )

    return authorize


def _bot_user(context: BoltContext) -> str | None:
    authorizations = context.get("authorizations") or ()
    return next((a.get("user_id") for a in authorizations if a.get("is_bot")), None)


def _deliveries(services: Ingress) -> Callable[..., BoltResponse]:
    """Answer a delivery that was taken over before; for a new one, say whose it is and keep its id."""

    def deliveries(
        body: dict[str, Any], context: BoltContext, next_: Callable[[], BoltResponse]
    ) -> BoltResponse:
        _WORKSPACE.set(intake.workspace(body))
        delivery = intake.delivery_id(body)
        if services.records.delivered(delivery):
            return BoltResponse(status=200, body="")
        context["delivery"] = delivery
        authorizations: Sequence[dict[str, Any]] = body.get("authorizations") or ({},)
        context["bot_user"] = authorizations[0].get("user_id") or ""
        return next_()

    return deliveries


def _failed(error: Exception, body: dict[str, Any]) -> BoltResponse:
    """The edge of a request: events are delivered again by Slack, people are told to try again."""
    if not isinstance(error, ThreatbotError):
        log.error("a delivery could not be taken over", exc_info=error)
    if "event" in body:
        return BoltResponse(status=500, body="")
    text = error.message if isinstance(error, ThreatbotError) else TRY_AGAIN
    if body.get("type") == "view_submission":
        return BoltResponse(status=200, body=_in_view(body, text))
    if "command" in body:
        return BoltResponse(status=200, body={"response_type": "ephemeral", "text": text})
    return BoltResponse(status=500, body="")


def _in_view(body: dict[str, Any], text: str) -> str:
    blocks = [b["block_id"] for b in body["view"].get("blocks", ()) if b.get("type") == "input"]
    if not blocks:
        return ""
    return json.dumps({"response_action": "errors", "errors": {blocks[0]: text}})
