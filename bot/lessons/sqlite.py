"""The embedded lessons: one table in the file of the records."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bot.lessons.base import MODELS, Home, LessonCounts
from bot.lessons.packing import counted, pack, within
from bot.records.sqlite import VERSION
from bot.sqlite import Database

if TYPE_CHECKING:
    from agent.domain.lesson import Teaching

SCHEMA = """
CREATE TABLE IF NOT EXISTS lessons (
  workspace TEXT NOT NULL, model TEXT NOT NULL, channel TEXT NOT NULL, private INTEGER NOT NULL,
  enterprise TEXT NOT NULL, created REAL NOT NULL, at REAL NOT NULL, body BLOB NOT NULL,
  PRIMARY KEY (workspace, model)
);
CREATE INDEX IF NOT EXISTS lessons_newest ON lessons (workspace, created);
CREATE INDEX IF NOT EXISTS lessons_enterprise ON lessons (enterprise, workspace)
"""
DAY = 86_400
_NAMES = "workspace, model, channel, private, enterprise, created, at, body"


class SqliteLessons:
    """Lessons on SQLite.

    Args:
        path: the records' file.
        clock: seconds since the epoch, for ages.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._db = Database(path, SCHEMA, version=VERSION)
        self._clock = clock

    def keep(self, home: Home, teaching: Teaching) -> None:
        """See Lessons."""
        if not teaching.lessons:
            self.unlearn(home.workspace, teaching.model)
            return
        row = (
            home.workspace,
            teaching.model,
            home.channel,
            home.private,
            home.enterprise,
            home.created.timestamp(),
            self._clock(),
            pack(teaching),
        )
        with self._db.write() as db:
            db.execute(f"INSERT OR REPLACE INTO lessons ({_NAMES}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)  # noqa: S608 - our words

    def of(self, workspace: str, channel: str, limit: int = MODELS) -> tuple[Teaching, ...]:
        """See Lessons."""
        return within((body for body, *_ in self._told(workspace, channel, limit)), limit)

    def counts(self, workspace: str, channel: str) -> LessonCounts:
        """See Lessons."""
        told = self._told(workspace, channel, MODELS)
        return counted((body, (where == channel, bool(private))) for body, where, private in told)

    def _told(self, workspace: str, channel: str, limit: int) -> list[tuple[bytes, str, int]]:
        rows = self._db.read.execute(
            "SELECT body, channel, private FROM lessons WHERE workspace = ? AND (private = 0 OR channel = ?) "
            "ORDER BY created DESC, model DESC LIMIT ?",
            (workspace, channel, limit),
        )
        return rows.fetchall()

    def unlearn(self, workspace: str, model: str = "") -> int:
        """See Lessons; what was deleted does not stay in the file."""
        self._db.read.execute("PRAGMA secure_delete = ON")
        with self._db.write() as db:
            return db.execute(
                "DELETE FROM lessons WHERE workspace = ? AND (? = '' OR model = ?)", (workspace, model, model)
            ).rowcount

    def workspaces(self, enterprise: str) -> tuple[str, ...]:
        """See Lessons."""
        rows = self._db.read.execute(
            "SELECT DISTINCT workspace FROM lessons WHERE enterprise = ? AND enterprise != '' "
            "ORDER BY workspace",
            (enterprise,),
        )
        return tuple(str(workspace) for (workspace,) in rows.fetchall())

    def forget(self, days: int) -> int:
        """Delete what models taught that nobody has judged or made anew for so many days; how many."""
        self._db.read.execute("PRAGMA secure_delete = ON")
        with self._db.write() as db:
            return db.execute("DELETE FROM lessons WHERE at <= ?", (self._clock() - days * DAY,)).rowcount

    def close(self) -> None:
        """See Lessons."""
        self._db.close()
