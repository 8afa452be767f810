"""Slack payloads → jobs and requests, with the limits. Pure: no call, no clock."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.jobs import Actor, SlackFile

MAX_FILES = 10
"""Files of one upload that are read; more are named and left out."""

PREFIX = "tm-"
"""What every threat model's id begins with."""
ORGANISATION = "E"
"""What the id of every organisation begins with; that of a workspace begins with T."""
_WORKSPACE = re.compile(r"[A-Z0-9]+")
_OWNED = re.compile(PREFIX + r"([A-Z0-9]+)-[0-9a-f]{16}")

Payload = Mapping[str, Any]


@dataclass(frozen=True)
class Placed:
    """Where a delivery was found to belong; put into the body under PLACED. Nobody outside can make one."""

    workspace: str
    opened: Callable[[str], None]
    """To be told of the form that this delivery opens, by its id."""


PLACED = "placed"


def workspace(body: Payload) -> str:
    """The workspace that this delivery belongs to, as it was found to, else as Slack says it; or empty."""
    placed = body.get(PLACED)
    return placed.workspace if isinstance(placed, Placed) else said(body)


def said(body: Payload) -> str:
    """The workspace that Slack delivers this for; empty when the payload does not say.

    In a shared channel it is the one whose app hears of it. It is never that of the person who acts: whoever
    is in several workspaces of an organisation is named with the same one of them wherever they are.
    """
    if isinstance(body.get("event"), dict):
        return _said_of_event(body)
    if "command" in body:
        return _team(body.get("team_id"))
    installed = (body.get("view") or {}).get("app_installed_team_id")
    return _team(installed or (body.get("team") or {}).get("id"))


def _said_of_event(body: Payload) -> str:
    """That of the installation; that in which it happened, where it is an installation of the whole."""
    heard = _heard_by(body)
    if not heard:
        return _team(body.get("team_id"))
    named = _team(heard.get("team_id"))
    shared = body.get("is_ext_shared_channel") or not heard.get("enterprise_id")
    if named or shared or body.get("enterprise_id") != heard["enterprise_id"]:
        return named
    return _team(body.get("team_id"))


def _team(id_: object) -> str:
    """The id of a workspace: where one is expected, Slack may name an organisation."""
    return "" if str(id_ or "").startswith(ORGANISATION) else str(id_ or "")


def channel(body: Payload) -> str:
    """The channel that this delivery is about; empty when Slack does not say."""
    event = body.get("event")
    if isinstance(event, dict):
        return str(event.get("channel") or "") if isinstance(event.get("channel"), str) else ""
    if "command" in body:
        return str(body.get("channel_id") or "")
    return str((body.get("channel") or {}).get("id") or (body.get("container") or {}).get("channel_id") or "")


def form(body: Payload) -> str:
    """The form that this delivery comes out of, by the id of the first of its stack; empty for another."""
    view = body.get("view") or {}
    return str(view.get("root_view_id") or view.get("id") or "") if view.get("type") != "home" else ""


def grid(body: Payload) -> str:
    """The organisation that the workspace is part of; empty outside Enterprise Grid."""
    heard = _heard_by(body)
    if heard or isinstance(body.get("event"), dict):
        return str((heard or body).get("enterprise_id") or "")
    named = (body.get("enterprise") or {}).get("id") or (body.get("team") or {}).get("enterprise_id")
    return str(body.get("enterprise_id") or named or "")


def organisation(body: Payload) -> str:
    """The organisation that has installed the app as a whole; empty when the workspace itself has."""
    heard = _heard_by(body)
    if (heard or body).get("is_enterprise_install") not in {True, "true"}:
        return ""
    named = body.get("enterprise") or {}
    found = heard.get("enterprise_id") or body.get("enterprise_id") or named.get("id")
    return str(found or (body.get("team") or {}).get("enterprise_id") or "")


def _heard_by(body: Payload) -> Payload:
    """The installation that Slack names as one that an event is visible to."""
    authorizations = body.get("authorizations") or ()
    return authorizations[0] if authorizations else {}


def delivery_id(body: Payload) -> str:
    """What makes a delivery the same when Slack sends it again.

    A person's message counts by its place, not by its event: Slack may tell of one message several times.
    """
    event, whose = body.get("event"), workspace(body)
    if isinstance(event, dict):
        if (
            event.get("type") in {"message", "app_mention"}
            and event.get("ts")
            and not event.get("subtype", "").endswith(("_changed", "_deleted"))
        ):
            return f"{event['type']}:{whose}:{event.get('channel')}:{event['ts']}"
        return f"event:{whose}:{body.get('event_id')}"
    view = body.get("view") or {}
    if body.get("type") in {"view_submission", "view_closed"}:
        return f"{body['type']}:{whose}:{view.get('id')}:{view.get('hash')}"
    if body.get("trigger_id"):
        return f"trigger:{whose}:{body['trigger_id']}"
    whole = json.dumps({k: v for k, v in body.items() if k != PLACED}, sort_keys=True, default=str)
    return f"body:{hashlib.sha256(whole.encode()).hexdigest()}"


def actor(body: Payload) -> Actor:
    """Who caused this delivery, and where. Empty strings for what the payload does not say."""
    user, team = _person(body)
    whose = workspace(body)
    return Actor(
        user=user,
        team=team or whose,
        workspace=whose,
        channel=channel(body),
        enterprise=organisation(body),
        organisation=grid(body),
    )


def _person(body: Payload) -> tuple[str, str]:
    """Who acts, and the workspace or organisation that Slack names as their home; or empty."""
    event = body.get("event")
    if isinstance(event, dict):
        home = event.get("user_team") or event.get("source_team") or event.get("team")
        return str(event.get("user") or ""), str(home or "")
    if "command" in body:
        return str(body.get("user_id") or ""), ""
    user = body.get("user") or {}
    return str(user.get("id") or ""), str(user.get("team_id") or "")


def files(event: Payload) -> tuple[SlackFile, ...]:
    """The files that a message or a file_input names."""
    return tuple(
        SlackFile(
            id=str(f.get("id", "")),
            name=str(f.get("name") or f.get("title") or ""),
            size=int(f.get("size") or 0),
            mode=str(f.get("mode") or ""),
            url=str(f.get("url_private_download") or f.get("url_private") or ""),
        )
        for f in event.get("files") or ()
        if isinstance(f, dict) and f.get("id")
    )


def model_id(workspace: str, seed: str) -> str:
    """The id of a new threat model, which names its workspace: the same delivery gives the same id."""
    hashed = hashlib.sha256(f"{workspace}:{seed}".encode()).hexdigest()[:16]
    return f"{PREFIX}{workspace}-{hashed}" if _WORKSPACE.fullmatch(workspace) else f"{PREFIX}{hashed}"


def owner_of(model: str) -> str:
    """The workspace that a model's id names; empty for an id that names none, as earlier versions made."""
    named = _OWNED.fullmatch(model)
    return named.group(1) if named else ""
