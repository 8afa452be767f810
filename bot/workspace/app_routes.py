"""What the app talks to: the Web API, uploads, downloads and response URLs."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.workspace import answers, files
from bot.workspace.api.dispatch import ApiReply, arguments, call, throttled
from bot.workspace.errors import Refused
from bot.workspace.faults import Fault
from bot.workspace.hub import Hub
from bot.workspace.workspace import Workspace

_LOGIN = "<!doctype html><title>Sign in</title><h1>Sign in to this workspace</h1>"
_STATUS = {"expired_url": 404, "used_url": 404}


class AppRoutes:
    """The endpoints, over one workspace."""

    def __init__(self, workspace: Workspace, hub: Hub) -> None:
        self._ws = workspace
        self._hub = hub

    async def api(self, request: Request) -> Response:
        """One Web API call, with the fault that was ordered for it."""
        name = request.path_params["method"]
        body = await request.body()
        fault = self._ws.faults.take(name)
        if fault is not None and fault.kind != "drop_after":
            return await self._faulty(request, fault)
        reply = self._answer(request, name, body)
        if fault is not None:
            await _cut(request)
        return JSONResponse(dict(reply.body), reply.status, dict(reply.headers))

    async def upload(self, request: Request) -> Response:
        """The bytes of an announced file, raw or as a multipart form."""
        body = await request.body()
        fault = self._ws.faults.take("files.upload")
        if fault is not None and fault.kind != "drop_after":
            return await self._faulty(request, fault)
        parts = files.part_of(request.headers.get("content-type", ""), body)
        content = next(iter(parts.values()), b"") if parts else body
        try:
            files.take(self._ws, request.path_params["file"], content)
        except Refused as refused:
            return PlainTextResponse(refused.code, 400)
        if fault is not None:
            await _cut(request)
        return PlainTextResponse(f"OK - {len(content)}")

    async def download(self, request: Request) -> Response:
        """A file's bytes for the app's token; anybody else is sent to a page that asks to sign in."""
        fault = self._ws.faults.take("files.download")
        if fault is not None and fault.kind != "drop_after":
            return await self._faulty(request, fault)
        key = request.path_params["key"].rpartition("-")[2]
        file = self._ws.store.files.get(key)
        token = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if self._ws.refusal(token) or not self._may_read():
            return RedirectResponse(f"/login?redir={quote(request.url.path)}", 302)
        if file is None or file.content is None:
            return PlainTextResponse("Not found", 404)
        if fault is not None:
            await _cut(request)
        return Response(file.content, media_type=file.mimetype, headers=disposition(file.name))

    async def login(self, _request: Request) -> Response:
        """What a download without the right token ends on: a page, with status 200."""
        return HTMLResponse(_LOGIN)

    async def respond(self, request: Request) -> Response:
        """One use of a response_url."""
        body = await request.body()
        fault = self._ws.faults.take("response_url")
        if fault is not None and fault.kind != "drop_after":
            return await self._faulty(request, fault)
        try:
            given = json.loads(body)
        except ValueError:
            return PlainTextResponse("invalid_payload", 400)
        try:
            answers.use(self._ws, request.path_params["key"], given)
        except Refused as refused:
            status = _STATUS.get(refused.code, 400)
            return JSONResponse({"ok": False, "error": refused.code, **refused.extra}, status)
        if fault is not None:
            await _cut(request)
        return PlainTextResponse("ok")

    def _answer(self, request: Request, name: str, body: bytes) -> ApiReply:
        content_type = request.headers.get("content-type", "")
        try:
            given = arguments(request.url.query, content_type, body)
        except Refused as refused:
            return ApiReply({"ok": False, "error": refused.code})
        return call(self._ws, name, given, request.headers.get("authorization", ""))

    async def _faulty(self, request: Request, fault: Fault) -> Response:
        if fault.kind == "ratelimited":
            reply = throttled(fault.retry_after)
            return JSONResponse(dict(reply.body), reply.status, dict(reply.headers))
        if fault.kind == "error":
            return JSONResponse({"ok": False, "error": fault.error})
        if fault.kind == "timeout":
            await self._silence(request, fault.seconds)
        return PlainTextResponse("upstream connect error", 503)

    async def _silence(self, request: Request, seconds: float) -> None:
        """Say nothing until the caller leaves, the time is over or the server stops; then cut."""
        left = asyncio.ensure_future(request.receive())
        closing = asyncio.ensure_future(self._hub.closing(seconds))
        await asyncio.wait({left, closing}, return_when=asyncio.FIRST_COMPLETED)
        for task in (left, closing):
            task.cancel()
        await asyncio.gather(left, closing, return_exceptions=True)
        await _cut(request)

    def _may_read(self) -> bool:
        scopes = self._ws.store.app.scopes
        return scopes is None or "files:read" in scopes


def disposition(name: str) -> dict[str, str]:
    """Headers that have a browser save the file, and never guess what it is."""
    return {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }


async def _cut(request: Request) -> None:
    """Close the connection under the request; whatever is sent afterwards goes nowhere."""
    request.scope["state"]["transport"].abort()
    await asyncio.sleep(0.01)


def routes(workspace: Workspace, hub: Hub) -> list[Route]:
    """The routes that the app uses."""
    to = AppRoutes(workspace, hub)
    return [
        Route("/api/{method}", to.api, methods=["GET", "POST"]),
        Route("/upload/{file}", to.upload, methods=["POST", "PUT"]),
        Route("/files-pri/{key}/{name:path}", to.download, methods=["GET"]),
        Route("/login", to.login, methods=["GET"]),
        Route("/response/{key}", to.respond, methods=["POST"]),
    ]
