from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pytest

from knowledge.passages import Hit, Passage, Query
from knowledge.stores.base import StoreError
from knowledge.stores.sqlite import SqliteStore
from tests.conftest import Requires
from tests.knowledge.store_contract import StoreContract, ids

_WRITER = """
import sys
from contextlib import closing
from knowledge.passages import Passage, Query
from knowledge.stores.sqlite import SqliteStore
path, name = sys.argv[1:]
with closing(SqliteStore(path)) as store:
    for round in range(20):
        store.upsert(Passage(id=f"{name}-{i}", source=name, title=f"{name} {round}", text="shared words")
                     for i in range(25))
        assert {h.passage.title for h in store.search(Query(text=name, limit=50))} == {f"{name} {round}"}
        if round % 5 == 4 and round < 19:
            assert store.delete_source(name) == 25
"""

_ENDLESS = """
import sys
from knowledge.passages import Passage
from knowledge.stores.sqlite import SqliteStore
store = SqliteStore(sys.argv[1])
passages = [Passage(id=f"p{i}", source="load", title="Load", text="w " * 400) for i in range(20000)]
print("go", flush=True)
store.upsert(passages)
"""


def _sound(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as db:
        db.execute("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)")
        return bool(db.execute("PRAGMA integrity_check").fetchone()[0] == "ok")


class TestSqliteStore(StoreContract):
    """The contract on a real file."""

    @pytest.fixture
    def opened(self, tmp_path: Path) -> Iterator[Callable[[], SqliteStore]]:
        """Handles on one file."""
        handles: list[SqliteStore] = []

        def open_one() -> SqliteStore:
            handles.append(SqliteStore(tmp_path / "deep" / "er" / "knowledge.db"))
            return handles[-1]

        yield open_one
        for handle in handles:
            handle.close()


def test_in_memory() -> None:
    """Without a path nothing is written anywhere and two stores share nothing."""
    with closing(SqliteStore()) as one, closing(SqliteStore()) as other:
        one.upsert([Passage(id="a", source="x", title="Here", text="")])
        assert ids(one, "here") == ["a"]
        assert other.counts() == {}


def test_several_processes_write_at_once(tmp_path: Path) -> None:
    """Three processes that write and delete in one file end without an error, a loss or a broken index."""
    path = tmp_path / "k.db"
    names = ("alpha", "beta", "gamma")
    running = [subprocess.Popen([sys.executable, "-c", _WRITER, str(path), n]) for n in names]
    assert [p.wait() for p in running] == [0, 0, 0]
    with closing(SqliteStore(path)) as store:
        assert store.counts() == dict.fromkeys(names, 25)
        assert len(ids(store, "shared", limit=200)) == 75
    assert _sound(path)


@pytest.mark.slow
def test_a_killed_load_leaves_nothing(tmp_path: Path) -> None:
    """A process killed in the middle of a load: the store opens again, sound, without any of it."""
    path = tmp_path / "k.db"
    with closing(SqliteStore(path)) as store:
        store.upsert([Passage(id="before", source="x", title="Before", text="")])
    process = subprocess.Popen([sys.executable, "-c", _ENDLESS, str(path)], stdout=subprocess.PIPE)
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"go\n"
        wal = path.with_name("k.db-wal")
        while process.poll() is None and (not wal.exists() or wal.stat().st_size < 1_000_000):
            pass
        assert process.poll() is None
        os.kill(process.pid, signal.SIGKILL)
    with closing(SqliteStore(path)) as store:
        assert store.counts() == {"x": 1}
    assert _sound(path)


def test_threads_share_one_store(tmp_path: Path) -> None:
    """Eight threads that write and search through one handle all get right answers."""
    with closing(SqliteStore(tmp_path / "k.db")) as store, ThreadPoolExecutor(8) as pool:

        def work(n: int) -> list[str]:
            store.upsert([Passage(id=f"t{n}", source="x", title=f"thread{n}", text="")])
            return ids(store, f"thread{n}")

        assert list(pool.map(work, range(40))) == [[f"t{n}"] for n in range(40)]
        assert store.counts() == {"x": 40}


def test_a_newer_file_is_refused(tmp_path: Path) -> None:
    """A file of a later schema is not touched; the message names the file and both versions."""
    path = tmp_path / "k.db"
    SqliteStore(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match=r"k\.db is of schema version 99, newer than this program's 1"):
        SqliteStore(path)


def test_somebody_elses_file_is_refused(tmp_path: Path) -> None:
    """An SQLite file with other tables, and a file that is no SQLite at all, are named and left alone."""
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as db:
        db.execute("CREATE TABLE accounts (name TEXT)")
    with pytest.raises(StoreError, match=r"other\.db is an SQLite file of something else"):
        SqliteStore(other)
    text = tmp_path / "notes.txt"
    text.write_text("these are notes, a good deal longer than the header of a database file. " * 40)
    with pytest.raises(StoreError, match=r"notes\.txt failed: file is not a database"):
        SqliteStore(text)
    with pytest.raises(StoreError, match="folder of the knowledge store"):
        SqliteStore(text / "k.db")


def test_common_words_do_not_drown_the_rare_one() -> None:
    """When a question's words match more than may be ranked, the rarest of them decide."""
    with closing(SqliteStore(postings=40)) as store:
        store.upsert(
            Passage(
                id=f"p{i:03}", source="x", title="Entry", text="the server answers" + " oddly" * (i == 77)
            )
            for i in range(100)
        )
        assert ids(store, "which server answers oddly") == ["p077"]


def test_a_common_word_alone_is_still_answered() -> None:
    """A question of one very common word is answered by titles first, by texts when no title has it."""
    with closing(SqliteStore(postings=40)) as store:
        store.upsert(
            Passage(id=f"p{i:03}", source="x", title="Server" if i == 5 else "Entry", text="a server answers")
            for i in range(100)
        )
        assert ids(store, "server") == ["p005"]
        assert len(ids(store, "answers", limit=10)) == 10


def test_an_unreadable_place_is_a_store_error() -> None:
    """A path that cannot be opened is named."""
    with pytest.raises(StoreError, match="/proc/"):
        SqliteStore("/proc/self/nothing/k.db")


def test_a_query_without_text_uses_its_sub_queries() -> None:
    """Blank text with sub-queries asks these alone."""
    with closing(SqliteStore()) as store:
        store.upsert([Passage(id="a", source="x", title="Alone", text="")])
        assert [h.passage.id for h in store.search(Query(text=" ", sub_queries=("alone",)))] == ["a"]


def hit_ids(hits: tuple[Hit, ...]) -> list[str]:
    """The passages' ids, best first."""
    return [hit.passage.id for hit in hits]


class _Lengths:
    """An embedder of two meanings."""

    name = "lengths"
    dimension = 2

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """See Embedder."""
        return [[1.0, 0.0] if len(t) % 2 else [0.0, 1.0] for t in texts]


def test_it_describes_itself(requires: Requires, tmp_path: Path) -> None:
    """The line for a person names file, passages, embedder, dimension, and how many lack a vector."""
    requires("numpy", find_spec("numpy"), "install threatbot[local-embedder]")
    path = tmp_path / "k.db"
    with closing(SqliteStore(path)) as plain:
        plain.upsert(
            [
                Passage(id="a", source="x", title="One", text=""),
                Passage(id="m", source="x", title="", text=""),
            ]
        )
        assert plain.describe() == f"{path}: 2 passages, searched by words alone"
    with closing(SqliteStore(path, embedder=_Lengths())) as meaning:
        how = f"{path}: 2 passages, searched by words and by lengths (2 dimensions)"
        assert meaning.describe() == f"{how}, 1 of them still without a vector"
        assert meaning.embed_missing() == 1
        assert meaning.describe() == how


def test_a_damaged_index_of_words_is_made_anew(tmp_path: Path) -> None:
    """After `reindex` the words are those of the passages again, whatever was in the index."""
    path = tmp_path / "k.db"
    with closing(SqliteStore(path)) as store:
        store.upsert([Passage(id="a", source="x", title="Replay", text="sent again")])
        with closing(sqlite3.connect(path)) as db:
            db.execute("INSERT INTO words (words) VALUES ('delete-all')")
            db.commit()
        assert hit_ids(store.search(Query(text="replay"))) == []
        assert store.reindex() == 0
        assert hit_ids(store.search(Query(text="replay"))) == ["a"]
    assert _sound(path)


def test_what_is_remembered_is_forgotten_with_each_write(tmp_path: Path) -> None:
    """A sub-query that names an identifier is answered anew after a write of this or another process."""
    query = Query(text="nothing of it", sub_queries=("CWE-345 Authenticity",))
    path = tmp_path / "k.db"
    with closing(SqliteStore(path)) as one, closing(SqliteStore(path)) as other:
        one.upsert([Passage(id="CWE-345", source="cwe", title="Authenticity", text="")])
        assert hit_ids(one.search(query)) == hit_ids(one.search(query)) == ["CWE-345"]
        one.upsert([Passage(id="b", source="x", title="CWE-345 and authenticity", text="")])
        assert set(hit_ids(one.search(query))) == {"CWE-345", "b"}
        other.delete_source("cwe")
        assert hit_ids(one.search(query)) == ["b"]
        assert hit_ids(one.search(query.model_copy(update={"sources": ("cwe",)}))) == []
