"""What the embedded parts' database promises when something fails."""

import sqlite3
from pathlib import Path

import pytest

from bot.sqlite import Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS models (id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS runs (model TEXT REFERENCES models DEFERRABLE INITIALLY DEFERRED)
"""


def test_a_transaction_that_cannot_be_kept_is_undone(tmp_path: Path) -> None:
    """When the commit itself fails, as on a full disk, the next transaction of the same thread works."""
    database = Database(tmp_path / "some.db", SCHEMA, version=1)
    database.read.execute("PRAGMA foreign_keys = ON")
    with pytest.raises(sqlite3.IntegrityError), database.write() as db:
        db.execute("INSERT INTO runs VALUES ('unknown')")
    with database.write() as db:
        db.execute("INSERT INTO models VALUES ('tm-1')")
        db.execute("INSERT INTO runs VALUES ('tm-1')")

    assert database.read.execute("SELECT model FROM runs").fetchall() == [("tm-1",)]
    database.close()


def test_the_error_that_undid_a_transaction_is_the_one_that_is_seen(tmp_path: Path) -> None:
    """Where SQLite has undone the transaction by itself, the reason is raised, not that nothing is open."""
    database = Database(tmp_path / "some.db", SCHEMA, version=1)
    with database.write() as db:
        db.execute("INSERT INTO models VALUES ('tm-1')")
    with pytest.raises(sqlite3.IntegrityError), database.write() as db:
        db.execute("INSERT OR ROLLBACK INTO models VALUES ('tm-1')")

    database.close()
