"""users.*: people."""

from __future__ import annotations

from bot.workspace.api.registry import Answer, Call, Method
from bot.workspace.ratelimit import TIERS
from bot.workspace.shapes import user_json


def _info(call: Call) -> Answer:
    return {"user": user_json(call.ws.store, call.user("user"))}


METHODS = (Method("users.info", _info, "users:read", TIERS[4]),)
