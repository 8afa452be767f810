"""Several workspaces behind one Web API, as Slack has it, and the OAuth by which they install the app."""

from __future__ import annotations

import base64
import binascii
import html
import math
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.workspace.api.dispatch import arguments, token_of
from bot.workspace.app_routes import AppRoutes
from bot.workspace.errors import Refused
from bot.workspace.server import WorkspaceServer, bound, http_server
from bot.workspace.state import Clock
from bot.workspace.workspace import Workspace

CODE_SECONDS = 600
TOKEN_SECONDS = 43_200
"""How long a rotated token is good."""


@dataclass
class _Grant:
    """What a person consented to, until it is exchanged."""

    workspace: Workspace
    person: str
    scopes: str
    redirect: str
    until: float
    used: bool = False


@dataclass
class Client:
    """The app's client at Slack."""

    id: str
    secret: str
    redirect_urls: tuple[str, ...] = ()
    """Where people may be sent back to."""
    rotates: bool = False
    """Whether tokens end after twelve hours and are renewed."""
    withheld: set[str] = field(default_factory=set)
    """Scopes that are asked for and not given."""


class Platform:
    """The OAuth state of several workspaces. Until it is installed, the app's token is good in none of them.

    Args:
        workspaces: all of them.
        client: the app's client.
        clock: seconds since the epoch.
    """

    def __init__(self, workspaces: Sequence[Workspace], client: Client, clock: Clock = time.time) -> None:
        self.workspaces = tuple(workspaces)
        self.client = client
        self._clock = clock
        self._lock = threading.Lock()
        self._grants: dict[str, _Grant] = {}
        self._refresh: dict[str, Workspace] = {}
        """Refresh tokens that were not used yet."""
        self._numbers: dict[str, int] = {}
        for workspace in self.workspaces:
            workspace.tokens.clear()

    def consent(self, team: str, person: str, asked: Mapping[str, str]) -> str:
        """A person of a workspace consents; where their browser is sent.

        Args:
            team: the workspace's id.
            person: their name or id.
            asked: the query that /oauth/v2/authorize was opened with; Refused when it is not good.
        """
        redirect = self._checked(asked)
        workspace = next(w for w in self.workspaces if w.store.seed.team["id"] == team)
        code = f"code.{team}.{self._number('code')}"
        self._grants[code] = _Grant(
            workspace,
            workspace.person(person).id,
            ",".join(s for s in asked.get("scope", "").split(",") if s not in self.client.withheld),
            asked.get("redirect_uri", ""),
            self._clock() + CODE_SECONDS,
        )
        return _back(redirect, asked, code=code)

    def deny(self, asked: Mapping[str, str]) -> str:
        """A person does not consent; where their browser is sent."""
        return _back(self._checked(asked), asked, error="access_denied")

    def access(self, given: Mapping[str, Any], authorization: str) -> dict[str, Any]:
        """oauth.v2.access; Refused with Slack's word."""
        self._authenticate(given, authorization)
        with self._lock:
            if given.get("grant_type") == "refresh_token":
                workspace = self._refresh.pop(str(given.get("refresh_token")), None)
                if workspace is None:
                    raise Refused("invalid_refresh_token")
                return self._issue(workspace, "", ",".join(sorted(workspace.store.app.scopes or ())))
            grant = self._grants.get(str(given.get("code")))
            if grant is None or self._clock() > grant.until:
                raise Refused("invalid_code")
            if grant.used:
                raise Refused("code_already_used")
            if str(given.get("redirect_uri") or "") != grant.redirect:
                raise Refused("bad_redirect_uri")
            grant.used = True
            return self._issue(grant.workspace, grant.person, grant.scopes)

    def uninstall(self, given: Mapping[str, Any], authorization: str) -> dict[str, Any]:
        """apps.uninstall: the app takes itself out of a workspace."""
        workspace = self.holder(token_of(given, authorization))
        if workspace is None:
            raise Refused("invalid_auth")
        self._authenticate(given, "")
        workspace.remove_app()
        return {}

    def holder(self, token: str) -> Workspace | None:
        """The workspace that a token is, or was, of."""
        return next((w for w in self.workspaces if token in w.tokens), None)

    def _checked(self, asked: Mapping[str, str]) -> str:
        if asked.get("client_id") != self.client.id:
            raise Refused("invalid_client_id")
        redirect = asked.get("redirect_uri") or self.client.redirect_urls[0]
        if redirect not in self.client.redirect_urls:
            raise Refused("bad_redirect_uri")
        return redirect

    def _authenticate(self, given: Mapping[str, Any], authorization: str) -> None:
        try:
            basic = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        except (binascii.Error, UnicodeDecodeError):
            basic = ""
        name, _, secret = basic.partition(":")
        if (given.get("client_id") or name) != self.client.id:
            raise Refused("invalid_client_id")
        if (given.get("client_secret") or secret) != self.client.secret:
            raise Refused("bad_client_secret")

    def _issue(self, workspace: Workspace, person: str, scopes: str) -> dict[str, Any]:
        team, app = workspace.store.seed.team, workspace.store.app
        number = self._number(team["id"])
        kind = "xoxe.xoxb-1" if self.client.rotates else "xoxb"
        token = f"{kind}-{team['id']}-{number}"
        until = self._clock() + TOKEN_SECONDS if self.client.rotates else math.inf
        workspace.tokens[token] = until
        answer: dict[str, Any] = {
            "ok": True,
            "app_id": app.id,
            "authed_user": {"id": person},
            "scope": scopes,
            "token_type": "bot",
            "access_token": token,
            "bot_user_id": app.bot_user,
            "team": {"id": team["id"], "name": team["name"]},
            "enterprise": None,
            "is_enterprise_install": False,
        }
        if self.client.rotates:
            refresh = f"xoxe-1-{team['id']}-{number}"
            self._refresh[refresh] = workspace
            answer |= {"refresh_token": refresh, "expires_in": TOKEN_SECONDS}
        return answer

    def _number(self, what: str) -> int:
        self._numbers[what] = self._numbers.get(what, 0) + 1
        return self._numbers[what]


def _back(redirect: str, asked: Mapping[str, str], **said: str) -> str:
    return f"{redirect}?{urlencode(said | {'state': asked.get('state', '')})}"


class PlatformServer:
    """A running platform with all its workspaces, as a context manager; `url` stands at once.

    ConfigurationError when a port cannot be opened.
    """

    def __init__(self, platform: Platform, port: int = 0, host: str = "127.0.0.1") -> None:
        self.platform = platform
        self._servers = [WorkspaceServer(w, host=host) for w in platform.workspaces]
        self._apis = {id(s.workspace): AppRoutes(s.workspace, s.hub) for s in self._servers}
        self._socket = bound(host, port)
        self.url = f"http://{host}:{self._socket.getsockname()[1]}"
        self._server = http_server(
            Starlette(
                routes=[
                    Route("/api/{method}", self._api, methods=["GET", "POST"]),
                    Route("/oauth/v2/authorize", self._ask, methods=["GET"]),
                    Route("/oauth/v2/authorize", self._decide, methods=["POST"]),
                ]
            )
        )
        self._thread = threading.Thread(target=self._run, name="platform-http", daemon=True)
        self._open = ExitStack()

    @property
    def api_url(self) -> str:
        """The base_url for slack_sdk's WebClient."""
        return f"{self.url}/api/"

    def __enter__(self) -> Self:
        for server in self._servers:
            self._open.enter_context(server)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()
        self._open.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])

    async def _api(self, request: Request) -> Response:
        """A call of the app's own, or one to the workspace whose token it brings."""
        content_type, body = request.headers.get("content-type", ""), await request.body()
        authorization = request.headers.get("authorization", "")
        own = {"oauth.v2.access": self.platform.access, "apps.uninstall": self.platform.uninstall}
        try:
            given = arguments(request.url.query, content_type, body)
            method = own.get(request.path_params["method"])
            if method is not None:
                return JSONResponse({"ok": True, **method(given, authorization)})
        except Refused as refused:
            return JSONResponse({"ok": False, "error": refused.code})
        workspace = self.platform.holder(token_of(given, authorization))
        if workspace is None:
            return JSONResponse({"ok": False, "error": "invalid_auth"})
        return await self._apis[id(workspace)].api(request)

    async def _ask(self, request: Request) -> Response:
        """The page on which a person picks a workspace and consents, or does not."""
        buttons = "".join(
            f'<p><button name="team" value="{w.store.seed.team["id"]}">'
            f"Allow in {html.escape(w.store.seed.team['name'])}</button></p>"
            for w in self.platform.workspaces
        )
        action = html.escape(f"/oauth/v2/authorize?{request.url.query}")
        cancel = '<p><button name="team" value="">Cancel</button></p>'
        form = f'<form method="post" action="{action}">{buttons}{cancel}</form>'
        return HTMLResponse(f"<!doctype html><title>Install</title><h1>Install the app</h1>{form}")

    async def _decide(self, request: Request) -> Response:
        """A button of that page; `person` may name who presses it."""
        given = arguments("", request.headers.get("content-type", ""), await request.body())
        asked = dict(request.query_params)
        try:
            if not given.get("team"):
                return RedirectResponse(self.platform.deny(asked), 302)
            person = str(given.get("person") or "ada")
            return RedirectResponse(self.platform.consent(str(given["team"]), person, asked), 302)
        except Refused as refused:
            return HTMLResponse(f"<!doctype html><h1>{refused.code}</h1>", 400)
