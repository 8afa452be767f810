"""What one model taught as bytes, bounded; and several, within the bytes that a run may be given."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from bot.lessons.base import BYTES, MODELS, LessonCounts

if TYPE_CHECKING:
    from agent.domain.lesson import Teaching

Mark = TypeVar("Mark")
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
    from agent.domain.lesson import Teaching

    return tuple(
        Teaching.model_validate_json(text) for text, _ in _fitting(((p, None) for p in packed), limit)
    )


def counted(packed: Iterable[tuple[bytes, tuple[bool, bool]]]) -> LessonCounts:
    """How many lessons are in those that fit; beside each, whether it is the channel's own and private."""
    here = elsewhere = 0
    hidden = False
    for text, (own, private) in _fitting(packed, MODELS):
        number = len(json.loads(text)["lessons"])
        here, elsewhere = here + number * own, elsewhere + number * (not own)
        hidden = hidden or (own and private)
    return LessonCounts(here, elsewhere, hidden)


def _fitting(packed: Iterable[tuple[bytes, Mark]], limit: int) -> Iterator[tuple[bytes, Mark]]:
    left = BYTES
    for one, mark in islice(packed, limit):
        text = zlib.decompress(one)
        left -= len(text)
        if left < 0:
            return
        yield text, mark
