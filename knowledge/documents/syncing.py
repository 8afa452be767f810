"""The store kept true to the place where the company's files lie."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from knowledge.documents.base import MAX_FILES, DocumentError, DocumentPlace, Listed
from knowledge.documents.blocks import cleaned, one_line
from knowledge.documents.manifest import Loading, read_manifest
from knowledge.documents.reading import passages, refusal
from knowledge.stores.base import KnowledgeStore

T = TypeVar("T")

BATCH = 200
"""Passages that are kept at once: what a kill, or the end of the time, costs at most."""

Progress = Callable[[str, int, int], None]
"""Told what is loaded, files done and files in all."""


@dataclass(frozen=True)
class Refused:
    """A file that is not in the store, and why."""

    path: str
    reason: str
    instead: str


@dataclass(frozen=True)
class Synced:
    """What one sync did, in files."""

    new: int = 0
    changed: int = 0
    gone: int = 0
    unchanged: int = 0
    left: int = 0
    """How many the time did not suffice for."""
    passages: int = 0
    """How many passages were written."""
    refused: tuple[Refused, ...] = ()


def sync(
    store: KnowledgeStore,
    place: DocumentPlace,
    *,
    base: str = "",
    enough: Callable[[], bool] = lambda: False,
    progress: Progress | None = None,
) -> Synced:
    """Make the store hold the passages of the place's files, and no other documents of the company.

    What has not changed is left alone; what has gone is forgotten, and so is what cannot be read any more. A
    call that was killed or stopped is finished by the next one; several at once do no harm. PlaceError and
    StoreError go through.

    Args:
        store: where the passages go.
        place: where the files lie.
        base: the address below which people open the files; empty for none.
        enough: asked after each file; True ends the call, which says how many files are left.
        progress: told after each file that was looked into.
    """
    return _Sync(store, place, base).run(enough, progress)


class _Sync:
    def __init__(self, store: KnowledgeStore, place: DocumentPlace, base: str) -> None:
        self._store = store
        self._place = place
        self._base = base
        self._batch: list[Loading] = []
        self._refused: list[Refused] = []
        self._counts = {"new": 0, "changed": 0, "gone": 0, "passages": 0}

    def run(self, enough: Callable[[], bool], progress: Progress | None) -> Synced:
        """See `sync`."""
        files = sorted({file.path: file for file in self._place.files()}.values(), key=lambda f: f.path)
        self._known = read_manifest(self._store)
        self._forget_gone(files)
        readable = [file for place, file in enumerate(files) if self._worth(place, file)]
        todo = [file for file in readable if not self._known.holds(file, self._base)]
        done = 0
        for done, file in enumerate(todo, 1):
            self._take(file)
            if progress:
                progress("documents", done, len(todo))
            if enough():
                break
        self._keep()
        return Synced(
            **self._counts,
            unchanged=len(readable) - len(todo),
            left=len(todo) - done,
            refused=tuple(self._refused),
        )

    def _forget_gone(self, files: Iterable[Listed]) -> None:
        gone = self._known.gone(files)
        ids = [id_ for key in gone for id_ in self._known.all_ids(key)]
        self._forget([*ids, *self._known.stray])
        self._counts["gone"] = len(gone)

    def _worth(self, place: int, file: Listed) -> bool:
        """Whether to read it; what is not is refused."""
        trouble = refusal(file)
        if place >= MAX_FILES:
            trouble = DocumentError(
                f"it is beyond the first {MAX_FILES:,} files", "Take away what nobody needs, or join files."
            )
        if trouble:
            self._refuse(file, trouble)
        return trouble is None

    def _take(self, file: Listed) -> None:
        try:
            content = self._place.read(file.path)
            if content is None:  # it went after it was listed
                self._forget(self._known.ids(file.path))
                self._counts["gone"] += self._known.knows(file.path)
                return
            made = passages(file.path, content, self._base)
        except DocumentError as error:
            self._refuse(file, error)
            return
        self._batch.append(Loading(file, self._base, made))
        if sum(len(one.passages) for one in self._batch) >= BATCH:
            self._keep()

    def _keep(self) -> None:
        """Write the batch. Whatever was written when it breaks off is known by a mark."""
        batch, self._batch = self._batch, []
        if not batch:
            return
        self._store.upsert(one.begun for one in batch)
        for some in _some(p for one in batch for p in one.passages):
            self._counts["passages"] += self._store.upsert(some)
        self._store.upsert(one.done for one in batch)
        self._forget([id_ for one in batch for id_ in self._outdated(one)])
        for one in batch:
            self._counts["changed" if self._known.knows(one.file.path) else "new"] += 1

    def _outdated(self, one: Loading) -> Iterator[str]:
        """What there is of the file beside what was just written."""
        now = {one.done.id, *one.done.related}
        yield from (id_ for id_ in (*self._known.ids(one.file.path), one.begun.id) if id_ not in now)

    def _refuse(self, file: Listed, error: DocumentError) -> None:
        shown = one_line(cleaned(file.path))
        self._refused.append(Refused(shown, error.reason, error.instead))
        self._forget(self._known.ids(file.path))

    def _forget(self, ids: Sequence[str]) -> None:
        if ids:
            self._store.delete(ids)


def _some(things: Iterable[T]) -> Iterator[list[T]]:
    left = iter(things)
    while some := list(islice(left, BATCH)):
        yield some
