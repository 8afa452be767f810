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
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any, TypedDict, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
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
from agent.errors import Cancelled
from agent.nodes.find import find
from agent.nodes.merge import Merged, merge
from agent.nodes.read import DESCRIPTION, read_attachment, read_description
from agent.nodes.retrieve import retrieve
from agent.nodes.review import review
from agent.nodes.score import score
from agent.nodes.summarise import summarise
from agent.nodes.understand import understand
from agent.outcomes import with_outcomes
from knowledge.stores.base import KnowledgeStore, StoreError

AUTO_ROUNDS = 3
"""Rounds of find and review at most when the request leaves the number open."""


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


class Agent:
    """Makes threat models.

    Args:
        artifacts: where the request's attachments lie.
        analysts: what proposes threats, in order; the first is the floor.
        store: the knowledge base, or None to go without.
        checkpointer: where a run's steps are kept; by default only as long as this object lives.
    """

    def __init__(
        self,
        *,
        artifacts: Artifacts,
        analysts: Sequence[Analyst],
        store: KnowledgeStore | None,
        checkpointer: BaseCheckpointSaver[str] | None = None,
    ) -> None:
        nodes = _Nodes(artifacts, tuple(analysts), store)
        self._nodes = nodes
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
        start: State | None = None if begun.next else {"task": task.dump()}
        tally = _Tally(values)
        if cancelled():
            yield self._partial(config, task)
            return
        steps = self._graph.stream(start, config, stream_mode="updates", durability="sync")
        for step in steps:
            for node, update in step.items():
                yield from tally.count(node, update or {})
            if cancelled():
                steps.close()  # type: ignore[attr-defined]  # a generator, whatever its annotation says
                yield self._partial(config, task)
                return
        yield ThreatModel.load(self._graph.get_state(config).values["model"])

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
        state.setdefault("context", {"areas": [], "passages": {}, "trouble": ""})
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
        fragments = sorted(state["fragments"], key=lambda f: int(f["index"]))
        system = understand(
            Task.load(state["task"]).request, [SystemFragment.load(f["fragment"]) for f in fragments]
        )
        return {"system": system.dump()}

    def retrieve(self, state: State) -> State:
        system = System.load(state["system"])
        areas = split(system)
        passages: dict[str, Any] = {}
        trouble = ""
        for area in areas if self._store else ():
            try:
                found = retrieve(system, area, cast("KnowledgeStore", self._store))
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
        areas = [Area.load(a) for a in state["context"]["areas"]]
        return [
            Send("find", {**shared, "area": a.dump(), "gaps": [g.dump() for g in gaps if g.area == a.id]})
            for a in areas
            if not wanted or a.id in wanted
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
        findings, failed = find(brief, self._analysts)
        return {"findings": [{"findings": findings.dump(), "failed": [f.dump() for f in failed]}]}

    def merge(self, state: State) -> State:
        task = Task.load(state["task"])
        findings = sorted(
            (Findings.load(f["findings"]) for f in state.get("findings", [])), key=lambda f: f.area
        )
        merged = merge(System.load(state["system"]), findings, task.previous)
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
        found = review(system, threats, () if last else self._analysts)
        return {"reviewed": {"rounds": rounds, **found.dump()}}

    def after_review(self, state: State) -> list[Send] | str:
        """Back to find for the named gaps, or on to summarise."""
        return self.to_find(state) if state["reviewed"]["gaps"] else "summarise"

    def summarise(self, state: State) -> State:
        task = Task.load(state["task"])
        system = System.load(state["system"])
        threats = tuple(Threat.load(t) for t in state["scored"])
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
                coverage=Coverage.load(state["reviewed"]["coverage"]),
                failed=_failed(state),
                passages=tuple(
                    sorted({p["source"] for ps in state["context"]["passages"].values() for p in ps})
                ),
            ),
            trouble=str(state["context"]["trouble"]),
        )
        return {"model": model.dump()}


def _cited(state: State) -> tuple[str, ...]:
    return tuple(sorted({p["source"] for found in state["context"]["passages"].values() for p in found}))


def _failed(state: State) -> tuple[FailedArea, ...]:
    return tuple(FailedArea.load(f) for entry in state.get("findings", []) for f in entry["failed"])


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


class _Tally:
    """Counts a run's steps into progress; picks up where a resumed run stands."""

    def __init__(self, state: State) -> None:
        self._areas = len(state.get("context", {}).get("areas", []))
        self._looked = len(state.get("findings", []))
        self._threats = sum(len(f["findings"]["threats"]) for f in state.get("findings", []))

    def count(self, node: str, update: dict[str, Any]) -> Iterator[Progress]:
        """The progress that one node's update amounts to."""
        if node not in set(Stage):
            return
        stage = Stage(node)
        yield Progress(stage=stage, detail=self._detail(stage, update), threats=self._threats)

    def _detail(self, stage: Stage, update: dict[str, Any]) -> str:  # noqa: PLR0911 - one return a stage
        match stage:
            case Stage.READ:
                source = str(update["fragments"][0]["fragment"]["source"])
                return "" if source == DESCRIPTION else source
            case Stage.UNDERSTAND:
                return size_of(System.load(update["system"]))
            case Stage.RETRIEVE:
                self._areas = len(update["context"]["areas"])
                count = sum(len(p) for p in update["context"]["passages"].values())
                return update["context"]["trouble"] or _count(count, "passage")
            case Stage.FIND:
                self._looked += 1
                self._threats += len(update["findings"][0]["findings"]["threats"])
                return f"{min(self._looked, self._areas)} of {_count(self._areas, 'area')} looked at"
            case Stage.MERGE:
                self._threats = len(update["merged"]["threats"])
                return f"{_count(self._threats, 'threat')} without duplicates"
            case Stage.REVIEW:
                cells = Coverage.load(update["reviewed"]["coverage"]).cells
                return f"{sum(c.covered for c in cells)} of {len(cells)} cells covered"
            case Stage.SCORE | Stage.SUMMARISE:
                return ""


def size_of(system: System) -> str:
    """Such as "10 elements, 10 flows, 1 boundary"."""
    return ", ".join(
        (
            _count(len(system.elements), "element"),
            _count(len(system.flows), "flow"),
            _count(len(system.boundaries), "boundary", "boundaries"),
        )
    )


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
