"""chat.*: the app's messages."""

from __future__ import annotations

from typing import Any

from bot.workspace import posting
from bot.workspace.api.registry import Answer, Call, Method
from bot.workspace.content import UPDATE_TEXT, Draft, draft
from bot.workspace.errors import Refused
from bot.workspace.ratelimit import POSTING, TIERS
from bot.workspace.shapes import message_json
from bot.workspace.values import Channel, Message


def _post(call: Call) -> Answer:
    channel = call.joined_channel()
    wanted = draft(call.ws.store, call.given)
    _check_thread(call, channel, wanted)
    message = posting.post(call.ws, channel, call.ws.store.app.bot_user, wanted)
    shown = message_json(call.ws.store, message, call.ws.url, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": shown}


def _post_ephemeral(call: Call) -> Answer:
    channel = call.joined_channel()
    if call.needed("user") not in channel.members:
        raise Refused("user_not_in_channel")
    wanted = draft(call.ws.store, call.given)
    _check_thread(call, channel, wanted)
    return {"message_ts": posting.whisper(call.ws, channel, call.text("user"), wanted).ts}


def _update(call: Call) -> Answer:
    channel = call.channel()
    message = _own(call, channel, "cant_update_message")
    if len(call.text("text")) > UPDATE_TEXT:
        raise Refused("msg_too_long")
    wanted = draft(call.ws.store, call.given)
    changes: dict[str, Any] = {
        "text": wanted.text,
        "blocks": wanted.blocks,
        "attachments": wanted.attachments,
    }
    if "blocks" not in call.given:
        changes["blocks"] = ()
    if wanted.metadata is not None:
        changes["metadata"] = wanted.metadata
    after = posting.edit(call.ws, message, call.ws.store.app.bot_user, **changes)
    shown = message_json(call.ws.store, after, call.ws.url)
    return {"channel": channel.id, "ts": after.ts, "text": after.text, "message": shown}


def _delete(call: Call) -> Answer:
    channel = call.channel()
    message = _own(call, channel, "cant_delete_message")
    posting.delete(call.ws, message)
    return {"channel": channel.id, "ts": message.ts}


def _permalink(call: Call) -> Answer:
    channel = call.channel()
    message = call.message(channel, "message_ts")
    link = f"{call.ws.url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def _own(call: Call, channel: Channel, refusal: str) -> Message:
    message = call.message(channel, "ts")
    if not message.from_app:
        raise Refused(refusal)
    return message


def _check_thread(call: Call, channel: Channel, wanted: Draft) -> None:
    if not wanted.thread_ts:
        return
    root = call.ws.store.messages[channel.id].get(wanted.thread_ts)
    if root is None:
        raise Refused("thread_not_found")
    if root.is_reply:
        raise Refused("cannot_reply_to_message")


METHODS = (
    Method("chat.postMessage", _post, "chat:write", POSTING),
    Method("chat.postEphemeral", _post_ephemeral, "chat:write", TIERS[4]),
    Method("chat.update", _update, "chat:write", TIERS[3]),
    Method("chat.delete", _delete, "chat:write", TIERS[3]),
    Method("chat.getPermalink", _permalink, rate=TIERS[4]),
)
