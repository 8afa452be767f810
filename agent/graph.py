"""The agent's graph: state, edges, checkpoints. The only place that knows langgraph.

::

    read* → understand → retrieve → find* → merge → score → review → summarise
                                      ▲                         │
                                      └──── named gaps ─────────┘      (* = branches in parallel)

State is plain JSON data: nodes get domain values and give domain values, and `_Nodes` converts at the
border. Every step is checkpointed before the next begins, so a run that was killed goes on where it was.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, TypedDict, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.config import get_stream_writer
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send
from pydantic import AwareDatetime

from agent.analysts.areas import split
from agent.analysts.base import Analyst, Brief, Findings
from agent.artifacts import Artifacts
from agent.domain.base import Value
from agent.domain.model import Area, Coverage, FailedArea, Gap, Progress, Stage, ThreatModel
from agent.domain.request import Request
from agent.domain.system import Evidence, Question, System, SystemFragment
from agent.domain.threat import Threat
from agent.domain.usage import Usage
from agent.errors import Cancelled, NothingToRead
from agent.nodes.find import find
from agent.nodes.merge import Merged, merge
from agent.nodes.read import read_attachment, read_description
from agent.nodes.retrieve import retrieve
from agent.nodes.review import review
from agent.nodes.score import score
from agent.nodes.summarise import summarise
from agent.nodes.understand import Seen, see, understand
from agent.outcomes import with_outcomes
from agent.tally import Tally
from knowledge.stores.base import KnowledgeStore, StoreError

if TYPE_CHECKING:
    from agent.analysts.model_run import ModelRun

FIRST = 5
"""How many of the rules' first threats are told before a language model looks."""
AUTO_ROUNDS = 3
"""Rounds of find and review at most when the request leaves the number open."""


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
    usage: Annotated[dict[str, Any], _larger]
    """What the language model has used so far, for a run that goes on after an interruption."""


class Agent:
    """Makes threat models.

    Args:
        artifacts: where the request's attachments lie.
        analysts: what proposes threats, in order; the first is the floor.
        store: the knowledge base, or None to go without.
        checkpointer: where a run's steps are kept; by default only as long as this object lives.
        model: makes a language model's part of a run, given what it has used already; None for no model.
    """

    def __init__(
        self,
        *,
        artifacts: Artifacts,
        analysts: Sequence[Analyst],
        store: KnowledgeStore | None,
        checkpointer: BaseCheckpointSaver[str] | None = None,
        model: Callable[[Task, Usage], ModelRun] | None = None,
    ) -> None:
        nodes = _Nodes(artifacts, tuple(analysts), store)
        self._nodes = nodes
        self._model = model
        self._graph = _build(nodes).compile(checkpointer=checkpointer or InMemorySaver())

    def stream(
        self, task: Task, cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[Progress | ThreatModel]:
        """Progress as it happens, then the threat model.

        `cancelled` is asked between steps; when it says yes, the model is made of what was found until
        then and marked partial, or Cancelled is raised when there is no system yet. InputError when
        nothing can be made of the request.
        """
        config: RunnableConfig = {"configurable": {"thread_id": task.run}, "recursion_limit": 100}
        begun = self._graph.get_state(config)
        values = cast("State", begun.values)
        if values.get("model") and not begun.next:
            yield ThreatModel.load(values["model"])
            return
        if cancelled():
            yield self._partial(config, task)
            return
        start: State | None = None if begun.metadata else {"task": task.dump()}
        with self._at_work(task, values, cancelled):
            steps = self._graph.stream(start, config, stream_mode=["updates", "custom"], durability="sync")
            yield from self._driven(steps, Tally(values, _latest(values)), cancelled)
            after = self._graph.get_state(config)
            ended = "model" in after.values and not after.next
            yield ThreatModel.load(after.values["model"]) if ended else self._partial(config, task)

    def _driven(self, steps: Any, tally: Tally, cancelled: Callable[[], bool]) -> Iterator[Progress]:
        """Progress until the end, or until somebody has asked to stop and no branch is under way."""
        for mode, step in steps:
            if mode == "custom":
                yield Progress.load(step)
                continue
            for node, update in step.items():
                yield from tally.count(node, update or {})
            if Stage.FIND.value not in step and cancelled():
                steps.close()
                return

    @contextmanager
    def _at_work(self, task: Task, values: State, cancelled: Callable[[], bool]) -> Iterator[None]:
        """The run's language model, as long as the block lasts."""
        if self._model is None:
            yield
            return
        model = self._model(task, Usage.load(values.get("usage", {})))
        with self._nodes.with_model(task.run, model), model.stopped_by(cancelled):
            yield

    def run(self, task: Task) -> ThreatModel:
        """The threat model, without progress."""
        *_, last = self.stream(task)
        return cast("ThreatModel", last)

    def _partial(self, config: RunnableConfig, task: Task) -> ThreatModel:
        state = cast("State", {"task": task.dump(), **self._graph.get_state(config).values})
        if "system" not in state:
            raise Cancelled(
                "Stopped before the design was read. Nothing was kept; drop the diagram again to start."
            )
        if "context" not in state:
            areas = split(System.load(state["system"])) if self._model else ()
            state["context"] = {"areas": [a.dump() for a in areas], "passages": {}, "trouble": ""}
        if self._model and not state.get("findings"):
            state["findings"] = self._nodes.floor(state)
        state["merged"] = self._nodes.merge(state)["merged"]
        state["scored"] = self._nodes.score(state)["scored"]
        state["reviewed"] = self._nodes.review(state)["reviewed"]
        model = ThreatModel.load(self._nodes.summarise(state)["model"])
        return model.model_copy(update={"partial": True})


class _Nodes:
    """The nodes with their dependencies, JSON in and JSON out."""

    def __init__(
        self, artifacts: Artifacts, analysts: tuple[Analyst, ...], store: KnowledgeStore | None
    ) -> None:
        self._artifacts = artifacts
        self._analysts = analysts
        self._store = store
        self._models: dict[str, ModelRun] = {}

    @contextmanager
    def with_model(self, run: str, model: ModelRun) -> Iterator[None]:
        """While the block lasts, the run has this language model."""
        self._models[run] = model
        try:
            yield
        finally:
            del self._models[run]

    def _model(self, state: Mapping[str, Any]) -> ModelRun | None:
        return self._models.get(str(state["task"]["run"]))

    def _all(self, state: Mapping[str, Any]) -> tuple[Analyst, ...]:
        """The analysts of this run: the model analyst comes after the others."""
        model = self._model(state)
        return (*self._analysts, model.analyst) if model else self._analysts

    def _used(self, state: Mapping[str, Any]) -> State:
        model = self._model(state)
        return {"usage": model.usage.dump()} if model else {}

    def to_read(self, state: State) -> list[Send]:
        """One branch an attachment, and one for the description."""
        count = len(Task.load(state["task"]).request.attachments)
        return [Send("read", {"task": state["task"], "index": i}) for i in range(-1, count)]

    def read(self, branch: dict[str, Any]) -> State:
        request = Task.load(branch["task"]).request
        index = int(branch["index"])
        fragment = (
            read_description(request.description)
            if index < 0
            else read_attachment(request.attachments[index], self._artifacts)
        )
        return {"fragments": [{"index": index, "fragment": fragment.dump()}]}

    def understand(self, state: State) -> State:
        request, model = Task.load(state["task"]).request, self._model(state)
        ordered = sorted(state["fragments"], key=lambda f: int(f["index"]))
        fragments = [SystemFragment.load(f["fragment"]) for f in ordered]
        if model is None:
            return {"system": understand(request, fragments).dump()}
        self._look_first(request, fragments)
        system, seen = see(request, fragments, self._artifacts, model)
        return {"system": system.dump(), "seen": seen.dump(), **self._used(state)}

    def _look_first(self, request: Request, fragments: Sequence[SystemFragment]) -> None:
        """Tell what the rules find in what was read exactly, while the model has yet to look."""
        try:
            system = understand(request, fragments)
        except NothingToRead:
            return  # the pictures may show one
        found = merge(system, self._by_rules(request, system), None).threats
        first = Progress(stage=Stage.UNDERSTAND, detail=system.size, threats=len(found), first=found[:FIRST])
        get_stream_writer()(first.dump())

    def _by_rules(self, request: Request, system: System) -> list[Findings]:
        return [
            self._analysts[0].find(Brief(request=request, system=system, area=area)) for area in split(system)
        ]

    def floor(self, state: State) -> list[dict[str, Any]]:
        """The first analyst's findings, for a run that was stopped before any area was looked at."""
        request, system = Task.load(state["task"]).request, System.load(state["system"])
        return [{"findings": f.dump(), "failed": []} for f in self._by_rules(request, system)]

    def retrieve(self, state: State) -> State:
        system = System.load(state["system"])
        areas = split(system)
        queries = Seen.load(state.get("seen", {})).queries
        passages: dict[str, Any] = {}
        trouble = ""
        for area in areas if self._store else ():
            try:
                found = retrieve(system, area, cast("KnowledgeStore", self._store), queries)
            except StoreError as error:
                trouble = str(error)
                break
            passages[area.id] = [p.dump() for p in found]
        return {"context": {"areas": [a.dump() for a in areas], "passages": passages, "trouble": trouble}}

    def to_find(self, state: State) -> list[Send]:
        """One branch an area: all of them at first, only those with a named gap later."""
        gaps = [Gap.load(g) for g in state.get("reviewed", {}).get("gaps", [])]
        wanted = {g.area for g in gaps}
        shared = {key: state[key] for key in ("task", "system", "context")}
        before = _latest(state)
        return [
            Send(
                "find",
                {
                    **shared,
                    "area": area,
                    "gaps": [g.dump() for g in gaps if g.area == area["id"]],
                    "before": before.get(area["id"], {}).get("findings"),
                },
            )
            for area in state["context"]["areas"]
            if not wanted or area["id"] in wanted
        ]

    def find(self, branch: dict[str, Any]) -> State:
        area = Area.load(branch["area"])
        brief = Brief(
            request=Task.load(branch["task"]).request,
            system=System.load(branch["system"]),
            area=area,
            passages=tuple(Evidence.load(p) for p in branch["context"]["passages"].get(area.id, [])),
            gaps=tuple(Gap.load(g) for g in branch["gaps"]),
        )
        before = Findings.load(branch["before"]) if branch["before"] else None
        findings, failed = find(brief, self._all(branch), before)
        made = {"findings": findings.dump(), "failed": [f.dump() for f in failed]}
        return {"findings": [made], **self._used(branch)}

    def merge(self, state: State) -> State:
        task = Task.load(state["task"])
        findings = [Findings.load(f["findings"]) for _, f in sorted(_latest(state).items())]
        system = System.load(state["system"])
        asked = Seen.load(state.get("seen", {})).questions
        merged = merge(system, findings, task.previous, asked)
        return {"merged": merged.dump()}

    def score(self, state: State) -> State:
        merged = Merged.load(state["merged"])
        return {"scored": [t.dump() for t in score(merged.threats, self._store)]}

    def review(self, state: State) -> State:
        system = System.load(state["system"])
        threats = tuple(Threat.load(t) for t in state["scored"])
        rounds = int(state.get("reviewed", {}).get("rounds", 0)) + 1
        options = Task.load(state["task"]).request.options
        last = rounds >= (options.iterations or AUTO_ROUNDS)
        found = review(system, threats, () if last else self._all(state))
        return {"reviewed": {"rounds": rounds, **found.dump()}, **self._used(state)}

    def after_review(self, state: State) -> list[Send] | str:
        """Back to find for the named gaps, or on to summarise."""
        return self.to_find(state) if state["reviewed"]["gaps"] else "summarise"

    def summarise(self, state: State) -> State:
        task, seen, asked = Task.load(state["task"]), Seen.load(state.get("seen", {})), self._model(state)
        system = System.load(state["system"])
        threats = tuple(Threat.load(t) for t in state["scored"])
        coverage = Coverage.load(state["reviewed"]["coverage"])
        questions = with_outcomes(
            (Question.load(q) for q in state["merged"]["questions"]),
            threats,
            system,
            task.request,
            [Area.load(a) for a in state["context"]["areas"]],
            self._analysts[0],
        )
        model = summarise(
            ThreatModel(
                id=task.model,
                revision=task.revision,
                title=task.request.title,
                created=task.created,
                system=system,
                threats=threats,
                budget=task.request.options.budget,
                questions=questions,
                coverage=coverage.model_copy(
                    update={"not_looked_at": (*coverage.not_looked_at, *seen.unknowns)}
                ),
                failed=_failed(state),
                passages=tuple(
                    sorted({p["source"] for ps in state["context"]["passages"].values() for p in ps})
                ),
                later=_later(state, threats),
                drawings=seen.drawings,
                usage=asked.usage if asked else Usage(),
                prompts=asked.prompts if asked else "",
            ),
            trouble=str(state["context"]["trouble"]),
            unasked=tuple(t for t in (seen.trouble, *(asked.trouble if asked else ())) if t),
        )
        return {"model": model.dump()}


def _latest(state: State) -> dict[str, dict[str, Any]]:
    """What find said of each area, by the area's id, in its last round."""
    return {entry["findings"]["area"]: entry for entry in state.get("findings", [])}


def _later(state: State, threats: Sequence[Threat]) -> tuple[str, ...]:
    """Ids of the threats that no area's first round named."""
    first: dict[str, dict[str, Any]] = {}
    for entry in state.get("findings", []):
        first.setdefault(entry["findings"]["area"], entry["findings"])
    known = {str(t["key"]) for found in first.values() for t in found["threats"]}
    return tuple(t.id for t in threats if known.isdisjoint({t.key, *t.merged}))


def _failed(state: State) -> tuple[FailedArea, ...]:
    return tuple(FailedArea.load(f) for _, e in sorted(_latest(state).items()) for f in e["failed"])


def _build(nodes: _Nodes) -> StateGraph[State]:
    graph = StateGraph(State)
    for stage in Stage:
        graph.add_node(stage.value, getattr(nodes, stage.value))
    graph.add_conditional_edges(START, nodes.to_read, ["read"])
    graph.add_edge("read", "understand")
    graph.add_edge("understand", "retrieve")
    graph.add_conditional_edges("retrieve", nodes.to_find, ["find"])
    graph.add_edge("find", "merge")
    graph.add_edge("merge", "score")
    graph.add_edge("score", "review")
    graph.add_conditional_edges("review", nodes.after_review, ["find", "summarise"])
    graph.add_edge("summarise", END)
    return graph
