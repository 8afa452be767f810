"""A threat model at a glance: what lists of a channel show of it, without reading it.

Plain values: the ingress answers with them, and starts without pydantic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.domain.states import RunState
from agent.domain.tally import ThreatTally

if TYPE_CHECKING:
    from datetime import datetime


EMPTY = ThreatTally()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunGlance:
    """A run that has not made its revision: it goes on, was stopped, or failed."""

    revision: int
    by: str
    created: datetime
    state: RunState
    error: str = ""
    """Why it failed or was stopped, as sentences that say what to do."""
    stage: str = ""
    """A Stage, once it has been at one."""
    threats: int = 0
    """Found until then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """A threat model of a channel."""

    id: str
    title: str
    owner: str
    """Who asked for it: a Slack user id."""
    created: datetime
    link: str = ""
    """The thread's permalink; empty until it is known."""
    revision: int = 0
    """The latest; 0 before the first run is done."""
    tally: ThreatTally = EMPTY
    """The threats of that revision."""
    run: RunGlance | None = None
    """The latest run, unless it has made its revision or another has since."""
