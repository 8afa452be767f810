"""A source of pieces that may be silent for long, read so that a stop need not wait for its next piece."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextvars import copy_context
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Generic, TypeVar

Piece = TypeVar("Piece")
LOOK_SECONDS = 0.25
"""How often a silent source is asked about."""


@dataclass(frozen=True)
class _Came(Generic[Piece]):
    piece: Piece | None = None
    error: BaseException | None = None
    last: bool = False


def interruptible(
    pieces: Generator[Piece, None, None], stopped: Event, every: float = LOOK_SECONDS
) -> Iterator[Piece]:
    """The pieces as they come, until the source ends or `stopped` is set.

    The source is read in a thread of its own; one that is silent when the reader goes is left to its own
    time-out, and closed at its next piece. What it raises is raised here.
    """
    came: SimpleQueue[_Came[Piece]] = SimpleQueue()
    left = Event()

    def read() -> None:
        try:
            for piece in pieces:
                came.put(_Came(piece))
                if left.is_set():
                    break
            pieces.close()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the reader raises it
            came.put(_Came(error=error))
        else:
            came.put(_Came(last=True))

    Thread(target=copy_context().run, args=(read,), name="model reply", daemon=True).start()
    try:
        yield from _arriving(came, stopped, every)
    finally:
        left.set()


def _arriving(came: SimpleQueue[_Came[Piece]], stopped: Event, every: float) -> Iterator[Piece]:
    while not stopped.is_set():
        try:
            one = came.get(timeout=every)
        except Empty:
            continue
        if one.error is not None:
            raise one.error
        if one.last:
            return
        yield one.piece  # type: ignore[misc]  # it is one, when it is neither of the others
