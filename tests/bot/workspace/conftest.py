"""A workspace that is served, and a tiny Bolt app that talks to it over real HTTP."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Protocol, Self
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from slack_bolt import App, BoltRequest
from slack_sdk import WebClient

from bot.workspace import Timing, Workspace, WorkspaceServer

SECRET = "signing-secret-of-the-tests"
TOKEN = "xoxb-local-token"


class FakeClock:
    """A clock that moves only when a test moves it."""

    def __init__(self, now: float = 1_790_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        """The time that it stands at."""
        return self.now


class AppServer:
    """Serves a Bolt app on a free loopback port, in threads, until the context ends."""

    def __init__(self, app: App) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                """Hand the request to Bolt."""
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                headers: dict[str, str | Sequence[str]] = {
                    key: [value] for key, value in self.headers.items()
                }
                answer = app.dispatch(BoltRequest(body=body, headers=headers))
                content = (answer.body or "").encode()
                self.send_response(answer.status)
                for key, values in answer.headers.items():
                    self.send_header(key, values[0])
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                """Nothing: the tests' output is the tests'."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/slack/events"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Echo:
    """A Bolt app that keeps what it hears and answers as a test tells it to."""

    def __init__(self, workspace: Workspace) -> None:
        self.heard: list[dict[str, Any]] = []
        self.retries: list[tuple[str, str]] = []
        self.on: dict[str, Callable[..., Any]] = {}
        """What to do for "command", "submit", "action", "shortcut" or "event": called with Bolt's
        (ack, body, client)."""
        self.released = threading.Event()
        """What a listener waits for that must not answer in time."""
        self.client = WebClient(TOKEN, base_url=workspace.api_url)
        quiet = logging.getLogger("echo")
        quiet.setLevel(logging.CRITICAL)
        self.app = App(
            token=TOKEN,
            signing_secret=SECRET,
            client=self.client,
            process_before_response=True,
            logger=quiet,
        )
        self.app.command("/threatmodel")(self._listener("command"))
        self.app.view({"type": "view_submission", "callback_id": "form"})(self._listener("submit"))
        self.app.view({"type": "view_closed", "callback_id": "form"})(self._listener("closed"))
        self.app.action({"type": "block_actions", "action_id": _ANY})(self._listener("action"))
        self.app.shortcut(_ANY)(self._listener("shortcut"))
        for event in ("app_mention", "app_home_opened", "agent_session_stopped"):
            self.app.event(event)(self._listener("event"))
        for subtype in (None, "file_share", "message_changed", "message_deleted"):
            self.app.event({"type": "message", "subtype": subtype})(self._listener("event"))

    def dawdle(self, ack: Callable[..., Any], _body: Any, _client: Any) -> None:
        """A listener that acknowledges only when `released` is set."""
        self.released.wait(20)
        ack()

    def events(self, subtype: str | None = None) -> list[dict[str, Any]]:
        """The events that came, in order; those of one subtype only where it is given."""
        found = [body["event"] for body in self.heard if body.get("type") == "event_callback"]
        return [e for e in found if subtype is None or e.get("subtype") == subtype]

    def bodies(self, kind: str) -> list[dict[str, Any]]:
        """The interaction payloads of one type."""
        return [body for body in self.heard if body.get("type") == kind]

    def _listener(self, kind: str) -> Callable[..., None]:
        def listen(ack: Callable[..., Any], body: dict[str, Any], client: WebClient, request: Any) -> None:
            self.heard.append(body)
            for number in request.headers.get("x-slack-retry-num", []):
                self.retries.append((number, request.headers["x-slack-retry-reason"][0]))
            react = self.on.get(kind)
            if react is None:
                ack()
            else:
                react(ack, body, client)

        return listen


_ANY = re.compile(r".*")


@dataclass(frozen=True)
class Answer:
    """What a plain HTTP request came to; no redirect was followed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Fetch(Protocol):
    """Sends one request."""

    def __call__(
        self, url: str, data: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """A GET, or a POST when there is data."""
        ...


def _fetch(url: str, data: bytes | None = None, headers: Mapping[str, str] | None = None) -> Answer:
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    with closing(HTTPConnection(parts.hostname or "", parts.port, timeout=20)) as connection:
        connection.request("GET" if data is None else "POST", path, data, dict(headers or {}))
        answer = connection.getresponse()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())


@pytest.fixture
def fetch() -> Fetch:
    """Plain HTTP, for what the SDK would hide."""
    return _fetch


@pytest.fixture
def clock() -> FakeClock:
    """The workspace's clock; it stands still until a test moves it."""
    return FakeClock()


@pytest.fixture
def timing() -> Timing:
    """How long things take: an app that is slow because the machine is busy is still in time."""
    return Timing(ack=20.0, retry_scale=0.0)


@pytest.fixture
def workspace(clock: FakeClock, timing: Timing) -> Iterator[Workspace]:
    """A served workspace without an app."""
    made = Workspace(signing_secret=SECRET, bot_token=TOKEN, clock=clock, timing=timing)
    with WorkspaceServer(made):
        yield made


@pytest.fixture
def client(workspace: Workspace) -> WebClient:
    """The real WebClient, pointed at the workspace."""
    return WebClient(TOKEN, base_url=workspace.api_url, timeout=20)


@pytest.fixture
def echo(workspace: Workspace) -> Iterator[Echo]:
    """A Bolt app that the workspace delivers to."""
    made = Echo(workspace)
    with AppServer(made.app) as server:
        workspace.request_url = server.url
        yield made
        made.released.set()


@pytest.fixture
def screen(browser: Browser, workspace: Workspace) -> Iterator[Callable[..., Page]]:
    """Opens the page as somebody; ends the test when a script of the page failed or was blocked."""
    faults: list[str] = []
    context = browser.new_context(viewport={"width": 1300, "height": 850})
    context.set_default_timeout(20_000)
    expect.set_options(timeout=20_000)

    def watch(message: ConsoleMessage) -> None:
        if message.type == "error":
            faults.append(message.text)

    def open_as(name: str = "dana", **where: str) -> Page:
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", watch)
        page.goto(f"{workspace.url}/?{urlencode({'as': name, **where})}")
        page.wait_for_selector(".me")
        return page

    yield open_as
    context.close()
    assert faults == []
