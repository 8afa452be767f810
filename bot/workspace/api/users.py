"""users.*: people."""

from __future__ import annotations

from bot.workspace.api.registry import Answer, Call, Method
from bot.workspace.ratelimit import TIERS
from bot.workspace.shapes import user_json


def _info(call: Call) -> Answer:
    person, whole = call.user("user"), call.ws.organisation
    shown = user_json(call.ws.store, person)
    if whole is not None and whole.knows(person):
        teams = whole.teams_of(person.id)
        if person.team == whole.id:
            del shown["team_id"]
        shown["enterprise_user"] = {"id": person.id, "enterprise_id": whole.id, "teams": teams}
    return {"user": shown}


METHODS = (Method("users.info", _info, "users:read", TIERS[4]),)
