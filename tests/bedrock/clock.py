"""Clocks of the double: real time, scaled, and simulated time that passes only while everybody waits."""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import Condition, Event, Thread, local
from typing import NamedTuple, Protocol

_IDLE = 0.15
"""The share of a moment that this process may compute and still be taken to wait."""


class Clock(Protocol):
    """Tells the time in seconds and waits."""

    def now(self) -> float:
        """Seconds since the clock began."""
        ...

    def sleep(self, seconds: float) -> None:
        """Come back so many seconds later."""
        ...

    def working(self) -> AbstractContextManager[None]:
        """While it lasts, and this thread does not sleep, simulated time stands still."""
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

    def working(self) -> AbstractContextManager[None]:
        """See Clock: real time does not stand still."""
        return nullcontext()


class SimulatedClock:
    """Time that stands still while anybody computes and jumps to the next thing that is due.

    Whoever sleeps waits for a point of simulated time. When for a moment of real time nobody was at work, no
    new sleeper came and this process used no processor, everybody is taken to be waiting, and the clock moves
    on to the earliest such point. It has to run in the process of the client. So calls that run side by side
    take as long as the longest, calls that wait for each other add up, and what the program computes in
    between takes no time at all. The client's own waiting (back-off, rate limits) belongs on the same clock.

    Args:
        quiet: real seconds of such a moment; on a machine that others keep busy a longer one is surer.
    """

    def __init__(self, quiet: float = 0.05) -> None:
        self._quiet = quiet
        self._now = 0.0
        self._due: list[_Sleeper] = []
        self._order = itertools.count()
        self._arrivals = 0
        self._changed = Condition()
        self._moving = False
        self._at_work = 0
        self._mine = local()

    def now(self) -> float:
        """See Clock."""
        with self._changed:
            return self._now

    @contextmanager
    def working(self) -> Iterator[None]:
        """See Clock."""
        self._mine.works = True
        with self._changed:
            self._at_work += 1
        try:
            yield
        finally:
            self._mine.works = False
            with self._changed:
                self._at_work -= 1
                self._arrivals += 1

    def sleep(self, seconds: float) -> None:
        """See Clock."""
        if seconds <= 0:
            return
        works = getattr(self._mine, "works", False)
        with self._changed:
            sleeper = _Sleeper(self._now + seconds, next(self._order), Event(), works)
            heapq.heappush(self._due, sleeper)
            self._at_work -= works
            self._arrivals += 1
            if not self._moving:
                self._moving = True
                Thread(target=self._move, name="simulated clock", daemon=True).start()
        sleeper.event.wait()

    def _move(self) -> None:
        with self._changed:
            while self._due:
                if not self._all_wait():
                    continue
                self._now = self._due[0].due
                while self._due and self._due[0].due <= self._now:
                    sleeper = heapq.heappop(self._due)
                    self._at_work += sleeper.works
                    sleeper.event.set()
            self._moving = False

    def _all_wait(self) -> bool:
        """Whether nobody came, nobody is at work and this process computed next to nothing for a moment."""
        came, used = self._arrivals, time.process_time()
        self._changed.wait(self._quiet)
        idle = time.process_time() - used < _IDLE * self._quiet
        return idle and not self._at_work and came == self._arrivals


class _Sleeper(NamedTuple):
    due: float
    order: int
    event: Event
    works: bool
