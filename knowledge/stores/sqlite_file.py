"""Opening the embedded store's file: its schema, its version, its modes."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from knowledge.stores.base import StoreError

VERSION = 1
"""The version of sqlite.sql."""

CACHE_KIB = 32_768
"""What a connection keeps of the file in memory at most; SQLite's own 2 MiB are too little."""

BUSY_SECONDS = 30.0
"""How long a writer waits for another one."""


def open_file(path: str) -> sqlite3.Connection:
    """A connection, in autocommit mode, to a store of this version; StoreError or sqlite3.Error if not."""
    if path != ":memory:":
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        except OSError as e:
            raise StoreError(f"The folder of the knowledge store {path} cannot be made: {e.strerror}.") from e
    db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        _prepare(db, path)
    except BaseException:
        db.close()
        raise
    return db


def _prepare(db: sqlite3.Connection, path: str) -> None:
    db.execute("PRAGMA foreign_keys = ON")
    _use_wal(db)
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    db.execute("BEGIN IMMEDIATE")
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        db.execute("ROLLBACK")
        raise StoreError(
            f"The knowledge store {path} is of schema version {version}, newer than this program's {VERSION}:"
            " use the program that wrote it, or another file."
        )
    if version < VERSION:
        if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            db.execute("ROLLBACK")
            raise StoreError(f"{path} is an SQLite file of something else, not a knowledge store.")
        for statement in _statements(files("knowledge.stores").joinpath("sqlite.sql").read_text("utf-8")):
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {VERSION}")
    db.execute("COMMIT")


def _use_wal(db: sqlite3.Connection) -> None:
    """Readers go on while one writes. Changing the mode does not wait for others by itself, so ask again."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def roll_back(db: sqlite3.Connection) -> None:
    """End the transaction, if the failure has not ended it already."""
    if db.in_transaction:
        db.execute("ROLLBACK")


def _statements(script: str) -> Iterator[str]:
    """The script's statements one by one: executescript would commit the transaction around them."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
