"""The Lessons port, and where a lesson belongs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from agent.domain.lesson import Teaching

MODELS = 50
"""Models whose lessons a run is given at most: the newest."""
BYTES = 128_000
"""Bytes of JSON that these may have together: a run's checkpoints hold them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where a threat model lives, which decides who may learn from it."""

    workspace: str
    channel: str
    private: bool
    """Whether not every member of the workspace may read the channel: then only its own models learn."""
    created: datetime
    """When the model was begun, with its time zone; it never changes."""
    enterprise: str = ""
    """The organisation whose installation serves the workspace; empty when the workspace has its own."""


@dataclass(frozen=True, slots=True)
class LessonCounts:
    """How many lessons the next model of a channel is weighed with, and whence they come."""

    here: int = 0
    """Taught by models of this channel."""
    elsewhere: int = 0
    """Taught by models of other channels that everybody in the workspace may read."""
    private: bool = False
    """Whether what this channel teaches stays in it."""


class Lessons(Protocol):
    """Keeps what threat models taught. Every method is one transaction, or safe to repeat.

    StorageError (a DeliveryError) from an adapter that asks over a network and gets no answer.
    """

    def keep(self, home: Home, teaching: Teaching) -> None:
        """What the model teaches from now on, in place of what it taught; without lessons, nothing."""
        ...

    def of(self, workspace: str, channel: str, limit: int = MODELS) -> tuple[Teaching, ...]:
        """What models of the workspace teach one that lives in this channel, the newest first.

        Those of private channels teach only there. At most `limit` models, and BYTES.
        """
        ...

    def counts(self, workspace: str, channel: str) -> LessonCounts:
        """How many of them there are: of the models that `of` gives for the channel."""
        ...

    def unlearn(self, workspace: str, model: str = "") -> int:
        """Delete what the workspace's models taught, or one of them; how many models that were."""
        ...

    def workspaces(self, enterprise: str) -> tuple[str, ...]:
        """The workspaces that an organisation's installation served when they last taught, sorted."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
