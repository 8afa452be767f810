"""What the retention promises: the same of the embedded parts as of AWS."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.domain.model import RunState, ThreatModel
from agent.domain.request import Request
from agent.domain.system import System
from agent.domain.verdict import Verdict, VerdictKind
from agent.errors import NotFound
from bot.artifacts.folder import FolderArtifacts
from bot.demo import local_settings
from bot.jobs import Actor, StartRun
from bot.queues.sqlite import SqliteQueue
from bot.records.base import ModelEntry, Records, RunEntry
from bot.records.dynamodb import DynamoRecords
from bot.records.sqlite import SqliteRecords
from bot.retention import DAY, Perishing, forget, made_at
from bot.server import Serving
from bot.wiring import make_saver, make_services
from bot.workspace.workspace import Workspace
from tests.aws_double import AwsDouble
from tests.fakes import Clock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAYS = 30
DANA = Actor(user="U0DANA", team="T0", workspace="T0", channel="C0")


@dataclass
class Kept:
    """Records that are kept for DAYS, and time that passes for them."""

    records: Records
    clock: Clock

    def pass_days(self, days: float) -> None:
        """Time passes, and what is embedded deletes what is old, which DynamoDB does by itself."""
        self.clock.advance(days * DAY)
        if isinstance(self.records, Perishing):
            self.records.forget(DAYS)


@pytest.fixture(params=["sqlite", "dynamodb"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    """Each adapter, empty."""
    clock = Clock()
    records: Records
    if request.param == "sqlite":
        records = SqliteRecords(tmp_path / "records.db", clock=clock)
    else:
        aws: AwsDouble = request.getfixturevalue("aws_double")
        records = DynamoRecords(aws.aws, aws.make_table(), retention_days=DAYS, clock=clock)
    yield Kept(records, clock)
    records.close()


def an_entry(id_: str = "tm-1", thread: str = "17.1") -> ModelEntry:
    """A model of Dana's."""
    return ModelEntry(
        id=id_,
        workspace="T0",
        channel="C0",
        thread=thread,
        owner="U0DANA",
        created=NOON,
        request=Request(title="Shop"),
    )


def a_revision(number: int, id_: str = "tm-1") -> ThreatModel:
    """An empty revision."""
    return ThreatModel(id=id_, revision=number, title="Shop", created=NOON, system=System(name="Shop"))


def a_verdict(id_: str) -> Verdict:
    """A verdict on tm-1."""
    return Verdict(
        id=id_,
        who="U0DANA",
        when=NOON,
        model="tm-1",
        revision=1,
        threat="T-001",
        kind=VerdictKind.STATUS,
        after="accepted",
    )


def a_run(id_: str) -> RunEntry:
    """A run of tm-1."""
    return RunEntry(
        id=id_, model="tm-1", revision=1, by="U0DANA", created=NOON, request=Request(title="Shop")
    )


def test_an_unchanged_model_is_forgotten_whole(kept: Kept) -> None:
    """After the retention nothing of a model is found, and its id can be used anew."""
    kept.records.add_model(an_entry())
    kept.records.save_revision(a_revision(1))
    kept.records.add_verdicts((a_verdict("a"),))
    kept.pass_days(DAYS + 1)

    for look in (lambda: kept.records.model("tm-1"), lambda: kept.records.revision("tm-1")):
        with pytest.raises(NotFound):
            look()
    assert kept.records.verdicts("tm-1") == ()
    assert kept.records.models("T0", "C0") == ()
    assert kept.records.find_thread("T0", "C0", "17.1") is None
    assert kept.records.add_model(an_entry())


@pytest.mark.parametrize("change", ["verdict", "request", "revision"])
def test_a_change_keeps_the_whole_model(kept: Kept, change: str) -> None:
    """A verdict, a new request or a new revision keeps all of it for as long again; its neighbour goes."""
    kept.records.add_model(an_entry())
    kept.records.add_model(an_entry("tm-2", "17.2"))
    kept.records.save_revision(a_revision(1))
    kept.records.add_verdicts((a_verdict("a"),))
    kept.pass_days(DAYS - 1)
    match change:
        case "verdict":
            kept.records.add_verdicts((a_verdict("b"),))
        case "request":
            kept.records.set_request("tm-1", Request(title="Shop two"))
        case _:
            kept.records.save_revision(a_revision(2))
    kept.pass_days(DAYS - 2)

    assert kept.records.revision("tm-1", 1).title == "Shop"
    assert [v.id for v in kept.records.verdicts("tm-1")][:1] == ["a"]
    assert [m.id for m in kept.records.models("T0", "C0")] == ["tm-1"]
    assert kept.records.find_thread("T0", "C0", "17.1") == "tm-1"


def test_reading_keeps_nothing(kept: Kept) -> None:
    """A model that is only looked at is forgotten all the same."""
    kept.records.add_model(an_entry())
    kept.records.save_revision(a_revision(1))
    kept.pass_days(DAYS - 1)
    kept.records.model("tm-1")
    kept.records.revision("tm-1")
    kept.pass_days(2)

    with pytest.raises(NotFound):
        kept.records.model("tm-1")


def test_a_run_counts_from_its_beginning(kept: Kept) -> None:
    """A run is forgotten by its own age, whatever became of it since, while its model is kept."""
    kept.records.add_model(an_entry())
    kept.records.start_run(a_run("run-1"))
    kept.pass_days(DAYS - 1)
    kept.records.set_run("run-1", RunState.DONE)
    kept.records.start_run(a_run("run-2"))
    kept.records.save_revision(a_revision(1))
    kept.pass_days(2)

    with pytest.raises(NotFound):
        kept.records.run("run-1")
    assert kept.records.run("run-2").model == "tm-1"


def test_a_message_in_use_is_remembered(kept: Kept) -> None:
    """A message that is looked for now and then keeps its place; one that nobody looks for is forgotten."""
    for key in ("a", "b"):
        kept.records.begin_post(key, "C0")
        kept.records.finish_post(key, "17.1")
    kept.pass_days(DAYS - 1)
    kept.records.post("a")
    kept.pass_days(DAYS - 2)

    found = kept.records.post("a")
    assert found is not None
    assert found.ts == "17.1"
    assert kept.records.post("b") is None


def test_deliveries_are_remembered_for_a_week(kept: Kept) -> None:
    """A delivery is known far longer than Slack repeats it, and not for long after that."""
    kept.records.record_delivery("event:1")
    kept.pass_days(6)
    assert kept.records.delivered("event:1")
    kept.pass_days(2)
    assert not kept.records.delivered("event:1")


def test_what_an_earlier_version_kept_is_not_old_at_once(tmp_path: Path) -> None:
    """Records without an age are kept for a whole retention more."""
    clock = Clock()
    records = SqliteRecords(tmp_path / "records.db", clock=clock)
    records.add_model(an_entry())
    with closing(sqlite3.connect(tmp_path / "records.db", isolation_level=None)) as db:
        db.execute("DROP TABLE ages")
    records.close()
    clock.advance(1_000 * DAY)
    records = SqliteRecords(tmp_path / "records.db", clock=clock)

    assert records.forget(DAYS) == 0
    assert records.model("tm-1").id == "tm-1"
    clock.advance(DAYS * DAY)
    assert records.forget(DAYS) == 1
    records.close()


def test_what_was_deleted_is_not_left_in_the_file(tmp_path: Path) -> None:
    """Nothing of a forgotten description can be read out of the file any more."""
    clock = Clock()
    records = SqliteRecords(tmp_path / "records.db", clock=clock)
    secret = "the badger keeps its keys under the third stone"
    records.add_model(replace(an_entry(), request=Request(title="Shop", description=secret)))
    clock.advance(DAYS * DAY)
    records.forget(DAYS)
    records.close()

    assert not any(secret.encode() in path.read_bytes() for path in tmp_path.iterdir())


def test_files_go_by_the_day_of_their_upload(tmp_path: Path) -> None:
    """A file is deleted so long after it was put, and empty folders with it; put again, it is new."""
    clock = Clock()
    artifacts = FolderArtifacts(tmp_path, clock=clock)
    for key in ("tm-1/files/a", "tm-1/files/b", "tm-2/files/a"):
        artifacts.put(key, b"x")
        os.utime(tmp_path / key, (clock.seconds, clock.seconds))
    clock.advance((DAYS - 1) * DAY)
    assert artifacts.forget(DAYS) == 0
    os.utime(tmp_path / "tm-1/files/b", (clock.seconds, clock.seconds))
    clock.advance(DAY)

    assert artifacts.forget(DAYS) == 2
    assert artifacts.get("tm-1/files/b") == b"x"
    assert [p.name for p in tmp_path.iterdir()] == ["tm-1"]


def test_what_a_killed_process_left_goes_after_a_day(tmp_path: Path) -> None:
    """Half-written files do not stay."""
    clock = Clock()
    artifacts = FolderArtifacts(tmp_path, clock=clock)
    part = tmp_path / "tm-1.0a1b.part"
    part.write_bytes(b"half")
    os.utime(part, (clock.seconds, clock.seconds))
    clock.advance(2 * DAY)

    assert artifacts.forget(DAYS) == 1
    assert not part.exists()


def test_done_jobs_leave_their_ids_and_no_text(tmp_path: Path) -> None:
    """What was typed is gone with the job; its id is known for a week, a dead letter for two."""
    clock = Clock()
    queue = SqliteQueue(tmp_path / "queue.db", attempts=1, clock=clock)
    for id_ in ("done", "dead"):
        queue.send(StartRun(id=id_, model="tm-quokka", actor=DANA))
    first, second = queue.claim(), None
    assert first is not None
    queue.complete(first)
    second = queue.claim()
    assert second is not None
    queue.fail(second, "no")
    with closing(sqlite3.connect(tmp_path / "queue.db")) as db:
        assert db.execute("SELECT body FROM jobs WHERE id = 'done'").fetchone() == ("",)

    clock.advance(6 * DAY)
    queue.forget(DAYS)
    assert not queue.send(StartRun(id="done", model="tm-quokka", actor=DANA))
    clock.advance(2 * DAY)
    assert queue.forget(DAYS) == 0
    assert queue.send(StartRun(id="done", model="tm-quokka", actor=DANA))
    assert [d.job.id for d in queue.dead_letters()] == ["dead"]
    clock.advance(7 * DAY)
    assert queue.forget(DAYS) == 1
    assert queue.dead_letters() == ()
    queue.close()


def test_checkpoints_go_two_weeks_after_the_last(workspace: Workspace, tmp_path: Path) -> None:
    """A run's checkpoints stay as long as its dead letter may wait; a younger run's stay."""
    from langgraph.checkpoint.base import empty_checkpoint

    settings = local_settings(workspace, "s", tmp_path)
    saver = make_saver(tmp_path / "checkpoints.db")
    ids = {}
    for run in ("run:a", "run:b"):
        checkpoint = empty_checkpoint()
        ids[run] = checkpoint["id"]
        saver.put({"configurable": {"thread_id": run, "checkpoint_ns": ""}}, checkpoint, {}, {})
    services, made = make_services(settings), made_at(ids["run:b"])
    assert made_at(ids["run:a"]) <= made

    assert forget(settings, services, made + 13.9 * DAY)["runs' checkpoints"] == 0
    assert forget(settings, services, made_at(ids["run:a"]) + 14 * DAY)["runs' checkpoints"] == 1
    left = [run for run in ids if saver.get_tuple({"configurable": {"thread_id": run}})]
    assert left == ["run:b"]


def test_serving_forgets_at_its_start(workspace: Workspace, tmp_path: Path) -> None:
    """`serve` deletes what is old when it starts, with the retention of the settings."""
    settings = local_settings(workspace, "s", tmp_path).model_copy(update={"retention_days": DAYS})
    services = make_services(settings)
    services.artifacts.put("tm-1/files/a", b"old")
    services.artifacts.put("tm-1/files/b", b"new")
    path = tmp_path / "artifacts" / "tm-1" / "files" / "a"
    os.utime(path, (1_000_000_000, 1_000_000_000))
    with Serving(settings, services):
        assert workspace.wait_until(lambda: not path.exists(), 30)

    assert services.artifacts.get("tm-1/files/b") == b"new"
