"""What the app hears of: event envelopes, for the events that it subscribes to, in channels it is in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bot.workspace.organisation import seat_in
from bot.workspace.shapes import file_json, message_json, view_json
from bot.workspace.values import Channel, Message, User

if TYPE_CHECKING:
    from bot.workspace.workspace import Workspace

_STREAM = {"channel": "message.channels", "group": "message.groups", "im": "message.im"}


def send(ws: Workspace, event: Mapping[str, Any], channel: Channel | None = None) -> None:
    """Queue one event for the app in Slack's envelope."""
    store = ws.store
    team, whole = store.seed.team["id"], ws.organisation
    organisation = whole.id if whole else None
    lives = organisation if channel and channel.is_org_shared else team
    envelope = {
        "token": "unused",
        "team_id": lives,
        "enterprise_id": organisation,
        "context_team_id": lives,
        "context_enterprise_id": organisation,
        "api_app_id": store.app.id,
        "event": event,
        "type": "event_callback",
        "event_id": store.new_id("Ev"),
        "event_time": int(store.clock()),
        "authorizations": [
            {
                "enterprise_id": organisation,
                "team_id": _seen_from(ws, event, channel),
                "user_id": store.app.bot_user,
                "is_bot": True,
                "is_enterprise_install": bool(whole and whole.reaches(ws)),
            }
        ],
        "is_ext_shared_channel": bool(channel and channel.is_ext_shared),
        "event_context": "4-" + store.new_id("Ec"),
    }
    ws.deliveries.event(str(event["type"]), envelope)


def _seen_from(ws: Workspace, event: Mapping[str, Any], channel: Channel | None) -> str:
    """The one workspace that Slack names of those which see an event."""
    if channel is None:
        return str(ws.store.seed.team["id"])
    return str(seat_in(ws, str(event.get("user") or ""), channel)["id"])


def posted(ws: Workspace, message: Message) -> None:
    """A message came: `message`, and `app_mention` when a person names the app in a channel."""
    channel = ws.store.channels[message.channel]
    if not _hears(ws, channel):
        return
    body = _placed(_body(ws, message), message, channel)
    if _STREAM[channel.type] in ws.store.app.events:
        send(ws, body, channel)
    named = not channel.is_im and not message.from_app and _mentions(ws, message)
    if named and "app_mention" in ws.store.app.events:
        plain = {k: v for k, v in body.items() if k not in {"files", "subtype", "channel_type"}}
        send(ws, plain | {"type": "app_mention"}, channel)


def edited(ws: Workspace, before: Message, after: Message) -> None:
    """A message changed."""
    channel = ws.store.channels[after.channel]
    if _hears(ws, channel) and _STREAM[channel.type] in ws.store.app.events:
        event = {
            "type": "message",
            "subtype": "message_changed",
            "message": _body(ws, after),
            "previous_message": _body(ws, before),
            "hidden": True,
            "ts": after.edited,
        }
        send(ws, _where(event, channel, after.edited), channel)


def deleted(ws: Workspace, before: Message) -> None:
    """A message went."""
    channel = ws.store.channels[before.channel]
    if _hears(ws, channel) and _STREAM[channel.type] in ws.store.app.events:
        ts = ws.store.new_ts()
        event = {
            "type": "message",
            "subtype": "message_deleted",
            "previous_message": _body(ws, before),
            "deleted_ts": before.ts,
            "hidden": True,
            "ts": ts,
        }
        send(ws, _where(event, channel, ts), channel)


def reacted(ws: Workspace, message: Message, user: str, name: str, *, added: bool) -> None:
    """Somebody reacted to a message, or took it back."""
    channel = ws.store.channels[message.channel]
    kind = "reaction_added" if added else "reaction_removed"
    if kind in ws.store.app.events and _hears(ws, channel):
        item = {"type": "message", "channel": message.channel, "ts": message.ts}
        event = {"type": kind, "user": user, "reaction": name, "item": item, "item_user": message.user}
        send(ws, event | {"event_ts": ws.store.new_ts()}, channel)


def joined(ws: Workspace, user: str, channel: Channel) -> None:
    """Somebody, perhaps the app itself, joined a channel."""
    if "member_joined_channel" in ws.store.app.events and _hears(ws, channel):
        event = {"type": "member_joined_channel", "user": user, "channel": channel.id}
        send(ws, event | {"channel_type": channel.type[0].upper(), "team": ws.store.seed.team["id"]}, channel)


def home_opened(ws: Workspace, user: User, tab: str) -> None:
    """A person opened the app's Home or Messages tab."""
    if "app_home_opened" in ws.store.app.events:
        channel = ws.store.direct(user.id)
        view = ws.store.homes.get(user.id)
        event: dict[str, Any] = {
            "type": "app_home_opened",
            "user": user.id,
            "channel": channel.id,
            "tab": tab,
        }
        if view is not None and tab == "home":
            event["view"] = view_json(ws.store, view)
        send(ws, event | {"event_ts": ws.store.new_ts()}, channel)


def session_stopped(ws: Workspace, user: User, channel: Channel, thread_ts: str) -> None:
    """A person pressed Stop on the app's work in a thread."""
    if "agent_session_stopped" in ws.store.app.events:
        event: dict[str, Any] = {"type": "agent_session_stopped", "channel": channel.id, "user": user.id}
        event |= {"thread_ts": thread_ts, "event_ts": ws.store.new_ts(), "streaming_message_ts": []}
        send(ws, event, channel)


def tokens_revoked(ws: Workspace) -> None:
    """The app's tokens are good for nothing any more."""
    if "tokens_revoked" in ws.store.app.events:
        revoked = {"oauth": [], "bot": [ws.store.app.bot_user]}
        _farewell(ws, {"type": "tokens_revoked", "tokens": revoked, "event_ts": ws.store.new_ts()})


def app_uninstalled(ws: Workspace) -> None:
    """The app was taken out of the workspace."""
    if "app_uninstalled" in ws.store.app.events:
        _farewell(ws, {"type": "app_uninstalled", "event_ts": ws.store.new_ts()})


def whole_uninstalled(ws: Workspace, organisation: str) -> None:
    """The app was taken out of the organisation as a whole; told by one of its workspaces."""
    if "app_uninstalled" in ws.store.app.events:
        about = {"team_id": None, "enterprise_id": organisation, "is_enterprise_install": True}
        _farewell(ws, {"type": "app_uninstalled", "event_ts": ws.store.new_ts()}, about)


def reach_changed(ws: Workspace, organisation: str, teams: Sequence[str], *, granted: bool) -> None:
    """The organisation's installation was let into workspaces, or taken out; told by one of them."""
    kind = "team_access_granted" if granted else "team_access_revoked"
    if kind in ws.store.app.events:
        event = {"type": kind, "team_ids": list(teams), "event_ts": ws.store.new_ts()}
        _farewell(ws, event, {"team_id": None, "enterprise_id": organisation})


def _farewell(ws: Workspace, event: Mapping[str, Any], about: Mapping[str, Any] | None = None) -> None:
    """An event of an app that is not installed any more: no installation is named that could see it."""
    envelope = {
        "token": "unused",
        "team_id": ws.store.seed.team["id"],
        "api_app_id": ws.store.app.id,
        "event": event,
        "type": "event_callback",
        "event_id": ws.store.new_id("Ev"),
        "event_time": int(ws.store.clock()),
    }
    ws.deliveries.event(str(event["type"]), envelope | dict(about or {}))


def _hears(ws: Workspace, channel: Channel) -> bool:
    return ws.store.app.bot_user in channel.members


def _mentions(ws: Workspace, message: Message) -> bool:
    return bool(re.search(rf"<@{ws.store.app.bot_user}(\|[^>]*)?>", message.text))


def _body(ws: Workspace, message: Message) -> dict[str, Any]:
    """The message as events carry it: without reply counts, and files from outside as stubs."""
    store = ws.store
    body = message_json(store, message, ws.url, metadata=message.metadata is not None)
    for key in ("reply_count", "reply_users", "reply_users_count", "latest_reply"):
        body.pop(key, None)
    outside = store.channels[message.channel].is_ext_shared and store.users[message.user].is_stranger
    if message.files:
        files = [store.files[id_] for id_ in message.files if id_ in store.files]
        stub = {"mode": "file_access", "file_access": "check_file_info"}
        body["files"] = [{"id": f.id} | stub if outside else file_json(store, f, ws.url) for f in files]
        body |= {"upload": False, "display_as_bot": False}
    return body


def _placed(body: dict[str, Any], message: Message, channel: Channel) -> dict[str, Any]:
    return _where(body, channel, message.ts)


def _where(event: dict[str, Any], channel: Channel, ts: str) -> dict[str, Any]:
    return event | {"channel": channel.id, "event_ts": ts, "channel_type": channel.type}
