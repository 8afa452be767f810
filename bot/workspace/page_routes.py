"""What the page talks to: a snapshot, a stream of changes, and what a person does."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib import resources
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from agent.errors import NotFound, ThreatbotError
from bot.workspace import files
from bot.workspace.app_routes import disposition
from bot.workspace.hub import Hub
from bot.workspace.people import Person
from bot.workspace.screen import ACTIONS, snapshot
from bot.workspace.workspace import Workspace

OWN_HEADER = "x-local-workspace"
"""Only the page's own script can set it: another site's cannot act for a person here."""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_TYPES = {"html": "text/html", "js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
_PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp"}
"""What the browser may show in place; everything else is saved."""
_ANYWHERE = {"0.0.0.0", "::"}  # noqa: S104 - compared only


class PageRoutes:
    """The endpoints, over one workspace."""

    def __init__(self, workspace: Workspace, hub: Hub, host: str) -> None:
        self._ws = workspace
        self._hub = hub
        self._hosts = None if host in _ANYWHERE else {host, "127.0.0.1", "localhost"}

    async def index(self, request: Request) -> Response:
        """The page itself."""
        return self._guarded(request) or _asset("index.html")

    async def asset(self, request: Request) -> Response:
        """A script or a style of the page."""
        return self._guarded(request) or _asset(request.path_params["name"])

    async def archive(self, request: Request) -> Response:
        """A permalink: leads into the page."""
        ts = request.path_params["ts"].removeprefix("p")
        where = {"channel": request.path_params["channel"], "ts": f"{ts[:-6]}.{ts[-6:]}"}
        return RedirectResponse("/?" + urlencode(where), 302)

    async def state(self, request: Request) -> Response:
        """Everything that a person sees now."""
        refusal = self._guarded(request)
        if refusal:
            return refusal
        person = self._person(request)
        return JSONResponse(snapshot(person)) if person else PlainTextResponse("No such person", 404)

    async def stream(self, request: Request) -> Response:
        """What changes for a person from now on, as server-sent events."""
        refusal = self._guarded(request)
        if refusal:
            return refusal
        person = self._person(request)
        if person is None:
            return PlainTextResponse("No such person", 404)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._hub.stream(person.id), media_type="text/event-stream", headers=headers)

    async def act(self, request: Request) -> Response:
        """Something that a person does."""
        refusal = self._guarded(request, writes=True)
        if refusal:
            return refusal
        person = self._person(request)
        try:
            given = json.loads(await request.body())
        except ValueError:
            return PlainTextResponse("Not JSON", 400)
        action = ACTIONS.get(str(given.get("do"))) if isinstance(given, dict) else None
        if person is None or action is None:
            return PlainTextResponse("No such person or action", 404)
        return JSONResponse(await run_in_threadpool(_done, action, person, given))

    async def upload(self, request: Request) -> Response:
        """A file that a person attaches; its id."""
        refusal = self._guarded(request, writes=True)
        if refusal:
            return refusal
        person = self._person(request)
        content = await request.body()
        if person is None or len(content) > files.MAX_UPLOAD:
            return PlainTextResponse("No such person, or too large", 400)
        return JSONResponse({"id": person.stage(request.query_params.get("name", "file"), content)})

    async def download(self, request: Request) -> Response:
        """A file's bytes for the page: pictures to be shown, everything else to be saved."""
        refusal = self._guarded(request)
        if refusal:
            return refusal
        file = self._ws.store.files.get(request.path_params["file"])
        if file is None or file.content is None:
            return PlainTextResponse("Not found", 404)
        headers = disposition(file.name)
        if file.mimetype in _PICTURES:
            del headers["Content-Disposition"]
        return Response(file.content, media_type=file.mimetype, headers=headers)

    def _person(self, request: Request) -> Person | None:
        try:
            return self._ws.person(request.query_params.get("user", ""))
        except NotFound:
            return None

    def _guarded(self, request: Request, *, writes: bool = False) -> Response | None:
        """A refusal for a request that another site made a browser send; None when it may pass."""
        host = request.url.hostname or ""
        if self._hosts is not None and host not in self._hosts:
            return PlainTextResponse("This workspace is served to this machine only.", 403)
        if writes and OWN_HEADER not in request.headers:
            return PlainTextResponse(f"Requests need the header {OWN_HEADER}.", 403)
        return None


def _asset(name: str) -> Response:
    folder = resources.files("bot.workspace") / "page"
    known = {item.name: item for item in folder.iterdir() if item.is_file()}
    if name not in known:
        return PlainTextResponse("Not found", 404)
    media = _TYPES.get(name.rpartition(".")[2], "application/octet-stream")
    return Response(known[name].read_bytes(), media_type=media, headers=_HEADERS)


def _done(
    action: Callable[[Person, Mapping[str, Any]], Mapping[str, Any]], person: Person, given: Mapping[str, Any]
) -> dict[str, Any]:
    """What came of an action, or the sentence that says why it cannot be."""
    try:
        return {"ok": True, **action(person, given)}
    except ThreatbotError as error:
        return {"ok": False, "error": "not_possible", "message": error.message}


def routes(workspace: Workspace, hub: Hub, host: str) -> list[Route]:
    """The routes that the page uses."""
    to = PageRoutes(workspace, hub, host)
    return [
        Route("/", to.index, methods=["GET"]),
        Route("/page/{name}", to.asset, methods=["GET"]),
        Route("/archives/{channel}/{ts}", to.archive, methods=["GET"]),
        Route("/person/state", to.state, methods=["GET"]),
        Route("/person/stream", to.stream, methods=["GET"]),
        Route("/person/act", to.act, methods=["POST"]),
        Route("/person/upload", to.upload, methods=["POST"]),
        Route("/person/files/{file}", to.download, methods=["GET"]),
    ]
