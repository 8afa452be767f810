"""The steps of a run, and which comes after which: what the drivers of a run go by.

::

    read* → understand → retrieve → find* → merge → score → review → summarise
                                      ▲                         │
                                      └──── named gaps ─────────┘      (* = branches in parallel)

Nodes get domain values and give domain values; `Steps` converts at the border to the state's JSON data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from agent.analysts.areas import split
from agent.analysts.base import Analyst, Brief, Findings
from agent.artifacts import Artifacts
from agent.domain.lesson import Kinds, Teaching
from agent.domain.model import Area, Coverage, FailedArea, Gap, Progress, Stage, ThreatModel
from agent.domain.request import Request
from agent.domain.system import Evidence, Question, System, SystemFragment
from agent.domain.threat import Threat
from agent.domain.usage import Usage
from agent.errors import NothingToRead
from agent.lessons.applying import applied, asked_again, asked_first, lines_for, of_others, sentences
from agent.nodes.find import find
from agent.nodes.merge import Merged, merge
from agent.nodes.read import read_attachment, read_description
from agent.nodes.retrieve import retrieve
from agent.nodes.review import review
from agent.nodes.score import score
from agent.nodes.summarise import summarise
from agent.nodes.understand import Seen, see, understand
from agent.outcomes import with_outcomes
from agent.state import BEGIN, END, Branch, Edge, State, Task
from knowledge.stores.base import KnowledgeStore, StoreError

if TYPE_CHECKING:
    from agent.analysts.model_run import ModelRun

FIRST = 5
"""How many of the rules' first threats are told before a language model looks."""
AUTO_ROUNDS = 3
"""Rounds of find and review at most when the request leaves the number open."""


class Steps:
    """The nodes with their dependencies, JSON in and JSON out; a method a stage.

    Args:
        artifacts: where the request's attachments lie.
        analysts: what proposes threats, in order; the first is the floor.
        store: the knowledge base, or None to go without.
        tell: says progress from within a step, which only a language model's steps do.
    """

    def __init__(
        self,
        artifacts: Artifacts,
        analysts: tuple[Analyst, ...],
        store: KnowledgeStore | None,
        tell: Callable[[Progress], None] = lambda _: None,
    ) -> None:
        self._artifacts = artifacts
        self._analysts = analysts
        self._store = store
        self._tell = tell
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

    def edges(self) -> tuple[Edge, ...]:
        """What comes after each step."""
        return (
            Edge(BEGIN, (Stage.READ,), self.to_read),
            Edge(Stage.READ, (Stage.UNDERSTAND,)),
            Edge(Stage.UNDERSTAND, (Stage.RETRIEVE,)),
            Edge(Stage.RETRIEVE, (Stage.FIND,), self.to_find),
            Edge(Stage.FIND, (Stage.MERGE,)),
            Edge(Stage.MERGE, (Stage.SCORE,)),
            Edge(Stage.SCORE, (Stage.REVIEW,)),
            Edge(Stage.REVIEW, (Stage.FIND, Stage.SUMMARISE), self.after_review),
            Edge(Stage.SUMMARISE, (END,)),
        )

    def node(self, step: str) -> Callable[[Any], State]:
        """What does a step: state in, update out."""
        return cast("Callable[[Any], State]", getattr(self, Stage(step).value))

    def to_read(self, state: State) -> list[Branch]:
        """One branch an attachment, and one for the description."""
        count = len(Task.load(state["task"]).request.attachments)
        task = state["task"] | {"lessons": []}  # no branch reads them here, and each is kept
        return [Branch("read", {"task": task, "index": i}) for i in range(-1, count)]

    def read(self, branch: dict[str, Any]) -> State:
        """One file, or the description, as a fragment."""
        request = Task.load(branch["task"]).request
        index = int(branch["index"])
        fragment = (
            read_description(request.description)
            if index < 0
            else read_attachment(request.attachments[index], self._artifacts)
        )
        return {"fragments": [{"index": index, "fragment": fragment.dump()}]}

    def understand(self, state: State) -> State:
        """The fragments as one system."""
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
        self._tell(first)

    def _by_rules(self, request: Request, system: System) -> list[Findings]:
        return [
            self._analysts[0].find(Brief(request=request, system=system, area=area)) for area in split(system)
        ]

    def floor(self, state: State) -> list[dict[str, Any]]:
        """The first analyst's findings, for a run that was stopped before any area was looked at."""
        request, system = Task.load(state["task"]).request, System.load(state["system"])
        return [{"findings": f.dump(), "failed": []} for f in self._by_rules(request, system)]

    def retrieve(self, state: State) -> State:
        """The areas, and the passages of each."""
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

    def to_find(self, state: State) -> list[Branch]:
        """One branch an area: all of them at first, only those with a named gap later."""
        gaps = [Gap.load(g) for g in state.get("reviewed", {}).get("gaps", [])]
        wanted = {g.area for g in gaps}
        shared = {key: state[key] for key in ("system", "context")}
        task = state["task"] | {"lessons": []}  # each branch is kept: it gets the few that are about it
        taught, before = self._taught(state), latest(state)
        told = taught and len(self._all(state)) > 1  # the rules read none
        kinds = Kinds(System.load(state["system"])) if told else None
        return [
            Branch(
                "find",
                {
                    **shared,
                    "task": task,
                    "lessons": list(lines_for(Area.load(area), kinds, taught)) if kinds else [],
                    "area": area,
                    "gaps": [g.dump() for g in gaps if g.area == area["id"]],
                    "before": before.get(area["id"], {}).get("findings"),
                },
            )
            for area in state["context"]["areas"]
            if not wanted or area["id"] in wanted
        ]

    def find(self, branch: dict[str, Any]) -> State:
        """What the analysts say of one area."""
        area = Area.load(branch["area"])
        brief = Brief(
            request=Task.load(branch["task"]).request,
            system=System.load(branch["system"]),
            area=area,
            passages=tuple(Evidence.load(p) for p in branch["context"]["passages"].get(area.id, [])),
            lessons=tuple(branch.get("lessons", ())),
            gaps=tuple(Gap.load(g) for g in branch["gaps"]),
        )
        before = Findings.load(branch["before"]) if branch["before"] else None
        findings, failed = find(brief, self._all(branch), before)
        made = {"findings": findings.dump(), "failed": [f.dump() for f in failed]}
        return {"findings": [made], **self._used(branch)}

    def merge(self, state: State) -> State:
        """What was said of all areas, as one list."""
        task = Task.load(state["task"])
        findings = [Findings.load(f["findings"]) for _, f in sorted(latest(state).items())]
        system = System.load(state["system"])
        asked = Seen.load(state.get("seen", {})).questions
        merged = merge(system, findings, task.previous, asked)
        return {"merged": merged.dump()}

    def score(self, state: State) -> State:
        """The list with severities and with references that exist, ranked as earlier models have taught."""
        merged, taught = Merged.load(state["merged"]), self._taught(state)
        scored = score(merged.threats, self._store)
        if not taught:
            return {"scored": [t.dump() for t in scored]}
        budget = Task.load(state["task"]).request.options.budget
        found = applied(scored, System.load(state["system"]), taught, budget)
        learned = {"back": found.back, "up": found.up}
        return {"scored": [t.dump() for t in found.threats], "learned": learned}

    def _taught(self, state: State) -> tuple[Teaching, ...]:
        """What other models taught."""
        given = state["task"].get("lessons", ())
        return of_others([Teaching.load(t) for t in given], str(state["task"]["model"]))

    def review(self, state: State) -> State:
        """What was covered, and where to look again."""
        system = System.load(state["system"])
        threats = tuple(Threat.load(t) for t in state["scored"])
        rounds = int(state.get("reviewed", {}).get("rounds", 0)) + 1
        options = Task.load(state["task"]).request.options
        last = rounds >= (options.iterations or AUTO_ROUNDS)
        found = review(system, threats, () if last else self._all(state), options.methodology)
        return {"reviewed": {"rounds": rounds, **found.dump()}, **self._used(state)}

    def after_review(self, state: State) -> list[Branch] | str:
        """Back to find for the named gaps, or on to summarise."""
        return self.to_find(state) if state["reviewed"]["gaps"] else "summarise"

    def summarise(self, state: State) -> State:
        """The threat model."""
        task, seen, asked = Task.load(state["task"]), Seen.load(state.get("seen", {})), self._model(state)
        taught = self._taught(state)
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
                questions=asked_first(questions, threats, system, taught),
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
            learned=_learned(state, threats, system, taught),
        )
        return {"model": model.dump()}


def latest(state: State) -> dict[str, dict[str, Any]]:
    """What find said of each area, by the area's id, in its last round."""
    return {entry["findings"]["area"]: entry for entry in state.get("findings", [])}


def _later(state: State, threats: Sequence[Threat]) -> tuple[str, ...]:
    """Ids of the threats that no area's first round named."""
    first: dict[str, dict[str, Any]] = {}
    for entry in state.get("findings", []):
        first.setdefault(entry["findings"]["area"], entry["findings"])
    known = {str(t["key"]) for found in first.values() for t in found["threats"]}
    return tuple(t.id for t in threats if known.isdisjoint({t.key, *t.merged}))


def _learned(
    state: State, threats: Sequence[Threat], system: System, taught: Sequence[Teaching]
) -> tuple[str, ...]:
    """What earlier verdicts have changed, as sentences."""
    counts = state.get("learned", {})
    return sentences(counts.get("back", 0), counts.get("up", 0), asked_again(threats, system, taught))


def _failed(state: State) -> tuple[FailedArea, ...]:
    return tuple(FailedArea.load(f) for _, e in sorted(latest(state).items()) for f in e["failed"])
