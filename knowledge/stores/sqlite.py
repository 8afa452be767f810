"""The embedded KnowledgeStore: one SQLite file with a full-text index and, given an embedder, vectors."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

from knowledge.embedders.base import Embedder
from knowledge.fusion import DEPTH, SUB_DEPTH, Fused, by_score, fuse, hits
from knowledge.passages import Hit, Passage, Query
from knowledge.stores import sqlite_rows as rows
from knowledge.stores.base import StoreError
from knowledge.stores.sqlite_file import open_file, roll_back
from knowledge.stores.vectors import Vectors, embedded, packed
from knowledge.words import names_identifier, phrase, terms

POSTINGS = 10_000
"""How many matches the question may rank. Common words are left out first: they cost most and tell least."""

SHARE = 0.1
"""The part of that for each sub-query: it says what it wants in few and rare words."""

BESIDE = 0.3
"""The part of it that the question has where it is also searched by meaning, which finds the rest."""

BATCH = 256
"""How many texts an embedder is given at once."""

CACHED = 20_000
"""How many terms' numbers of matches are remembered."""

ANSWERS = 2_000
"""How many rankings of sub-queries that name an identifier are remembered: the bridge has a fixed table."""

NAMES = 500_000
"""How many rows' ids are remembered: all of them up to a store of this size, about 100 bytes each."""

Numbered = list[tuple[int, float]]
"""A ranking of row numbers, best first."""


class SqliteStore:
    """See KnowledgeStore.

    Args:
        path: the file, made with its folders when missing, or ":memory:".
        embedder: when given, passages are kept with vectors of it and searched by meaning as well
            (needs numpy). Vectors of another embedder are passed over, see `embed_missing`.
        postings: how many matches one question may rank; see POSTINGS.
    """

    def __init__(
        self, path: Path | str = ":memory:", *, embedder: Embedder | None = None, postings: int = POSTINGS
    ) -> None:
        self._path = str(path)
        self._embedder = embedder
        self._postings = postings
        self._lock = RLock()
        self._writes = 0
        self._seen: tuple[int, int] | None = None
        self._matches: dict[str, int] = {}
        self._answers: dict[tuple[str, ...], Numbered] = {}
        self._names: dict[int, str] = {}
        self._vectors: Vectors | None = None
        self._helper = ThreadPoolExecutor(1, "vectors") if embedder else None
        with self._failing():
            self._db = open_file(self._path)

    # writing

    def upsert(self, passages: Iterable[Passage]) -> int:
        """See KnowledgeStore. Texts are embedded before the file is locked for writing."""
        kept = list({p.id: p for p in passages}.values())
        name = self._embedder.name if self._embedder else ""
        vectors = self._embedded(self._embedder, kept) if self._embedder else {}
        with self._writing() as db:
            for passage in kept:
                row = rows.put(db, passage)
                if passage.id in vectors:
                    rows.put_vector(db, row, name, vectors[passage.id])
        return len(kept)

    def delete_source(self, source: str) -> int:
        """See KnowledgeStore."""
        with self._writing() as db:
            return db.execute("DELETE FROM passage WHERE source = ?", (source,)).rowcount

    def delete(self, ids: Iterable[str]) -> int:
        """See KnowledgeStore."""
        with self._writing() as db:
            return db.execute(rows.DELETE, (json.dumps(list(ids)),)).rowcount

    def reindex(self) -> int:
        """See Tended. The index of words is built anew out of the passages; none is moved, so 0."""
        with self._writing() as db:
            db.execute(rows.REBUILD)
        return 0

    def embed_missing(self) -> int:
        """Give every passage that lacks a vector of this store's embedder one; how many.

        Each batch is kept at once, so a call that was killed goes on where it stopped.
        """
        done = 0
        while self._embedder is not None:
            with self._reading() as db:
                todo = rows.lacking_vectors(db, self._embedder.name, BATCH)
            if not todo:
                break
            vectors = packed(self._embedder, [rows.meant(title, text) for _, title, text in todo])
            with self._writing() as db:
                for row, vector in zip(todo, vectors, strict=True):
                    rows.put_vector(db, row, self._embedder.name, vector)
            done += len(todo)
        return done

    # reading

    def get(self, ids: Iterable[str]) -> tuple[Passage, ...]:
        """See KnowledgeStore; an id asked for twice is answered once."""
        wanted = list(dict.fromkeys(ids))
        with self._reading() as db:
            found = rows.by_id(db, wanted)
        return tuple(found[id_] for id_ in wanted if id_ in found)

    def search(self, query: Query) -> tuple[Hit, ...]:
        """See KnowledgeStore. The text and each sub-query are ranked alone, then together."""
        asked = list(dict.fromkeys(text for text in (query.text, *query.sub_queries) if text.strip()))
        if not asked:
            return ()
        meant = self._meant(asked)
        with self._reading() as db:
            self._notice_writes(db)
            where, values = rows.filters(query)
            meaning = self._by_meaning(db, meant, where, values)
            budget = int(self._postings * BESIDE) if meant[0] else self._postings
            by_words = [self._by_words(db, asked[0], max(1, budget), DEPTH, where, values)]
            by_words += [self._sub_query(db, text, where, values) for text in asked[1:]]
            by_meaning = meaning()
            ranking = fuse(self._named(db, by_words, by_meaning))[: query.limit]
            return hits(ranking, rows.by_id(db, [id_ for id_, _ in ranking]))

    def ids(self, source: str) -> tuple[str, ...]:
        """See KnowledgeStore."""
        with self._reading() as db:
            return tuple(id_ for (id_,) in db.execute(rows.OF_SOURCE, (source,)))

    def counts(self) -> dict[str, int]:
        """See KnowledgeStore."""
        with self._reading() as db:
            found = db.execute("SELECT source, count(*) FROM passage GROUP BY source ORDER BY source")
            return dict(found.fetchall())

    def describe(self) -> str:
        """See Tended."""
        counted = sum(self.counts().values())
        how = "by words alone"
        if self._embedder:
            with self._reading() as db:
                bare = db.execute(rows.BARE, (self._embedder.name,)).fetchone()[0]
            how = f"by words and by {self._embedder.name} ({self._embedder.dimension} dimensions)"
            how += f", {bare} of them still without a vector" if bare else ""
        return f"{self._path}: {counted} passages, searched {how}"

    def close(self) -> None:
        """See KnowledgeStore; closing twice is fine, any other call afterwards is a StoreError."""
        if self._helper:
            self._helper.shutdown()
        with self._lock:
            self._db.close()

    # inside

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as e:
            raise StoreError(f"The knowledge store {self._path} failed: {e}.") from e

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """One consistent view of the file for everything inside."""
        with self._lock, self._failing():
            self._db.execute("BEGIN")
            try:
                yield self._db
            finally:
                roll_back(self._db)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._failing():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                roll_back(self._db)
                raise
            self._writes += 1

    def _notice_writes(self, db: sqlite3.Connection) -> None:
        """Forget what was cached when this or another process has written since."""
        state = (db.execute("PRAGMA data_version").fetchone()[0], self._writes)
        if state != self._seen:
            self._seen, self._vectors = state, None
            for known in (self._matches, self._answers, self._names):
                known.clear()

    def _embedded(self, embedder: Embedder, passages: Sequence[Passage]) -> dict[str, bytes]:
        """A vector for each passage; one whose text has not changed keeps the one it has."""
        with self._reading() as db:
            known = rows.known_vectors(db, embedder.name, passages)
        todo = [(p.id, text) for p in passages if p.id not in known and (text := rows.meant(p.title, p.text))]
        for start in range(0, len(todo), BATCH):
            batch = todo[start : start + BATCH]
            made = packed(embedder, [text for _, text in batch])
            known.update(zip((id_ for id_, _ in batch), made, strict=True))
        return known

    def _meant(self, asked: Sequence[str]) -> list[list[float]]:
        """A vector for each text; an empty one without an embedder, and for what names its identifier."""
        if self._embedder is None:
            return [[] for _ in asked]
        wanted = [text for text in asked if not names_identifier(text)]
        vectors = dict(zip(wanted, embedded(self._embedder, wanted), strict=True))
        return [vectors.get(text, []) for text in asked]

    def _sub_query(self, db: sqlite3.Connection, text: str, where: str, values: list[str]) -> Numbered:
        """The ranking for one sub-query; one that names an identifier is remembered."""
        budget = max(1, int(self._postings * SHARE))
        if not names_identifier(text):
            return self._by_words(db, text, budget, SUB_DEPTH, where, values)
        key = (text, where, *values)
        if key not in self._answers:
            if len(self._answers) >= ANSWERS:
                self._answers.clear()
            self._answers[key] = self._by_words(db, text, budget, SUB_DEPTH, where, values)
        return self._answers[key]

    def _by_words(
        self, db: sqlite3.Connection, text: str, budget: int, depth: int, where: str, values: list[str]
    ) -> Numbered:
        match = self._match(db, terms(text), budget)
        if not match:
            return []
        sql = rows.RANKED + where + rows.FIRST
        limit = depth + 32
        found = db.execute(sql, (match, *values, limit)).fetchall()
        while len(found) == limit and found[-1][1] == found[depth - 1][1]:
            limit *= 4  # a tie runs over the edge: all of it is needed to break it by id
            found = db.execute(sql, (match, *values, limit)).fetchall()
        return [(number, -score) for number, score in found]

    def _match(self, db: sqlite3.Connection, wanted: Sequence[str], budget: int) -> str:
        """The FTS5 expression for these words: the rarest ones, up to so many matches in all."""
        counted = sorted(((self._count(db, term), term) for term in wanted), key=lambda pair: pair[0])
        found = [(count, term) for count, term in counted if count]
        if not found:
            return ""
        kept, total = [found[0][1]], found[0][0]
        if total > budget:
            titles = f"title : {phrase(kept[0])}"
            return titles if self._count(db, titles, raw=True) else phrase(kept[0])
        for count, term in found[1:]:
            total += count
            if total > budget:
                break
            kept.append(term)
        return " OR ".join(phrase(term) for term in kept)

    def _count(self, db: sqlite3.Connection, term: str, *, raw: bool = False) -> int:
        """How many passages hold the term, counted no further than needed to know that it is common."""
        match = term if raw else phrase(term)
        if match not in self._matches:
            if len(self._matches) >= CACHED:
                self._matches.clear()
            self._matches[match] = db.execute(rows.COUNT, (match, self._postings + 1)).fetchone()[0]
        return self._matches[match]

    def _by_meaning(
        self, db: sqlite3.Connection, meant: list[list[float]], where: str, values: list[str]
    ) -> Callable[[], list[Numbered]]:
        """Starts the search by meaning beside that by words; what is returned waits for its rankings."""
        asked = [vector for vector in meant if vector]
        if self._embedder is None or self._helper is None or not asked:
            return lambda: [[] for _ in meant]
        if self._vectors is None:
            found = db.execute(rows.VECTORS, (self._embedder.name,))
            self._vectors = Vectors(found, self._embedder.dimension)
        only = None
        if where:
            sql = rows.ALLOWED + where + rows.IN_ORDER
            only = [number for (number,) in db.execute(sql, values)]
        near = self._helper.submit(self._vectors.nearest, asked, DEPTH, only)

        def wait() -> list[Numbered]:
            rankings = iter(near.result())
            return [next(rankings) if vector else [] for vector in meant]

        return wait

    def _named(
        self,
        db: sqlite3.Connection,
        by_words: list[Numbered],
        by_meaning: list[Numbered],
    ) -> list[dict[str, Fused]]:
        """Rankings of row numbers as fused answers by passage id, ties in the order of the ids."""
        names = self._names
        if not names:
            names.update(db.execute(rows.ALL_NAMES, (NAMES,)).fetchall())
        found = {number for ranking in (*by_words, *by_meaning) for number, _ in ranking}
        if new := found - names.keys():
            names = names | dict(db.execute(rows.NAMES, (json.dumps(sorted(new)),)).fetchall())

        def named(ranking: Numbered, depth: int) -> list[tuple[str, float]]:
            pairs = [(names[number], score) for number, score in ranking]
            return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:depth]

        depths = [DEPTH, *[SUB_DEPTH] * (len(by_words) - 1)]
        together = zip(by_words, by_meaning, depths, strict=True)
        return [by_score(named(w, depth), named(m, depth)) for w, m, depth in together]
