"""`threatbot serve`: the ingress behind an HTTP server, and the worker, in one process."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self, cast

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.app import make_app
from bot.chores import Chores
from bot.ingress import handle
from bot.installations.pages import INSTALL, REDIRECT, InstallPages
from bot.services import Services
from bot.settings import Settings
from bot.worker import Worker


def make_server(settings: Settings, services: Services, *, work: bool = True) -> Starlette:
    """The ASGI application: POST /slack/events for every kind of delivery, GET /health.

    Where workspaces install the app, GET /slack/install and GET /slack/oauth_redirect as well.
    It runs the worker and the chores as well, unless `work` is False and another process does.
    """
    app = make_app(settings.ingress, services)
    worker = make_worker(settings, services) if work else None
    chores = Chores(settings, services)
    pages = InstallPages(services.tenants, settings.ingress) if services.tenants else None

    async def events(request: Request) -> Response:
        answer = await run_in_threadpool(handle, app, services, dict(request.headers), await request.body())
        return Response(answer.body, status_code=answer.status, headers=dict(answer.headers))

    async def health(_: Request) -> Response:
        return JSONResponse({"ok": True, "queue": await run_in_threadpool(services.queue.depth)})

    async def install(request: Request) -> Response:
        given = request.url.path, request.url.query, request.headers.get("cookie", "")
        answer = await run_in_threadpool(cast("InstallPages", pages).answer, *given)
        return Response(answer.body, status_code=answer.status, headers=dict(answer.headers))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        if worker is None:
            yield
            return
        worker.start()
        chores.start()
        try:
            yield
        finally:
            await run_in_threadpool(worker.stop)
            await run_in_threadpool(chores.stop)

    installing = [Route(path, install, methods=["GET"]) for path in (INSTALL, REDIRECT)] if pages else []
    routes = [Route("/slack/events", events, methods=["POST"]), Route("/health", health), *installing]
    return Starlette(routes=routes, lifespan=lifespan)


def make_worker(settings: Settings, services: Services) -> Worker:
    """The worker that the settings ask for."""
    return Worker(services, threads=settings.workers, lease_seconds=settings.lease_seconds)


class Serving:
    """The server in a thread of this process, for the demo and the tests; `url` stands once it is entered."""

    def __init__(self, settings: Settings, services: Services, *, work: bool = True) -> None:
        config = uvicorn.Config(
            make_server(settings, services, work=work),
            host=settings.host,
            port=settings.port,
            log_level="warning",
            access_log=False,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, name="serve", daemon=True)
        self._host = settings.host

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise OSError(f"the server could not listen on {self._host}")
            self._thread.join(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://{self._host}:{port}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(30)
