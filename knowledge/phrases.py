"""A small index of phrases by their words, in memory: quick to make, and asked many times."""

from __future__ import annotations

import json
import sqlite3
import weakref
from collections.abc import Iterable, Sequence
from threading import Lock

from knowledge.fusion import DEPTH, by_score, ordered
from knowledge.passages import Passage
from knowledge.wording import meanings
from knowledge.words import phrase, terms

_TABLE = (
    "CREATE VIRTUAL TABLE says USING fts5 (id, title, text, technologies, source UNINDEXED, name UNINDEXED,"
    " tokenize = 'porter unicode61 remove_diacritics 2')"
)
_PUT = "INSERT INTO says (id, title, text, technologies, source, name) VALUES (?, ?, ?, ?, ?, ?)"
_NEAR = "SELECT name, -bm25(says, 4.0, 2.0, 1.0, 0.3) AS score FROM says WHERE says MATCH ?"
_OF = " AND source IN (SELECT value FROM json_each(?))"
_FIRST = " ORDER BY score DESC, name LIMIT ?"

TERMS = 96
"""Words and classes of a text that are looked for at most."""


class Phrases:
    """Finds passages by their words and by the classes of their words. Safe for several threads.

    Args:
        said: in anybody's words; they are found by classes too.
        named: in the catalogues' words; found as they are.
    """

    def __init__(self, said: Iterable[Passage], named: Iterable[Passage]) -> None:
        self._lock = Lock()
        self._db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, self._db.close)  # where nobody closes it: one index may serve a whole process
        self._db.execute(_TABLE)
        self._db.execute("BEGIN")
        self._db.executemany(_PUT, ((p.id, "", classed(p.text), "", p.source, p.id) for p in said))
        self._db.executemany(
            _PUT, ((p.id, p.title, p.text, " ".join(p.technologies), p.source, p.id) for p in named)
        )
        self._db.execute("COMMIT")

    def near(
        self, text: str, sources: Sequence[str], limit: int, *, by_class: bool = False
    ) -> list[tuple[str, float]]:
        """Ids of the nearest passages with scores of 0 to 1, best first.

        Args:
            text: what is said.
            sources: only passages of these; all when empty.
            limit: how many.
            by_class: look for the classes of its words as well.
        """
        wanted = classed(text) if by_class else text
        match = " OR ".join(phrase(term) for term in terms(wanted, limit=TERMS))
        if not match:
            return []
        asked = (match, json.dumps(list(sources)), DEPTH) if sources else (match, DEPTH)
        with self._lock:
            found = self._db.execute(_NEAR + (_OF if sources else "") + _FIRST, asked).fetchall()
        return [(id_, one.score) for id_, one in ordered(by_score(found, ()))][:limit]

    def close(self) -> None:
        """Let go of the index."""
        with self._lock:
            self._db.close()


def classed(text: str) -> str:
    """The text, and the classes of its words as words that nobody writes."""
    return " ".join((text, *(f"zz{name.replace('-', '')}" for name in meanings(text))))
