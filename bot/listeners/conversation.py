"""Messages in a threat model's thread: uploads and follow-up questions."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt import Ack, App, BoltContext

from agent.errors import NotAllowed
from bot import intake
from bot.access import check_payload
from bot.jobs import AddFiles, Ask, Refuse
from bot.render.text import unescape
from bot.services import Ingress

_PEOPLE = {None, "", "file_share", "thread_broadcast"}
"""Subtypes of messages that a person wrote just now; edits, deletions and joins are others."""
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
MAX_TEXT = 4_000


def register(app: App, services: Ingress) -> None:
    """Listen to messages; a mention is one of them, so the app subscribes to no others."""

    def message(ack: Ack, body: dict[str, Any], event: dict[str, Any], context: BoltContext) -> None:
        take(services, body, event, str(context["delivery"]), str(context.get("bot_user") or ""))
        ack()

    app.event("message")(message)


def take(
    services: Ingress, body: dict[str, Any], event: dict[str, Any], delivery: str, bot_user: str
) -> None:
    """Enqueue what a person said or dropped into a known thread; anything else is none of our business."""
    thread = str(event.get("thread_ts") or "")
    if not thread or event.get("bot_id") or event.get("hidden") or event.get("subtype") not in _PEOPLE:
        return
    who = intake.actor(body)
    model = services.records.find_thread(who.workspace, who.channel, thread)
    if model is None or not who.user:
        return
    ts = str(event["ts"])
    try:
        check_payload(who, services.policy, shared=bool(body.get("is_ext_shared_channel")))
    except NotAllowed as refusal:
        services.queue.send(Refuse(id=delivery, model=model, actor=who, reason=refusal.message))
        return
    files = intake.files(event)
    text = _addressed_to_us(str(event.get("text") or ""), bot_user)
    if files:
        services.queue.send(
            AddFiles(
                id=delivery, model=model, actor=who, message_ts=ts, files=files, text=(text or "")[:MAX_TEXT]
            )
        )
    elif text:
        services.queue.send(Ask(id=delivery, model=model, actor=who, message_ts=ts, text=text[:MAX_TEXT]))


def _addressed_to_us(text: str, bot_user: str) -> str | None:
    """The words without our mention; None when they begin with a mention of somebody else."""
    first = _MENTION.match(text.strip())
    if first and first.group(1) != bot_user:
        return None
    plain = _MENTION.sub("", text).strip() if first else text.strip()
    return unescape(plain)
