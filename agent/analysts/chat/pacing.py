"""How fast a model is called: a token bucket for calls and one for tokens, few calls at once, back-off."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Lock

from agent.analysts.chat.settings import ModelSettings

_FIRST_WAIT = 1.0
_LONGEST_WAIT = 20.0


@dataclass(frozen=True)
class Time:
    """A clock, a way to wait, and chance; tests bring their own."""

    now: Callable[[], float] = time.monotonic
    """Seconds; only ever goes forward."""
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = field(default=random.random)
    """Between 0 and 1, for jitter: so that calls which were refused together do not come back together."""

    def back_off(self, attempt: int, hint: float | None = None) -> None:
        """Wait before the next try.

        Args:
            attempt: how many tries have failed, from 1.
            hint: the seconds that the provider asked for (Retry-After), or None.
        """
        widest = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** (attempt - 1))
        jittered = widest * (0.5 + self.chance() / 2)
        self.sleep(jittered if hint is None else min(max(hint, jittered / 4), 3 * _LONGEST_WAIT))


class TokenBucket:
    """Holds a minute's worth at most and fills evenly. Safe for several threads.

    Args:
        per_minute: how much flows in a minute; 0 means no limit.
        time: clock and sleep.
    """

    def __init__(self, per_minute: float, time: Time) -> None:
        self._rate = per_minute / 60
        self._size = float(per_minute)
        self._level = float(per_minute)
        self._time = time
        self._filled = time.now()
        self._lock = Lock()

    def take(self, amount: float) -> None:
        """Wait until there is that much, and take it; more than the bucket holds empties it."""
        if not self._size:
            return
        wanted = min(amount, self._size)
        with self._lock:
            self._fill()
            self._level -= wanted  # below zero is a debt: who comes later waits longer, in order
            wait = -self._level / self._rate
        if wait > 0:
            self._time.sleep(wait)

    def give_back(self, amount: float) -> None:
        """Return what was taken and not needed; a negative amount takes more without waiting."""
        if self._size:
            with self._lock:
                self._fill()
                self._level = min(self._size, self._level + amount)

    def _fill(self) -> None:
        now = self._time.now()
        self._level = min(self._size, self._level + (now - self._filled) * self._rate)
        self._filled = now


class Pace:
    """The limits of one model, shared by every run of this process."""

    def __init__(self, settings: ModelSettings, time: Time) -> None:
        self._calls = TokenBucket(settings.model_requests_per_minute, time)
        self._tokens = TokenBucket(settings.model_tokens_per_minute, time)
        self._room = BoundedSemaphore(settings.model_parallel)

    @contextmanager
    def slot(self, tokens: int) -> Iterator[Callable[[int], None]]:
        """Room for one call that may take so many tokens; gives a function to say what it really took."""
        with self._room:
            self._calls.take(1)
            self._tokens.take(tokens)
            yield lambda used: self._tokens.give_back(min(tokens, tokens - used))
