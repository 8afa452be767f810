"""Lets the first of several calls with one prefix go ahead, so that the others find it in the cache.

A provider keeps a prefix once it has begun to answer the call that brought it. Calls that start side by side
would each pay for writing it; so the others wait until the first one's first word, and no longer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock

_LONGEST = 30.0
"""Seconds after which the others go on their own."""


class Gate:
    """One run's gate. Safe for several threads."""

    def __init__(self) -> None:
        self._begun: dict[str, Event] = {}
        self._lock = Lock()

    @contextmanager
    def passing(self, prefix: str) -> Iterator[Callable[[], None]]:
        """Wait for the prefix's first call, when this is not it; gives what that one calls at its first word.

        An empty prefix never waits. A first call that fails opens the gate as well.
        """
        if not prefix:
            yield lambda: None
            return
        with self._lock:
            first = prefix not in self._begun
            event = self._begun.setdefault(prefix, Event())
        if not first:
            event.wait(_LONGEST)
        try:
            yield event.set
        finally:
            event.set()
