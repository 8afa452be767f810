"""The embedded job queue: one SQLite file."""

from __future__ import annotations

import logging
import secrets
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from agent.errors import InputError
from bot.jobs import Claim, DeadLetter, Job, decode, encode, pause_after
from bot.sqlite import Database

log = logging.getLogger("threatbot.queue")

SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  model TEXT NOT NULL,
  body TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting',
  attempts INTEGER NOT NULL DEFAULT 0,
  receipt TEXT NOT NULL DEFAULT '',
  until REAL NOT NULL DEFAULT 0,
  error TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS jobs_open ON jobs (model, seq) WHERE state = 'waiting'
"""

# The head of each model's line, when nobody holds it and its pause is over.
NEXT = """
SELECT seq, body, attempts FROM jobs AS j
WHERE state = 'waiting' AND until <= :now
  AND seq = (SELECT MIN(seq) FROM jobs WHERE model = j.model AND state = 'waiting')
ORDER BY seq LIMIT 1
"""


DAY = 86_400
DONE_DAYS = 7
"""How long a job that was done is known: as long as the records know its delivery."""
DEAD_DAYS = 14
"""How long a dead letter waits for somebody, as on SQS."""


class SqliteQueue:
    """JobQueue on SQLite. `until` is both the lease's end and the end of the pause after a failure.

    Args:
        path: the file.
        lease: seconds without `extend` after which a claimed job is given to another worker.
        attempts: tries before a job becomes a dead letter.
        pause: seconds before the second try; see pause_after.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        path: Path,
        *,
        lease: float = 30.0,
        attempts: int = 4,
        pause: float = 3.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._db = Database(path, SCHEMA, version=1)
        self._lease = lease
        self._attempts = attempts
        self._pause = pause
        self._clock = clock

    def send(self, job: Job) -> bool:
        """See JobQueue."""
        with self._db.write() as db:
            cursor = db.execute(
                "INSERT INTO jobs (id, model, body) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING",
                (job.id, job.model, encode(job)),
            )
            return cursor.rowcount == 1

    def claim(self) -> Claim | None:
        """See JobQueue."""
        if self._db.read.execute(NEXT, {"now": self._clock()}).fetchone() is None:
            return None  # the common case, without the write lock
        with self._db.write() as db:
            row = db.execute(NEXT, {"now": self._clock()}).fetchone()
            if row is None:
                return None
            seq, body, attempts = row
            receipt = f"{seq}:{secrets.token_hex(8)}"
            db.execute(
                "UPDATE jobs SET attempts = ?, receipt = ?, until = ? WHERE seq = ?",
                (attempts + 1, receipt, self._clock() + self._lease, seq),
            )
        attempt = attempts + 1
        last, spent = attempt >= self._attempts, attempt > self._attempts
        try:
            return Claim(job=decode(body), receipt=receipt, attempt=attempt, last=last, spent=spent)
        except InputError as error:  # it must not hold up its model; an upgrade and `redrive` bring it back
            log.error("a job was put aside: %s", error.message)  # noqa: TRY400 - no traceback of ours helps
            db.execute("UPDATE jobs SET state = 'unreadable', error = ? WHERE seq = ?", (error.message, seq))
            return self.claim()

    def extend(self, claim: Claim) -> bool:
        """See JobQueue."""
        return self._set(claim, "until = ?", self._clock() + self._lease)

    def holds(self, claim: Claim) -> bool:
        """See JobQueue."""
        row = self._db.read.execute(
            "SELECT 1 FROM jobs WHERE receipt = ? AND state = 'waiting' AND until > ?",
            (claim.receipt, self._clock()),
        ).fetchone()
        return row is not None

    def complete(self, claim: Claim) -> bool:
        """See JobQueue. Only the id of what is done stays, so that it is not done again."""
        return self._set(claim, "body = '', state = ?", "done")

    def fail(self, claim: Claim, error: str) -> None:
        """See JobQueue."""
        if claim.last:
            self._set(claim, "state = 'dead', error = ?", error)
        else:
            until = self._clock() + pause_after(claim.attempt, self._pause)
            self._set(claim, "receipt = '', until = ?", until)

    def _set(self, claim: Claim, assignment: str, value: object) -> bool:
        with self._db.write() as db:
            cursor = db.execute(
                f"UPDATE jobs SET {assignment} WHERE receipt = ? AND state = 'waiting'",  # noqa: S608 - our words
                (value, claim.receipt),
            )
            return cursor.rowcount == 1

    def dead_letters(self) -> tuple[DeadLetter, ...]:
        """See JobQueue. What is no job of this version is passed over; `redrive` puts it back as well."""
        rows = self._db.read.execute("SELECT body, error FROM jobs WHERE state = 'dead' ORDER BY seq")
        found: list[DeadLetter] = []
        for body, error in rows:
            try:
                found.append(DeadLetter(job=decode(body), error=error))
            except InputError as unreadable:
                log.warning("a dead letter is passed over: %s", unreadable.message)
        return tuple(found)

    def redrive(self) -> int:
        """See JobQueue."""
        with self._db.write() as db:
            rows: list[sqlite3.Row] = db.execute(
                "SELECT id FROM jobs WHERE state IN ('dead', 'unreadable') ORDER BY seq"
            ).fetchall()
            for (id_,) in rows:
                db.execute(
                    "UPDATE jobs SET seq = (SELECT MAX(seq) + 1 FROM jobs), state = 'waiting', "
                    "attempts = 0, receipt = '', until = 0, error = '' WHERE id = ?",
                    (id_,),
                )
            return len(rows)

    def depth(self) -> int:
        """See JobQueue."""
        (count,) = self._db.read.execute("SELECT COUNT(*) FROM jobs WHERE state = 'waiting'").fetchone()
        return int(count)

    def forget(self, days: int) -> int:
        """Forget which jobs were done a week ago, and dead letters after two; how many of these.

        As on SQS it does not go by the retention: `days` only shortens it.
        """
        now = self._clock()
        self._db.read.execute("PRAGMA secure_delete = ON")  # what was deleted does not stay in the file
        with self._db.write() as db:
            db.execute("UPDATE jobs SET body = '' WHERE state = 'done' AND body != ''")  # of earlier versions
            ages = (now - min(days, age) * DAY for age in (DONE_DAYS, DEAD_DAYS))
            db.execute("DELETE FROM jobs WHERE state = 'done' AND until <= ?", (next(ages),))
            dead = "DELETE FROM jobs WHERE state IN ('dead', 'unreadable') AND until <= ?"
            return db.execute(dead, (next(ages),)).rowcount

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()
