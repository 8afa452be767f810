"""Pace: token buckets, few calls at once, back-off."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock

import pytest

from agent.analysts.chat.pacing import Pace, Time, TokenBucket
from agent.analysts.chat.settings import ModelSettings
from tests.fakes import Clock


def moving(clock: Clock, waits: list[float], chance: float = 0.5) -> Time:
    """A time whose sleeping moves the clock and is written down."""

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        clock.advance(seconds)

    return Time(now=clock, sleep=sleep, chance=lambda: chance)


def test_a_bucket_gives_a_minutes_worth_at_once_and_then_evenly() -> None:
    """What is in the bucket costs no wait; after that each unit waits for its share of the minute."""
    waits: list[float] = []
    bucket = TokenBucket(60, moving(Clock(), waits))
    bucket.take(60)
    assert waits == []
    bucket.take(1)
    bucket.take(2)
    assert waits == pytest.approx([1.0, 2.0])


def test_more_than_the_bucket_holds_empties_it() -> None:
    """One request over the minute's limit passes when the bucket is full, instead of never."""
    waits: list[float] = []
    bucket = TokenBucket(60, moving(Clock(), waits))
    bucket.take(500)
    assert waits == []
    bucket.take(30)
    assert waits == pytest.approx([30.0])


def test_what_was_not_needed_comes_back() -> None:
    """A reservation that was too large does not slow down the next call."""
    waits: list[float] = []
    bucket = TokenBucket(60, moving(Clock(), waits))
    bucket.take(60)
    bucket.give_back(50)
    bucket.take(50)
    assert waits == []


def test_no_limit_never_waits() -> None:
    """0 means that the provider's own limits are the only ones."""
    waits: list[float] = []
    bucket = TokenBucket(0, moving(Clock(), waits))
    for _ in range(100):
        bucket.take(10_000)
    assert waits == []


def test_back_off_grows_and_has_an_end() -> None:
    """Each wait is about twice the one before, up to the longest; jitter keeps it within half and whole."""
    waits: list[float] = []
    short, long = moving(Clock(), waits, chance=0.0), moving(Clock(), waits, chance=1.0)
    for attempt in (1, 2, 3, 12):
        short.back_off(attempt)
        long.back_off(attempt)
    assert waits == pytest.approx([0.5, 1.0, 1.0, 2.0, 2.0, 4.0, 10.0, 20.0])


def test_a_hint_is_kept_to_within_reason() -> None:
    """A provider's wait is made, but a provider cannot stop a run for an hour."""
    waits: list[float] = []
    time = moving(Clock(), waits)
    time.back_off(1, hint=9.0)
    time.back_off(1, hint=3600.0)
    assert waits == [9.0, 60.0]


def test_calls_at_once_are_bounded() -> None:
    """No more calls than the setting says are under way at any moment, and as many as it says may be."""
    pace = Pace(ModelSettings(model_parallel=3, model_requests_per_minute=0), Time())
    together = Barrier(3, timeout=30)
    lock = Lock()
    under_way: list[int] = []
    most: list[int] = []

    def work(number: int) -> None:
        with pace.slot(10) as settle:
            with lock:
                under_way.append(number)
                most.append(len(under_way))
            together.wait()
            with lock:
                under_way.remove(number)
            settle(5)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    assert max(most) == 3
