"""Messages come, change and go: the state, those who watch, and the app's events, in one step."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.workspace import events
from bot.workspace.content import Draft
from bot.workspace.shapes import message_json
from bot.workspace.values import Channel, Message

if TYPE_CHECKING:
    from bot.workspace.workspace import Workspace


FORMER = 5
"""How many versions back a click on what somebody still has on screen is taken."""


def post(ws: Workspace, channel: Channel, user: str, draft: Draft) -> Message:
    """A new message of this user; the caller has checked that they may."""
    store = ws.store
    with store.lock:
        message = _made(ws, channel, user, draft)
        store.messages[channel.id][message.ts] = message
        _share(ws, message)
        _touch_root(ws, message)
        if message.from_app:
            clear_status(ws, channel, message.root_ts)
        announce(ws, message)
        events.posted(ws, message)
        return message


def whisper(ws: Workspace, channel: Channel, to: str, draft: Draft) -> Message:
    """A message of the app that only one person sees; in no history and no event."""
    with ws.store.lock:
        message = replace(_made(ws, channel, ws.store.app.bot_user, draft), only_for=to)
        ws.store.whispers[message.ts] = message
        announce(ws, message)
        return message


def edit(ws: Workspace, message: Message, by: str, **changes: Any) -> Message:
    """The message with these fields changed and marked as edited by this user."""
    store = ws.store
    with store.lock:
        former = (message.blocks, *message.former)[:FORMER]
        after = replace(message, edited=store.new_ts(), edited_by=by, former=former, **changes)
        _kept(ws, message)[message.ts] = after
        announce(ws, after)
        if not message.only_for:
            events.edited(ws, message, after)
        return after


def delete(ws: Workspace, message: Message) -> None:
    """Take a message away, and its shares with it."""
    store = ws.store
    with store.lock:
        channel = store.channels[message.channel]
        _kept(ws, message).pop(message.ts, None)
        for id_ in message.files:
            file = store.files.get(id_)
            if file is not None:
                shares = tuple(share for share in file.shares if share[1] != message.ts)
                store.files[id_] = replace(file, shares=shares)
        gone = {"channel": message.channel, "ts": message.ts}
        store.publish("message_deleted", readers(ws, message, channel), gone)
        if not message.only_for:
            events.deleted(ws, message)


def announce(ws: Workspace, message: Message) -> None:
    """Show those who may read a message how it now stands."""
    store = ws.store
    channel = store.channels[message.channel]
    shown = message_json(store, message, ws.url) | {"channel": message.channel}
    store.publish("message", readers(ws, message, channel), shown)


def readers(ws: Workspace, message: Message, channel: Channel) -> frozenset[str]:
    """Who sees a message: one person when it is ephemeral, else the channel's audience."""
    return frozenset({message.only_for}) if message.only_for else ws.store.audience(channel)


def clear_status(ws: Workspace, channel: Channel, thread_ts: str) -> None:
    """The app's status goes as soon as it posts."""
    if ws.store.statuses.pop((channel.id, thread_ts), None) is not None:
        gone = {"channel": channel.id, "thread_ts": thread_ts, "status": ""}
        ws.store.publish("status", ws.store.audience(channel), gone)


def _made(ws: Workspace, channel: Channel, user: str, draft: Draft) -> Message:
    is_reply = bool(draft.thread_ts)
    subtype = "thread_broadcast" if is_reply and draft.broadcast else ""
    return Message(
        channel=channel.id,
        ts=ws.store.new_ts(),
        user=user,
        text=draft.text,
        blocks=draft.blocks,
        files=draft.files,
        thread_ts=draft.thread_ts,
        subtype="file_share" if draft.files else subtype,
        from_app=user == ws.store.app.bot_user,
        metadata=draft.metadata,
        attachments=draft.attachments,
    )


def _share(ws: Workspace, message: Message) -> None:
    for id_ in message.files:
        file = ws.store.files[id_]
        share = (message.channel, message.ts, message.thread_ts)
        ws.store.files[id_] = replace(file, shares=(*file.shares, share))


def _touch_root(ws: Workspace, message: Message) -> None:
    root = ws.store.messages[message.channel].get(message.thread_ts)
    if message.is_reply and root is not None and not root.thread_ts:
        ws.store.messages[message.channel][root.ts] = replace(root, thread_ts=root.ts)


def _kept(ws: Workspace, message: Message) -> dict[str, Message]:
    return ws.store.whispers if message.only_for else ws.store.messages[message.channel]
