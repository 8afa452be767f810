"""/threatmodel and its sub-commands."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from agent.errors import ThreatbotError
from bot import intake
from bot.access import check_payload
from bot.listeners.opening import open_view
from bot.render.intake import intake as form
from bot.render.message import Message
from bot.render.opening import usage
from bot.render.text import unescape
from bot.services import Ingress

COMMAND = "/threatmodel"


def register(app: App, services: Ingress) -> None:
    """Listen to the slash command."""

    def command(ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        try:
            check_payload(intake.actor(body), services.policy)
            message = _answer(services, body, str(context["delivery"]), client)
        except ThreatbotError as error:
            ack(response_type="ephemeral", text=error.message)
            return
        if message is None:
            ack()
        else:
            ack(response_type="ephemeral", text=message.text, blocks=list(message.blocks))

    app.command(COMMAND)(command)


def _answer(services: Ingress, body: dict[str, Any], delivery: str, client: WebClient) -> Message | None:
    """What the person reads at once; None when a modal opened instead."""
    word, _, rest = unescape(str(body.get("text") or "")).strip().partition(" ")
    match word.lower():
        case "" | "help":
            return usage()
        case "new":
            open_view(client, body, form(str(body["channel_id"]), rest.strip()))
            return None
        case "list" | "status" | "stats" | "ask" | "export" as known:
            from bot.listeners.asking import Asked  # what the other words do not need

            who = intake.actor(body)
            asked = Asked(services, who, delivery, services.records.models(who.workspace, who.channel))
            return asked.answer(known, rest.strip())
        case other:
            return usage(unknown=other)
