"""What lists show of a model is always what its revision and verdicts amount to."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.domain.model import RunState, ThreatModel
from agent.domain.request import Request
from agent.domain.tally import ThreatTally, tally
from agent.domain.threat import Origin, Severity, ThreatStatus
from agent.domain.verdict import Verdict, VerdictKind
from bot.glance import Glance
from bot.local import threat_model
from bot.records.base import ModelEntry, Records, RunEntry
from bot.records.dynamodb import DynamoRecords
from bot.records.dynamodb_keys import join, model_key, sequence_key
from bot.records.sqlite import SqliteRecords
from bot.records.standing import standing
from tests.aws_double import AwsDouble
from tests.fakes import Clock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DIAGRAM = b"flowchart LR\n  kiosk([Kiosk]) -->|HTTP| hub[Reading API]\n  hub -->|SQL| store[(Readings DB)]\n"
STATUSES = [s.value for s in ThreatStatus]
SEVERITIES = [s.value for s in Severity]
_numbers = count(1)


class Adapter(Protocol):
    """An adapter, what an earlier version would do to its store, and a second process beside it."""

    records: Records

    def other(self) -> Records:
        """The same store as another process sees it."""
        ...

    def age(self, model: str) -> None:
        """Leave the model as an earlier version kept it: nothing for lists."""
        ...

    def old_verdict(self, verdict: Verdict) -> None:
        """Keep a verdict as an earlier version does, which knows of no tally."""
        ...


class OnSqlite:
    """SQLite."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.records: Records = SqliteRecords(path)

    def other(self) -> Records:
        """See Adapter."""
        return SqliteRecords(self._path)

    def age(self, model: str) -> None:
        """See Adapter."""
        self._execute("DELETE FROM tallies WHERE model = ?", model)

    def old_verdict(self, verdict: Verdict) -> None:
        """See Adapter."""
        self._execute(
            "INSERT INTO verdicts (id, model, body) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING",
            *(verdict.id, verdict.model, verdict.model_dump_json()),
        )

    def _execute(self, statement: str, *values: str) -> None:
        db = sqlite3.connect(self._path, isolation_level=None)
        db.execute(statement, values)
        db.close()


class OnDynamo:
    """DynamoDB."""

    def __init__(self, double: AwsDouble) -> None:
        self._double, self._table = double, double.make_table()
        self.records: Records = self.other()

    def other(self) -> Records:
        """See Adapter."""
        return DynamoRecords(self._double.aws, self._table)

    def age(self, model: str) -> None:
        """See Adapter."""
        key = dict(zip(("PK", "SK"), ({"S": part} for part in model_key(model)), strict=True))
        self._double.dynamodb.update_item(
            TableName=self._table, Key=key, UpdateExpression="REMOVE tally, title, run, run_revision"
        )

    def old_verdict(self, verdict: Verdict) -> None:
        """See Adapter."""
        partition, place = sequence_key(verdict.model)
        answer = self._double.dynamodb.update_item(
            TableName=self._table,
            Key={"PK": {"S": partition}, "SK": {"S": place}},
            UpdateExpression="ADD seq :by",
            ExpressionAttributeValues={":by": {"N": "1"}},
            ReturnValues="UPDATED_NEW",
        )
        item = {"PK": {"S": partition}, "SK": {"S": join("VERDICT", verdict.id)}}
        item |= {"seq": answer["Attributes"]["seq"], "body": {"S": verdict.model_dump_json()}}
        self._double.dynamodb.put_item(TableName=self._table, Item=item)


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Adapter]:
    """SQLite; every example has a model of its own in it."""
    made = OnSqlite(tmp_path_factory.mktemp("records") / "records.db")
    yield made
    made.records.close()


@pytest.fixture(scope="module")
def on_dynamodb(moto: AwsDouble) -> Iterator[Adapter]:
    """DynamoDB."""
    made = OnDynamo(moto)
    yield made
    made.records.close()


@pytest.fixture(params=["on_sqlite", "on_dynamodb"])
def adapter(request: pytest.FixtureRequest) -> Adapter:
    """Each of them."""
    made: Adapter = request.getfixturevalue(request.param)
    return made


@cache
def whole() -> ThreatModel:
    """A model with threats and questions."""
    return threat_model([("meter.mmd", DIAGRAM)])


def a_revision(model: str, number: int, skipped: int = 0) -> ThreatModel:
    """A revision without its first threats; every third of the rest is a language model's."""
    threats = tuple(
        t.model_copy(update={"origin": Origin.MODEL}) if n % 3 == 0 else t
        for n, t in enumerate(whole().threats[skipped:])
    )
    about = {"id": model, "revision": number, "threats": threats, "prompts": f"p{number}", "title": "Meters"}
    return whole().model_copy(update=about)


def a_model(adapter: Adapter, created: datetime = NOON, channel: str = "") -> str:
    """A new model, in a channel of its own unless one is named."""
    id_ = f"tm-T0-{next(_numbers):016x}"
    adapter.records.add_model(
        ModelEntry(
            id=id_,
            workspace="T0",
            channel=channel or f"C{id_}",
            owner="U0DANA",
            created=created,
            request=Request(title="Meters"),
        )
    )
    return id_


def a_verdict(model: str, place: int, kind: VerdictKind, after: str, revision: int = 1) -> Verdict:
    """A verdict on a threat by its place, or on the open question at that place."""
    known, asked = whole().threats, whole().questions
    return Verdict(
        id=f"{model}/{next(_numbers)}",
        who="U0DANA",
        when=NOON + timedelta(seconds=next(_numbers)),
        model=model,
        revision=revision,
        threat="" if kind is VerdictKind.ANSWER else known[place % len(known)].id,
        question=asked[place % len(asked)].id if kind is VerdictKind.ANSWER else "",
        kind=kind,
        after=after,
    )


def an_added(model: str, place: int) -> Verdict:
    """A threat that an engineer adds."""
    about = {"id": f"T-9{place:02d}", "key": f"own-{place}", "origin": Origin.ENGINEER}
    threat = whole().threats[0].model_copy(update=about)
    return a_verdict(model, place, VerdictKind.ADD_THREAT, threat.model_dump_json()).model_copy(
        update={"threat": threat.id}
    )


def glance(records: Records, model: str) -> Glance:
    """What the list of the model's channel shows of it."""
    (found,) = records.models("T0", f"C{model}")
    assert found.id == model
    return found


def folded(records: Records, model: str) -> ThreatTally:
    """What revision and verdicts amount to."""
    return tally(standing(records, model))


Step = tuple[str, int, str]

steps = st.lists(
    st.one_of(
        st.tuples(st.just("revision"), st.integers(1, 4), st.just("")),
        st.tuples(st.just("status"), st.integers(0, 9), st.sampled_from(STATUSES)),
        st.tuples(st.just("severity"), st.integers(0, 9), st.sampled_from(SEVERITIES)),
        st.tuples(st.just("answer"), st.integers(0, 3), st.sampled_from(["yes", "no", "unknown"])),
        st.tuples(st.sampled_from(["add", "undo", "repeat", "old", "age"]), st.integers(0, 9), st.just("")),
    ),
    min_size=1,
    max_size=12,
)


def do(adapter: Adapter, model: str, step: Step, said: list[Verdict]) -> None:
    """One step of a model's life; `said` are the verdicts until now."""
    what, number, _ = step
    match what:
        case "revision":
            adapter.records.save_revision(a_revision(model, number, skipped=number))
        case "repeat":
            adapter.records.add_verdicts(tuple(said[: number + 1]))
        case "age":
            adapter.age(model)
        case "undo" if not said:
            return
        case _:
            verdict = _said(model, step, said)
            said.append(verdict)
            if what == "old":
                adapter.old_verdict(verdict)
            else:
                adapter.records.add_verdicts((verdict,))


def _said(model: str, step: Step, said: Sequence[Verdict]) -> Verdict:
    what, number, after = step
    match what:
        case "add":
            return an_added(model, number)
        case "undo":
            return a_verdict(model, 0, VerdictKind.UNDO, said[number % len(said)].id)
        case "old":
            return a_verdict(model, number, VerdictKind.STATUS, ThreatStatus.DISMISSED)
    return a_verdict(model, number, VerdictKind(what), after)


SOME = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@settings(SOME, max_examples=80)
@given(life=steps)
def test_a_tally_is_what_folding_gives(on_sqlite: Adapter, life: list[Step]) -> None:
    """After revisions, verdicts, undos and repetitions in any order, also by an earlier version."""
    live(on_sqlite, life)


@settings(SOME, max_examples=15)
@given(life=steps)
def test_a_tally_on_dynamodb_is_what_folding_gives(on_dynamodb: Adapter, life: list[Step]) -> None:
    """The same there, where each example takes a hundred requests."""
    live(on_dynamodb, life)


def live(adapter: Adapter, life: list[Step]) -> None:
    """Live through it, and compare what is shown with what is kept."""
    model = a_model(adapter)
    said: list[Verdict] = []
    adapter.records.save_revision(a_revision(model, 1))
    for step in life:
        do(adapter, model, step, said)
    seen = glance(adapter.records, model)

    assert seen.tally == folded(adapter.records, model)
    assert seen.revision == adapter.records.model(model).revision
    assert seen.title == "Meters"


def test_verdicts_before_the_first_revision_count_with_it(adapter: Adapter) -> None:
    """A model without a revision has no threats in the list; its first one comes with what was said."""
    model = a_model(adapter)
    adapter.records.add_verdicts((a_verdict(model, 0, VerdictKind.STATUS, "dismissed"),))
    assert glance(adapter.records, model).tally == ThreatTally()
    adapter.records.save_revision(a_revision(model, 1))

    assert glance(adapter.records, model).tally == folded(adapter.records, model)


def test_a_tally_survives_its_writers_racing(adapter: Adapter) -> None:
    """Three processes that keep verdicts, and one that keeps revisions, all at once: nothing is lost."""
    model = a_model(adapter)
    adapter.records.save_revision(a_revision(model, 1))
    verdicts = [
        [a_verdict(model, n * 4 + m, VerdictKind.STATUS, "accepted") for m in range(4)] for n in range(3)
    ]

    def judge(n: int) -> None:
        other = adapter.other()
        for verdict in verdicts[n]:
            other.add_verdicts((verdict,))
        other.close()

    def revise() -> None:
        other = adapter.other()
        for number in (2, 3):
            other.save_revision(a_revision(model, number, skipped=number))
        other.close()

    at_once([*(lambda n=n: judge(n) for n in range(3)), revise])

    assert len(adapter.records.verdicts(model)) == 12
    assert glance(adapter.records, model).revision == 3
    assert glance(adapter.records, model).tally == folded(adapter.records, model)


def at_once(steps: Sequence[Callable[[], None]]) -> None:
    """Each in a thread of its own, begun together; what one raises is raised here."""
    barrier = threading.Barrier(len(steps))

    def run(step: Callable[[], None]) -> None:
        barrier.wait()
        step()

    with ThreadPoolExecutor(len(steps)) as threads:
        list(threads.map(run, steps))


def a_run(model: str, revision: int, *, minute: int = 0) -> RunEntry:
    """A run of Lee's."""
    return RunEntry(
        id=f"run:{model}/{revision}/{minute}",
        model=model,
        revision=revision,
        by="U0LEE",
        created=NOON + timedelta(minutes=minute),
        request=Request(title="Meters"),
    )


def test_a_run_is_seen_until_it_has_made_its_revision(adapter: Adapter) -> None:
    """Where it is while it goes on; why it failed; nothing once its revision, or another run's, is there."""
    records, model = adapter.records, a_model(adapter)
    assert glance(records, model).run is None
    first, second = a_run(model, 1), a_run(model, 1, minute=5)
    records.start_run(first)
    records.set_run(first.id, RunState.RUNNING)
    records.set_stage(first.id, "find", 6)
    seen = glance(records, model).run
    assert seen is not None
    assert (seen.state, seen.stage, seen.threats, seen.by) == (RunState.RUNNING, "find", 6, "U0LEE")
    records.set_run(first.id, RunState.FAILED, "There is nothing to read.")
    seen = glance(records, model).run
    assert seen is not None
    assert (seen.state, seen.error) == (RunState.FAILED, "There is nothing to read.")
    records.start_run(second)
    seen = glance(records, model).run
    assert seen is not None
    assert (seen.state, seen.created) == (RunState.QUEUED, second.created)
    records.save_revision(a_revision(model, 1))

    assert glance(records, model).run is None


def test_the_stage_of_a_run_that_nobody_keeps_is_nobodys(adapter: Adapter) -> None:
    """It leaves nothing behind."""
    adapter.records.set_stage("run:none", "find", 1)
    model = a_model(adapter)

    assert glance(adapter.records, model).run is None


def test_a_title_is_the_one_that_was_asked_for_last(adapter: Adapter) -> None:
    """It follows the request, and is found where an earlier version has not kept it apart."""
    model = a_model(adapter)
    adapter.records.set_request(model, Request(title="Water meters"))
    assert glance(adapter.records, model).title == "Water meters"
    adapter.age(model)

    assert glance(adapter.records, model).title == "Water meters"


def test_a_list_takes_two_requests(moto: AwsDouble) -> None:
    """Twenty models are a query and one read of all that is shown; a third request where a run goes on."""
    adapter = OnDynamo(moto)
    for n in range(20):
        model = a_model(adapter, NOON + timedelta(minutes=n), "C0")
        adapter.records.save_revision(a_revision(model, 1))
        if n < 3:
            adapter.records.add_verdicts((a_verdict(model, 0, VerdictKind.STATUS, "accepted"),))
    calls: list[str] = []
    records = adapter.other()
    assert isinstance(records, DynamoRecords)
    client = records._table._table.client  # what it asks is the promise
    client.meta.events.register(
        "provide-client-params.dynamodb.*", lambda model, **_: calls.append(model.name)
    )
    listed = records.models("T0", "C0")
    asked, calls[:] = tuple(calls), []
    records.start_run(a_run(listed[0].id, 2))
    calls.clear()
    (running,) = [g.id for g in records.models("T0", "C0") if g.run]
    records.close()
    adapter.records.close()

    assert len(listed) == 20
    assert all(g.tally.threats for g in listed)
    assert asked == ("Query", "BatchGetItem")
    assert running == listed[0].id
    assert calls == ["Query", "BatchGetItem", "BatchGetItem"]


def test_forgotten_models_leave_no_tally(tmp_path: Path) -> None:
    """What was counted of a model goes with it."""
    clock = Clock()
    records = SqliteRecords(tmp_path / "records.db", clock=clock)
    entry = ModelEntry(
        id="tm-1", workspace="T0", channel="C0", owner="U", created=NOON, request=Request(title="Meters")
    )
    records.add_model(entry)
    records.save_revision(a_revision("tm-1", 1))
    records.start_run(a_run("tm-1", 2))
    records.set_stage(a_run("tm-1", 2).id, "read", 0)
    clock.advance(100 * 86_400)
    records.forget(30)
    kept = [records._db.read.execute(f"SELECT * FROM {t}").fetchall() for t in ("tallies", "stages")]  # noqa: S608 - our words
    records.close()

    assert kept == [[], []]
