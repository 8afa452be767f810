"""Deliveries to the app's request URL: really signed, timed, and for events tried again."""

from __future__ import annotations

import hashlib
import heapq
import hmac
import http.client
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

from bot.workspace.faults import Faults
from bot.workspace.state import Clock, Timing

Kind = Literal["command", "interaction", "event"]
MAX_LOG = 5000
"""How many deliveries the log keeps."""
STALE = 600
"""How old, in seconds, a delivery with the fault "stale" claims to be."""


@dataclass(frozen=True)
class Reply:
    """What the app answered, or why it did not."""

    status: int = 0
    body: bytes = b""
    failure: str = ""
    """ "" | "no_app" | "operation_timeout" (no answer in time) | "dispatch_failed" (anything else)."""
    reason: str = ""
    """The word in x-slack-retry-reason: "http_timeout", "http_error" or "connection_failed"."""
    no_retry: bool = False

    @property
    def ok(self) -> bool:
        """Whether the app answered with a 2xx in time."""
        return not self.failure

    def json(self) -> Mapping[str, Any] | None:
        """The body as a JSON object; None when it is none."""
        try:
            parsed = json.loads(self.body)
        except ValueError:
            return None
        return parsed if isinstance(parsed, dict) else None


@dataclass(frozen=True)
class Delivery:
    """One attempt, for the log."""

    kind: Kind
    name: str
    """The command, the payload's type, or the event's type."""
    attempt: int
    """0 for the first."""
    reply: Reply


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Slack's v0 signature over the raw body."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class _Event:
    body: bytes
    name: str
    attempt: int = 0
    reason: str = ""


class Deliveries:
    """Sends to the app. Commands and interactions at once, events in order from a thread of its own.

    Args:
        secret: the signing secret.
        timing: how long the app may take, and when events are tried again.
        faults: what is to go wrong.
        stamp: the clock that signatures are stamped with, which the app compares with its own.
        on_settled: called after every event that was delivered or given up.
    """

    def __init__(
        self, secret: str, timing: Timing, faults: Faults, stamp: Clock, on_settled: Callable[[], None]
    ) -> None:
        self.request_url = ""
        self.log: deque[Delivery] = deque(maxlen=MAX_LOG)
        self._secret = secret
        self._timing = timing
        self._faults = faults
        self._stamp = stamp
        self._on_settled = on_settled
        self._wake = threading.Condition()
        self._due: list[tuple[float, int, _Event]] = []
        self._order = 0
        self._busy = 0
        self._stopping = False
        self._thread: threading.Thread | None = None

    @property
    def pending(self) -> int:
        """Events that are not yet delivered or given up, those that wait for another try included."""
        with self._wake:
            return len(self._due) + self._busy

    def start(self) -> None:
        """Begin to send events."""
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="workspace-events", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Send no more events; those that wait are forgotten."""
        with self._wake:
            self._stopping = True
            self._due.clear()
            self._wake.notify_all()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def interact(self, kind: Kind, name: str, form: Mapping[str, str]) -> Reply:
        """Deliver a command or an interaction once, form-encoded; never tried again."""
        body = urlencode(form).encode()
        fault = self._faults.take(kind)
        if fault is not None and fault.kind == "lost":
            return self._log(kind, name, 0, Reply(failure="operation_timeout", reason="http_timeout"))
        flaw = fault.kind if fault is not None else ""
        content_type = "application/x-www-form-urlencoded"
        reply = self._log(kind, name, 0, self._send(body, content_type, {}, flaw))
        if flaw == "duplicate":
            self._log(kind, name, 0, self._send(body, content_type, {}, ""))
        return reply

    def event(self, name: str, envelope: Mapping[str, Any]) -> None:
        """Deliver an event from the events thread, and again when it is not acknowledged in time."""
        self._later(0.0, _Event(json.dumps(envelope).encode(), name))

    def _later(self, delay: float, event: _Event) -> None:
        with self._wake:
            if not self._stopping:
                self._order += 1
                heapq.heappush(self._due, (time.monotonic() + delay, self._order, event))
                self._wake.notify_all()

    def _run(self) -> None:
        while (event := self._next()) is not None:
            self._deliver(event)
            with self._wake:
                self._busy -= 1
            self._on_settled()

    def _next(self) -> _Event | None:
        with self._wake:
            while not self._stopping:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    self._busy += 1
                    return heapq.heappop(self._due)[2]
                self._wake.wait(wait)
        return None

    def _deliver(self, event: _Event) -> None:
        fault = self._faults.take("event") if event.attempt == 0 else None
        flaw = fault.kind if fault is not None else ""
        headers = {}
        if event.attempt:
            headers = {"x-slack-retry-num": str(event.attempt), "x-slack-retry-reason": event.reason}
        if flaw == "lost":
            reply = Reply(failure="dispatch_failed", reason="connection_failed")
        else:
            reply = self._send(event.body, "application/json", headers, flaw)
        self._log("event", event.name, event.attempt, reply)
        if flaw == "duplicate":
            self._log("event", event.name, 0, self._send(event.body, "application/json", {}, ""))
        self._again(event, reply)

    def _again(self, event: _Event, reply: Reply) -> None:
        hopeless = reply.ok or reply.no_retry or reply.failure == "no_app"
        if hopeless or event.attempt >= len(self._timing.retry_delays):
            return
        delay = self._timing.retry_delays[event.attempt] * self._timing.retry_scale
        self._later(delay, _Event(event.body, event.name, event.attempt + 1, reply.reason))

    def _log(self, kind: Kind, name: str, attempt: int, reply: Reply) -> Reply:
        self.log.append(Delivery(kind, name, attempt, reply))
        return reply

    def _send(self, body: bytes, content_type: str, headers: Mapping[str, str], flaw: str) -> Reply:
        if not self.request_url:
            return Reply(failure="no_app")
        stamp = str(int(self._stamp()) - (STALE if flaw == "stale" else 0))
        secret = "not-" + self._secret if flaw == "forged" else self._secret
        signed = {
            "Content-Type": content_type,
            "User-Agent": "Local-workspace 1.0",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": sign(secret, stamp, body),
            **headers,
        }
        return _post(self.request_url, body, signed, self._timing.ack)


def _post(url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> Reply:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    make = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    with closing(make(parts.hostname or "", parts.port, timeout=seconds)) as connection:
        try:
            connection.request("POST", path, body, dict(headers))
            answer = connection.getresponse()
            content = answer.read()
        except TimeoutError:
            return Reply(failure="operation_timeout", reason="http_timeout")
        except (OSError, http.client.HTTPException):
            return Reply(failure="dispatch_failed", reason="connection_failed")
    no_retry = answer.getheader("x-slack-no-retry") == "1"
    if 200 <= answer.status < 300:  # noqa: PLR2004 - HTTP's own numbers
        return Reply(answer.status, content)
    return Reply(answer.status, content, "dispatch_failed", "http_error", no_retry=no_retry)
