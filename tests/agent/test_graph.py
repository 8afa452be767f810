"""What a run of the agent promises."""

import hashlib
import itertools
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agent.analysts.rules import RulesAnalyst
from agent.artifacts import MemoryArtifacts
from agent.domain.model import Progress, Stage, ThreatModel
from agent.domain.request import Attachment, Options, Request
from agent.errors import Cancelled, NothingToRead
from agent.graph import Agent, Task
from bot.wiring import make_saver, make_store
from tests.fakes import AwayStore, InsistentAnalyst, StumblingAnalyst

BAKERY = """flowchart LR
  customer([Customer]) -->|HTTPS| shop[Bakery web shop]
  subgraph cloud [Cloud account]
    shop -->|REST| orders[Order API]
    orders -->|SQL| db[(Orders DB)]
    orders --> queue[[Baking queue]]
    queue --> oven[Oven scheduler]
  end
  bank([Payment provider]) -->|webhook| orders
"""


def request(artifacts: MemoryArtifacts, *files: tuple[str, str | bytes], **more: object) -> Request:
    """A request with these files (name, content), kept in the artifacts."""
    attachments = []
    for name, text in files:
        content = text.encode() if isinstance(text, str) else text
        sha256 = hashlib.sha256(content).hexdigest()
        artifacts.put(sha256, content)
        attachments.append(Attachment(name=name, key=sha256, sha256=sha256, size=len(content)))
    return Request.model_validate({"title": "Bakery", "attachments": tuple(attachments), **more})


def task(given: Request, revision: int = 1, previous: ThreatModel | None = None) -> Task:
    """A run of this request."""
    return Task(run=f"run-{revision}", model="tm-1", revision=revision, request=given, previous=previous)


@pytest.fixture
def artifacts() -> MemoryArtifacts:
    """An empty artifact store."""
    return MemoryArtifacts()


@pytest.fixture
def agent(artifacts: MemoryArtifacts) -> Agent:
    """The agent as the command line makes it."""
    return Agent(artifacts=artifacts, analysts=(RulesAnalyst(),), store=make_store(":memory:"))


def test_a_diagram_becomes_a_threat_model(agent: Agent, artifacts: MemoryArtifacts) -> None:
    """A small diagram gives ranked, numbered threats with evidence and references, and a full matrix."""
    model = agent.run(task(request(artifacts, ("bakery.mmd", BAKERY))))

    assert {e.name for e in model.system.elements} >= {"Customer", "Order API", "Orders DB"}
    assert [t.id for t in model.threats] == [
        t.id for t in sorted(model.threats, key=lambda t: -t.severity.rank)
    ]
    assert all(t.evidence and t.references and t.mitigations for t in model.threats)
    assert len(model.coverage.cells) == 6 * len(model.system.elements)
    assert model.summary.pressing
    assert not model.partial


def test_the_same_input_gives_the_same_model(artifacts: MemoryArtifacts) -> None:
    """Two agents that never met make byte for byte the same model."""
    given = task(request(artifacts, ("bakery.mmd", BAKERY), description="Orders hold names and addresses."))
    made = [
        Agent(artifacts=artifacts, analysts=(RulesAnalyst(),), store=make_store(":memory:")).run(given)
        for _ in range(2)
    ]

    assert made[0].model_dump_json() == made[1].model_dump_json()


def test_progress_comes_in_the_order_of_the_graph(agent: Agent, artifacts: MemoryArtifacts) -> None:
    """Progress goes through every stage in order and counts threats up; the model comes last."""
    *events, last = agent.stream(task(request(artifacts, ("bakery.mmd", BAKERY))))

    assert isinstance(last, ThreatModel)
    assert all(isinstance(e, Progress) for e in events)
    stages = [e.stage for e in events if isinstance(e, Progress)]
    assert [stage for stage, _ in itertools.groupby(stages)] == list(Stage)
    assert any(
        "8 elements" in e.detail or "7 elements" in e.detail for e in events if isinstance(e, Progress)
    )


def test_threats_keep_their_ids_over_revisions(agent: Agent, artifacts: MemoryArtifacts) -> None:
    """When the design grows, what was found before keeps its id, and what is new gets a new one."""
    first = agent.run(task(request(artifacts, ("bakery.mmd", BAKERY))))
    grown = BAKERY + "  admin([Shop owner]) -->|HTTP| console[Admin console]\n  console --> db\n"
    second = agent.run(task(request(artifacts, ("bakery.mmd", grown)), revision=2, previous=first))

    before = {t.key: t.id for t in first.threats}
    after = {t.key: t.id for t in second.threats}
    assert {k: after[k] for k in before if k in after} == {k: before[k] for k in before if k in after}
    assert set(before) & set(after)
    assert len(set(after.values())) == len(after)


def test_one_unreadable_file_does_not_cost_the_others(agent: Agent, artifacts: MemoryArtifacts) -> None:
    """A file that cannot be read is named with its reason, and the rest is modelled."""
    given = request(artifacts, ("photo.png", b"\x89PNG\r\n\x1a\n"), ("bakery.mmd", BAKERY))
    model = agent.run(task(given))

    assert model.threats
    assert any("photo.png" in warning for warning in model.system.warnings)


def test_nothing_recognised_is_said_not_invented(agent: Agent, artifacts: MemoryArtifacts) -> None:
    """A request that shows no system at all ends with a sentence, not with a made-up model."""
    with pytest.raises(NothingToRead, match=r"\?"):
        agent.run(task(request(artifacts, ("notes.txt", "Lunch is at noon on Fridays."))))


def test_a_refusal_does_not_claim_to_have_read_what_it_could_not(
    agent: Agent, artifacts: MemoryArtifacts
) -> None:
    """A file that no reader takes is named once, with its reason."""
    with pytest.raises(NothingToRead) as refused:
        agent.run(task(request(artifacts, ("empty.mmd", " "))))

    assert "I could not read empty.mmd: it is empty." in refused.value.message
    assert "I read empty.mmd" not in refused.value.message


def test_without_the_knowledge_base_the_run_goes_on(artifacts: MemoryArtifacts) -> None:
    """When the store does not answer, threats come all the same and the summary says what is missing."""
    agent = Agent(artifacts=artifacts, analysts=(RulesAnalyst(),), store=AwayStore())
    model = agent.run(task(request(artifacts, ("bakery.mmd", BAKERY))))

    assert model.threats
    assert any("knowledge base" in note for note in model.summary.notes)


def test_a_failed_branch_costs_only_its_area(artifacts: MemoryArtifacts) -> None:
    """When an analyst stumbles over an area, the area is named and the others' threats stand."""
    agent = Agent(artifacts=artifacts, analysts=(RulesAnalyst(), StumblingAnalyst("orders-db")), store=None)
    model = agent.run(task(request(artifacts, ("bakery.mmd", BAKERY))))

    assert len(model.failed) == 1
    assert model.threats
    assert any(model.failed[0].area in note for note in model.summary.notes)


@pytest.mark.parametrize(("iterations", "rounds"), [(1, 1), (2, 2), (None, 3)])
def test_review_sends_back_for_named_gaps_until_the_rounds_are_spent(
    artifacts: MemoryArtifacts, iterations: int | None, rounds: int
) -> None:
    """Gaps are looked at again as often as asked; left open, the run stops by itself."""
    analyst = InsistentAnalyst()
    agent = Agent(artifacts=artifacts, analysts=(analyst,), store=None)
    agent.run(task(request(artifacts, ("bakery.mmd", BAKERY), options=Options(iterations=iterations))))

    again = [reasons for reasons in analyst.rounds if reasons]
    assert len(again) == rounds - 1


@pytest.mark.parametrize("after", [1, 2])
def test_stopped_before_there_is_a_system_says_so(artifacts: MemoryArtifacts, after: int) -> None:
    """Stopped while the files are still being read, a run leaves nothing and says so."""
    agent = Agent(artifacts=artifacts, analysts=(RulesAnalyst(),), store=None)
    asked = itertools.count(1)
    steps = agent.stream(task(request(artifacts, ("bakery.mmd", BAKERY))), lambda: next(asked) > after)

    with pytest.raises(Cancelled, match="before the design was read"):
        list(steps)


@pytest.mark.parametrize("after", [4, 5, 6, 7])
def test_stop_leaves_what_was_found(artifacts: MemoryArtifacts, after: int) -> None:
    """Stopped at any later step, a run gives a model of what was found until then, marked partial."""
    agent = Agent(artifacts=artifacts, analysts=(RulesAnalyst(),), store=None)
    asked = itertools.count(1)
    *_, last = agent.stream(task(request(artifacts, ("bakery.mmd", BAKERY))), lambda: next(asked) > after)

    assert isinstance(last, ThreatModel)
    assert last.partial
    assert last.system.elements


def test_a_run_that_has_ended_is_not_run_again(tmp_path: Path, artifacts: MemoryArtifacts) -> None:
    """Asked again for a finished run that is kept, the agent gives its model back and does nothing."""
    saver = make_saver(tmp_path / "checkpoints.db")
    agent = Agent(artifacts=artifacts, analysts=(RulesAnalyst(),), store=None, checkpointer=saver)
    given = task(request(artifacts, ("bakery.mmd", BAKERY)))
    first = agent.run(given)

    assert list(agent.stream(given)) == [first]


def run_in_child(folder: Path, kill_at: str) -> subprocess.CompletedProcess[str]:
    """The run in a process of its own, which kills itself at that point; "" lets it end."""
    return subprocess.run(
        [sys.executable, str(Path(__file__).with_name("graph_process.py")), str(folder), kill_at],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What the same run makes when nobody kills it."""
    done = run_in_child(tmp_path_factory.mktemp("whole"), "")
    assert done.returncode == 0, done.stderr
    made: dict[str, object] = json.loads(done.stdout)["model"]
    return made


@pytest.mark.slow
@pytest.mark.parametrize(
    "kill_at",
    [
        "in read",
        "in retrieve",
        "in find",
        "in score",
        "in review",
        *(f"after {stage.value}" for stage in Stage),
    ],
)
def test_a_killed_run_goes_on_where_it_was(tmp_path: Path, whole: dict[str, object], kill_at: str) -> None:
    """Killed with SIGKILL in or after any node, a run resumes in a new process to the same model."""
    killed = run_in_child(tmp_path, kill_at)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    resumed = run_in_child(tmp_path, "")
    assert resumed.returncode == 0, resumed.stderr

    assert json.loads(resumed.stdout)["model"] == whole
    before = list(Stage)[: list(Stage).index(Stage(kill_at.split()[1]))]
    assert not set(json.loads(resumed.stdout)["stages"]) & {stage.value for stage in before}
