"""One request to a provider: within the budget, at the model's pace, tried again while that can help."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

from agent.analysts.chat.budget import Ledger
from agent.analysts.chat.faults import explained, fault_of, wait_of
from agent.analysts.chat.interrupting import interruptible
from agent.analysts.chat.pacing import Time
from agent.analysts.chat.quiet import untraced
from agent.analysts.chat.replies import text_of, usage_of
from agent.domain.usage import Usage
from agent.errors import AnalystError, ModelUnavailable

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage, BaseMessage
    from langchain_core.runnables import Runnable

    from agent.analysts.chat.models import Model


@dataclass(frozen=True)
class Ask:
    """One request."""

    model: Model
    branch: str
    bound: Runnable[Any, AIMessage]
    """The model with its tools and limits."""
    messages: list[BaseMessage]
    tokens: int
    """Roughly what it will take, in and out."""
    images: int = 0
    repairs: int = 0
    """1 when it asks again for a reply that broke its schema."""
    stream: bool = True
    reader: bool = False
    """Whether somebody sees the text as it comes: then nothing is tried again once there was some."""
    begun: Callable[[], None] = lambda: None
    """Called at each piece of the reply, the first above all."""


@dataclass(frozen=True)
class Answered:
    """The end of a request."""

    message: AIMessage
    usage: Usage


class Trier:
    """Does the requests of one run. Safe for several threads.

    Args:
        ledger: what the run may use.
        time: clock, sleep and chance.
        attempts: how often a request is tried.
    """

    def __init__(self, ledger: Ledger, time: Time, attempts: int) -> None:
        self._ledger = ledger
        self._time = time
        self._attempts = attempts
        self._gone: dict[str, ModelUnavailable] = {}
        self._lock = Lock()
        self._stopped = Event()

    def stop(self) -> None:
        """End what is under way, silent or not, and begin nothing more."""
        self._stopped.set()

    def whole(self, ask: Ask) -> Answered | None:
        """The reply; None when the provider ended without one. AnalystError when there can be none."""
        return next((piece for piece in self.pieces(ask) if isinstance(piece, Answered)), None)

    def pieces(self, ask: Ask) -> Iterator[str | Answered]:
        """Text as it comes, then the whole reply. AnalystError when there can be none."""
        self._check_stop(ask.branch)
        self.still_there(ask.model, ask.branch)
        self._ledger.begin(ask.branch)
        for attempt in range(1, self._attempts + 1):
            self._check_stop(ask.branch)
            shown = False
            try:
                for piece in self._once(ask):
                    shown = shown or ask.reader
                    yield piece
            except ask.model.catch as error:
                if attempt == self._attempts or shown or not fault_of(error).again:
                    raise self._lost(ask, explained(error, ask.branch, ask.model.place, attempt)) from error
                self._time.back_off(attempt, wait_of(error))
            else:
                return

    def still_there(self, model: Model, branch: str) -> None:
        """ModelUnavailable at once when an earlier call of the run showed that none can succeed."""
        with self._lock:
            gone = self._gone.get(model.place.model)
        if gone is not None:
            sentence = gone.message.partition(": ")[2]
            raise ModelUnavailable(f"{branch}: {sentence}", cause=gone.cause, setting=gone.setting)

    def _once(self, ask: Ask) -> Iterator[str | Answered]:
        with ask.model.pace.slot(ask.tokens) as settle:
            self._ledger.check(ask.branch)
            start = self._time.now()
            message: AIMessage | None = None
            usage = Usage()
            try:
                for chunk in interruptible(_chunks(ask), self._stopped):
                    ask.begun()
                    message = chunk if message is None else message + chunk  # type: ignore[assignment]
                    if text := text_of(chunk):
                        yield text
                self._check_stop(ask.branch)
            finally:
                usage = _took(ask, message, self._time.now() - start)
                settle(usage.tokens)
                self._ledger.add(usage)
        if message is not None:
            yield Answered(message, usage)

    def _check_stop(self, branch: str) -> None:
        if self._stopped.is_set():
            raise AnalystError(f"{branch}: stopped before the language model had answered.")

    def _lost(self, ask: Ask, error: AnalystError) -> AnalystError:
        """The error, remembered when it concerns every later call."""
        if isinstance(error, ModelUnavailable):
            with self._lock:
                self._gone.setdefault(ask.model.place.model, error)
        return error


def _took(ask: Ask, message: AIMessage | None, seconds: float) -> Usage:
    if message is None:
        return Usage(seconds=seconds)
    return usage_of(message, ask.model.price, images=ask.images, seconds=seconds, repairs=ask.repairs)


def _chunks(ask: Ask) -> Generator[AIMessage, None, None]:
    """Pieces of one reply. Tracing is off while the client works, and as it was while a reader reads."""
    if not ask.stream:
        with untraced():
            message = ask.bound.invoke(ask.messages)
        yield message
        return
    pieces = ask.bound.stream(ask.messages)
    with closing(pieces):  # type: ignore[type-var]  # langchain's streams are generators
        while True:
            with untraced():
                piece = next(pieces, None)
            if piece is None:
                return
            yield piece
