"""Passes changes on to the pages that are open, and says when the server is closing."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator

from bot.workspace.values import Change

HEARTBEAT = 15.0
"""Seconds of silence after which a stream says that it is alive."""


class Hub:
    """Open streams of changes. `tell` and `close` may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._streams: dict[asyncio.Queue[Change | None], tuple[str, asyncio.AbstractEventLoop]] = {}
        self._closed = False
        self._waiters: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    def tell(self, change: Change) -> None:
        """Pass a change on to everyone who may see it."""
        with self._lock:
            for queue, (user, loop) in self._streams.items():
                if user in change.audience:
                    loop.call_soon_threadsafe(queue.put_nowait, change)

    def close(self) -> None:
        """End every stream and every wait, now and from now on."""
        with self._lock:
            self._closed = True
            for queue, (_, loop) in self._streams.items():
                loop.call_soon_threadsafe(queue.put_nowait, None)
            for event, loop in self._waiters.items():
                loop.call_soon_threadsafe(event.set)

    async def stream(self, user: str) -> AsyncIterator[str]:
        """Server-sent events for one person, until the hub closes."""
        queue: asyncio.Queue[Change | None] = asyncio.Queue()
        with self._lock:
            if self._closed:
                return
            self._streams[queue] = (user, asyncio.get_running_loop())
        try:
            yield "event: hello\ndata: {}\n\n"
            async for change in _alive(queue):
                yield change
        finally:
            with self._lock:
                del self._streams[queue]

    async def closing(self, seconds: float) -> None:
        """Wait until the hub closes, at most so long."""
        event = asyncio.Event()
        with self._lock:
            if self._closed:
                return
            self._waiters[event] = asyncio.get_running_loop()
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except TimeoutError:
            return
        finally:
            with self._lock:
                del self._waiters[event]


async def _alive(queue: asyncio.Queue[Change | None]) -> AsyncIterator[str]:
    while True:
        try:
            change = await asyncio.wait_for(queue.get(), HEARTBEAT)
        except TimeoutError:
            yield ": still here\n\n"
            continue
        if change is None:
            return
        data = json.dumps({"seq": change.seq, "kind": change.kind, "payload": change.payload})
        yield f"id: {change.seq}\nevent: change\ndata: {data}\n\n"
