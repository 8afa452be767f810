"""One way to use SQLite: a connection a thread, WAL, and transactions that take the write lock at once."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.errors import ConfigurationError


class Database:
    """A file with a schema, safe for several threads and processes.

    Args:
        path: the file; its folder is made.
        schema: statements, each safe to repeat.
        version: of the schema; a file of a newer version is refused with ConfigurationError.
    """

    def __init__(self, path: Path, schema: str, version: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        with self.write() as db:
            (found,) = db.execute("PRAGMA user_version").fetchone()
            if found > version:
                raise ConfigurationError(
                    f"{path} was written by a newer threatbot (schema {found}, this one knows {version}). "
                    "Upgrade threatbot, or set THREATBOT_DATA_DIR to another folder."
                )
            for statement in schema.split(";"):
                if statement.strip():
                    db.execute(statement)
            if found != version:  # writing it would cost each start a flush of the disk
                db.execute(f"PRAGMA user_version = {version:d}")

    @property
    def read(self) -> sqlite3.Connection:
        """This thread's connection, for reading."""
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            db = sqlite3.connect(self._path, timeout=30, isolation_level=None, check_same_thread=False)
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("PRAGMA journal_mode = WAL")
            self._local.db = db
            with self._lock:
                self._open.append(db)
        return db

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction that holds the write lock from its start; undone when the block raises."""
        db = self.read
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:  # SQLite undoes some failures by itself
                db.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Close every thread's connection."""
        with self._lock:
            for db in self._open:
                db.close()
            self._open.clear()
        self._local = threading.local()
