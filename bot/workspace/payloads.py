"""The payloads of commands and interactions, field by field as Slack sends them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bot.workspace.elements import interactive, is_stateful, state_of
from bot.workspace.organisation import named_in, seat_in
from bot.workspace.shapes import message_json, view_json
from bot.workspace.values import Channel, Json, Message, ResponseUrl, Trigger, User, View

if TYPE_CHECKING:
    from bot.workspace.workspace import Workspace


def form(payload: Json) -> dict[str, str]:
    """An interaction as the form field that carries it."""
    return {"payload": json.dumps(payload)}


def command(
    ws: Workspace, user: User, channel: Channel, name: str, text: str, trigger: Trigger, answer: ResponseUrl
) -> dict[str, str]:
    """A slash command's form."""
    team = seat_in(ws, user.id, channel)
    whole = ws.organisation
    named = {"enterprise_id": whole.id, "enterprise_name": whole.name} if whole else {}
    shown = {"im": "directmessage", "group": "privategroup"}.get(channel.type, channel.name)
    return {
        "token": "unused",
        "team_id": team["id"],
        "team_domain": team["domain"],
        "channel_id": channel.id,
        "channel_name": shown,
        "user_id": user.id,
        "user_name": user.name,
        "command": name,
        "text": text,
        "api_app_id": ws.store.app.id,
        "is_enterprise_install": "true" if whole and whole.reaches(ws) else "false",
        "response_url": ws.response_url(answer),
        "trigger_id": trigger.id,
        **named,
    }


def interaction(ws: Workspace, kind: str, user: User, trigger: Trigger | None) -> dict[str, Any]:
    """What every interaction begins with."""
    payload: dict[str, Any] = {
        "type": kind,
        "token": "unused",
        "action_ts": ws.store.new_ts(),
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team},
        **named_in(ws),
        "api_app_id": ws.store.app.id,
    }
    return payload | ({"trigger_id": trigger.id} if trigger else {})


def on_message(ws: Workspace, message: Message, user: User, answer: ResponseUrl) -> dict[str, Any]:
    """Where an action on a message happened; an ephemeral is named, its content not repeated."""
    channel = ws.store.channels[message.channel]
    container = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": bool(message.only_for),
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    kept = ws.store.message_state.get((message.ts, user.id), {})
    where = {
        "container": container,
        "channel": {"id": channel.id, "name": _name(channel)},
        "state": {"values": state_of(message.blocks, kept) if _has_inputs(message) else {}},
        "response_url": ws.response_url(answer),
    }
    if message.only_for:
        return where
    return where | {"message": message_json(ws.store, message, ws.url)}


def in_view(ws: Workspace, view: View) -> dict[str, Any]:
    """Where an action in a view happened."""
    return {"container": {"type": "view", "view_id": view.id}, "view": _view(ws, view)}


def from_message(ws: Workspace, message: Message, callback_id: str, answer: ResponseUrl) -> dict[str, Any]:
    """What a message shortcut adds."""
    channel = ws.store.channels[message.channel]
    return {
        "callback_id": callback_id,
        "message_ts": message.ts,
        "channel": {"id": channel.id, "name": _name(channel)},
        "message": message_json(ws.store, message, ws.url),
        "response_url": ws.response_url(answer),
    }


def submission(ws: Workspace, view: View) -> dict[str, Any]:
    """What sending a form adds."""
    return {"view": _view(ws, view), "response_urls": []}


def _view(ws: Workspace, view: View) -> dict[str, Any]:
    """A view as interactions carry it: an organisation's installation is named as such."""
    whole = ws.organisation
    named = {"app_installed_team_id": whole.id} if whole is not None and whole.reaches(ws) else {}
    return view_json(ws.store, view) | named


def _has_inputs(message: Message) -> bool:
    return any(is_stateful(element) for _, element in interactive(message.blocks))


def _name(channel: Channel) -> str:
    return {"im": "directmessage", "group": "privategroup"}.get(channel.type, channel.name)
