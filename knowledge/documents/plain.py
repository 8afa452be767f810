"""Plain text as blocks: what stands between empty lines belongs together."""

from __future__ import annotations

import re

from knowledge.documents.blocks import Block, cleaned, kept

_EMPTY = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


def plain(text: str) -> list[Block]:
    """The blocks of a plain text; lines stay lines."""
    return list(kept(Block(part.strip("\n")) for part in _EMPTY.split(cleaned(text))))
