"""What the app answers with outside the Web API: acknowledgements, and posts to a response_url."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.workspace import posting
from bot.workspace.content import Draft, draft
from bot.workspace.errors import Refused
from bot.workspace.values import Message, ResponseUrl

if TYPE_CHECKING:
    from bot.workspace.workspace import Workspace


def show(ws: Workspace, user: str, channel_id: str, given: Mapping[str, Any], thread_ts: str = "") -> Message:
    """Post an answer: to one person, or to all with response_type "in_channel"; Refused when it is bad."""
    wanted = draft(ws.store, given, long_blocks=True)
    placed = replace(wanted, thread_ts=wanted.thread_ts or thread_ts)
    channel = ws.store.channels[channel_id]
    if given.get("response_type") == "in_channel":
        return posting.post(ws, channel, ws.store.app.bot_user, placed)
    return posting.whisper(ws, channel, user, placed)


def use(ws: Workspace, key: str, given: Mapping[str, Any]) -> None:
    """One use of a response_url; Refused with expired_url or used_url when there is none left."""
    with ws.store.lock:
        right = _spend(ws, key)
        original = _original(ws, right)
        if given.get("delete_original") in {True, "true"}:
            if original is not None:
                posting.delete(ws, original)
            return
        if given.get("replace_original") in {True, "true"} and original is not None:
            _replace(ws, original, draft(ws.store, given, long_blocks=True))
            return
        show(ws, right.user, right.channel, given, str(given.get("thread_ts") or ""))


def _spend(ws: Workspace, key: str) -> ResponseUrl:
    right = ws.store.response_urls.get(key)
    if right is None or ws.store.clock() > right.expires:
        raise Refused("expired_url")
    if right.uses_left <= 0:
        raise Refused("used_url")
    ws.store.response_urls[key] = replace(right, uses_left=right.uses_left - 1)
    return right


def _original(ws: Workspace, right: ResponseUrl) -> Message | None:
    ts = right.message_ts
    return ws.store.whispers.get(ts) or ws.store.messages[right.channel].get(ts)


def _replace(ws: Workspace, original: Message, wanted: Draft) -> None:
    bot = ws.store.app.bot_user
    posting.edit(ws, original, bot, text=wanted.text, blocks=wanted.blocks, attachments=wanted.attachments)
