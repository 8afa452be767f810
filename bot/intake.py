"""Slack payloads → jobs and requests, with the limits. Pure: no call, no clock."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from bot.jobs import Actor, SlackFile

MAX_FILES = 10
"""Files of one upload that are read; more are named and left out."""

Payload = Mapping[str, Any]


def delivery_id(body: Payload) -> str:
    """What makes a delivery the same when Slack sends it again.

    A person's message counts by its place, not by its event: Slack may tell of one message several times.
    """
    event = body.get("event")
    if isinstance(event, dict):
        if (
            event.get("type") in {"message", "app_mention"}
            and event.get("ts")
            and not event.get("subtype", "").endswith(("_changed", "_deleted"))
        ):
            return f"{event['type']}:{body.get('team_id')}:{event.get('channel')}:{event['ts']}"
        return f"event:{body.get('event_id')}"
    view = body.get("view") or {}
    if body.get("type") in {"view_submission", "view_closed"}:
        return f"{body['type']}:{view.get('id')}:{view.get('hash')}"
    if body.get("trigger_id"):
        return f"trigger:{body['trigger_id']}"
    whole = json.dumps(body, sort_keys=True, default=str)
    return f"body:{hashlib.sha256(whole.encode()).hexdigest()}"


def actor(body: Payload) -> Actor:
    """Who caused this delivery, and where. Empty strings for what the payload does not say."""
    event = body.get("event")
    if isinstance(event, dict):
        workspace = str(body.get("team_id") or "")
        return Actor(
            user=str(event.get("user") or ""),
            team=str(event.get("user_team") or event.get("source_team") or event.get("team") or workspace),
            workspace=workspace,
            channel=str(event.get("channel") or ""),
        )
    if "command" in body:
        workspace = str(body.get("team_id") or "")
        return Actor(
            user=str(body.get("user_id") or ""),
            team=workspace,
            workspace=workspace,
            channel=str(body.get("channel_id") or ""),
        )
    user = body.get("user") or {}
    workspace = str((body.get("team") or {}).get("id") or user.get("team_id") or "")
    channel = (body.get("channel") or {}).get("id") or (body.get("container") or {}).get("channel_id") or ""
    return Actor(
        user=str(user.get("id") or ""),
        team=str(user.get("team_id") or workspace),
        workspace=workspace,
        channel=str(channel),
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
    """The id of a new threat model: the same delivery gives the same id."""
    return "tm-" + hashlib.sha256(f"{workspace}:{seed}".encode()).hexdigest()[:16]
