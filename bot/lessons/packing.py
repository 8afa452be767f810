"""What one model taught as bytes, bounded; and several, within the bytes that a run may be given."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from itertools import islice

from agent.domain.lesson import Teaching
from bot.lessons.base import BYTES

LARGEST = 32_000
"""Bytes of JSON that one model may teach: of what a run is given, no model may take it all."""


def pack(teaching: Teaching) -> bytes:
    """The teaching, compressed; the lessons of the least pressing threats give way where it is too large."""
    text = teaching.model_dump_json().encode()
    while len(text) > LARGEST:
        fewer = teaching.lessons[: len(teaching.lessons) * 9 // 10]
        teaching = teaching.model_copy(update={"lessons": fewer})
        text = teaching.model_dump_json().encode()
    return zlib.compress(text, 6)


def within(packed: Iterable[bytes], limit: int) -> tuple[Teaching, ...]:
    """As many as fit into `limit` models and BYTES, from the first on."""
    found: list[Teaching] = []
    left = BYTES
    for one in islice(packed, limit):
        text = zlib.decompress(one)
        left -= len(text)
        if left < 0:
            break
        found.append(Teaching.model_validate_json(text))
    return tuple(found)
