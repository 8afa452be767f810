"""The Records port, and the values that it keeps.

Nothing here loads the domain: the ingress asks two of these questions, and starts without pydantic.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from agent.domain.states import RunState

if TYPE_CHECKING:
    from datetime import datetime

    from agent.domain.model import ThreatModel
    from agent.domain.request import Request
    from agent.domain.verdict import Verdict
    from bot.glance import Glance


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry:
    """A threat model as the bot keeps it: where it lives, who owns it, what was asked."""

    id: str
    workspace: str
    channel: str
    thread: str = ""
    """The root message's ts; empty until it is posted."""
    link: str = ""
    """The thread's permalink."""
    owner: str
    created: datetime
    """With its time zone."""
    request: Request
    revision: int = 0
    """The latest revision; 0 before the first run is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEntry:
    """A run as the bot keeps it."""

    id: str
    model: str
    revision: int
    by: str
    created: datetime
    """With its time zone."""
    request: Request
    """What this run works on: a later upload does not change a run that has begun."""
    state: RunState = RunState.QUEUED
    stop_by: str = ""
    """Who pressed Stop; empty while nobody did."""
    error: str = ""


class PostState(StrEnum):
    """What is known of an outgoing message."""

    NEW = "new"
    """Nobody has tried to post it."""
    UNSURE = "unsure"
    """Somebody began to and did not say how it ended: look before posting again."""
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """An outgoing message under its idempotency key."""

    key: str
    state: PostState
    channel: str = ""
    ts: str = ""


class Records(Protocol):
    """Keeps what the bot must not forget. Every method is one transaction."""

    def add_model(self, entry: ModelEntry) -> bool:
        """Keep a new model; False when its id is known already (nothing changes then)."""
        ...

    def model(self, id_: str) -> ModelEntry:
        """The entry; NotFound when there is none."""
        ...

    def set_thread(self, id_: str, thread: str, link: str) -> None:
        """Say where the model's thread is, and its permalink."""
        ...

    def set_request(self, id_: str, request: Request) -> None:
        """Replace what was asked, for the next run."""
        ...

    def find_thread(self, workspace: str, channel: str, thread: str) -> str | None:
        """The id of the model whose thread this is, or None."""
        ...

    def models(self, workspace: str, channel: str, limit: int = 20) -> tuple[Glance, ...]:
        """The channel's models, the newest first.

        Their tallies are what folding gives (`standing`), at any time: who keeps a revision or a verdict
        keeps the tally that then holds with it, or neither.
        """
        ...

    def start_run(self, run: RunEntry) -> RunEntry:
        """Keep a new run, or give back the one that is kept under its id."""
        ...

    def run(self, id_: str) -> RunEntry:
        """The run; NotFound when there is none."""
        ...

    def set_run(self, id_: str, state: RunState, error: str = "") -> None:
        """Say where the run stands."""
        ...

    def set_stage(self, id_: str, stage: str, threats: int) -> None:
        """Say how far the run is: the stage that it is at, and the threats found so far."""
        ...

    def stop_run(self, model: str, revision: int, by: str) -> bool:
        """Ask the run that makes this revision to stop; False when it has ended already."""
        ...

    def save_revision(self, model: ThreatModel) -> None:
        """Keep a revision and make it the latest; the same revision again changes nothing."""
        ...

    def revision(self, id_: str, number: int | None = None) -> ThreatModel:
        """A revision as the agent made it, the latest by default; NotFound when there is none."""
        ...

    def add_verdicts(self, verdicts: tuple[Verdict, ...]) -> None:
        """Append; a verdict whose id is known already is passed over."""
        ...

    def verdicts(self, id_: str) -> tuple[Verdict, ...]:
        """Every verdict on the model, the oldest first."""
        ...

    def delivered(self, delivery: str) -> bool:
        """Whether this delivery was recorded."""
        ...

    def record_delivery(self, delivery: str) -> None:
        """Remember that a delivery was taken over."""
        ...

    def begin_post(self, key: str, channel: str) -> Post:
        """What was known of the message until now; from now on, it is UNSURE unless it is DONE."""
        ...

    def finish_post(self, key: str, ts: str) -> None:
        """The message stands at `ts`."""
        ...

    def post(self, key: str) -> Post | None:
        """What is known of the message; None when nobody has begun it."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
