"""The agent: a run over the graph of steps, its progress, and what is left of it when somebody stops it.

`agent.steps` has the graph. Two drivers go by it, and here is chosen which: `agent.resumable`, on langgraph,
wherever a run is kept or a language model works; `agent.straight` for a run that nobody can go on with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, cast

from agent.analysts.areas import split
from agent.analysts.base import Analyst
from agent.artifacts import Artifacts
from agent.domain.model import Progress, Stage, ThreatModel
from agent.domain.system import System
from agent.domain.usage import Usage
from agent.errors import Cancelled
from agent.state import Drive, State, Task
from agent.steps import Steps, latest
from agent.straight import Straight
from agent.tally import Tally
from knowledge.stores.base import KnowledgeStore

if TYPE_CHECKING:
    from agent.analysts.model_run import ModelRun
    from agent.resumable import Checkpointer

__all__ = ["Agent", "Task"]


class Agent:
    """Makes threat models.

    Args:
        artifacts: where the request's attachments lie.
        analysts: what proposes threats, in order; the first is the floor.
        store: the knowledge base, or None to go without.
        checkpointer: where a run's steps are kept. None: nowhere beyond this object; without a model nowhere
            at all, so that a run that is asked for again begins anew.
        model: makes a language model's part of a run, given what it has used already; None for no model.
    """

    def __init__(
        self,
        *,
        artifacts: Artifacts,
        analysts: Sequence[Analyst],
        store: KnowledgeStore | None,
        checkpointer: Checkpointer | None = None,
        model: Callable[[Task, Usage], ModelRun] | None = None,
    ) -> None:
        self._model = model
        self._drive: Callable[[Task], Drive]
        if checkpointer is None and model is None:
            self._steps = Steps(artifacts, tuple(analysts), store)
            self._drive = partial(Straight, self._steps)
            return
        from agent.resumable import Resumable, tell

        self._steps = Steps(artifacts, tuple(analysts), store, tell)
        self._drive = Resumable(self._steps, checkpointer).drive

    def stream(
        self, task: Task, cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[Progress | ThreatModel]:
        """Progress as it happens, then the threat model.

        `cancelled` is asked between steps; when it says yes, the model is made of what was found until
        then and marked partial, or Cancelled is raised when there is no system yet. InputError when
        nothing can be made of the request.
        """
        drive = self._drive(task)
        state, ended = drive.standing()
        if ended:
            yield ThreatModel.load(state["model"])
            return
        if cancelled():
            yield self._partial(drive, task)
            return
        with self._at_work(task, state, cancelled):
            yield from self._driven(drive, Tally(state, latest(state)), cancelled)
            state, ended = drive.standing()
            yield ThreatModel.load(state["model"]) if ended else self._partial(drive, task)

    def _driven(self, drive: Drive, tally: Tally, cancelled: Callable[[], bool]) -> Iterator[Progress]:
        """Progress until the end, or until somebody has asked to stop and no branch is under way."""
        with closing(drive.steps()) as steps:
            for done in steps:
                if isinstance(done, Progress):
                    yield done
                    continue
                yield from tally.count(done.step, {**done.update})
                if done.step != Stage.FIND and cancelled():
                    return

    @contextmanager
    def _at_work(self, task: Task, state: State, cancelled: Callable[[], bool]) -> Iterator[None]:
        """The run's language model, as long as the block lasts."""
        if self._model is None:
            yield
            return
        model = self._model(task, Usage.load(state.get("usage", {})))
        with self._steps.with_model(task.run, model), model.stopped_by(cancelled):
            yield

    def run(self, task: Task) -> ThreatModel:
        """The threat model, without progress."""
        *_, last = self.stream(task)
        return cast("ThreatModel", last)

    def _partial(self, drive: Drive, task: Task) -> ThreatModel:
        state = cast("State", {"task": task.dump(), **drive.standing().state})
        if "system" not in state:
            raise Cancelled(
                "Stopped before the design was read. Nothing was kept; drop the diagram again to start."
            )
        if "context" not in state:
            areas = split(System.load(state["system"])) if self._model else ()
            state["context"] = {"areas": [a.dump() for a in areas], "passages": {}, "trouble": ""}
        if self._model and not state.get("findings"):
            state["findings"] = self._steps.floor(state)
        state["merged"] = self._steps.merge(state)["merged"]
        state["scored"] = self._steps.score(state)["scored"]
        state["reviewed"] = self._steps.review(state)["reviewed"]
        model = ThreatModel.load(self._steps.summarise(state)["model"])
        return model.model_copy(update={"partial": True})
