"""What a store holds of the company's files: marks beside the passages, so that both live and die together.

A mark is a passage without text. Its id says which file it is about and which version of it was loaded, as
hexadecimal digits that no question contains; it points to the passages of the file. A file that is being
loaded has a mark of its own meanwhile: whoever is killed leaves it, and the next one begins the file anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from knowledge.documents.base import Listed
from knowledge.documents.reading import FORMAT, SOURCE
from knowledge.passages import Passage
from knowledge.stores.base import KnowledgeStore

MARK = "documents"
"""The source of the marks."""

_HALF = 16
_LOADING = "0" * _HALF


@dataclass(frozen=True)
class Manifest:
    """The marks of a store, and which of their passages it really holds."""

    marks: Mapping[str, tuple[Passage, ...]]
    """By file (see `file_key`)."""
    damaged: frozenset[str] = frozenset()
    """Files of which passages are missing."""
    stray: tuple[str, ...] = ()
    """Passages of the company that belong to no file."""

    def knows(self, path: str) -> bool:
        """Whether there may be anything of the file."""
        return file_key(path) in self.marks

    def holds(self, file: Listed, base: str) -> bool:
        """Whether this version of the file is there, and nothing else of it."""
        marks = self.marks.get(file_key(file.path), ())
        return [m.id for m in marks] == [_mark_id(file, base)] and file_key(file.path) not in self.damaged

    def ids(self, path: str) -> tuple[str, ...]:
        """The ids of all that there may be of a file, its marks among them."""
        return self.all_ids(file_key(path))

    def all_ids(self, key: str) -> tuple[str, ...]:
        """See `ids`, by the file's key."""
        marks = self.marks.get(key, ())
        return tuple(dict.fromkeys(id_ for mark in marks for id_ in (*mark.related, mark.id)))

    def gone(self, files: Iterable[Listed]) -> tuple[str, ...]:
        """The keys of the files that are known and not among these."""
        there = {file_key(file.path) for file in files}
        return tuple(key for key in self.marks if key not in there)


def read_manifest(store: KnowledgeStore) -> Manifest:
    """What the store holds, compared with what is there when the numbers differ."""
    marks: dict[str, tuple[Passage, ...]] = {}
    for mark in store.get(store.ids(MARK)):
        key = mark.id[:_HALF]
        marks[key] = (*marks.get(key, ()), mark)
    told = {id_ for of_file in marks.values() for mark in of_file for id_ in mark.related}
    if store.counts().get(SOURCE, 0) == len(told):
        return Manifest(marks)
    there = set(store.ids(SOURCE))
    damaged = (key for key, of_file in marks.items() if any(not there.issuperset(m.related) for m in of_file))
    return Manifest(marks, frozenset(damaged), tuple(sorted(there - told)))


@dataclass(frozen=True)
class Loading:
    """A file that was read, and is to be kept."""

    file: Listed
    base: str
    passages: tuple[Passage, ...]

    @cached_property
    def begun(self) -> Passage:
        """The mark while it is kept."""
        return self._mark(file_key(self.file.path) + _LOADING)

    @cached_property
    def done(self) -> Passage:
        """The mark from then on."""
        return self._mark(_mark_id(self.file, self.base))

    def _mark(self, id_: str) -> Passage:
        related = tuple(p.id for p in self.passages)
        return Passage(id=id_, source=MARK, kind="mark", title="", text="", related=related)


def file_key(path: str) -> str:
    """What marks call a file."""
    return _digest(path)


def _mark_id(file: Listed, base: str) -> str:
    return file_key(file.path) + _digest(repr((FORMAT, file.version, file.size, base)))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_HALF]
