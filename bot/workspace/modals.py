"""Modals and Home tabs: opened, stacked, replaced and closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.workspace.content import view_body
from bot.workspace.elements import state_of
from bot.workspace.errors import Refused
from bot.workspace.shapes import view_json
from bot.workspace.values import Json, View

if TYPE_CHECKING:
    from bot.workspace.workspace import Workspace

MAX_STACK = 3
"""How many modals may lie on each other."""


def open_modal(ws: Workspace, trigger_id: str, given: Any) -> View:
    """A first modal for the person whose trigger it is; whatever was open is gone."""
    with ws.store.lock:
        body = view_body(ws.store, given, "modal")
        trigger = ws.store.use_trigger(trigger_id)
        _unique(ws, body, "")
        for id_ in ws.store.stacks.pop(trigger.user, []):
            ws.store.views.pop(id_, None)
        return _put(ws, _new(ws, trigger.user, body, channel=trigger.channel))


def push_modal(ws: Workspace, trigger_id: str, given: Any) -> View:
    """A modal on top of the one that the trigger came from."""
    with ws.store.lock:
        body = view_body(ws.store, given, "modal")
        trigger = ws.store.use_trigger(trigger_id)
        below = ws.store.views.get(trigger.view)
        if below is None:
            raise Refused("not_found")
        return push_on(ws, below, body)


def push_on(ws: Workspace, below: View, body: Json) -> View:
    """A checked modal on top of another one of the same person."""
    with ws.store.lock:
        if len(ws.store.stacks.get(below.user, ())) >= MAX_STACK:
            raise Refused("push_limit_reached")
        _unique(ws, body, "")
        fresh = _new(ws, below.user, body, channel=below.channel)
        return _put(ws, replace(fresh, root=below.root or below.id, previous=below.id))


def update_view(ws: Workspace, view: View, given: Any, expected_hash: str = "") -> View:
    """The view with another body; what stood in inputs that are still there stays in them."""
    with ws.store.lock:
        body = view_body(ws.store, given, "home" if view.type == "home" else "modal")
        if expected_hash and expected_hash != view.hash:
            raise Refused("hash_conflict")
        _unique(ws, body, view.id)
        state = state_of(body["blocks"], view.state)
        return _put(ws, replace(view, body=body, state=state, hash=_hash(ws)))


def publish_home(ws: Workspace, user: str, given: Any, expected_hash: str = "") -> View:
    """A person's Home tab."""
    with ws.store.lock:
        before = ws.store.homes.get(user)
        if before is not None:
            return update_view(ws, before, given, expected_hash)
        body = view_body(ws.store, given, "home")
        return _put(ws, _new(ws, user, body, channel=""))


def find_view(ws: Workspace, view_id: str, external_id: str = "") -> View:
    """The open view with this id or external_id; Refused not_found when there is none."""
    with ws.store.lock:
        for view in (*ws.store.views.values(), *ws.store.homes.values()):
            if view.id == view_id or (external_id and view.body.get("external_id") == external_id):
                return view
    raise Refused("not_found")


def put_values(ws: Workspace, view: View, values: Mapping[str, Mapping[str, Json]]) -> View:
    """The view with these entries in its state; the app hears of them with the next interaction."""
    with ws.store.lock:
        state = {block: dict(actions) for block, actions in view.state.items()}
        for block, actions in values.items():
            state.setdefault(block, {}).update(actions)
        after = replace(view, state=state)
        _keep(ws, after)
        return after


def close_top(ws: Workspace, user: str) -> None:
    """The top modal of a person goes; the one below shows again."""
    with ws.store.lock:
        stack = ws.store.stacks.get(user, [])
        if stack:
            ws.store.views.pop(stack.pop(), None)
        _tell(ws, user)


def close_all(ws: Workspace, user: str) -> None:
    """Every modal of a person goes."""
    with ws.store.lock:
        for id_ in ws.store.stacks.pop(user, []):
            ws.store.views.pop(id_, None)
        _tell(ws, user)


def top(ws: Workspace, user: str) -> View | None:
    """The modal that a person sees."""
    with ws.store.lock:
        stack = ws.store.stacks.get(user, [])
        return ws.store.views[stack[-1]] if stack else None


def _new(ws: Workspace, user: str, body: Json, channel: str) -> View:
    return View(
        id=ws.store.new_id("V"),
        type=str(body["type"]),
        user=user,
        hash=_hash(ws),
        body=body,
        state=state_of(body["blocks"], {}),
        channel=channel,
    )


def _hash(ws: Workspace) -> str:
    return f"{int(ws.store.clock())}.{ws.store.new_id('h')}"


def _unique(ws: Workspace, body: Json, but: str) -> None:
    wanted = body.get("external_id")
    views = (*ws.store.views.values(), *ws.store.homes.values())
    if wanted and any(v.body.get("external_id") == wanted and v.id != but for v in views):
        raise Refused("duplicate_external_id")


def _put(ws: Workspace, view: View) -> View:
    if view.type == "modal" and view.id not in ws.store.views:
        ws.store.stacks.setdefault(view.user, []).append(view.id)
    _keep(ws, view)
    _tell(ws, view.user)
    return view


def _keep(ws: Workspace, view: View) -> None:
    if view.type == "home":
        ws.store.homes[view.user] = view
    else:
        ws.store.views[view.id] = view


def _tell(ws: Workspace, user: str) -> None:
    ws.store.publish("views", {user}, views_of(ws, user))


def views_of(ws: Workspace, user: str) -> Json:
    """What a person has open, for the page: the stack of modals and the Home tab."""
    store = ws.store
    stack = [view_json(store, store.views[id_]) for id_ in store.stacks.get(user, ())]
    home = store.homes.get(user)
    return {"stack": stack, "home": view_json(store, home) if home else None}
