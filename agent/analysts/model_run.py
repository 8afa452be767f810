"""A language model's part in one run: its calls, its fence, what it sees, and the model analyst."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread

from agent.analysts.chat.base import ChatCalls
from agent.analysts.filled.fence import Fence
from agent.analysts.filled.pictures import Picture
from agent.analysts.filled.seeing import Understood, understand
from agent.analysts.model import ModelAnalyst
from agent.domain.request import Request
from agent.domain.system import SystemFragment
from agent.domain.usage import Usage

WATCH_SECONDS = 0.5
"""How often a run with a model asks whether it is to stop, while it waits for replies."""


class ModelRun:
    """See the module.

    Args:
        calls: the run's language model calls.
        run: the run's id.
        reviews: how often the model may be asked what is missing.
        salt: see Fence.
    """

    def __init__(self, calls: ChatCalls, run: str, *, reviews: int = 1, salt: str = "") -> None:
        self.calls = calls
        self.analyst = ModelAnalyst(calls, run, reviews=reviews, salt=salt)
        self._fence = Fence(run, salt)

    def understand(
        self, request: Request, fragments: Sequence[SystemFragment], pictures: Sequence[Picture]
    ) -> Understood:
        """See agent.analysts.filled.seeing.understand; AnalystError when the model cannot."""
        return understand(self.calls, self._fence, request, fragments, pictures)

    @property
    def usage(self) -> Usage:
        """What the run has used so far."""
        return self.calls.usage

    @property
    def prompts(self) -> str:
        """The version of the prompts."""
        return self.analyst.prompts

    @property
    def trouble(self) -> tuple[str, ...]:
        """Why something was not done, beyond the areas that failed by name."""
        return self.analyst.trouble

    @contextmanager
    def stopped_by(self, asked: Callable[[], bool]) -> Iterator[None]:
        """While the block runs, end the calls in flight as soon as `asked` says so."""
        done = Event()

        def watch() -> None:
            while not done.wait(WATCH_SECONDS):
                if asked():
                    self.calls.stop()
                    return

        thread = Thread(target=watch, name="stop-watch", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
