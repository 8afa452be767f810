"""What a sync promises: what changed is loaded, what went is forgotten, nothing is lost or doubled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from knowledge.documents.base import MAX_FILES, DocumentError, Listed, PlaceError
from knowledge.documents.folder import FolderPlace
from knowledge.documents.manifest import MARK
from knowledge.documents.reading import passages
from knowledge.documents.syncing import Refused, Synced, sync
from knowledge.passages import Passage, Query
from knowledge.stores.base import KnowledgeStore
from knowledge.stores.sqlite import SqliteStore
from tests.fakes import WordsEmbedder
from tests.knowledge.documents.writing import STANDARD

if TYPE_CHECKING:
    from tests.opensearch_node import Node

LONG = "# Manual\n\n" + "\n\n".join(
    f"## Step {n}\n\n" + f"Turn screw {n} to the left. " * 40 for n in range(6)
)
FOREIGN = Passage(id="CWE-345", source="cwe", title="Of somebody else", text="A text.")


class Files:
    """A place in memory."""

    name = "here"

    def __init__(self, **contents: bytes | str) -> None:
        self.contents = {path.replace("_", "."): _bytes(content) for path, content in contents.items()}
        self.read_paths: list[str] = []
        self.times = dict.fromkeys(self.contents, 0)

    def files(self) -> Iterator[Listed]:
        """See DocumentPlace."""
        for path in reversed(self.contents):
            yield Listed(path, len(self.contents[path]), str(self.times[path]))

    def read(self, path: str) -> bytes | None:
        """See DocumentPlace."""
        self.read_paths.append(path)
        return self.contents.get(path)

    def write(self, path: str, content: bytes | str) -> None:
        """One more version of a file."""
        self.contents[path] = _bytes(content)
        self.times[path] = self.times.get(path, 0) + 1


def _bytes(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content


class Killed(BaseException):
    """The process dies."""


class Mortal:
    """A store whose process dies before, or in the middle of, its n-th write."""

    def __init__(self, store: KnowledgeStore, dies_at: int) -> None:
        self._store = store
        self._left = count(-dies_at)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def upsert(self, passages: Iterable[Passage]) -> int:
        """See KnowledgeStore; a store without transactions keeps what it was sent."""
        given = list(passages)
        if next(self._left) == 0:
            self._store.upsert(given[: len(given) // 2])
            raise Killed
        return self._store.upsert(given)

    def delete(self, ids: Iterable[str]) -> int:
        """See KnowledgeStore."""
        given = list(ids)
        if next(self._left) == 0:
            self._store.delete(given[: len(given) // 2])
            raise Killed
        return self._store.delete(given)


@pytest.fixture
def sqlite() -> Iterator[SqliteStore]:
    """A store in memory, with a passage of another source."""
    with closing(SqliteStore()) as store:
        store.upsert([FOREIGN])
        yield store


@pytest.fixture(params=["sqlite", pytest.param("opensearch", marks=pytest.mark.xdist_group("opensearch"))])
def store(request: pytest.FixtureRequest) -> Iterator[KnowledgeStore]:
    """Each store, with a passage of another source."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite")
        return
    pytest.importorskip("opensearchpy", reason="opensearch-py is not installed (extra aws)")
    from knowledge.stores.opensearch import OpenSearchStore

    node: Node = request.getfixturevalue("node")
    with closing(OpenSearchStore(node.endpoint(), prefix=request.getfixturevalue("prefix"))) as made:
        made.upsert([FOREIGN])
        yield made


def wanted(files: Files, base: str = "") -> dict[str, Passage]:
    """What a store must hold of these files."""
    return {p.id: p for path, content in files.contents.items() for p in passages(path, content, base)}


def held(store: KnowledgeStore) -> dict[str, Passage]:
    """What a store holds of the company."""
    return {p.id: p for p in store.get(store.ids("company"))}


def test_files_become_passages_and_stay_alone(store: KnowledgeStore) -> None:
    """New files are loaded; the second time nothing is read or written; other sources are left alone."""
    files = Files(access_md=STANDARD, manual_md=LONG)
    assert sync(store, files) == Synced(new=2, passages=len(wanted(files)))
    assert held(store) == wanted(files)
    files.read_paths.clear()
    assert sync(store, files) == Synced(unchanged=2)
    assert files.read_paths == []
    assert store.get([FOREIGN.id]) == (FOREIGN,)
    found = store.search(Query(text="how long are links into object storage good?"))
    assert found[0].passage.id == "company:access.md#1"
    assert store.search(Query(text="documents")) == ()


def test_changes_are_followed(store: KnowledgeStore) -> None:
    """A changed file is replaced whole, a vanished one forgotten, with its words; the rest is not read."""
    files = Files(access_md=STANDARD, manual_md=LONG, other_txt="Hinges are oiled yearly.")
    sync(store, files)
    files.read_paths.clear()
    files.write("manual.md", "# Manual\n\nThrow it away.")
    del files.contents["access.md"]
    assert sync(store, files) == Synced(changed=1, gone=1, unchanged=1, passages=1)
    assert files.read_paths == ["manual.md"]
    assert held(store) == wanted(files)
    assert store.search(Query(text="screw")) == ()
    assert store.search(Query(text="links object storage")) == ()


def test_an_empty_place_empties_the_store(store: KnowledgeStore) -> None:
    """When the last file is gone nothing of the company is left, marks included; others stay."""
    files = Files(access_md=STANDARD)
    sync(store, files)
    files.contents.clear()
    assert sync(store, files) == Synced(gone=1)
    assert store.counts() == {"cwe": 1}


def test_an_address_reaches_what_is_there_already(store: KnowledgeStore) -> None:
    """Another base address gives all passages new addresses."""
    files = Files(access_md=STANDARD)
    sync(store, files)
    assert sync(store, files, base="https://wiki.example.com") == Synced(changed=1, passages=1)
    assert held(store) == wanted(files, "https://wiki.example.com")


def test_what_cannot_be_read_is_named_and_forgotten(store: KnowledgeStore) -> None:
    """Bad files are named with a reason and the others go on; one that turned bad says nothing any more."""
    files = Files(access_md=STANDARD, manual_md=LONG, plan_pdf="%PDF-1.4", empty_txt="")
    refused = (
        Refused("empty.txt", "it is empty", "Fill it, or take it away."),
        Refused(
            "plan.pdf",
            "it is a PDF, which I do not read",
            "Bring the document that it was made from, as .docx, .md, .html or .txt.",
        ),
    )
    assert sync(store, files).refused == refused
    files.write("access.md", b"\0\1\2")
    done = sync(store, files)
    assert (done.unchanged, done.changed, [one.path for one in done.refused]) == (
        1,
        0,
        ["empty.txt", "plan.pdf", "access.md"],
    )
    assert {p.title.split(" · ")[0] for p in held(store).values()} == {"Manual"}
    assert files.read_paths.count("plan.pdf") == files.read_paths.count("empty.txt") == 0


def test_unchanged_passages_are_not_embedded_again() -> None:
    """Vectors are made for new and changed texts only; nothing is embedded when nothing has changed."""
    embedder = WordsEmbedder()
    files = Files(access_md=STANDARD, manual_md=LONG)
    with closing(SqliteStore(embedder=embedder)) as store:
        sync(store, files)
        calls = embedder.calls
        sync(store, files)
        files.times["manual.md"] += 1  # written again, with the same words
        sync(store, files)
        assert embedder.calls == calls
        files.write("access.md", STANDARD.replace("five", "six"))
        sync(store, files)
        assert embedder.calls == calls + 1


@pytest.mark.parametrize("dies_at", range(9))
def test_a_killed_sync_is_finished_by_the_next(sqlite: SqliteStore, dies_at: int) -> None:
    """Killed at any write, also in the middle of one, nothing is lost, doubled or left over afterwards."""
    files = Files(access_md=STANDARD, manual_md=LONG, third_txt="Lights go out at ten.")
    sync(sqlite, files)
    files.write("manual.md", LONG.replace("## Step 4", "Step 4").replace("screw", "bolt") * 40)
    files.write("fourth.txt", "Doors close by themselves.")
    files.write("third.txt", b"\0")
    del files.contents["access.md"]
    alive = False
    try:
        sync(Mortal(sqlite, dies_at), files)
        alive = True
    except Killed:
        done = sync(sqlite, files)
        assert done.left == 0
    del files.contents["third.txt"]
    assert held(sqlite) == wanted(files)
    assert len(sqlite.ids(MARK)) == 2
    assert sync(sqlite, files) == Synced(unchanged=2)
    assert alive == (dies_at > 6)


def test_time_ends_between_files(store: KnowledgeStore) -> None:
    """A call without time does one file at least, says how many are left, and the next ones go on there."""
    files = Files(a_txt="One.", b_txt="Two.", c_txt="Three.")
    assert sync(store, files, enough=lambda: True) == Synced(new=1, left=2, passages=1)
    asked = count()
    assert sync(store, files, enough=lambda: next(asked) > 0) == Synced(new=2, unchanged=1, passages=2)
    assert held(store) == wanted(files)


def test_progress_is_told(sqlite: SqliteStore) -> None:
    """Each file that is looked into counts, also one that is refused."""
    told: list[tuple[str, int, int]] = []
    sync(sqlite, Files(a_txt="One.", b_txt=b"\0", c_pdf="%PDF"), progress=lambda *one: told.append(one))
    assert told == [("documents", 1, 2), ("documents", 2, 2)]


def test_a_store_that_lost_passages_gets_them_again(store: KnowledgeStore) -> None:
    """When the store does not hold what the marks say, what is missing is loaded; what is stray goes."""
    files = Files(access_md=STANDARD, manual_md=LONG)
    sync(store, files)
    store.delete(["company:manual.md#2"])
    stray = Passage(id="company:by-hand#1", source="company", title="By hand", text="Somebody wrote this.")
    store.upsert([stray])
    assert sync(store, files).changed == 0 or held(store) == wanted(files)
    store.delete(["company:manual.md#3"])
    assert sync(store, files) == Synced(
        changed=1, unchanged=1, passages=len(passages("manual.md", _bytes(LONG)))
    )
    assert held(store) == wanted(files)
    store.delete_source("company")
    assert sync(store, files).changed == 2
    assert held(store) == wanted(files)


def test_a_store_made_anew_is_filled(tmp_path: Path) -> None:
    """What was loaded is remembered where it lies: another store starts from nothing."""
    files = Files(access_md=STANDARD)
    for name in ("one.db", "two.db"):
        with closing(SqliteStore(tmp_path / name)) as store:
            assert sync(store, files).new == 1


def test_two_at_once_do_no_harm(sqlite: SqliteStore) -> None:
    """A sync that saw an older version and ends last leaves what the next one mends."""
    files, older = Files(manual_md=LONG), Files(manual_md=LONG)
    sync(sqlite, files)
    files.write("manual.md", "# Manual\n\nThrow it away.")
    older.write("manual.md", LONG.replace("screw", "bolt"))
    older.write("manual.md", LONG.replace("screw", "nut"))

    class Meanwhile(Files):
        def read(self, path: str) -> bytes | None:
            sync(sqlite, files)
            return older.read(path)

    late = Meanwhile()
    late.contents, late.times = older.contents, older.times
    sync(sqlite, late)
    sync(sqlite, files)
    assert held(sqlite) == wanted(files)
    assert len(sqlite.ids(MARK)) == 1


def test_a_file_that_goes_while_it_is_looked_at_is_gone(sqlite: SqliteStore) -> None:
    """Listed, then not there to be read: forgotten as any that went."""
    files = Files(a_txt="One.")
    sync(sqlite, files)
    files.times["a.txt"] += 1

    class Going(Files):
        def read(self, path: str) -> bytes | None:
            self.read_paths.append(path)
            return None

    going = Going()
    going.contents, going.times = files.contents, files.times
    assert sync(sqlite, going) == Synced(gone=1)
    assert held(sqlite) == {}


@pytest.mark.parametrize("error", [PlaceError("The place is away. Come back."), DocumentError("no", "Ask.")])
def test_a_place_that_fails_ends_the_sync_and_a_file_does_not(sqlite: SqliteStore, error: Exception) -> None:
    """A place that does not answer is an error, after which nothing is lost; one file is refused."""
    files = Files(a_txt="One.", b_txt="Two.")
    sync(sqlite, files)
    before = held(sqlite)
    files.write("a.txt", "Three.")

    class Failing(Files):
        def read(self, path: str) -> bytes | None:
            self.read_paths.append(path)
            raise error

    failing = Failing()
    failing.contents, failing.times = files.contents, files.times
    if isinstance(error, PlaceError):
        with pytest.raises(PlaceError):
            sync(sqlite, failing)
        assert held(sqlite) == before
    else:
        assert sync(sqlite, failing).refused == (Refused("a.txt", "no", "Ask."),)
        assert set(held(sqlite)) == {"company:b.txt#1"}


def test_too_many_files_are_refused_in_their_order(sqlite: SqliteStore) -> None:
    """Files beyond the number that a place may have are named; those before them are loaded."""

    class Many(Files):
        def files(self) -> Iterator[Listed]:
            yield from (Listed(f"x{n:06}.pdf", 1, "1") for n in range(MAX_FILES))
            yield from super().files()

    done = sync(sqlite, Many(a_txt="One.", y_txt="Two."))
    assert done.new == 1
    assert done.refused[-1].path == "y.txt"
    assert "beyond the first 10,000" in done.refused[-1].reason


def test_a_real_folder(tmp_path: Path, sqlite: SqliteStore) -> None:
    """Files of a folder are synced as they are written, changed, renamed and deleted."""
    place = FolderPlace(tmp_path)
    (tmp_path / "standards").mkdir()
    written: Callable[[str, str], int] = lambda name, text: (tmp_path / name).write_text(text, "utf-8")  # noqa: E731 - short
    written("standards/access.md", STANDARD)
    written("note.txt", "Doors close by themselves.")
    assert sync(sqlite, place).new == 2
    written("note.txt", "Doors are closed by hand.")
    assert sync(sqlite, place) == Synced(changed=1, unchanged=1, passages=1)
    (tmp_path / "note.txt").rename(tmp_path / "doors.txt")
    assert sync(sqlite, place) == Synced(new=1, gone=1, unchanged=1, passages=1)
    assert set(held(sqlite)) == {"company:standards/access.md#1", "company:doors.txt#1"}
