"""A small HTTP server in front of another one: it writes down what passes, and answers itself at will."""

from __future__ import annotations

import gzip
import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    """Names in small letters."""
    raw: bytes
    """The body as it came."""

    @property
    def body(self) -> bytes:
        """The body, unpacked."""
        return gzip.decompress(self.raw) if self.headers.get("content-encoding") == "gzip" else self.raw

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The body's JSON lines."""
        return [json.loads(line) for line in self.body.splitlines() if line]


@dataclass(frozen=True)
class Said:
    """One answer."""

    status: int
    body: Any
    """Sent as JSON; a string as a page."""
    headers: tuple[tuple[str, str], ...] = ()
    """Beside those that every answer has."""


CUT = Said(0, None)
"""No answer: the connection is closed."""

Rule = Callable[[Asked, Callable[[], Said]], Said]
"""Given a request and a way to pass it on, the answer."""


def passing(_: Asked, forward: Callable[[], Said]) -> Said:
    """The rule that changes nothing."""
    return forward()


@dataclass
class Front:
    """Its address, its rule, and what it was asked."""

    url: str
    rule: Rule = passing
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def front(behind: str = "") -> Iterator[Front]:
    """A running front on a free port; without anybody behind it every answer is the rule's."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, self.path, headers, raw)
            one.asked.append(asked)
            said = one.rule(asked, lambda: _forwarded(behind, asked))
            if said is CUT:
                self.close_connection = True
                return
            page = isinstance(said.body, str)
            data = said.body.encode() if page else json.dumps(said.body).encode()
            self.send_response(said.status)
            self.send_header("Content-Type", "text/html" if page else "application/json")
            self.send_header("Content-Length", str(len(data)))
            for name, value in said.headers:
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _any  # noqa: N815 - as http.server calls them

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    one = Front(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _forwarded(behind: str, asked: Asked) -> Said:
    connection = http.client.HTTPConnection(urlsplit(behind).netloc, timeout=60)
    try:
        passed = ("content-type", "content-encoding")
        kept = {name: value for name, value in asked.headers.items() if name in passed}
        connection.request(asked.method, asked.path, asked.raw, kept)
        answer = connection.getresponse()
        data = answer.read()
        return Said(answer.status, json.loads(data) if data else None)
    finally:
        connection.close()
