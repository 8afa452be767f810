"""api.* and auth.*: who is calling."""

from __future__ import annotations

from bot.workspace.api.registry import Answer, Call, Method
from bot.workspace.errors import Refused
from bot.workspace.ratelimit import TIERS


def _api_test(call: Call) -> Answer:
    if call.text("error"):
        raise Refused(call.text("error"))
    return {"args": {k: v for k, v in call.given.items() if k != "token"}}


def _auth_test(call: Call) -> Answer:
    store = call.ws.store
    return {
        "url": call.ws.url + "/",
        "team": store.seed.team["name"],
        "user": store.app.name,
        "team_id": store.seed.team["id"],
        "user_id": store.app.bot_user,
        "bot_id": store.app.bot_id,
        "is_enterprise_install": False,
    }


METHODS = (
    Method("api.test", _api_test, rate=TIERS[4]),
    Method("auth.test", _auth_test, rate=TIERS[4]),
)
