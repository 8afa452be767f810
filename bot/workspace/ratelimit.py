"""Slack's rate limits, as token buckets: off unless a workspace is made with them."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """`burst` calls at once, refilled at `per_second`."""

    per_second: float
    burst: int
    by_channel: bool = False
    """Counted for each channel apart."""


TIERS = {1: Rate(1 / 60, 1), 2: Rate(20 / 60, 20), 3: Rate(50 / 60, 50), 4: Rate(100 / 60, 100)}
"""Slack's tiers: calls a minute for one method and one workspace."""

POSTING = Rate(1.0, 4, by_channel=True)
"""chat.postMessage: one a second in a channel, short bursts let through (their size is not published)."""


class RateLimits:
    """Counts calls; the clock is the workspace's."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}

    def wait(self, method: str, rate: Rate, channel: str) -> int:
        """0 when the call may pass, else the whole seconds until one may (at least 1)."""
        key = (method, channel if rate.by_channel else "")
        now = self._clock()
        with self._lock:
            tokens, since = self._buckets.get(key, (float(rate.burst), now))
            tokens = min(float(rate.burst), tokens + (now - since) * rate.per_second)
            if tokens >= 1:
                self._buckets[key] = (tokens - 1, now)
                return 0
            self._buckets[key] = (tokens, now)
            return max(1, math.ceil((1 - tokens) / rate.per_second))
