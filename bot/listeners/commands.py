"""/threatmodel and its sub-commands."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from agent.domain.states import ThreatStatus
from agent.errors import ThreatbotError
from bot import intake
from bot.access import check_payload
from bot.jobs import Actor
from bot.listeners.opening import open_view
from bot.records.base import ModelEntry, Records
from bot.records.standing import standing
from bot.render.intake import intake as form
from bot.render.message import Message
from bot.render.opening import Listed, listing, usage
from bot.services import Ingress

COMMAND = "/threatmodel"


def register(app: App, services: Ingress) -> None:
    """Listen to the slash command."""

    def command(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        try:
            check_payload(intake.actor(body), services.policy)
            message = _answer(services, body, client)
        except ThreatbotError as error:
            ack(response_type="ephemeral", text=error.message)
            return
        if message is None:
            ack()
        else:
            ack(response_type="ephemeral", text=message.text, blocks=list(message.blocks))

    app.command(COMMAND)(command)


def _answer(services: Ingress, body: dict[str, Any], client: WebClient) -> Message | None:
    """What the person reads at once; None when a modal opened instead."""
    word, _, rest = str(body.get("text") or "").strip().partition(" ")
    match word.lower():
        case "" | "help":
            return usage()
        case "new":
            open_view(client, body, form(str(body["channel_id"]), rest.strip()))
            return None
        case "list":
            who = intake.actor(body)
            return listing(
                [_listed(services.records, e) for e in services.records.models(who.workspace, who.channel)]
            )
        case "stats":
            return _stats(services, intake.actor(body))
        case other:
            return usage(unknown=other)


def _stats(services: Ingress, who: Actor) -> Message:
    """What became of the threats of the channel's latest models."""
    from agent.domain.acceptance import acceptance
    from bot.render.stats import stats

    entries = services.records.models(who.workspace, who.channel)
    models = [standing(services.records, e.id) for e in entries if e.revision]
    return stats(len(models), acceptance(models))


def _listed(records: Records, entry: ModelEntry) -> Listed:
    threats = standing(records, entry.id).threats if entry.revision else ()
    return Listed(
        title=entry.request.title,
        revision=entry.revision,
        threats=len(threats),
        waiting=sum(t.status is ThreatStatus.PROPOSED for t in threats),
        who=entry.owner,
        day=f"{entry.created:%Y-%m-%d}",
        link=entry.link,
    )
