"""Serves a platform over HTTP: the Web API of all its workspaces, and the pages on which people consent."""

from __future__ import annotations

import html
import threading
from contextlib import ExitStack
from typing import Self

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.workspace.api.dispatch import arguments, token_of
from bot.workspace.app_routes import AppRoutes
from bot.workspace.errors import Refused
from bot.workspace.platform import Platform
from bot.workspace.server import WorkspaceServer, bound, http_server


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
            workspace = self.platform.holder(token_of(given, authorization), given)
        except Refused as refused:
            return JSONResponse({"ok": False, "error": refused.code})
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
        whole = self.platform.organisation
        if whole is not None:
            name = html.escape(whole.name)
            buttons += f'<p><button name="team" value="{whole.id}">Allow in all of {name}</button></p>'
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
