"""Whole sessions while their worker is killed again and again, at moments that a seed has drawn."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tests.fault_bench import Bench, Count, benched, dumped, opened, session

if TYPE_CHECKING:
    from bot.settings import Settings
    from tests.aws_double import AwsDouble

ROOT = Path(__file__).resolve().parent.parent
SEED = 20_261_122
A_ROUND = 5
"""How often the sessions of one round are hit."""


class Nursery:
    """Workers to kill, forked from a process that has loaded everything.

    It and all that it grew end with the block, however the block ends: a worker that lived on would hold
    what the test's own process waits for.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = json.dumps(dumped(settings))
        self._output = settings.data_dir / "worker.log"

    def __enter__(self) -> Self:
        with self._output.open("a") as output:
            self._process = subprocess.Popen(
                [sys.executable, str(ROOT / "tests" / "e2e" / "worker_nursery.py")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                text=True,
                start_new_session=True,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
        self._say(self._settings)
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()

    def grow(self) -> int:
        """A new worker's process id."""
        self._say("")
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()


class Killer:
    """Kills the worker and grows another at once: so many times, so many seconds apart, drawn from a seed.

    A round of sessions is hit A_ROUND times and then left to end: who is killed faster than anybody can
    begin gets nothing done, which is true and says nothing.
    """

    def __init__(self, nursery: Nursery, kills: int, apart: tuple[float, float], seed: int) -> None:
        self._nursery = nursery
        self._dice = random.Random(seed)  # noqa: S311 - a seeded dice, no secret
        self._apart = apart
        self._over = threading.Event()
        self.left = kills
        self._allowed = 0
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._worker = self._nursery.grow()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def allow(self) -> None:
        """A round begins."""
        self._allowed = min(A_ROUND, self.left)

    def _run(self) -> None:
        while not self._over.wait(self._dice.uniform(*self._apart)):
            if not self._allowed:
                continue
            self._allowed -= 1
            os.kill(self._worker, signal.SIGKILL)
            self._worker = self._nursery.grow()
            self.left -= 1


@contextmanager
def killing(
    folder: Path, kills: int, *, aws: AwsDouble | None, apart: tuple[float, float], seed: int, **more: Any
) -> Iterator[tuple[Bench, Killer]]:
    """A bot whose worker is killed; leases are short, so that the next one takes over soon.

    A job may be tried twelve times: no worker of a company is killed every second.
    """
    with (
        benched(folder, aws=aws, work=False, attempts=12, **more) as bench,
        Nursery(bench.settings) as nursery,
        Killer(nursery, kills, apart, seed) as killer,
    ):
        yield bench, killer


def killed(
    folder: Path,
    kills: int,
    *,
    aws: AwsDouble | None = None,
    at_once: int = 3,
    apart: tuple[float, float] = (0.2, 2.5),
    seed: int = SEED,
) -> Count:
    """Sessions, some at once, until that many kills have hit them; the count of it all."""
    lease = 1.0 if aws is None else 2.0
    name = f"worker killed {kills} times, {'embedded parts' if aws is None else 'AWS'}"
    rounds: list[Count] = []
    with killing(folder, kills, aws=aws, apart=apart, seed=seed, lease_seconds=lease) as (bench, killer):
        while killer.left:
            killer.allow()
            rounds.append(session(name, opened(bench, at_once, f"Round {len(rounds)} model")))
    return replace(total(name, rounds), struck=kills)


def total(name: str, counts: list[Count]) -> Count:
    """The sum of several."""
    fields = ("runs", "finished", "explained", "sent", "kept", "doubled", "missing", "struck", "seconds")
    summed: dict[str, Any] = {field: sum(getattr(c, field) for c in counts) for field in fields}
    return Count(name, **summed, dead=max((c.dead for c in counts), default=0))
