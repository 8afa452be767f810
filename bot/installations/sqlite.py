"""The embedded installations: one SQLite file that only its owner may read.

The tokens stand in it as they are: whoever reads the file as this user could read a key beside it as well.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

from agent.errors import NotFound
from bot.installations.base import Installation
from bot.sqlite import Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS installations (
  key TEXT PRIMARY KEY, workspace TEXT NOT NULL, enterprise TEXT NOT NULL, name TEXT NOT NULL,
  app TEXT NOT NULL, bot_token TEXT NOT NULL, refresh_token TEXT NOT NULL, expires REAL NOT NULL,
  bot_user TEXT NOT NULL, scopes TEXT NOT NULL, installed REAL NOT NULL, by TEXT NOT NULL,
  revoked REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS reaches (
  organisation TEXT NOT NULL, workspace TEXT NOT NULL, reached INTEGER NOT NULL, at REAL NOT NULL,
  PRIMARY KEY (organisation, workspace)
);
CREATE TABLE IF NOT EXISTS places (
  organisation TEXT NOT NULL, thing TEXT NOT NULL, workspace TEXT NOT NULL, until REAL NOT NULL,
  PRIMARY KEY (organisation, thing)
);
CREATE TABLE IF NOT EXISTS tickets (id TEXT PRIMARY KEY, until REAL NOT NULL)
"""
_NAMES = ", ".join(f.name for f in fields(Installation))
_OWNER_ONLY = 0o600


class SqliteInstallations:
    """Installations on SQLite.

    Args:
        path: the file; made with mode 0600, and an existing one is set to it.
        clock: seconds since the epoch, for used tickets.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, _OWNER_ONLY))
        path.chmod(_OWNER_ONLY)  # SQLite makes the files beside it alike
        self._db = Database(path, SCHEMA, version=1)
        self._clock = clock

    def save(self, installation: Installation) -> None:
        """See Installations."""
        values = _values(installation)
        with self._db.write() as db:
            db.execute(
                f"INSERT OR REPLACE INTO installations (key, {_NAMES}) VALUES (?{', ?' * len(values)})",  # noqa: S608 - our words
                (installation.key, *values),
            )

    def find(self, key: str) -> Installation | None:
        """See Installations."""
        row = self._db.read.execute(
            f"SELECT {_NAMES} FROM installations WHERE key = ?",  # noqa: S608 - our words
            (key,),
        ).fetchone()
        return _installation(row) if row else None

    def rotate(self, before: Installation, after: Installation) -> Installation:
        """See Installations."""
        with self._db.write() as db:
            db.execute(
                "UPDATE installations SET bot_token = ?, refresh_token = ?, expires = ? "
                "WHERE key = ? AND refresh_token = ? AND revoked = 0",
                (after.bot_token, after.refresh_token, after.expires, before.key, before.refresh_token),
            )
            found = self.find(before.key)
        if found is None or found.revoked:
            raise NotFound(f"The app is not installed in {before.name or before.key} any more.")
        return found

    def revoke(self, key: str, at: float) -> bool:
        """See Installations."""
        with self._db.write() as db:
            cursor = db.execute(
                "UPDATE installations SET bot_token = '', refresh_token = '', expires = 0, revoked = ? "
                "WHERE key = ? AND installed < ? AND revoked = 0",
                (at, key, at),
            )
            return cursor.rowcount == 1

    def set_reach(self, organisation: str, workspace: str, *, reached: bool, at: float) -> bool:
        """See Installations."""
        with self._db.write() as db:
            cursor = db.execute(
                "INSERT INTO reaches (organisation, workspace, reached, at) VALUES (?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET reached = excluded.reached, at = excluded.at "
                "WHERE at <= excluded.at",
                (organisation, workspace, reached, at),
            )
            return cursor.rowcount == 1

    def cut_off(self, organisation: str, workspace: str) -> float:
        """See Installations."""
        row = self._db.read.execute(
            "SELECT at FROM reaches WHERE organisation = ? AND workspace = ? AND NOT reached",
            (organisation, workspace),
        ).fetchone()
        return float(row[0]) if row else 0.0

    def settle(
        self, organisation: str, thing: str, workspace: str, *, instead_of: str = "", until: float = 0.0
    ) -> str:
        """See Installations."""
        with self._db.write() as db:
            db.execute("DELETE FROM places WHERE until > 0 AND until < ?", (self._clock(),))
            db.execute(
                "INSERT INTO places (organisation, thing, workspace, until) VALUES (?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET workspace = excluded.workspace, until = excluded.until "
                "WHERE workspace = ?",
                (organisation, thing, workspace, until, instead_of),
            )
            return self.place(organisation, thing)

    def place(self, organisation: str, thing: str) -> str:
        """See Installations."""
        row = self._db.read.execute(
            "SELECT workspace FROM places WHERE organisation = ? AND thing = ? AND (until = 0 OR until >= ?)",
            (organisation, thing, self._clock()),
        ).fetchone()
        return str(row[0]) if row else ""

    def spend(self, ticket: str, until: float) -> bool:
        """See Installations."""
        with self._db.write() as db:
            db.execute("DELETE FROM tickets WHERE until < ?", (self._clock(),))
            cursor = db.execute("INSERT OR IGNORE INTO tickets (id, until) VALUES (?, ?)", (ticket, until))
            return cursor.rowcount == 1

    def close(self) -> None:
        """See Installations."""
        self._db.close()


def _values(installation: Installation) -> tuple[Any, ...]:
    return tuple(" ".join(v) if isinstance(v, tuple) else v for v in astuple(installation))


def _installation(row: tuple[Any, ...]) -> Installation:
    found = dict(zip((f.name for f in fields(Installation)), row, strict=True))
    return Installation(**{**found, "scopes": tuple(found["scopes"].split())})
