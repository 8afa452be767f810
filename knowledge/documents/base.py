"""The DocumentPlace port: where the company's files come from; the limits; why a file is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

MAX_BYTES = 10 * 1024 * 1024
"""The largest file that is read, and what a packed one may unpack to, in bytes."""

MAX_FILES = 10_000
"""How many files one place may have; what comes later in the order of the paths is refused."""

MAX_PASSAGES = 2_000
"""How many passages one file may become: some 1,000 printed pages."""

LONGEST_PATH = 1_000
"""Characters of a path."""


class PlaceError(Exception):
    """The place cannot be listed or read; the message says which, why and what to do."""


class DocumentError(Exception):
    """One file cannot become passages.

    Args:
        reason: what is wrong with it, as a clause without a full stop.
        instead: what to bring instead, as a sentence.
    """

    def __init__(self, reason: str, instead: str) -> None:
        super().__init__(f"{reason}. {instead}")
        self.reason = reason
        self.instead = instead


@dataclass(frozen=True)
class Listed:
    """A file as the place lists it."""

    path: str
    """Below the place, with slashes: "standards/access.md"."""
    size: int
    """Bytes."""
    version: str
    """Another one after each change of the content."""


class DocumentPlace(Protocol):
    """Where files lie. Nothing is ever written there; every failure of the place itself is a PlaceError."""

    name: str
    """As a person knows it: a folder, or "s3://bucket/prefix"."""

    def files(self) -> Iterator[Listed]:
        """Every file, each once, in any order; without what `passed_over` names."""
        ...

    def read(self, path: str) -> bytes | None:
        """The file's bytes; None when it has gone meanwhile.

        DocumentError when this one file cannot be had. Of a file that is larger than MAX_BYTES at least one
        byte more than that is given, and not necessarily the rest.
        """
        ...


def passed_over(path: str) -> bool:
    """Whether a file is none of the company's: hidden ones, and what editors and systems leave behind."""
    parts = path.split("/")
    return (
        any(not part or part.startswith((".", "~$")) for part in parts)
        or parts[-1].lower() in _LEFT_BEHIND
        or parts[-1].endswith("~")
    )


_LEFT_BEHIND = frozenset({"thumbs.db", "desktop.ini"})
