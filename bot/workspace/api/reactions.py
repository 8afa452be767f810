"""reactions.*: emoji on messages."""

from __future__ import annotations

from bot.workspace.api.registry import Answer, Call, Method
from bot.workspace.ratelimit import TIERS
from bot.workspace.reactions import react, unreact


def _add(call: Call) -> Answer:
    message = call.message(call.joined_channel(), "timestamp")
    react(call.ws, message, call.ws.store.app.bot_user, call.needed("name"))
    return {}


def _remove(call: Call) -> Answer:
    message = call.message(call.joined_channel(), "timestamp")
    unreact(call.ws, message, call.ws.store.app.bot_user, call.needed("name"))
    return {}


METHODS = (
    Method("reactions.add", _add, "reactions:write", TIERS[3]),
    Method("reactions.remove", _remove, "reactions:write", TIERS[2]),
)
