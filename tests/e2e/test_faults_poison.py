"""A job that cannot be done: it ends, it is explained, and it holds up nobody else."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.analysts.base import Brief, Findings
from agent.analysts.rules import RulesAnalyst
from agent.domain.states import RunState
from agent.errors import CatalogError
from agent.graph import Agent
from bot.jobs import Actor, Ask, encode
from bot.render import actions
from bot.services import Services
from bot.wiring import make_saver
from tests.fault_bench import CHANNEL, Bench, Thread, benched, opened, until

SENTENCE = "patterns/web.yaml, line 7: there is no technology “tomcatt”. Correct the name."
BROKEN = "a defect of the program"


class Breaking(RulesAnalyst):
    """The rules analyst, which fails on one system until it is mended."""

    def __init__(self) -> None:
        super().__init__()
        self.error: Exception | None = None
        self.only = ""

    def find(self, brief: Brief) -> Findings:
        """See Analyst."""
        if self.error is not None and self.only in brief.request.title:
            raise self.error
        return super().find(brief)


@pytest.fixture
def analyst() -> Breaking:
    """One that can be broken."""
    return Breaking()


@pytest.fixture
def bench(tmp_path: Path, analyst: Breaking) -> Iterator[Bench]:
    """A bot whose runs ask that analyst; a job is tried three times, a second's fraction apart."""

    def change(services: Services) -> Services:
        agent = Agent(
            artifacts=services.artifacts,
            analysts=(analyst,),
            store=services.store(),
            checkpointer=make_saver(tmp_path / "checkpoints.db"),
        )
        return replace(services, agent=lambda: agent)

    with benched(tmp_path, pause=0.05, attempts=3, lease_seconds=2.0, change=change) as made:
        yield made


def dead(bench: Bench) -> list[str]:
    """What lies with the dead letters, by kind."""
    return [letter.job.kind for letter in bench.services.queue.dead_letters()]


def spins(thread: Thread) -> bool:
    """Whether a progress message still offers to stop."""
    return any(actions.STOP in str(message.blocks) for message in thread.messages)


def test_a_broken_catalog_ends_the_run_with_its_sentence(bench: Bench, analyst: Breaking) -> None:
    """A CatalogError ends the run as failed: kept, shown in place of the progress, and not tried again."""
    analyst.error = CatalogError(SENTENCE)
    (thread,) = opened(bench, 1)
    thread.upload()
    assert thread.await_end(), thread.text()

    run = thread.run()
    assert run is not None
    assert (run.state, run.error) == (RunState.FAILED, SENTENCE)
    assert not spins(thread)
    assert f"Failed: {SENTENCE}" in thread.text()
    until(lambda: bench.services.queue.depth() == 0)
    assert dead(bench) == []


def test_a_job_that_always_fails_goes_to_the_dead_letters(bench: Bench, analyst: Breaking) -> None:
    """After its tries it is a dead letter, the person is told, and its model and others go on meanwhile."""
    analyst.error, analyst.only = RuntimeError(BROKEN), "Model 0"
    poisoned, sound = opened(bench, 2)
    poisoned.upload()
    poisoned.ask()
    sound.upload()
    sound.await_finish()
    assert poisoned.await_end(), poisoned.text()
    until(lambda: dead(bench) == ["add_files"])

    assert not spins(poisoned)
    assert "could not finish" in poisoned.text()
    assert BROKEN not in poisoned.text()
    until(lambda: poisoned.answered() == 1)  # the question that waited behind it
    assert (poisoned.doubled(), sound.doubled()) == (0, 0)


def test_what_was_mended_is_done_by_redrive(bench: Bench, analyst: Breaking) -> None:
    """Put back after the cause is gone, the same run ends with its model, and nothing stands twice."""
    analyst.error = RuntimeError(BROKEN)
    (thread,) = opened(bench, 1)
    thread.upload()
    until(lambda: dead(bench) == ["add_files"])
    analyst.error = None

    assert bench.services.queue.redrive() == 1
    thread.await_finish()
    assert dead(bench) == []
    assert thread.doubled() == 0
    assert "Failed" not in thread.text()


def test_redrive_makes_no_revision_that_another_run_has_made(bench: Bench, analyst: Breaking) -> None:
    """When the person pressed Retry meanwhile, the redriven run makes nothing more."""
    analyst.error = RuntimeError(BROKEN)
    (thread,) = opened(bench, 1)
    thread.upload()
    until(lambda: dead(bench) == ["add_files"])
    analyst.error = None
    press(thread, actions.RETRY)
    until(lambda: published(thread))
    before = len(thread.messages)
    bench.services.queue.redrive()
    until(lambda: bench.services.queue.depth() == 0)

    assert len(thread.messages) == before
    assert thread.doubled() == 0


def press(thread: Thread, action: str) -> None:
    """Press the first button of this kind."""
    for message in thread.messages:
        for block in message.blocks:
            if any(e.get("action_id") == action for e in block.get("elements", ()) if isinstance(e, dict)):
                address = (str(block["block_id"]), action)
                assert thread.bench.workspace.person("dana").click(message.ts, address).ok
                return
    raise AssertionError(thread.text())


def published(thread: Thread) -> bool:
    """Whether a revision stands, by whichever run."""
    model = thread.model
    return (
        model is not None
        and thread.bench.services.records.model(model).revision == 1
        and thread.bench.services.queue.depth() == 0
    )


def test_a_message_that_is_no_job_holds_up_nobody(bench: Bench, tmp_path: Path) -> None:
    """What cannot be decoded is put aside; its model goes on, and the list of dead letters can be read."""
    (thread,) = opened(bench, 1)
    with sqlite3.connect(tmp_path / "queue.db") as db:
        insert = "INSERT INTO jobs (id, model, body, state) VALUES (?, ?, ?, ?)"
        db.execute(insert, ("new", thread.model, '{"kind": "of_a_later_version"}', "waiting"))
        db.execute(insert, ("old", thread.model, '{"kind": "of_an_earlier_version"}', "dead"))
    db.close()
    thread.upload()
    thread.await_finish()

    assert dead(bench) == []
    assert bench.services.queue.redrive() == 2


def test_a_job_that_ends_its_worker_each_time_is_given_up(bench: Bench, tmp_path: Path) -> None:
    """Claimed as often as it may be and never ended, a job is not done again: it is explained, and dead."""
    (thread,) = opened(bench, 1)
    place = bench.workspace.channel(CHANNEL).id
    who = Actor(user="U0DANA", team="T0LOCAL", workspace="T0LOCAL", channel=place)
    job = Ask(id="killer", model=str(thread.model), actor=who, message_ts="1.1", text="what about it?")
    with sqlite3.connect(tmp_path / "queue.db") as db:
        insert = "INSERT INTO jobs (id, model, body, attempts) VALUES (?, ?, ?, ?)"
        db.execute(insert, (job.id, job.model, encode(job), 3))  # as three killed workers leave it
    db.close()
    until(lambda: dead(bench) == ["ask"])

    assert "could not finish" in thread.text()
    assert thread.answered() == 0


def test_who_could_not_be_told_is_told_once_slack_is_back(tmp_path: Path) -> None:
    """Slack away for longer than all tries of a job: its failure is said as soon as Slack answers again."""
    with benched(tmp_path, pause=0.02, attempts=2, lease_seconds=1.0) as bench:
        (thread,) = opened(bench, 1)
        thread.upload()
        bench.slack.down(6)
        assert thread.await_end(), thread.text()
        until(lambda: "could not finish" in thread.text() or thread.finished())

        assert not spins(thread)
        assert thread.doubled() == 0
