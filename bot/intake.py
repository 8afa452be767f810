"""Slack payloads → jobs and requests, with the limits. Pure: no call, no clock."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from bot.jobs import Actor, SlackFile

MAX_FILES = 10
"""Files of one upload that are read; more are named and left out."""

PREFIX = "tm-"
"""What every threat model's id begins with."""
_WORKSPACE = re.compile(r"[A-Z0-9]+")
_OWNED = re.compile(PREFIX + r"([A-Z0-9]+)-[0-9a-f]{16}")

Payload = Mapping[str, Any]


def workspace(body: Payload) -> str:
    """The workspace that Slack delivers this for; empty when the payload does not say.

    In a shared channel it is the one whose app hears of it, not that of the person who acts.
    """
    event, view = body.get("event"), body.get("view") or {}
    if isinstance(event, dict):
        return str(_heard_by(body).get("team_id") or body.get("team_id") or "")
    if "command" in body:
        return str(body.get("team_id") or "")
    team, user = body.get("team") or {}, body.get("user") or {}
    return str(view.get("app_installed_team_id") or team.get("id") or user.get("team_id") or "")


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
    whole = json.dumps(body, sort_keys=True, default=str)
    return f"body:{hashlib.sha256(whole.encode()).hexdigest()}"


def actor(body: Payload) -> Actor:
    """Who caused this delivery, and where. Empty strings for what the payload does not say."""
    event, whose, whole = body.get("event"), workspace(body), organisation(body)
    if isinstance(event, dict):
        return Actor(
            user=str(event.get("user") or ""),
            team=str(event.get("user_team") or event.get("source_team") or event.get("team") or whose),
            workspace=whose,
            channel=str(event.get("channel") or ""),
            enterprise=whole,
        )
    if "command" in body:
        return Actor(
            user=str(body.get("user_id") or ""),
            team=whose,
            workspace=whose,
            channel=str(body.get("channel_id") or ""),
            enterprise=whole,
        )
    user = body.get("user") or {}
    channel = (body.get("channel") or {}).get("id") or (body.get("container") or {}).get("channel_id") or ""
    return Actor(
        user=str(user.get("id") or ""),
        team=str(user.get("team_id") or whose),
        workspace=whose,
        channel=str(channel),
        enterprise=whole,
    )


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
