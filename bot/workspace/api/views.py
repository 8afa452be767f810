"""views.*: modals and Home tabs."""

from __future__ import annotations

from bot.workspace import modals
from bot.workspace.api.registry import Answer, Call, Method
from bot.workspace.errors import missing
from bot.workspace.ratelimit import TIERS
from bot.workspace.shapes import view_json
from bot.workspace.values import View


def _open(call: Call) -> Answer:
    return _shown(call, modals.open_modal(call.ws, call.needed("trigger_id"), call.json("view")))


def _push(call: Call) -> Answer:
    return _shown(call, modals.push_modal(call.ws, call.needed("trigger_id"), call.json("view")))


def _update(call: Call) -> Answer:
    view_id, external_id = call.text("view_id"), call.text("external_id")
    if not (view_id or external_id):
        raise missing("view_id")
    view = modals.find_view(call.ws, view_id, external_id)
    return _shown(call, modals.update_view(call.ws, view, call.json("view"), call.text("hash")))


def _publish(call: Call) -> Answer:
    user = call.user("user_id")
    return _shown(call, modals.publish_home(call.ws, user.id, call.json("view"), call.text("hash")))


def _shown(call: Call, view: View) -> Answer:
    return {"view": view_json(call.ws.store, view)}


METHODS = (
    Method("views.open", _open, rate=TIERS[4]),
    Method("views.push", _push, rate=TIERS[4]),
    Method("views.update", _update, rate=TIERS[4]),
    Method("views.publish", _publish, rate=TIERS[4]),
)
