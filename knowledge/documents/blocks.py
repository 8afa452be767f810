"""What every format is taken apart into: headings and paragraphs, in the order of the text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Block:
    """A heading, or a piece of text that belongs together: a paragraph, a list entry, a row, a listing."""

    text: str
    level: int | None = None
    """Of a heading: 0 for a document's title, 1 to 9; None for everything else."""


def cleaned(text: str) -> str:
    """The text without what nobody sees: control and format characters but tabs and line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").translate(_unseen())


@cache
def _unseen() -> Mapping[int, None]:
    """Code points to take out. Joiners stay: they change how letters of some scripts are written."""
    looked_at = (*range(0x20000), *range(0xE0000, 0xE0200))
    kinds = {"Cc", "Cf", "Cs"}
    kept = {ord(c) for c in "\n\t\u200c\u200d"}
    return {n: None for n in looked_at if unicodedata.category(chr(n)) in kinds and n not in kept}


def one_line(text: str) -> str:
    """The text with every run of white space as one space."""
    return " ".join(text.split())


def kept(blocks: Iterable[Block]) -> Iterator[Block]:
    """Those that say something."""
    return (block for block in blocks if block.text.strip())
