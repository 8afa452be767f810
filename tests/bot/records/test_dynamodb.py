"""What the records on DynamoDB promise beyond the port."""

import random
import string
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.domain.model import ThreatModel
from agent.domain.request import Request
from agent.domain.states import RunState
from agent.domain.system import System
from agent.domain.verdict import Verdict, VerdictKind
from agent.errors import NotFound, StorageError
from bot.records.base import ModelEntry, PostState, RunEntry
from bot.records.dynamodb import DELIVERY_DAYS, DynamoRecords
from bot.records.dynamodb_items import DAY
from bot.records.table import CONFLICT, TRIES, Put, Table
from tests.aws_double import REGION, AwsDouble
from tests.aws_servers import DYNAMODB, named
from tests.fakes import Clock
from tests.http_front import Asked, Said, front

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(name="aws_double", params=DYNAMODB)
def each_server(request: pytest.FixtureRequest) -> AwsDouble:
    """Each server that answers as DynamoDB does."""
    return named(request, request.param)


@pytest.fixture
def table(aws_double: AwsDouble) -> str:
    """An empty table."""
    return aws_double.make_table()


@pytest.fixture
def clock() -> Clock:
    """The clock that expiry goes by; not in the past, because DynamoDB removes what its own says is over."""
    return Clock(time.time())


@pytest.fixture
def records(aws_double: AwsDouble, table: str, clock: Clock) -> Iterator[DynamoRecords]:
    """Records that are kept for thirty days."""
    made = DynamoRecords(aws_double.aws, table, retention_days=30, clock=clock)
    yield made
    made.close()


def an_entry(id_: str = "tm-1", description: str = "") -> ModelEntry:
    """A model of Dana's in channel C0."""
    return ModelEntry(
        id=id_,
        workspace="T0",
        channel="C0",
        thread="17.1",
        owner="U0DANA",
        created=NOON,
        request=Request(title="Shop", description=description),
    )


def a_revision(number: int, title: str = "Shop") -> ThreatModel:
    """A revision of tm-1."""
    return ThreatModel(id="tm-1", revision=number, title=title, created=NOON, system=System(name="Shop"))


def a_run(id_: str = "run-1", revision: int = 1) -> RunEntry:
    """A run of tm-1."""
    return RunEntry(
        id=id_, model="tm-1", revision=revision, by="U0DANA", created=NOON, request=Request(title="Shop")
    )


def a_verdict(id_: str, model: str = "tm-1") -> Verdict:
    """A verdict on T-001."""
    return Verdict(
        id=id_,
        who="U0DANA",
        when=NOON,
        model=model,
        revision=1,
        threat="T-001",
        kind=VerdictKind.STATUS,
        after="accepted",
    )


def noise(size: int) -> str:
    """Text that does not compress well: about three quarters of its length remain."""
    return "".join(
        random.Random(7).choices(string.ascii_letters + string.digits, k=size)  # noqa: S311 - filler
    )


def items(server: AwsDouble, table: str) -> list[dict[str, Any]]:
    """Everything in the table."""
    pages = server.dynamodb.get_paginator("scan").paginate(TableName=table)
    return [item for page in pages for item in page["Items"]]


def at_once(*steps: Callable[[], object]) -> list[object]:
    """What the steps give when each runs in a thread of its own and all begin together."""
    barrier = threading.Barrier(len(steps))
    results: list[object] = [None] * len(steps)

    def run(n: int) -> None:
        barrier.wait()
        results[n] = steps[n]()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(steps))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def test_every_read_is_consistent_and_nothing_scans(aws_double: AwsDouble, table: str) -> None:
    """All methods together use these calls and no others, and every read is strongly consistent."""
    records = DynamoRecords(aws_double.aws, table, piece=1_000)
    calls: list[tuple[str, dict[str, Any]]] = []

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        calls.append((model.name, params))

    client = records._table._table.client  # what it asks is the promise
    client.meta.events.register("provide-client-params.dynamodb.*", note)
    records.add_model(an_entry())
    records.set_thread("tm-1", "17.2", "https://local/x")
    records.set_request("tm-1", Request(title="Shop", description=noise(5_000)))
    records.find_thread("T0", "C0", "17.2")
    records.models("T0", "C0")
    records.start_run(a_run())
    records.set_run("run-1", RunState.RUNNING)
    records.stop_run("tm-1", 1, "U0LEE")
    records.save_revision(a_revision(1))
    records.revision("tm-1")
    records.add_verdicts((a_verdict("a"), a_verdict("b")))
    records.add_verdicts((a_verdict("a"), a_verdict("c")))
    records.verdicts("tm-1")
    records.record_delivery("event:1")
    records.delivered("event:1")
    records.begin_post("k", "C0")
    records.finish_post("k", "17.3")
    records.post("k")

    assert {name for name, _ in calls} == {
        "BatchGetItem",
        "GetItem",
        "PutItem",
        "Query",
        "TransactWriteItems",
        "UpdateItem",
    }
    for name, params in calls:
        if name in {"GetItem", "Query"}:
            assert params["ConsistentRead"] is True
        if name == "BatchGetItem":
            assert all(asked["ConsistentRead"] for asked in params["RequestItems"].values())
        assert "IndexName" not in params


def test_a_body_that_has_begun_to_expire_is_not_found(aws_double: AwsDouble, table: str) -> None:
    """When a piece has expired before the item that names it, what is left counts as absent."""
    records = DynamoRecords(aws_double.aws, table, piece=1_000)
    records.add_model(an_entry(description=noise(5_000)))
    piece = next(i for i in items(aws_double, table) if i["SK"]["S"].startswith("BODY#"))
    aws_double.dynamodb.delete_item(TableName=table, Key={"PK": piece["PK"], "SK": piece["SK"]})

    with pytest.raises(NotFound):
        records.model("tm-1")


def test_large_bodies_are_kept_in_pieces(records: DynamoRecords, aws_double: AwsDouble, table: str) -> None:
    """A revision over the limit of an item comes back whole, and no item is over 400 KB."""
    text = noise(1_500_000)
    records.save_revision(a_revision(1, title=text))

    assert records.revision("tm-1").title == text
    sizes = [
        sum(len(str(k)) + len(next(iter(v.values()))) for k, v in i.items()) for i in items(aws_double, table)
    ]
    assert len(sizes) == 5
    assert max(sizes) < 400_000


def test_a_large_body_is_replaced_whole(aws_double: AwsDouble, table: str) -> None:
    """A request that is replaced, large by small and small by large, is the later one."""
    records = DynamoRecords(aws_double.aws, table, piece=1_000)
    records.add_model(an_entry())
    for description in (noise(20_000), "short", noise(20_000)[::-1]):
        records.set_request("tm-1", Request(title="Shop", description=description))
        assert records.model("tm-1").request.description == description


def test_two_ingress_processes_record_one_delivery(aws_double: AwsDouble, table: str) -> None:
    """The same delivery recorded by eight at once is one item, and known to all."""
    several = [DynamoRecords(aws_double.aws, table) for _ in range(8)]
    at_once(*(lambda r=r: r.record_delivery("event:1") for r in several))

    assert all(r.delivered("event:1") for r in several)
    assert len(items(aws_double, table)) == 1


def test_of_several_who_begin_a_post_one_is_first(aws_double: AwsDouble, table: str) -> None:
    """Eight workers that begin the same message at once: one is told that it is new."""
    several = [DynamoRecords(aws_double.aws, table) for _ in range(8)]
    posts = at_once(*(lambda r=r: r.begin_post("k", "C0").state for r in several))

    assert sorted(map(str, posts)) == [PostState.NEW, *[PostState.UNSURE] * 7]


def test_of_several_who_add_a_model_one_does(aws_double: AwsDouble, table: str) -> None:
    """Eight workers that add the same model at once: one did."""
    several = [DynamoRecords(aws_double.aws, table) for _ in range(8)]
    added = at_once(*(lambda r=r: r.add_model(an_entry()) for r in several))

    assert sorted(map(bool, added)) == [False] * 7 + [True]


def test_several_workers_append_verdicts(aws_double: AwsDouble, table: str) -> None:
    """Four workers that append at once, some of it the same: all is kept, once, each worker's in order."""
    several = [DynamoRecords(aws_double.aws, table) for _ in range(4)]

    def append(n: int) -> None:
        for m in range(6):
            several[n].add_verdicts((a_verdict(f"w{n}-{m}"), a_verdict(f"shared-{m}")))

    at_once(*(lambda n=n: append(n) for n in range(4)))
    ids = [v.id for v in several[0].verdicts("tm-1")]

    assert len(ids) == len(set(ids)) == 30
    for n in range(4):
        assert [i for i in ids if i.startswith(f"w{n}-")] == [f"w{n}-{m}" for m in range(6)]


def test_several_workers_save_revisions(aws_double: AwsDouble, table: str) -> None:
    """Revisions saved at once, in any order, leave the highest as the latest."""
    several = [DynamoRecords(aws_double.aws, table) for _ in range(5)]
    several[0].add_model(an_entry())
    at_once(*(lambda n=n, r=r: r.save_revision(a_revision(n)) for n, r in enumerate(several, 1)))

    assert several[0].model("tm-1").revision == 5
    assert [several[0].revision("tm-1", n).revision for n in range(1, 6)] == [1, 2, 3, 4, 5]


def test_more_verdicts_than_a_transaction_takes(records: DynamoRecords) -> None:
    """Two hundred and fifty verdicts at once are all kept, in order."""
    given = tuple(a_verdict(f"{n:03d}") for n in range(250))
    records.add_verdicts(given)
    records.add_verdicts(given[:120])

    assert records.verdicts("tm-1") == given


def test_verdicts_of_two_models_stay_apart(records: DynamoRecords) -> None:
    """Each model has its own verdicts, also when they come together."""
    records.add_verdicts((a_verdict("a", "tm-1"), a_verdict("b", "tm-2"), a_verdict("a", "tm-2")))

    assert [v.id for v in records.verdicts("tm-1")] == ["a"]
    assert [v.id for v in records.verdicts("tm-2")] == ["b", "a"]


def test_ids_cannot_be_made_to_meet(records: DynamoRecords) -> None:
    """Ids that hold the separator of keys are still different ids."""
    records.record_delivery("a#b")
    assert not records.delivered("a%23b")
    records.add_model(
        ModelEntry(
            id="x",
            workspace="T0",
            channel="C0#17",
            thread="1",
            owner="U",
            created=NOON,
            request=Request(title="S"),
        )
    )
    assert records.find_thread("T0", "C0", "17#1") is None


def test_an_old_thread_no_longer_leads_to_the_model(records: DynamoRecords) -> None:
    """When a model's thread is set anew, the old one is nobody's."""
    records.add_model(an_entry())
    records.set_thread("tm-1", "18.1", "")

    assert records.find_thread("T0", "C0", "17.1") is None
    assert records.find_thread("T0", "C0", "18.1") == "tm-1"


def test_what_is_not_known_stays_unknown(records: DynamoRecords, aws_double: AwsDouble, table: str) -> None:
    """Changes to a model, run or post that does not exist leave nothing behind."""
    records.set_thread("tm-9", "1.1", "")
    records.set_request("tm-9", Request(title="Shop"))
    records.set_run("run-9", RunState.DONE)
    records.finish_post("k", "1.1")

    assert not records.stop_run("tm-9", 1, "U0LEE")
    assert items(aws_double, table) == []


def test_an_unchanged_model_is_forgotten(records: DynamoRecords, clock: Clock) -> None:
    """After the retention without a change nothing of a model is found, removed by DynamoDB or not."""
    records.add_model(an_entry())
    records.save_revision(a_revision(1))
    records.add_verdicts((a_verdict("a"),))
    clock.advance(30 * DAY + 1)

    for look in (lambda: records.model("tm-1"), lambda: records.revision("tm-1")):
        with pytest.raises(NotFound):
            look()
    assert records.verdicts("tm-1") == ()
    assert records.models("T0", "C0") == ()
    assert records.find_thread("T0", "C0", "17.1") is None
    assert records.add_model(an_entry())


def test_a_change_keeps_the_whole_model(records: DynamoRecords, clock: Clock) -> None:
    """A verdict on the last day keeps the entry, revisions, verdicts and the thread for as long again."""
    records.add_model(an_entry())
    records.save_revision(a_revision(1))
    records.add_verdicts((a_verdict("a"),))
    clock.advance(29 * DAY)
    records.add_verdicts((a_verdict("b"),))
    clock.advance(29 * DAY)

    assert records.model("tm-1").revision == 1
    assert records.revision("tm-1") == a_revision(1)
    assert [v.id for v in records.verdicts("tm-1")] == ["a", "b"]
    assert [e.id for e in records.models("T0", "C0")] == ["tm-1"]
    assert records.find_thread("T0", "C0", "17.1") == "tm-1"


def test_a_message_in_use_is_remembered(records: DynamoRecords, clock: Clock) -> None:
    """A message that is looked for is remembered for as long again; one that is not is forgotten."""
    for key in ("used", "left"):
        records.begin_post(key, "C0")
        records.finish_post(key, "17.5")
    clock.advance(29 * DAY)
    records.post("used")
    clock.advance(29 * DAY)

    assert records.post("used") is not None
    assert records.post("left") is None


def test_deliveries_are_forgotten_after_a_week(
    records: DynamoRecords, clock: Clock, aws_double: AwsDouble, table: str
) -> None:
    """A delivery's id expires long after Slack stops to repeat it, whatever the retention."""
    records.record_delivery("event:1")

    (item,) = items(aws_double, table)
    assert int(item["ttl"]["N"]) == int(clock.seconds) + DELIVERY_DAYS * DAY


def test_without_a_retention_nothing_expires(aws_double: AwsDouble, table: str, clock: Clock) -> None:
    """Retention 0 keeps models for good."""
    records = DynamoRecords(aws_double.aws, table, retention_days=0, clock=clock)
    records.add_model(an_entry())
    records.save_revision(a_revision(1))
    clock.advance(10_000 * DAY)
    records.add_verdicts((a_verdict("a"),))

    assert records.model("tm-1").revision == 1
    assert all("ttl" not in item for item in items(aws_double, table))


def test_a_run_that_was_tried_again_can_be_stopped(records: DynamoRecords) -> None:
    """Of two runs for one revision, the failed one is left alone and the later one is stopped."""
    records.start_run(a_run("run-1"))
    records.set_run("run-1", RunState.FAILED, "no")
    records.start_run(a_run("run-2"))

    assert records.stop_run("tm-1", 1, "U0LEE")
    assert records.run("run-1").stop_by == ""
    assert records.run("run-2").stop_by == "U0LEE"
    assert not records.stop_run("tm-1", 10, "U0LEE")


def conflicting(times: int) -> Callable[[Asked, Callable[[], Said]], Said]:
    """A rule that says so many times that another transaction is at the item, and is content then."""
    left = [times]

    def rule(_: Asked, __: Callable[[], Said]) -> Said:
        if left[0] == 0:
            return Said(200, {})
        left[0] -= 1
        return Said(
            400,
            {
                "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
                "Message": "Transaction cancelled",
                "CancellationReasons": [{"Code": "None"}, {"Code": CONFLICT}],
            },
        )

    return rule


def a_table(url: str, waited: list[float]) -> Table:
    """A table behind that address, whose waits are written down."""
    from bot.aws import Aws

    aws = Aws(region=REGION, endpoint_url=url, key_id="AKIADOUBLE", secret="double")
    return Table(aws, "any", sleep=waited.append)


def test_writes_that_meet_are_tried_again() -> None:
    """A transaction that met another is tried again, after pauses that grow."""
    waited: list[float] = []
    with front() as one:
        one.rule = conflicting(3)
        done = a_table(one.url, waited).write(Put({"PK": "a", "SK": "a"}), Put({"PK": "b", "SK": "b"}))

    assert done
    assert waited == [0.02, 0.04, 0.08]


def test_writes_that_always_meet_are_given_up() -> None:
    """A place that others write all the time: an error that says so and can be tried later."""
    waited: list[float] = []
    with front() as one:
        one.rule = conflicting(100)
        table = a_table(one.url, waited)
        with pytest.raises(StorageError, match="same place") as caught:
            table.write(Put({"PK": "a", "SK": "a"}), Put({"PK": "b", "SK": "b"}))

    assert caught.value.retryable
    assert len(waited) == TRIES - 1
