"""A run's task, its state, and how it stands: what the steps and the drivers of a run share.

State is plain JSON data, so that it can be kept between two steps and a run go on in another process.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Generator
from typing import Annotated, Any, NamedTuple, Protocol, TypedDict

from pydantic import AwareDatetime

from agent.domain.base import Value
from agent.domain.lesson import Teaching
from agent.domain.model import Progress, ThreatModel
from agent.domain.request import Request

BEGIN, END = "begin", "end"
"""Before the first step, and after the last."""


def _larger(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """The later of two sums of one run, from branches that end in any order."""
    return max(one, other, key=lambda u: int(u.get("calls", 0)))


class Task(Value):
    """One run: what is to be modelled, and as which revision of which threat model."""

    run: str
    """The run's id; a run that was interrupted goes on under the same id."""
    model: str
    revision: int
    created: AwareDatetime | None = None
    request: Request
    previous: ThreatModel | None = None
    """The revision before, whose threats keep their ids."""
    lessons: tuple[Teaching, ...] = ()
    """What verdicts on other models of the workspace teach, the newest model first."""


class State(TypedDict, total=False):
    """What the graph keeps between nodes: plain JSON data, a key a node."""

    task: dict[str, Any]
    fragments: Annotated[list[dict[str, Any]], operator.add]
    system: dict[str, Any]
    context: dict[str, Any]
    """From retrieve: the areas, the passages of each, and what the knowledge store failed with."""
    findings: Annotated[list[dict[str, Any]], operator.add]
    merged: dict[str, Any]
    scored: list[dict[str, Any]]
    reviewed: dict[str, Any]
    model: dict[str, Any]
    seen: dict[str, Any]
    """From understand, when a language model looked."""
    learned: dict[str, Any]
    """From score, when earlier models taught something: which threats that moved, and how far."""
    usage: Annotated[dict[str, Any], _larger]
    """What the language model has used so far, for a run that goes on after an interruption."""


class Branch(NamedTuple):
    """A step that is done beside others of its kind, each with a state of its own."""

    step: str
    state: dict[str, Any]


class Edge(NamedTuple):
    """What comes after a step."""

    after: str
    """The step; BEGIN before the first."""
    to: tuple[str, ...]
    """What may come; END alone after the last."""
    choose: Callable[[State], list[Branch] | str] | None = None
    """What of it does come: branches of a step, or one step with the run's state. None: the only one."""


class Done(NamedTuple):
    """A step that has ended, and what it adds to the state."""

    step: str
    update: State


class Standing(NamedTuple):
    """Where a run stands."""

    state: State
    ended: bool
    """Whether the state holds the model that the last step made."""


class Drive(Protocol):
    """One run on its way through the steps."""

    def standing(self) -> Standing:
        """Where it stands, with all steps in it that have ended."""
        ...

    def steps(self) -> Generator[Done | Progress, None, None]:
        """Do what there is left to do: each step as it ends, and what steps tell before they do.

        Closed, it begins no other step. What a step raises comes out of it.
        """
        ...
