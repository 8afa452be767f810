"""A run does the same on langgraph and without it: one list of steps, two drivers."""

from __future__ import annotations

import hashlib
import itertools
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from agent.analysts.areas import split
from agent.analysts.base import Analyst, Brief, Findings
from agent.analysts.rules import RulesAnalyst
from agent.artifacts import MemoryArtifacts
from agent.coverage import coverage as coverage_of
from agent.domain.model import Coverage, Gap, Progress, Stage, ThreatModel
from agent.domain.request import Attachment, Options, Request
from agent.domain.system import System
from agent.domain.threat import Origin, Threat
from agent.errors import ThreatbotError
from agent.graph import Agent, Task
from agent.resumable import Checkpointer
from agent.state import BEGIN, END
from agent.steps import Steps
from bot.wiring import make_store
from knowledge.stores.base import KnowledgeStore
from tests.fakes import AwayStore, InsistentAnalyst, StumblingAnalyst

EXAMPLES = Path(__file__).parents[2] / "examples"
DIAGRAMS = sorted(p for p in EXAMPLES.rglob("*.*") if p.suffix in {".mmd", ".drawio"})
BAKERY = b"""flowchart LR
  customer([Customer]) -->|HTTPS| shop[Bakery web shop]
  subgraph cloud [Cloud account]
    shop -->|REST| orders[Order API]
    orders -->|SQL| db[(Orders DB)]
    orders --> queue[[Baking queue]]
    queue --> oven[Oven scheduler]
  end
  bank([Payment provider]) -->|webhook| orders
"""
BAKERY_FILE = (("bakery.mmd", BAKERY),)
Given = Sequence[tuple[str, bytes]]
Cancelled = Callable[[], bool]


def never() -> bool:
    """Nobody presses Stop."""
    return False


class Turns:
    """Makes branches end in their order, wherever they work: each waits until the one before was told."""

    def __init__(self) -> None:
        self._told: Counter[Stage] = Counter()
        self._changed = threading.Condition()

    def wait(self, stage: Stage, before: int) -> None:
        """Until so many branches of this stage were told."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._told[stage] >= before, 60)

    def tell(self, stage: Stage) -> None:
        """One more was."""
        with self._changed:
            self._told[stage] += 1
            self._changed.notify_all()


class OrderedArtifacts(MemoryArtifacts):
    """Artifacts that are got in the order in which they were put, after the description was read."""

    def __init__(self, turns: Turns, other: dict[str, bytes]) -> None:
        super().__init__()
        self._turns = turns
        self._order = list(other)
        for key, content in other.items():
            self.put(key, content)

    def get(self, key: str) -> bytes:
        """See Artifacts."""
        self._turns.wait(Stage.READ, 1 + self._order.index(key))
        return super().get(key)


class OrderedAnalyst(RulesAnalyst):
    """The rules analyst, which looks at one area after the other."""

    def __init__(self, turns: Turns) -> None:
        super().__init__()
        self._turns = turns

    def find(self, brief: Brief) -> Findings:
        """See Analyst."""
        if not brief.gaps:  # a second look is at one area only
            self._turns.wait(Stage.FIND, [a.id for a in split(brief.system)].index(brief.area.id))
        return super().find(brief)


class Quiet:
    """An analyst that finds nothing and misses nothing."""

    origin = Origin.MODEL

    def find(self, brief: Brief) -> Findings:
        """See Analyst."""
        return Findings(area=brief.area.id)

    def review(self, system: System, threats: tuple[Threat, ...], coverage: Coverage) -> tuple[Gap, ...]:
        """See Analyst."""
        assert coverage == coverage_of(system, threats)
        return ()


class LostAnalyst(Quiet):
    """An analyst whose gaps are in an area that there is not."""

    def review(self, system: System, threats: tuple[Threat, ...], coverage: Coverage) -> tuple[Gap, ...]:
        """See Analyst."""
        super().review(system, threats, coverage)
        return (Gap(area="nowhere", reason="nobody looked"),)


class Curtain(Quiet):
    """An analyst that finds nothing, and a Stop that is pressed while it looks at its n-th area."""

    def __init__(self, falls_at: int) -> None:
        self._left = falls_at

    def find(self, brief: Brief) -> Findings:
        """See Analyst."""
        self._left -= 1
        return super().find(brief)

    def __call__(self) -> bool:
        """Whether it has fallen."""
        return self._left <= 0


class Pair:
    """The same request for both drivers."""

    def __init__(
        self,
        files: Given,
        *,
        description: str = "",
        options: Options | None = None,
        previous: ThreatModel | None = None,
        store: KnowledgeStore | None = None,
    ) -> None:
        self._contents = {hashlib.sha256(content).hexdigest(): content for _, content in files}
        attachments = [
            Attachment(name=name, key=key, sha256=key, size=len(content))
            for (name, content), key in zip(files, self._contents, strict=True)
        ]
        request = Request(
            title="Given",
            description=description,
            attachments=tuple(attachments),
            options=options or Options(),
        )
        self._store = store
        self._task = Task(
            run="run-1",
            model="tm-1",
            revision=previous.revision + 1 if previous else 1,
            request=request,
            previous=previous,
        )

    def straight(self, *analysts: Analyst, cancelled: Cancelled = never) -> list[str]:
        """What a run says that nobody can go on with, by the rules and these analysts."""
        return self._said(None, analysts, cancelled)

    def resumable(self, *analysts: Analyst, cancelled: Cancelled = never) -> list[str]:
        """The same with steps that are kept, on langgraph."""
        return self._said(InMemorySaver(), analysts, cancelled)

    def twice(self) -> list[list[Progress | ThreatModel]]:
        """What one agent says that keeps nothing, asked twice for one run."""
        agent = self._agent(None, (), Turns())
        return [list(agent.stream(self._task)) for _ in range(2)]

    def _agent(self, saver: Checkpointer | None, analysts: tuple[Analyst, ...], turns: Turns) -> Agent:
        return Agent(
            artifacts=OrderedArtifacts(turns, self._contents),
            analysts=(OrderedAnalyst(turns), *analysts),
            store=self._store,
            checkpointer=saver,
        )

    def _said(
        self, saver: Checkpointer | None, analysts: tuple[Analyst, ...], cancelled: Cancelled
    ) -> list[str]:
        """Every event as JSON, the model last; or the error that ended the run."""
        turns = Turns()
        said: list[str] = []
        try:
            for event in self._agent(saver, analysts, turns).stream(self._task, cancelled):
                said += [f"{type(event).__name__} {event.model_dump_json()}"]
                if isinstance(event, Progress):
                    turns.tell(event.stage)
        except ThreatbotError as error:
            said.append(f"{type(error).__name__} {error.message}")
        return said


@pytest.fixture(scope="module")
def store() -> KnowledgeStore:
    """The knowledge base as the command line has it."""
    return make_store(":memory:")


def told(path: Path) -> str:
    """The description beside an example's diagram."""
    return (path.parent / "description.md").read_text("utf-8")


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_every_example_is_modelled_alike(path: Path, store: KnowledgeStore) -> None:
    """Both drivers give the same events in the same order and byte for byte the same model."""
    pair = Pair(((path.name, path.read_bytes()),), description=told(path), store=store)
    straight = pair.straight()

    assert straight[-1].startswith("ThreatModel ")
    assert [s.split()[0] for s in straight[:-1]] == ["Progress"] * (len(straight) - 1)
    assert straight == pair.resumable()


def test_a_description_alone_is_modelled_alike(store: KnowledgeStore) -> None:
    """Nor does it matter that there is no diagram at all."""
    pair = Pair((), description=told(EXAMPLES / "tool-library" / "description.md"), store=store)
    straight = pair.straight()

    assert straight[-1].startswith("ThreatModel ")
    assert straight == pair.resumable()


@pytest.mark.parametrize("iterations", [1, 2, 5, None])
def test_further_rounds_are_alike(iterations: int | None) -> None:
    """With gaps that send back to find, both look at the same areas as often, for the same reasons."""
    pair = Pair(BAKERY_FILE, options=Options(iterations=iterations))
    ours, theirs = InsistentAnalyst(), InsistentAnalyst()

    assert pair.straight(ours) == pair.resumable(theirs)
    assert ours.rounds == theirs.rounds
    assert len([r for r in ours.rounds if r]) == (iterations or 3) - 1


def test_gaps_that_lead_nowhere_are_alike() -> None:
    """When no area is left to look at, both end with what there is."""
    pair = Pair(BAKERY_FILE)
    straight = pair.straight(LostAnalyst())

    assert '"partial":true' in straight[-1]
    assert straight == pair.resumable(LostAnalyst())


@pytest.mark.parametrize("after", range(15))
def test_a_stop_is_alike(after: int, store: KnowledgeStore) -> None:
    """Stopped at the n-th question, both have asked as often and leave the same: nothing, a part or all."""
    pair = Pair(BAKERY_FILE, options=Options(iterations=2), store=store)
    ours, theirs = itertools.count(), itertools.count()
    straight = pair.straight(InsistentAnalyst(), cancelled=lambda: next(ours) >= after)

    assert straight == pair.resumable(InsistentAnalyst(), cancelled=lambda: next(theirs) >= after)
    assert next(ours) == next(theirs)


@pytest.mark.parametrize("area", [1, 2, 3])
def test_a_deadline_while_areas_are_looked_at_is_alike(area: int, store: KnowledgeStore) -> None:
    """Over in the middle of find, the time leaves a partial model of every area of that round."""
    path = EXAMPLES / "ev-charging" / "charging.mmd"
    pair = Pair(((path.name, path.read_bytes()),), store=store)
    ours, theirs = Curtain(area), Curtain(area)
    straight = pair.straight(ours, cancelled=ours)

    assert '"partial":true' in straight[-1]
    assert straight == pair.resumable(theirs, cancelled=theirs)


def test_a_failing_analyst_and_a_store_that_is_away_are_alike() -> None:
    """What could not be finished is said in the same places."""
    pair = Pair(BAKERY_FILE, store=AwayStore())
    straight = pair.straight(StumblingAnalyst("orders-db"))

    assert "knowledge base" in straight[-1]
    assert '"failed":[{' in straight[-1]
    assert straight == pair.resumable(StumblingAnalyst("orders-db"))


@pytest.mark.parametrize(
    "files",
    [
        (("photo.png", b"\x89PNG\r\n\x1a\n"), *BAKERY_FILE),
        (("notes.txt", b"Lunch is at noon on Fridays."), ("empty.mmd", b" ")),
        (),
    ],
    ids=["beside another", "nothing to read", "nothing given"],
)
def test_files_that_cannot_be_read_are_alike(files: Given) -> None:
    """A warning is the same warning, and a refusal the same refusal."""
    pair = Pair(files)

    assert pair.straight() == pair.resumable()


def test_a_further_revision_is_alike() -> None:
    """Threats keep the same ids when a design grows."""
    first = Pair(BAKERY_FILE).straight()[-1]
    previous = ThreatModel.model_validate_json(first.partition(" ")[2])
    grown = BAKERY + b"  admin([Shop owner]) -->|HTTP| console[Admin console]\n  console --> db\n"
    pair = Pair((("bakery.mmd", grown),), previous=previous)

    assert pair.straight() == pair.resumable()


def test_a_run_that_is_not_kept_begins_anew() -> None:
    """Asked again for a run whose steps are kept nowhere, the agent does it again, to the same model."""
    first, second = Pair((), description="A web shop keeps orders in a PostgreSQL database.").twice()

    assert first == second
    assert len(first) > len(Stage)


def test_every_step_comes_and_goes() -> None:
    """Each stage is left once, is led to, and nothing is led to that is no step."""
    edges = Steps(MemoryArtifacts(), (Quiet(),), None).edges()

    assert sorted(edge.after for edge in edges) == sorted([BEGIN, *Stage])
    assert {target for edge in edges for target in edge.to} == {*Stage, END}
