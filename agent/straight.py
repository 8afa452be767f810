"""A run from its first step to its last in this thread, with nothing kept.

It goes by the same steps, edges and joins as `agent.resumable`, and loads nothing: a process that makes one
threat model and ends would spend most of its time loading langgraph (docs/decisions/0011).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Annotated, Any, cast, get_args, get_origin, get_type_hints

from agent.domain.model import Progress
from agent.state import BEGIN, END, Branch, Done, Edge, Standing, State, Task
from agent.steps import Steps

_JOINED: Mapping[str, tuple[Callable[[], Any], Callable[[Any, Any], Any]]] = {
    key: cast("Any", get_args(hint))
    for key, hint in get_type_hints(State, include_extras=True).items()
    if get_origin(hint) is Annotated
}
"""What a key begins as, and how an update joins it; of other keys the update takes the place."""


class Straight:
    """One run; see Drive. Branches are done one after the other, in their order."""

    def __init__(self, steps: Steps, task: Task) -> None:
        self._steps = steps
        self._task = task
        self._state: State = {}
        self._ended = False

    def standing(self) -> Standing:
        """See Drive."""
        return Standing(self._state, self._ended)

    def steps(self) -> Generator[Done | Progress, None, None]:
        """See Drive."""
        edges = {edge.after: edge for edge in self._steps.edges()}
        begun = {key: kind() for key, (kind, _) in _JOINED.items()}
        self._state = cast("State", {**begun, "task": self._task.dump()})
        at = BEGIN
        while not self._ended and (branches := _branches(edges[at], self._state)):
            at = branches[0].step
            for step, state in branches:
                update = self._steps.node(step)(state)
                self._state = _joined(self._state, update)
                self._ended = edges[step].to == (END,)
                yield Done(step, update)


def _branches(edge: Edge, state: State) -> list[Branch]:
    """What comes next: branches, or one step with the whole state; nothing ends the run before its end."""
    chosen = edge.choose(state) if edge.choose else edge.to[0]
    return [Branch(chosen, cast("dict[str, Any]", state))] if isinstance(chosen, str) else chosen


def _joined(state: State, update: State) -> State:
    """The state after the update, as a new one."""
    joined: dict[str, Any] = {**state}
    for key, value in update.items():
        joined[key] = _JOINED[key][1](joined[key], value) if key in _JOINED else value
    return cast("State", joined)
