"""What the client promises that signs its own calls: the right form, patience, and nothing done twice."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest

from bot.aws_json import JsonClient, RefusedError, SilentError
from bot.aws_sigv4 import Keys
from bot.jobs import Actor, StartRun
from bot.queues.sqs import SqsQueue
from bot.records.dynamodb import DynamoRecords
from bot.records.table import NEW, Put, Table
from tests.aws_double import REGION, AwsDouble
from tests.fault_proxy import FaultProxy, Plan
from tests.http_front import CUT, Asked, Front, Said, front

pytestmark = pytest.mark.usefixtures("as_on_lambda")
DANA = Actor(user="U0DANA", team="T0", workspace="T0", channel="C0")


def a_client(url: str, service: str = "dynamodb", *, attempts: int = 4, token: str = "") -> JsonClient:
    """A client that does not wait between tries."""
    keys = Keys("AKIADOUBLE", "double", token)
    return JsonClient(service, url, REGION, keys, attempts=attempts, sleep=lambda _: None)


def in_turn(*answers: Said) -> Callable[..., Said]:
    """A rule that gives each answer once."""
    left = iter(answers)
    return lambda *_: next(left)


def told(rule: Callable[..., Said], **how: Any) -> tuple[Exception | dict[str, Any], Front]:
    """What a call gives, or fails with, when AWS behaves like this."""
    with front() as one:
        one.rule = rule
        client = a_client(one.url, **how)
        try:
            answer: Exception | dict[str, Any] = client.call("get_item", {"TableName": "t"})
        except (RefusedError, SilentError) as error:
            answer = error
        client.close()
    return answer, one


OK = Said(200, {"Item": {}})
AWAY = Said(503, "<html>away</html>")
THROTTLED = Said(400, {"__type": "com.amazonaws.dynamodb#ThrottlingException", "message": "Slowly"})


def test_a_call_is_a_signed_post_of_json() -> None:
    """The operation, the version, the time and the token are in headers that are signed; the body is JSON."""
    _, one = told(in_turn(OK), token="a-token")
    (asked,) = one.asked

    assert (asked.method, asked.path, json.loads(asked.raw)) == ("POST", "/", {"TableName": "t"})
    assert asked.headers["x-amz-target"] == "DynamoDB_20120810.GetItem"
    assert asked.headers["content-type"] == "application/x-amz-json-1.0"
    assert asked.headers["x-amz-security-token"] == "a-token"
    signed = "content-type;host;x-amz-date;x-amz-security-token;x-amz-target"
    assert f"SignedHeaders={signed}," in asked.headers["authorization"]


@pytest.mark.parametrize("passing", [CUT, AWAY, THROTTLED, Said(429, {}), Said(500, {}), Said(200, "what?")])
def test_what_passes_is_tried_again_with_the_same_bytes(passing: Said) -> None:
    """A broken call, a server's error or a refusal for the rate is repeated, three times at most."""
    answer, one = told(in_turn(passing, passing, passing, OK))

    assert answer == {"Item": {}}
    assert len(one.asked) == 4
    assert len({asked.raw for asked in one.asked}) == 1


@pytest.mark.parametrize(("passing", "kind"), [(CUT, SilentError), (AWAY, RefusedError)])
def test_four_tries_are_enough(passing: Said, kind: type[Exception]) -> None:
    """After the fourth try the failure is told."""
    answer, one = told(lambda *_: passing)

    assert isinstance(answer, kind)
    assert len(one.asked) == 4


@pytest.mark.parametrize(("passing", "most"), [(AWAY, 0.05), (THROTTLED, 0.2)])
def test_pauses_grow_and_are_longer_after_a_refusal_for_the_rate(passing: Said, most: float) -> None:
    """Each pause is drawn between nothing and twice what the one before could be."""
    pauses: list[float] = []
    with front() as one:
        one.rule = lambda *_: passing
        client = JsonClient("dynamodb", one.url, REGION, Keys("A", "s"), sleep=pauses.append)
        with pytest.raises(RefusedError):
            client.call("get_item", {})

    assert len(pauses) == 3
    assert all(0 <= pause <= most * 2**n for n, pause in enumerate(pauses))
    assert max(pauses) > 0


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (Said(400, {"__type": "com.amazon.coral.validate#ValidationException"}), "ValidationException"),
        (Said(400, {"__type": "AccessDeniedException:http://internal/"}), "AccessDeniedException"),
        (Said(400, {"code": "ExpiredTokenException", "message": "Old"}), "ExpiredTokenException"),
        (Said(413, "<html>too large</html>"), "413"),
        (Said(400, ["no object"]), "400"),
        (
            Said(400, {"__type": "com.amazonaws.sqs#QueueDoesNotExist"},
                 (("x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender"),)),
            "AWS.SimpleQueueService.NonExistentQueue",
        ),
        (
            Said(400, {}, (("x-amzn-query-error", "com.amazonaws.sqs#QueueDoesNotExist;Sender"),)),
            "QueueDoesNotExist",
        ),
    ],
)  # fmt: skip
def test_a_refusal_is_told_at_once_by_its_code(said: Said, code: str) -> None:
    """What trying again cannot change is told by AWS's own code, in each form that it has."""
    answer, one = told(lambda *_: said)

    assert isinstance(answer, RefusedError)
    assert answer.code == code
    assert len(one.asked) == 1


def test_a_refusal_has_the_whole_answer() -> None:
    """What AWS says beside the code can be read where botocore has it."""
    said = {"__type": "x#ConditionalCheckFailedException", "message": "no", "Item": {"body": {"B": "AP8="}}}
    answer, _ = told(lambda *_: Said(400, said))

    assert isinstance(answer, RefusedError)
    assert answer.response["Item"] == {"body": {"B": b"\x00\xff"}}
    assert answer.response["Error"] == {"Code": "ConditionalCheckFailedException", "Message": "no"}
    assert answer.operation_name == "GetItem"


def test_a_transaction_is_one_however_often_it_is_sent() -> None:
    """Each transaction has a token of its own, and its repetitions have the same."""
    with front() as one:
        one.rule = in_turn(AWAY, OK, OK)
        client = a_client(one.url)
        client.call("transact_write_items", {"TransactItems": []})
        client.call("transact_write_items", {"TransactItems": []})
        client.close()
    first, again, other = (json.loads(asked.raw)["ClientRequestToken"] for asked in one.asked)

    assert first == again != other


def test_the_trace_of_a_call_reaches_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Lambda a call says which trace it belongs to, as botocore's do; elsewhere it says nothing."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1")
    _, elsewhere = told(in_turn(OK))
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "ingress")
    _, there = told(in_turn(OK))

    assert "x-amzn-trace-id" not in elsewhere.asked[0].headers
    headers = there.asked[0].headers
    assert headers["x-amzn-trace-id"] == "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"
    assert "x-amzn-trace-id" not in headers["authorization"]


def test_values_come_back_as_they_were_kept(aws_double: AwsDouble) -> None:
    """Bytes, numbers and texts in any script, also under names that are DynamoDB's own for types."""
    table = Table(replace(aws_double.aws, light=True), aws_double.make_table())
    item = {
        "PK": "a",
        "SK": "b",
        "B": "text",
        "S": b"\x00\xff" * 50,
        "N": 10**20,
        "e": b"",
        "t": "支払い 🐙 \x00",
    }
    assert table.write(Put(item, NEW))

    assert table.get(("a", "b")) == item
    assert table.put_or_see({"PK": "a", "SK": "b"}) == item
    table.close()


@contextmanager
def raw_server(answers: int) -> Iterator[tuple[str, list[int], threading.Semaphore]]:
    """Answers so many requests a connection and then closes it without a word.

    Gives its address, how many requests each connection has had, and what each one that is closed releases.
    """
    had: list[int] = []
    closed = threading.Semaphore(0)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                talk(listener.accept()[0])

    def talk(connection: socket.socket) -> None:
        had.append(0)
        with connection, connection.makefile("rb") as stream:
            while had[-1] < answers and stream.readline():
                lines = iter(stream.readline, b"\r\n")
                length = next(
                    int(v) for n, _, v in (x.partition(b":") for x in lines) if n == b"Content-Length"
                )
                while stream.readline() != b"\r\n":
                    pass
                stream.read(length)
                had[-1] += 1
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        closed.release()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", had, closed
    listener.close()


def test_a_connection_is_used_again() -> None:
    """Calls one after the other share a connection."""
    with raw_server(9) as (url, had, _):
        client = a_client(url)
        for _ in range(5):
            client.call("get_item", {})
        client.close()

    assert had == [5]


def test_a_connection_that_was_closed_meanwhile_costs_no_try() -> None:
    """A process that was frozen finds its connections closed, and opens others without failing first."""
    with raw_server(1) as (url, had, closed):
        client = a_client(url, attempts=1)
        for _ in range(3):
            client.call("get_item", {})
            assert closed.acquire(timeout=30)
        client.close()

    assert had == [1, 1, 1]


STUMBLES = {
    "cut before": Plan(seed=3, reset_before=0.3),
    "cut after": Plan(seed=3, reset_after=0.3),
    "503": Plan(seed=3, unavailable=0.3),
    "throttled": Plan(seed=3, throttle=0.2),
    "all": Plan(seed=5, reset_before=0.1, reset_after=0.1, unavailable=0.1, throttle=0.05),
}


@pytest.mark.parametrize("plan", STUMBLES.values(), ids=STUMBLES)
def test_nothing_is_lost_or_doubled_where_aws_stumbles(aws_double: AwsDouble, plan: Plan) -> None:
    """Calls that are cut, refused or lose only their answer are repeated; everything is there once."""
    url, name = aws_double.make_queue(), aws_double.make_table()
    ids = [f"event:{n}" for n in range(12)]
    with FaultProxy(aws_double.aws.endpoint_url, plan) as proxy:
        aws = replace(aws_double.aws, endpoint_url=proxy.url, light=True, attempts=6)
        queue = SqsQueue(aws, url.replace(aws_double.aws.endpoint_url, proxy.url))
        records = DynamoRecords(aws, name)
        for id_ in ids:
            assert queue.send(StartRun(id=id_, model=f"tm-{id_}", actor=DANA))
            records.record_delivery(id_)
            assert records.delivered(id_)
        queue.close()
        records.close()
    worker = SqsQueue(aws_double.aws, url, wait=0)
    found = []
    while claim := worker.claim():
        found.append(claim.job.id)
        worker.complete(claim)

    assert sum(proxy.struck.values()) >= 5
    assert sorted(found) == sorted(ids)
    assert len(aws_double.dynamodb.scan(TableName=name)["Items"]) == len(ids)


def test_many_threads_share_a_client() -> None:
    """Calls of several threads at once get their own answers."""
    with front() as one:
        one.rule = lambda asked, _: Said(200, json.loads(asked.raw))
        client = a_client(one.url)
        found: list[bool] = []

        def ask(n: int) -> None:
            asked = [{"n": n, "m": m} for m in range(10)]
            found.extend(client.call("get_item", one) == one for one in asked)

        threads = [threading.Thread(target=ask, args=(n,)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        client.close()

    assert found == [True] * 60


def test_what_has_no_form_in_json_is_a_mistake_of_ours() -> None:
    """A value that DynamoDB's JSON does not know is refused before anything is sent."""
    with front() as one, pytest.raises(TypeError, match="object has no form"):
        a_client(one.url).call("put_item", {"Item": {"a": object()}})

    assert not one.asked


def test_every_method_asks_as_botocore_would(aws_double: AwsDouble) -> None:
    """A call through both clients is the same request: method, path, target, version and members."""
    seen: list[tuple[str, str, str, str, Any]] = []

    def note(asked: Asked, _: object) -> Said:
        headers = asked.headers
        seen.append(
            (
                asked.path,
                headers["x-amz-target"],
                headers["content-type"],
                headers.get("x-amzn-query-mode", ""),
                json.loads(asked.raw),
            )
        )
        return Said(200, {})

    calls: list[tuple[str, str, dict[str, Any]]] = [
        (
            "sqs",
            "send_message",
            {"QueueUrl": "http://local/1/q.fifo", "MessageBody": "ü", "MessageGroupId": "g"},
        ),
        ("dynamodb", "put_item", {"TableName": "t", "Item": {"PK": {"S": "a"}, "b": {"B": b"\x00\xff"}}}),
        (
            "kms",
            "encrypt",
            {"KeyId": "k", "Plaintext": b"\x00\xff", "EncryptionContext": {"workspace": "T0"}},
        ),
        ("secretsmanager", "get_secret_value", {"SecretId": "s"}),
        ("ssm", "get_parameter", {"Name": "/p", "WithDecryption": True}),
    ]
    with front() as one:
        one.rule = note
        for service, operation, arguments in calls:
            getattr(replace(aws_double.aws, endpoint_url=one.url).client(service), operation)(**arguments)
            client = a_client(one.url, service)
            client.call(operation, arguments)
            client.close()

    assert len(seen) == 10
    assert seen[::2] == seen[1::2]
