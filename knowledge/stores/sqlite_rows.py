"""Passages as rows of the embedded store, and the SQL that reads and writes them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from knowledge.passages import Passage, Query

Text = tuple[int, str, str]
"""A row's number, title and text."""

RANKED = "SELECT rowid, bm25(words, 4.0, 2.0, 1.0, 0.3) AS score FROM words WHERE words MATCH ?"
FIRST = " ORDER BY score LIMIT ?"
COUNT = "SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT ?)"
ALLOWED = "SELECT number FROM passage WHERE 1"
IN_ORDER = " ORDER BY number"
ALL_NAMES = "SELECT number, id FROM passage LIMIT ?"  # out of the index of ids, not the wide rows
NAMES = "SELECT number, id FROM passage WHERE number IN (SELECT value FROM json_each(?))"
VECTORS = "SELECT passage, value FROM vector WHERE embedder = ? ORDER BY passage"

OF_SOURCE = "SELECT id FROM passage WHERE source = ? ORDER BY id"
DELETE = "DELETE FROM passage WHERE id IN (SELECT value FROM json_each(?))"

REBUILD = "INSERT INTO words (words) VALUES ('rebuild')"
BARE = (
    "SELECT count(*) FROM passage LEFT JOIN vector ON passage = number AND embedder = ?"
    " WHERE value IS NULL AND title || text <> ''"
)

_FILTERS = {  # the plus keeps SQLite from asking the full-text index once for each allowed row
    "sources": " AND +rowid IN (SELECT number FROM passage WHERE source IN (SELECT value FROM json_each(?)))",
    "kinds": " AND +rowid IN (SELECT number FROM passage WHERE kind IN (SELECT value FROM json_each(?)))",
    "technologies": " AND +rowid IN (SELECT passage FROM label WHERE name = 'technology'"
    " AND value IN (SELECT value FROM json_each(?)))",
    "stride": " AND +rowid IN (SELECT passage FROM label WHERE name = 'stride'"
    " AND value IN (SELECT value FROM json_each(?)))",
}
_COLUMNS = "id, source, kind, title, text, url, licence, stride, technologies, related"
_ROWS = f"SELECT {_COLUMNS} FROM passage WHERE id IN (SELECT value FROM json_each(?))"  # noqa: S608 - constants
_PUT = (
    f"INSERT INTO passage ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT (id) DO UPDATE SET "  # noqa: S608 - constants
    + ", ".join(f"{c} = excluded.{c}" for c in _COLUMNS.split(", ")[1:])
    + " RETURNING number"
)
_PUT_VECTOR = (
    "INSERT INTO vector (passage, embedder, value)"
    " SELECT number, ?, ? FROM passage WHERE number = ? AND title = ? AND text = ?"
    " ON CONFLICT (passage) DO UPDATE SET embedder = excluded.embedder, value = excluded.value"
)
_KNOWN = (
    "SELECT id, title, text, value FROM passage JOIN vector ON passage = number"
    " WHERE embedder = ? AND id IN (SELECT value FROM json_each(?))"
)
_LACKING = (
    "SELECT number, title, text FROM passage LEFT JOIN vector ON passage = number AND embedder = ?"
    " WHERE value IS NULL AND title || text <> '' ORDER BY number LIMIT ?"
)


def put(db: sqlite3.Connection, passage: Passage) -> Text:
    """Keep the passage and its labels; a vector of another text is forgotten (by a trigger)."""
    lists = (passage.stride, passage.technologies, passage.related)
    one = passage
    values = (one.id, one.source, one.kind, one.title, one.text, one.url, one.licence)
    (number,) = db.execute(_PUT, (*values, *(json.dumps(v, ensure_ascii=False) for v in lists))).fetchone()
    db.execute("DELETE FROM label WHERE passage = ?", (number,))
    labels = [("technology", v) for v in passage.technologies] + [("stride", v) for v in passage.stride]
    db.executemany(
        "INSERT OR IGNORE INTO label (name, value, passage) VALUES (?, ?, ?)", [(*v, number) for v in labels]
    )
    return (number, passage.title, passage.text)


def put_vector(db: sqlite3.Connection, row: Text, embedder: str, vector: bytes) -> None:
    """Keep the vector of this text, unless the row is gone or says something else by now."""
    number, title, text = row
    db.execute(_PUT_VECTOR, (embedder, vector, number, title, text))


def by_id(db: sqlite3.Connection, ids: Sequence[str]) -> dict[str, Passage]:
    """The passages with these ids."""
    return {row[0]: _passage(row) for row in db.execute(_ROWS, (json.dumps(ids),))}


def _passage(row: Sequence[str]) -> Passage:
    id_, source, kind, title, text, url, licence, stride, technologies, related = row
    return Passage(
        id=id_,
        source=source,
        kind=kind,
        title=title,
        text=text,
        url=url,
        licence=licence,
        stride=tuple(json.loads(stride)),
        technologies=tuple(json.loads(technologies)),
        related=tuple(json.loads(related)),
    )


def known_vectors(db: sqlite3.Connection, embedder: str, passages: Sequence[Passage]) -> dict[str, bytes]:
    """The vectors at hand, by id, for those passages whose title and text are the same in the store."""
    texts = {p.id: (p.title, p.text) for p in passages}
    rows = db.execute(_KNOWN, (embedder, json.dumps(list(texts))))
    return {id_: value for id_, title, text, value in rows if texts[id_] == (title, text)}


def lacking_vectors(db: sqlite3.Connection, embedder: str, limit: int) -> list[Text]:
    """The first rows that have no vector of this embedder."""
    return db.execute(_LACKING, (embedder, limit)).fetchall()


def filters(query: Query) -> tuple[str, list[str]]:
    """The query's filters as conditions to append to a WHERE clause, and their values."""
    where = ""
    values: list[str] = []
    for name, condition in _FILTERS.items():
        if wanted := getattr(query, name):
            where += condition
            values.append(json.dumps(wanted))
    return where, values


def meant(title: str, text: str) -> str:
    """What is embedded of a passage."""
    return f"{title}. {text}" if title and text else title + text
