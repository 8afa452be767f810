"""A proxy that breaks things: between the bot and a service, and between Slack and the bot.

::

    with FaultProxy("http://127.0.0.1:5000") as proxy:
        proxy.plan = Plan(seed=7, latency=(0, 0.05), reset_before=0.02)   # now and then
        proxy.down(4, only="dynamodb")                                   # a window of time

What goes wrong is drawn from a seed, in the order in which requests come.
"""

from __future__ import annotations

import contextlib
import http.client
import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, Self
from urllib.parse import urlsplit

from bot.workspace.deliver import sign

Down = Literal["reset", "unavailable", "throttle"]
"""How a service is down: each connection is cut, or each request refused with 503 or for its rate."""
Stroke = Literal["", "reset_before", "reset_after", "unavailable", "throttle"]
"""What happens to a request; "" is nothing."""

HOP = {"connection", "expect", "keep-alive", "transfer-encoding", "content-length"}
"""Headers of one connection, which are not handed on."""
STALE = 301
"""Seconds of age at which Slack says a delivery must be refused."""


@dataclass(frozen=True)
class Plan:
    """What goes wrong now and then: each a share of all requests, drawn from the seed."""

    seed: int = 0
    latency: tuple[float, float] = (0.0, 0.0)
    """Seconds, from and to, before a request is handed on."""
    reset_before: float = 0.0
    """The connection is cut and the service has not seen the request."""
    reset_after: float = 0.0
    """The service has done it, and the connection is cut before the answer."""
    unavailable: float = 0.0
    """503, not handed on."""
    throttle: float = 0.0
    """Refused for its rate, as this service says it, with Retry-After; not handed on."""
    retry_after: int = 1


@dataclass(frozen=True)
class Request:
    """A request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def service(self) -> str:
        """Whom it is for: "sqs", "dynamodb", "s3", "bedrock", "slack" or ""."""
        target = self.headers.get("X-Amz-Target", "")
        if target:
            return "sqs" if target.startswith("AmazonSQS") else "dynamodb"
        if "/s3/" in self.headers.get("Authorization", ""):
            return "s3"
        if self.path.startswith("/model/"):
            return "bedrock"
        return "slack" if self.path.startswith(("/api/", "/upload", "/files")) else ""


@dataclass(frozen=True)
class Answer:
    """What goes back."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class _Front:
    """A loopback HTTP server that gives every request to `answer`; None cuts the connection."""

    def __init__(self) -> None:
        self._server = _Server(self.answer)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: Request) -> Answer | None:
        """What to say."""
        raise AssertionError(request)


class _Handler(BaseHTTPRequestHandler):
    """One connection; the server is a _Server."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def _any(self) -> None:
        request = Request(self.command, self.path, dict(self.headers), self._body())
        said = self.server.answer(request)
        with contextlib.suppress(OSError):  # whoever asked has gone
            if said is None:
                self._cut()
            else:
                self._say(said)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _any  # noqa: N815 - http.server's names

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _cut(self) -> None:
        """A reset, not an orderly end."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def _say(self, said: Answer) -> None:
        self.send_response(said.status)
        for name, value in said.headers:
            self.send_header(name, value)
        if not any(name.lower() == "content-length" for name, _ in said.headers):
            self.send_header("Content-Length", str(len(said.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(said.body)

    def log_message(self, *_: object) -> None:
        """Nothing: a test run makes thousands."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, answer: Callable[[Request], Answer | None]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer

    def handle_error(self, *_: object) -> None:
        """Nothing: connections that break are what this is for."""


def forwarded(request: Request, target: str) -> Answer | None:
    """What the target says; None when it does not answer."""
    connection = http.client.HTTPConnection(urlsplit(target).netloc, timeout=120)
    headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP}
    try:
        connection.request(request.method, request.path, request.body or None, headers)
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    dropped = HOP - {"content-length"} if request.method == "HEAD" else HOP
    kept = tuple((n, v) for n, v in answer.getheaders() if n.lower() not in dropped)
    return Answer(answer.status, kept, body)


class FaultProxy(_Front):
    """In front of a service; hands on what it does not break.

    Args:
        target: the service's address, without a path.
        plan: what goes wrong now and then; can be set later.
    """

    def __init__(self, target: str, plan: Plan | None = None) -> None:
        super().__init__()
        self.target = target
        self.struck: Counter[str] = Counter()
        """How often each thing went wrong."""
        self.passed = 0
        """How many requests were handed on."""
        self._lock = threading.Lock()
        self._until, self._how, self._only = 0.0, "reset", ""
        self.plan = plan or Plan()

    @property
    def plan(self) -> Plan:
        """What goes wrong now and then; setting it begins the seed anew."""
        return self._plan

    @plan.setter
    def plan(self, plan: Plan) -> None:
        with self._lock:
            self._plan = plan
            self._dice = random.Random(plan.seed)  # noqa: S311 - a seeded dice, no secret

    def down(self, seconds: float, how: Down = "reset", only: str = "") -> None:
        """From now on, for so long, nothing gets through; `only` names one of several services."""
        with self._lock:
            self._until, self._how, self._only = time.monotonic() + seconds, how, only

    @property
    def is_down(self) -> bool:
        """Whether the window is open."""
        return time.monotonic() < self._until

    def answer(self, request: Request) -> Answer | None:
        """The service's answer, or what the plan puts in its place."""
        stroke, wait = self._draw(request)
        if wait:
            time.sleep(wait)
        if stroke:
            self.struck[stroke] += 1
        if stroke == "reset_before":
            return None
        if stroke == "unavailable":
            return Answer(503, (("Content-Type", "text/plain"),), b"away")
        if stroke == "throttle":
            return throttled(request.service, self._plan.retry_after)
        self.passed += 1
        said = forwarded(request, self.target)
        return None if stroke == "reset_after" else said

    def _draw(self, request: Request) -> tuple[Stroke, float]:
        plan = self._plan
        with self._lock:
            if time.monotonic() < self._until and self._only in {"", request.service}:
                down: dict[str, Stroke] = {"reset": "reset_before"}
                return down.get(self._how, self._how), 0.0  # type: ignore[arg-type]
            wait = self._dice.uniform(*plan.latency)
            drawn = self._dice.random()
        kinds: tuple[Stroke, ...] = ("reset_before", "reset_after", "unavailable", "throttle")
        for kind in kinds:
            share: float = getattr(plan, kind)
            if drawn < share:
                return kind, wait
            drawn -= share
        return "", wait


def throttled(service: str, seconds: int) -> Answer:
    """How a service says that it is asked too often."""
    after = ("Retry-After", str(seconds))
    if service in {"sqs", "dynamodb"}:
        kind = "com.amazonaws.sqs#RequestThrottled" if service == "sqs" else "…#ThrottlingException"
        return _json(400, f'{{"__type": "{kind}", "message": "Rate exceeded"}}', after)
    if service == "s3":
        body = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
        return Answer(503, (("Content-Type", "application/xml"), after), body)
    if service == "bedrock":
        named = ("x-amzn-errortype", "ThrottlingException")
        return _json(429, '{"message": "Too many requests"}', after, named)
    return _json(429, '{"ok": false, "error": "ratelimited"}', after)


def _json(status: int, text: str, *headers: tuple[str, str]) -> Answer:
    return Answer(status, (("Content-Type", "application/json"), *headers), text.encode())


class DeliveryProxy(_Front):
    """Between Slack and the bot: each delivery comes one to three times, neighbours swap, some come too late.

    Every delivery reaches the bot in time at least once. A late one carries a stamp that is five minutes
    old, with a good signature; the bot must refuse it, and Slack sends it again with a new stamp.

    Args:
        target: the bot's address.
        secret: the signing secret, for stamps.
        seed: of the plan.
        seconds: how far apart copies of one delivery may be.
    """

    def __init__(self, target: str, secret: str, seed: int, seconds: float = 0.3) -> None:
        super().__init__()
        self.target = target
        self.sent: Counter[str] = Counter()
        """"deliveries", "copies", "late", and of these "late taken", which must stay 0."""
        self._secret = secret
        self._seconds = seconds
        self._dice = random.Random(seed)  # noqa: S311 - a seeded dice, no secret
        self._lock = threading.Lock()
        self._flying = 0

    @property
    def idle(self) -> bool:
        """Whether every copy has arrived."""
        return self._flying == 0

    def answer(self, request: Request) -> Answer | None:
        """An interaction's first answer; an event is acknowledged at once, and the next may overtake it."""
        with self._lock:
            self.sent["deliveries"] += 1
            copies = self._dice.choice((0, 1, 2))
            late = self._dice.random() < 0.3
            waits = [self._dice.uniform(0, self._seconds) for _ in range(copies + 1)]
            self._flying += copies
        if late:
            self._late(request)
        if b'"event_callback"' in request.body:
            with self._lock:
                self._flying += 1
            self._fly(request, waits)
            return Answer(200, (), b"")
        said = forwarded(request, self.target)
        self._fly(request, waits[1:])
        return said

    def _late(self, request: Request) -> None:
        stamp = str(int(time.time()) - STALE)
        said = forwarded(self._stamped(request, stamp), self.target)
        with self._lock:
            self.sent["late"] += 1
            self.sent["late taken"] += int(said is None or said.status != 401)

    def _fly(self, request: Request, waits: list[float]) -> None:
        for wait in waits:
            timer = threading.Timer(wait, self._arrive, (request,))
            timer.daemon = True
            timer.start()

    def _arrive(self, request: Request) -> None:
        """As Slack does: again until it is acknowledged."""
        fresh = self._stamped(request, str(int(time.time())))
        for _ in range(4):
            said = forwarded(fresh, self.target)
            if said is not None and said.status < 300:
                break
            time.sleep(self._seconds)
        with self._lock:
            self.sent["copies"] += 1
            self._flying -= 1

    def _stamped(self, request: Request, stamp: str) -> Request:
        headers = {k: v for k, v in request.headers.items() if not k.lower().startswith("x-slack-")}
        signed = {
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": sign(self._secret, stamp, request.body),
        }
        return Request(request.method, request.path, headers | signed, request.body)
