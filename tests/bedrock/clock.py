"""Clocks of the double: real time, scaled, and simulated time that passes only while everybody waits."""

from __future__ import annotations

import heapq
import itertools
import time
from threading import Condition, Event, Thread
from typing import Protocol


class Clock(Protocol):
    """Tells the time in seconds and waits."""

    def now(self) -> float:
        """Seconds since the clock began."""
        ...

    def sleep(self, seconds: float) -> None:
        """Come back so many seconds later."""
        ...


class ScaledClock:
    """Real time, made shorter.

    Args:
        scale: real seconds that one of the clock's seconds takes; 0 never waits.
    """

    def __init__(self, scale: float = 0.0) -> None:
        self._scale = scale
        self._begun = time.monotonic()

    def now(self) -> float:
        """See Clock: real seconds divided by the scale."""
        passed = time.monotonic() - self._begun
        return passed / self._scale if self._scale else passed

    def sleep(self, seconds: float) -> None:
        """See Clock."""
        if self._scale and seconds > 0:
            time.sleep(seconds * self._scale)


class SimulatedClock:
    """Time that stands still while anybody computes and jumps to the next thing that is due.

    Whoever sleeps waits for a point of simulated time. When no new sleeper has come for a moment of real
    time, everybody is taken to be waiting and the clock moves on to the earliest such point. So calls that
    run side by side take as long as the longest, calls that wait for each other add up, and what the program
    computes in between takes no time at all. The client's own waiting (back-off, rate limits) belongs on the
    same clock.

    Args:
        quiet: real seconds without a new sleeper after which the clock may move on; longer than the program
            computes between two calls that it makes while others are under way.
    """

    def __init__(self, quiet: float = 0.05) -> None:
        self._quiet = quiet
        self._now = 0.0
        self._due: list[tuple[float, int, Event]] = []
        self._order = itertools.count()
        self._touched = time.monotonic()
        self._changed = Condition()
        self._moving = False

    def now(self) -> float:
        """See Clock."""
        with self._changed:
            return self._now

    def sleep(self, seconds: float) -> None:
        """See Clock."""
        if seconds <= 0:
            return
        event = Event()
        with self._changed:
            heapq.heappush(self._due, (self._now + seconds, next(self._order), event))
            self._touched = time.monotonic()
            if not self._moving:
                self._moving = True
                Thread(target=self._move, name="simulated clock", daemon=True).start()
        event.wait()

    def _move(self) -> None:
        with self._changed:
            while self._due:
                left = self._touched + self._quiet - time.monotonic()
                if left > 0:
                    self._changed.wait(left)
                    continue
                self._now = self._due[0][0]
                while self._due and self._due[0][0] <= self._now:
                    heapq.heappop(self._due)[2].set()
                self._touched = time.monotonic()
            self._moving = False
