"""A run that goes on where it was, on langgraph: the only place of the agent that knows it.

Branches of a step are done in parallel, and every step is checkpointed before the next begins: a run that was
killed goes on from there, in this process or in another.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator
from contextlib import closing
from typing import TYPE_CHECKING, Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.config import get_stream_writer
from langgraph.graph import END as LAST
from langgraph.graph import START, StateGraph
from langgraph.types import Send

from agent.domain.model import Progress, Stage
from agent.state import BEGIN, END, Branch, Done, Standing, State, Task
from agent.steps import Steps

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph
    from langgraph.types import StateSnapshot

Checkpointer = BaseCheckpointSaver[str]
"""Where a run's steps are kept."""


def tell(progress: Progress) -> None:
    """Say progress from within a step."""
    get_stream_writer()(progress.dump())


class Resumable:
    """Runs over one graph.

    Args:
        steps: what is done, and in which order.
        checkpointer: where it is kept; None: as long as this object lives.
    """

    def __init__(self, steps: Steps, checkpointer: Checkpointer | None) -> None:
        self._graph = _build(steps).compile(checkpointer=checkpointer or InMemorySaver())

    def drive(self, task: Task) -> ResumableRun:
        """The run of this task, from where it stands."""
        return ResumableRun(self._graph, task)


class ResumableRun:
    """One run; see Drive."""

    def __init__(self, graph: CompiledStateGraph[State, Any, Any, Any], task: Task) -> None:
        self._graph = graph
        self._task = task
        self._config: RunnableConfig = {"configurable": {"thread_id": task.run}, "recursion_limit": 100}
        self._seen: StateSnapshot | None = None

    def standing(self) -> Standing:
        """See Drive."""
        seen = self._look()
        return Standing(cast("State", seen.values), "model" in seen.values and not seen.next)

    def steps(self) -> Generator[Done | Progress, None, None]:
        """See Drive."""
        start: State | None = None if self._look().metadata else {"task": self._task.dump()}
        self._seen = None
        run: Any = self._graph.stream(
            start, self._config, stream_mode=["updates", "custom"], durability="sync"
        )
        with closing(run):
            for mode, told in run:
                if mode == "custom":
                    yield Progress.load(told)
                    continue
                for step, update in told.items():
                    yield Done(step, cast("State", update or {}))

    def _look(self) -> StateSnapshot:
        """What is kept of the run, read anew after steps were done."""
        if self._seen is None:
            self._seen = self._graph.get_state(self._config)
        return self._seen


def _build(steps: Steps) -> StateGraph[State]:
    graph = StateGraph(State)
    for stage in Stage:
        graph.add_node(stage.value, cast("Any", steps.node(stage)))
    ends = {BEGIN: START, END: LAST}
    for after, to, choose in steps.edges():
        begin, targets = ends.get(after, str(after)), [ends.get(t, str(t)) for t in to]
        if choose:
            graph.add_conditional_edges(begin, _sent(choose), targets)
        else:
            graph.add_edge(begin, targets[0])
    return graph


def _sent(choose: Callable[[State], list[Branch] | str]) -> Callable[[State], list[Send] | str]:
    """The choice in langgraph's words."""

    @functools.wraps(choose)
    def sent(state: State) -> list[Send] | str:
        chosen = choose(state)
        return chosen if isinstance(chosen, str) else [Send(*branch) for branch in chosen]

    return sent
