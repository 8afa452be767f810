"""Faults that a test orders: the next call of a method, or the next delivery, goes wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

FaultKind = Literal[
    "ratelimited",
    "5xx",
    "timeout",
    "drop_after",
    "error",
    "duplicate",
    "stale",
    "forged",
    "lost",
]
"""For a Web API method:

- "ratelimited": 429 with Retry-After, not processed;
- "5xx": 503 without a JSON body, not processed;
- "timeout": not processed and not answered until the caller gives up (or `seconds` are over);
- "drop_after": processed, then the connection is cut before the answer;
- "error": refused with the word in `error`.

For a delivery to the app ("command", "interaction" or "event"):

- "duplicate": sent twice; "stale": stamped ten minutes ago; "forged": signed with another secret;
- "lost": never sent, as if the network had swallowed it.
"""


@dataclass(frozen=True)
class Fault:
    """One order: what goes wrong, and how many times it still will."""

    kind: FaultKind
    times: int = 1
    retry_after: int = 1
    """Seconds in the Retry-After header."""
    seconds: float = 30.0
    """How long a "timeout" keeps silent at most."""
    error: str = "internal_error"
    skip: int = 0
    """How many calls pass before the first that goes wrong."""


class Faults:
    """The orders that stand, by method name or by kind of delivery; `on_taken` hears of every stroke."""

    def __init__(self, on_taken: Callable[[], None] = lambda: None) -> None:
        self._on_taken = on_taken
        self._lock = threading.Lock()
        self._standing: dict[str, list[Fault]] = {}

    def add(
        self,
        method: str,
        kind: FaultKind,
        *,
        times: int = 1,
        retry_after: int = 1,
        seconds: float = 30.0,
        error: str = "internal_error",
        skip: int = 0,
    ) -> None:
        """The next `times` calls of `method` go wrong, after `skip` that do not. "*" means any method."""
        fault = Fault(kind, times, retry_after, seconds, error, skip)
        with self._lock:
            self._standing.setdefault(method, []).append(fault)

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._standing.clear()

    def take(self, method: str) -> Fault | None:
        """The fault of this call, counted off; None when it goes well."""
        with self._lock:
            fault = self._next(method) or self._next("*")
        if fault is not None:
            self._on_taken()
        return fault

    @property
    def standing(self) -> int:
        """How many strokes are still to come."""
        with self._lock:
            return sum(fault.times for faults in self._standing.values() for fault in faults)

    def _next(self, key: str) -> Fault | None:
        standing = self._standing.get(key)
        if not standing:
            return None
        fault = standing[0]
        if fault.skip:
            standing[0] = replace(fault, skip=fault.skip - 1)
            return None
        if fault.times > 1:
            standing[0] = replace(fault, times=fault.times - 1)
        else:
            standing.pop(0)
        return fault
