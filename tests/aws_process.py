"""moto's HTTP server in a process of its own, with a clock that can be turned forward.

Argument: the port. `POST /turn-clock?seconds=30` makes 30 seconds pass for every service: leases and pauses
run out as they would, and no test has to sleep.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterable
from typing import Any

import moto.core.utils
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, run_simple

_turned = dt.timedelta()


def _now() -> dt.datetime:
    """As moto wants it: UTC without a zone."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None) + _turned


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: a test run makes thousands."""


class _Served:
    """The app with three corrections: the clock, calls that are atomic, and polls that hold nothing up.

    moto undoes a failed transaction by putting everything back as it was, with what others wrote meanwhile,
    and two polls at once may get one message. DynamoDB and SQS do neither: here, one call at a time is done.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self._one = threading.Lock()

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        target = str(environ.get("HTTP_X_AMZ_TARGET", ""))
        if environ["PATH_INFO"] == "/turn-clock":
            _turn(environ["QUERY_STRING"])
            start("200 OK", [("Content-Length", "0")])
            return []
        if target.startswith("DynamoDB"):
            answer = self._alone(environ, _body(environ))
        elif target.startswith("AmazonSQS"):
            answer = self._polled(environ, _body(environ))
        else:
            passed: Iterable[bytes] = self._app(environ, start)
            return passed
        status, headers, content = answer
        start(status, headers)
        return [content]

    def _alone(self, environ: dict[str, Any], body: bytes) -> Answer:
        begun: list[Any] = []
        given = {**environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        with self._one:
            content = b"".join(self._app(given, lambda status, headers, *_: begun.extend((status, headers))))
        return begun[0], begun[1], content

    def _polled(self, environ: dict[str, Any], body: bytes) -> Answer:
        """A poll that waits asks again and again; whatever does not wait is done at once."""
        asked = json.loads(body)
        until = time.monotonic() + int(asked.pop("WaitTimeSeconds", 0))
        while True:
            answer = self._alone(environ, json.dumps(asked).encode())
            if b'"Messages"' in answer[2] or time.monotonic() >= until:
                return answer
            time.sleep(0.02)


Answer = tuple[str, list[tuple[str, str]], bytes]


def _body(environ: dict[str, Any]) -> bytes:
    return bytes(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))


def _turn(query: str) -> None:
    global _turned  # noqa: PLW0603 - the clock of this process
    _turned += dt.timedelta(seconds=float(urllib.parse.parse_qs(query)["seconds"][0]))


def _end_with(parent: int) -> None:
    """End when the process that started this one is gone, however it went."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    moto.core.utils.utcnow = _now
    app = _Served(DomainDispatcherApplication(create_backend_app))
    run_simple("127.0.0.1", int(sys.argv[1]), app, threaded=True, request_handler=_Quiet)
