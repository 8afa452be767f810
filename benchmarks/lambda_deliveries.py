"""What Slack sends to the ingress in a busy minute: signed, as an HTTP API gives it to a function.

Of each ten there are two slash commands (one opens a form), five presses (one opens a form), and three
messages in threads, the last of which is the one before once more, as Slack repeats what it has no answer to
yet. Every third body is base64.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from bot.intake import model_id
from bot.render import actions
from bot.render.routing import Route, encode
from tests.lambda_double import http_event

SECRET = "a signing secret"  # noqa: S105 - nobody else's
WORKSPACE, PERSON = "T0", "U1"
THREADS, CHANNELS = 20, 5
PRESSES = {2: actions.ACCEPT, 3: actions.SEVERITY, 4: actions.START, 5: actions.EXPORT, 6: actions.DISMISS}
"""By the last digit of a delivery's number."""
VALUES = {actions.SEVERITY: "high", actions.EXPORT: "markdown"}
AGAIN = 9


@dataclass(frozen=True)
class Delivery:
    """One request to the function."""

    number: int
    event: Mapping[str, Any]
    job: str
    """The id of the job that it must become; empty for what is answered at once."""
    opens: bool = False
    """Whether it opens a form."""


def model_of(thread: int) -> str:
    """The id of the threat model in a thread."""
    return model_id(WORKSPACE, f"thread {thread}")


def channel_of(thread: int) -> str:
    """The channel that a thread is in."""
    return f"C{thread % CHANNELS}"


def ts_of(thread: int) -> str:
    """A thread's first message."""
    return f"17.{thread:06d}"


def deliveries(count: int, threat: str, first: int = 0) -> Iterator[Delivery]:
    """So many, signed now, numbered from `first`, a multiple of ten; the presses are about that threat."""
    for number in range(first, first + count):
        yield _delivery(number, threat)


def _delivery(number: int, threat: str) -> Delivery:
    digit = number % 10
    if digit <= 1:
        return _command(number, "list" if digit == 0 else f"new Shop {number}")
    if digit in PRESSES:
        return _press(number, PRESSES[digit], threat)
    return _message(number)


def _command(number: int, text: str) -> Delivery:
    form = {
        "command": "/threatmodel",
        "text": text,
        "team_id": WORKSPACE,
        "user_id": PERSON,
        "channel_id": channel_of(number // 10),
        "trigger_id": f"{number}.1",
    }
    return Delivery(number, _event(number, urlencode(form)), "", opens=text.startswith("new"))


def _press(number: int, name: str, threat: str) -> Delivery:
    thread, value = number // 10 % THREADS, VALUES.get(name, "")
    channel = channel_of(thread)
    route = encode(Route(model=model_of(thread), revision=1, threat=threat, value=value))
    carried = {"selected_option": {"value": route}} if name == actions.SEVERITY else {"value": route}
    kind = "static_select" if name == actions.SEVERITY else "button"
    body = {
        "type": "block_actions",
        "team": {"id": WORKSPACE},
        "user": {"id": PERSON, "team_id": WORKSPACE},
        "channel": {"id": channel},
        "container": {"type": "message", "channel_id": channel, "message_ts": ts_of(thread)},
        "trigger_id": f"{number}.1",
        "actions": [{"type": kind, "action_id": name, "block_id": "b", "action_ts": "1.1", **carried}],
    }
    opens = name == actions.DISMISS
    event = _event(number, urlencode({"payload": json.dumps(body)}))
    return Delivery(number, event, "" if opens else f"trigger:{WORKSPACE}:{number}.1", opens)


def _message(number: int) -> Delivery:
    first = number - (number % 10 == AGAIN)
    thread, ts = number // 10 % THREADS, f"18.{first:06d}"
    channel = channel_of(thread)
    event = {
        "type": "message",
        "channel": channel,
        "user": PERSON,
        "ts": ts,
        "thread_ts": ts_of(thread),
        "text": "Why is this one high, when nobody outside reaches it?",
    }
    body = {"type": "event_callback", "team_id": WORKSPACE, "event_id": f"Ev{first}", "event": event}
    again = {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"} if first != number else {}
    job = f"message:{WORKSPACE}:{channel}:{ts}"
    return Delivery(number, _event(number, json.dumps(body), again), job)


def _event(number: int, text: str, more: Mapping[str, str] | None = None) -> dict[str, Any]:
    body, stamp = text.encode(), str(int(time.time()))
    digest = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest}",
        "Content-Type": "application/json" if text.startswith("{") else "application/x-www-form-urlencoded",
        **(more or {}),
    }
    return http_event(body, headers, as_base64=number % 3 == 0)
