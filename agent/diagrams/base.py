"""The Reader port: one reader a format, bytes in and a SystemFragment out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from agent.domain.system import SystemFragment

MAX_BYTES = 10 * 1024 * 1024
"""The largest file that is read, in bytes."""


@dataclass(frozen=True)
class SourceFile:
    """A file as it was given."""

    name: str
    content: bytes

    @cached_property
    def text(self) -> str:
        """The content as UTF-8 text (a byte-order mark decides otherwise); bad bytes become U+FFFD."""
        for mark, encoding in (
            (b"\xef\xbb\xbf", "utf-8-sig"),
            (b"\xff\xfe", "utf-16"),
            (b"\xfe\xff", "utf-16"),
        ):
            if self.content.startswith(mark):
                return self.content.decode(encoding, errors="replace")
        return self.content.decode("utf-8", errors="replace")


class Reader(Protocol):
    """Reads one format."""

    name: str
    """Such as "mermaid"; stands in SystemFragment.format."""

    def recognises(self, file: SourceFile) -> bool:
        """Whether the content is of this format. Never raises, looks at the content before the name."""
        ...

    def read(self, file: SourceFile) -> SystemFragment:
        """What the file shows; UnreadableFile (or a subclass) with a sentence when it cannot be read."""
        ...
