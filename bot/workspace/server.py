"""Serves a workspace over HTTP, in a thread: the Web API, uploads, downloads, answers, and the page."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import ExitStack
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from agent.errors import ConfigurationError
from bot.workspace import app_routes, page_routes
from bot.workspace.hub import Hub
from bot.workspace.workspace import Workspace

GRACE = 3
"""Seconds that requests under way are given when the server stops."""


class _Protocol(H11Protocol):
    """Hands each request its transport, so that a fault can cut the connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class WorkspaceServer:
    """A running workspace, as a context manager.

    Args:
        workspace: what is served; its `url` is set on entry.
        port: 0 takes a free one.
        host: the address to bind.

    ConfigurationError when the port cannot be opened.
    """

    def __init__(self, workspace: Workspace, port: int = 0, host: str = "127.0.0.1") -> None:
        self.workspace = workspace
        self._socket = bound(host, port)
        self.host = host
        self.port: int = self._socket.getsockname()[1]
        self.hub = Hub()
        self._server = http_server(asgi(workspace, self.hub, host))
        self._thread = threading.Thread(target=self._run, name="workspace-http", daemon=True)
        self._open = ExitStack()

    @property
    def url(self) -> str:
        """Where it is served, without a slash at the end."""
        shown = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104 - compared only
        return f"http://{shown}:{self.port}"

    def __enter__(self) -> Self:
        self.workspace.url = self.url
        self._open.enter_context(self.workspace.store.watching(self.hub.tell))
        self.workspace.deliveries.start()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Take no more requests, end the page's streams, and wait for what is under way."""
        self.workspace.deliveries.stop()
        self._open.close()
        self.hub.close()
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])


def http_server(app: Starlette) -> uvicorn.Server:
    """What serves an application whose requests can be cut."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http=_Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=GRACE,
        )
    )


def bound(host: str, port: int) -> socket.socket:
    """A listening socket; ConfigurationError when the port cannot be opened."""
    try:
        return socket.create_server((host, port), backlog=128)
    except OSError as error:
        raise ConfigurationError(
            f"Port {port} on {host} cannot be opened: {error.strerror}. Choose another port."
        ) from error


def asgi(workspace: Workspace, hub: Hub, host: str) -> Starlette:
    """The whole workspace as one ASGI application."""
    routes = [*app_routes.routes(workspace, hub), *page_routes.routes(workspace, hub, host)]
    return Starlette(routes=routes)
