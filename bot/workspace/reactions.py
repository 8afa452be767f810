"""Emoji on messages."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.workspace import events, posting
from bot.workspace.errors import Refused
from bot.workspace.values import Message

if TYPE_CHECKING:
    from bot.workspace.workspace import Workspace

_NAME = re.compile(r"[a-z0-9_+'-]{1,100}")


def react(ws: Workspace, message: Message, user: str, name: str) -> None:
    """Put an emoji on a message; Refused already_reacted when this user's is there."""
    if not _NAME.fullmatch(name):
        raise Refused("invalid_name")
    with ws.store.lock:
        standing = dict(message.reactions)
        users = standing.get(name, ())
        if user in users:
            raise Refused("already_reacted")
        _put(ws, message, {**standing, name: (*users, user)})
        events.reacted(ws, message, user, name, added=True)


def unreact(ws: Workspace, message: Message, user: str, name: str) -> None:
    """Take this user's emoji away; Refused no_reaction when it is not there."""
    with ws.store.lock:
        standing = dict(message.reactions)
        users = standing.get(name, ())
        if user not in users:
            raise Refused("no_reaction")
        _put(ws, message, {**standing, name: tuple(u for u in users if u != user)})
        events.reacted(ws, message, user, name, added=False)


def _put(ws: Workspace, message: Message, standing: dict[str, tuple[str, ...]]) -> None:
    after = replace(message, reactions=tuple((n, u) for n, u in standing.items() if u))
    ws.store.messages[message.channel][message.ts] = after
    posting.announce(ws, after)
