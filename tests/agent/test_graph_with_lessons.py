"""A run that knows what other models of its workspace taught."""

from __future__ import annotations

import hashlib
import json
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from langgraph.checkpoint.memory import InMemorySaver

from agent.analysts.base import Brief, Findings
from agent.analysts.rules import RulesAnalyst
from agent.artifacts import MemoryArtifacts
from agent.domain.lesson import Teaching, lessons
from agent.domain.model import Coverage, Gap, Progress, Stage, ThreatModel
from agent.domain.request import Attachment, Options, Request
from agent.domain.system import EvidenceKind, System
from agent.domain.threat import Origin, Threat
from agent.domain.verdict import fold
from agent.export import to_json
from agent.graph import Agent, Task
from agent.resumable import Resumable
from agent.steps import Steps
from bot.cli import main
from tests.agent.lessons.made import said

SHOP = """flowchart LR
  buyer([Buyer]) -->|HTTPS| shop[Web shop]
  subgraph cloud [Cloud account]
    shop -->|REST| orders[Order API]
    orders -->|SQL| db[(Orders DB)]
    orders --> queue[[Parcel queue]]
    queue --> packer[Packing worker]
  end
  bank([Payment provider]) -->|webhook| orders
"""
DOUBTED = "queue-forged-message"


class Listening:
    """An analyst that finds nothing and keeps the lessons that it is told."""

    origin = Origin.MODEL

    def __init__(self) -> None:
        self.told: list[tuple[str, ...]] = []

    def find(self, brief: Brief) -> Findings:
        """See Analyst."""
        self.told.append(brief.lessons)
        return Findings(area=brief.area.id)

    def review(self, system: System, threats: tuple[Threat, ...], coverage: Coverage) -> tuple[Gap, ...]:
        """See Analyst."""
        assert system.elements
        assert coverage.cells
        assert threats
        return ()


def a_task(model: str, *taught: Teaching, artifacts: MemoryArtifacts, budget: int = 25) -> Task:
    """A first revision of the shop."""
    content = SHOP.encode()
    key = hashlib.sha256(content).hexdigest()
    artifacts.put(key, content)
    file = Attachment(name="shop.mmd", key=key, sha256=key, size=len(content))
    request = Request(title="Shop", attachments=(file,), options=Options(budget=budget))
    return Task(run=f"run-{model}", model=model, revision=1, request=request, lessons=taught)


def made(model: str, *taught: Teaching, budget: int = 25, saver: InMemorySaver | None = None) -> ThreatModel:
    """The shop's model by the rules, straight or on the graph that keeps its steps."""
    artifacts = MemoryArtifacts()
    agent = Agent(artifacts=artifacts, analysts=(RulesAnalyst(),), store=None, checkpointer=saver)
    return agent.run(a_task(model, *taught, artifacts=artifacts, budget=budget))


def after(
    model: ThreatModel, pattern: str, reason: str = "our broker admits only its own producers"
) -> Teaching:
    """What the model teaches once the pattern's threats are dismissed in it."""
    verdicts = [
        said("dismissed", id_=t.id, threat=t.id, model=model.id, reason=reason)
        for t in model.threats
        if t.pattern == pattern
    ]
    assert verdicts
    return Teaching(model=model.id, title=model.title, lessons=lessons(fold(model, verdicts)))


def notes(model: ThreatModel) -> dict[str, str]:
    """What earlier models say, by pattern."""
    return {t.pattern: e.quote for t in model.threats for e in t.evidence if e.kind is EvidenceKind.LESSON}


@pytest.fixture(scope="module")
def plain() -> ThreatModel:
    """The shop where nobody has taught anything."""
    return made("tm-0")


@pytest.fixture(scope="module")
def twice(plain: ThreatModel) -> tuple[Teaching, ...]:
    """Two models in which one pattern was dismissed."""
    return tuple(after(plain.model_copy(update={"id": id_}), DOUBTED) for id_ in ("tm-2", "tm-1"))


def test_the_third_model_knows_of_two(plain: ThreatModel, twice: tuple[Teaching, ...]) -> None:
    """The threat stands last, says why, and is as severe as before; the summary says that it was moved."""
    third = made("tm-0", *twice)
    before = next(t for t in plain.threats if t.pattern == DOUBTED)

    assert plain.threats[-1].pattern != DOUBTED
    assert third.threats[-1].pattern == DOUBTED
    assert (third.threats[-1].id, third.threats[-1].severity) == (before.id, before.severity)
    assert list(notes(third)) == [DOUBTED]
    assert "1 threat was moved back by earlier verdicts of this workspace." in third.summary.notes


def test_a_model_learns_nothing_from_itself(plain: ThreatModel, twice: tuple[Teaching, ...]) -> None:
    """What the model taught itself leaves no trace in its next revision."""
    assert made("tm-1", twice[1]) == plain.model_copy(update={"id": "tm-1"})


def test_without_lessons_nothing_differs(plain: ThreatModel) -> None:
    """Not a byte: an empty list of lessons is none."""
    assert to_json(made("tm-0")) == to_json(plain)
    assert notes(plain) == {}


def test_both_drivers_learn_alike(twice: tuple[Teaching, ...]) -> None:
    """A run whose steps are kept gives the same bytes."""
    assert to_json(made("tm-0", *twice, saver=InMemorySaver())) == to_json(made("tm-0", *twice))


def test_a_doubted_threat_leaves_the_shown_list_and_is_kept(twice: tuple[Teaching, ...]) -> None:
    """It goes behind the budget, from where it can be asked for."""
    third = made("tm-0", *twice, budget=10)
    assert DOUBTED not in {t.pattern for t in third.shown}
    assert DOUBTED in {t.pattern for t in third.threats}


def test_grave_threats_stay_in_the_list(plain: ThreatModel) -> None:
    """Dismissed twice with the best of reasons, what was shown as high or critical is shown still."""
    grave = [t for t in plain.threats if t.severity.rank > 1]
    taught = [
        after(plain.model_copy(update={"id": f"tm-{i}{j}"}), t.pattern)
        for i, t in enumerate(grave)
        for j in (1, 2)
    ]
    for budget in (1, 3, len(grave), 25):
        before, now = made("tm-0", budget=budget), made("tm-0", *taught, budget=budget)
        assert {t.key for t in before.shown if t.severity.rank > 1} <= {t.key for t in now.shown}


def test_an_analyst_is_told_what_is_about_its_area(twice: tuple[Teaching, ...]) -> None:
    """The model analyst gets the lessons of its area, as lines; branches keep those and no others."""
    artifacts, listening = MemoryArtifacts(), Listening()
    task = a_task("tm-0", *twice, artifacts=artifacts)
    steps = Steps(artifacts, (RulesAnalyst(), listening), None)
    drive = Resumable(steps, None).drive(task)
    for _ in drive.steps():
        pass
    state = drive.standing().state

    assert any("dismissed in “Shop”" in line for told in listening.told for line in told)
    branches = steps.to_find(state)
    assert {json.dumps(b.state["task"]["lessons"]) for b in branches} == {"[]"}
    assert len(state["task"]["lessons"]) == 2


def test_a_stopped_run_has_learned_too(twice: tuple[Teaching, ...]) -> None:
    """What is made of a run that was stopped is ranked and noted alike."""
    artifacts, merged = MemoryArtifacts(), threading.Event()
    agent = Agent(artifacts=artifacts, analysts=(RulesAnalyst(),), store=None)
    last: Progress | ThreatModel | None = None
    for last in agent.stream(a_task("tm-0", *twice, artifacts=artifacts), merged.is_set):
        if isinstance(last, Progress) and last.stage is Stage.MERGE:
            merged.set()

    assert isinstance(last, ThreatModel)
    assert last.partial
    assert last.threats[-1].pattern == DOUBTED
    assert list(notes(last)) == [DOUBTED]


def test_the_command_line_knows_no_lessons(tmp_path: Path, plain: ThreatModel) -> None:
    """`threatbot model` writes what the agent makes of the same file without any."""
    shop = tmp_path / "shop.mmd"
    shop.write_text(SHOP)
    ran = CliRunner().invoke(main, ["model", str(shop), "--json"])

    assert ran.exit_code == 0, ran.output
    written = json.loads(ran.output)
    assert [t["key"] for t in written["threats"]] == [t.key for t in plain.threats]
    assert EvidenceKind.LESSON.value not in {e["kind"] for t in written["threats"] for e in t["evidence"]}
    assert "earlier verdicts" not in ran.output
