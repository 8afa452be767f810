"""What Records promise. Each adapter is run through all of it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.domain.model import RunState, ThreatModel
from agent.domain.request import Request
from agent.domain.system import System
from agent.domain.verdict import Verdict, VerdictKind
from agent.errors import ConfigurationError, NotFound
from bot.records.base import ModelEntry, PostState, Records, RunEntry
from bot.records.dynamodb import DynamoRecords
from bot.records.sqlite import SqliteRecords
from bot.sqlite import Database
from tests.aws_servers import DYNAMODB, named

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(params=["sqlite", *DYNAMODB, "light"])
def records(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Records]:
    """Each adapter, empty."""
    made: Records
    if request.param == "sqlite":
        made = SqliteRecords(tmp_path / "records.db")
    else:
        server = named(request, request.param.replace("light", "moto"))
        aws = request.getfixturevalue("light_aws") if request.param == "light" else server.aws
        made = DynamoRecords(aws, server.make_table(), retention_days=30)
    yield made
    made.close()


def an_entry(id_: str = "tm-1", *, minute: int = 0, workspace: str = "T0") -> ModelEntry:
    """A model of Dana's in channel C0."""
    return ModelEntry(
        id=id_,
        workspace=workspace,
        channel="C0",
        owner="U0DANA",
        created=NOON.replace(minute=minute),
        request=Request(title=f"Shop {id_}"),
    )


def a_revision(number: int, id_: str = "tm-1") -> ThreatModel:
    """An empty revision."""
    return ThreatModel(id=id_, revision=number, title="Shop", created=NOON, system=System(name="Shop"))


def a_run(id_: str = "run-1") -> RunEntry:
    """A run for revision 1."""
    return RunEntry(
        id=id_, model="tm-1", revision=1, by="U0DANA", created=NOON, request=Request(title="Shop")
    )


def a_verdict(id_: str, after: str = "accepted") -> Verdict:
    """A verdict on T-001."""
    return Verdict(
        id=id_,
        who="U0DANA",
        when=NOON,
        model="tm-1",
        revision=1,
        threat="T-001",
        kind=VerdictKind.STATUS,
        after=after,
    )


def test_a_model_is_kept_once(records: Records) -> None:
    """Adding the same model again changes nothing and says so."""
    assert records.add_model(an_entry())
    assert not records.add_model(replace(an_entry(), owner="U0LEE"))
    assert records.model("tm-1") == an_entry()


def test_what_does_not_exist_is_not_found(records: Records) -> None:
    """Models, runs and revisions that were never kept raise NotFound with a sentence."""
    for look in (
        lambda: records.model("tm-9"),
        lambda: records.run("run-9"),
        lambda: records.revision("tm-9"),
    ):
        with pytest.raises(NotFound, match=r"\.$"):
            look()


def test_threads_belong_to_one_workspace(records: Records) -> None:
    """A thread is found by workspace, channel and ts together, and not in another workspace."""
    records.add_model(an_entry())
    records.set_thread("tm-1", "17.1", "https://local/x")

    assert records.find_thread("T0", "C0", "17.1") == "tm-1"
    assert records.find_thread("T1", "C0", "17.1") is None
    assert records.find_thread("T0", "C1", "17.1") is None
    assert records.model("tm-1").link == "https://local/x"


def test_lists_are_newest_first_and_of_one_channel(records: Records) -> None:
    """A channel's models come the newest first; those of another workspace do not come at all."""
    for entry in (an_entry("tm-1"), an_entry("tm-2", minute=5), an_entry("tm-3", workspace="T1")):
        records.add_model(entry)

    assert [e.id for e in records.models("T0", "C0")] == ["tm-2", "tm-1"]
    assert [e.id for e in records.models("T0", "C0", limit=1)] == ["tm-2"]


def test_the_latest_revision_counts(records: Records) -> None:
    """Revisions are kept for good; the latest one is the default, and the entry knows its number."""
    records.add_model(an_entry())
    for number in (1, 2):
        records.save_revision(a_revision(number))
    records.save_revision(a_revision(1).model_copy(update={"title": "changed"}))

    assert records.revision("tm-1").revision == 2
    assert records.revision("tm-1", 1).title == "Shop"
    assert records.model("tm-1").revision == 2


def test_a_run_that_starts_twice_is_one_run(records: Records) -> None:
    """Starting a known run gives back how far it is, not a new one."""
    records.start_run(a_run())
    records.set_run("run-1", RunState.RUNNING)
    again = records.start_run(replace(a_run(), revision=7))

    assert (again.state, again.revision) == (RunState.RUNNING, 1)


def test_stop_reaches_a_run_only_while_it_lasts(records: Records) -> None:
    """Stop is kept with who pressed it, and refused once the run has ended."""
    records.start_run(a_run())
    assert records.stop_run("tm-1", 1, "U0LEE")
    assert records.run("run-1").stop_by == "U0LEE"
    records.set_run("run-1", RunState.DONE)

    assert not records.stop_run("tm-1", 1, "U0LEE")


def test_verdicts_are_appended_once_and_in_order(records: Records) -> None:
    """A verdict that comes again is passed over; what was said first stays first."""
    records.add_verdicts((a_verdict("a"), a_verdict("b")))
    records.add_verdicts((a_verdict("a", "dismissed"), a_verdict("c")))

    assert [v.id for v in records.verdicts("tm-1")] == ["a", "b", "c"]
    assert records.verdicts("tm-1")[0].after == "accepted"


def test_deliveries_are_remembered(records: Records) -> None:
    """A delivery is known once it was recorded, and recording it twice is fine."""
    assert not records.delivered("event:1")
    records.record_delivery("event:1")
    records.record_delivery("event:1")
    assert records.delivered("event:1")


def test_a_post_goes_from_new_over_unsure_to_done(records: Records) -> None:
    """Who begins a post learns whether it may stand already; once finished it keeps its ts."""
    assert records.begin_post("k", "C0").state is PostState.NEW
    assert records.begin_post("k", "C0").state is PostState.UNSURE
    records.finish_post("k", "17.5")
    done = records.begin_post("k", "C0")

    assert (done.state, done.ts) == (PostState.DONE, "17.5")
    assert records.post("other") is None


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    """A database that a newer threatbot wrote is refused with a sentence, not half understood."""
    Database(tmp_path / "records.db", "CREATE TABLE x (y)", version=99).close()

    with pytest.raises(ConfigurationError, match="newer threatbot"):
        SqliteRecords(tmp_path / "records.db")


def test_what_is_kept_outlives_the_process(tmp_path: Path) -> None:
    """Records opened again hold what was kept."""
    first = SqliteRecords(tmp_path / "records.db")
    first.add_model(an_entry())
    first.close()
    second = SqliteRecords(tmp_path / "records.db")

    assert second.model("tm-1") == an_entry()
    second.close()
