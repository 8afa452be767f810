"""A steady load on the ingress as Lambda runs it: how long answers take, and what is lost or doubled.

Each execution environment is a process under awslambdaric, AWS's own runtime interface, and is given one
event at a time. When each delivery is due is set beforehand: one that finds no environment free waits, and
its wait counts. Lambda would start another environment; here there are as many as were warm at the start.

Behind it: ElasticMQ for SQS and Dynoxide for DynamoDB (tests/aws_servers.py); moto is too slow for this rate.
Load, environments, servers and Slack share this machine's processors: beside what a caller waits stands what
the handler itself says it took.
"""

from __future__ import annotations

import json
import os
import queue
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from agent.analysts.rules import RulesAnalyst
from agent.artifacts import MemoryArtifacts
from agent.domain.model import ThreatModel
from agent.domain.request import Attachment, Request
from agent.graph import Agent, Task
from benchmarks.lambda_deliveries import (
    PERSON,
    SECRET,
    THREADS,
    WORKSPACE,
    Delivery,
    channel_of,
    deliveries,
    model_of,
    ts_of,
)
from bot.records.base import ModelEntry
from bot.records.dynamodb import DynamoRecords
from tests.aws_double import AwsDouble
from tests.aws_servers import INSTALL, AwsServers, found
from tests.http_front import Said, front
from tests.lambda_double import Function, FunctionError

RATE = 50
"""Requests a second."""
SECONDS = 60
ENVIRONMENTS = 8
WAITING = 200
"""Deliveries that can wait for an environment, each in a thread."""
BAR = 150
"""Milliseconds; 99 of 100 answers come sooner."""
DIAGRAM = b"""flowchart LR
  shopper([Shopper]) -->|HTTPS| shop[Shop]
  shop -->|SQL| orders[(Orders)]
"""


@dataclass
class Outcome:
    """What came of the deliveries."""

    seconds: list[float] = field(default_factory=list)
    """From when each was due to its answer."""
    accepted: list[Delivery] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    inside: list[float] = field(default_factory=list)
    """Seconds that the handler took, as it logs them."""
    first: float = 0.0
    """The longest that the handler took for the first of its kind in an environment, before the load."""
    cpu: float = 0.0
    """Seconds of processor time that a delivery took in its environment on average, the interface with it."""
    busiest: int = 0
    """Environments that worked at once, at most."""
    forms: int = 0
    kept: list[str] = field(default_factory=list)
    """The ids of the jobs that the queue holds afterwards."""


def main(_: Path | None = None) -> None:
    """Print latencies, losses and doubles beside the bar."""
    if not found():
        print(f"left out: {INSTALL}")
        return
    before = os.getloadavg()[0]
    with _servers() as aws:
        outcome = _measured(aws)
    _print(outcome, before)


def _print(outcome: Outcome, before: float) -> None:
    asked = {d.job for d in outcome.accepted if d.job}
    forms = sum(d.opens for d in outcome.accepted)
    refused = ", ".join(f"{count} times {what}" for what, count in outcome.errors.items())
    lost, doubled = len(asked - set(outcome.kept)), len(outcome.kept) - len(set(outcome.kept))
    print(f"{RATE} requests a second for {SECONDS} s, through the ingress handler under awslambdaric")
    print(f"  behind it ElasticMQ and Dynoxide; load average before: {before:.1f}")
    print(f"  {ENVIRONMENTS} execution environments, warm; at most {outcome.busiest} worked at once")
    print(f"  from due to answered: {_shares(outcome.seconds)} (bar: p99 {BAR} ms)")
    print(f"  in the handler:       {_shares(outcome.inside)}")
    print(
        f"  in the handler, the slowest first of its kind, not counted above: {outcome.first * 1000:.0f} ms"
    )
    print(f"  processor time of a delivery in its environment: {outcome.cpu * 1000:.1f} ms on average")
    print(f"  {RATE * SECONDS} sent, {outcome.errors.total()} errors{refused and f': {refused}'}")
    print(f"  {len(asked)} jobs expected: {lost} lost, {doubled} doubled (bar: none)")
    print(f"  {forms} forms expected: {outcome.forms} opened")


def _shares(seconds: Sequence[float]) -> str:
    ordered = sorted(seconds)
    return ", ".join(f"p{p} {ordered[int(len(ordered) * p / 100)] * 1000:.0f} ms" for p in (50, 95, 99))


@contextmanager
def _servers() -> Iterator[AwsDouble]:
    moto = AwsDouble()
    moto.start()
    try:
        servers = AwsServers(moto)
        servers.start()
        try:
            yield servers
        finally:
            servers.stop()
    finally:
        moto.stop()


def _measured(aws: AwsDouble) -> Outcome:
    table, url = aws.make_table(), aws.make_queue()
    threat = _known_threads(aws, table)
    with front() as slack, ExitStack() as stack:
        slack.rule = lambda *_: Said(200, {"ok": True, "view": {"id": "V1", "hash": "h"}})
        environment = _environment(aws, table, url, slack.url)
        functions = [
            stack.enter_context(Function("bot.lambdas.ingress", environment)) for _ in range(ENVIRONMENTS)
        ]
        for n, function in enumerate(functions, 1):
            for delivery in deliveries(10, threat, first=n * 1_000_000):
                function.invoke(delivery.event)
        _drained(aws, url)
        warm, opened = [len(_times(f)) for f in functions], len(slack.asked)
        used = sum(f.cpu_seconds() for f in functions)
        outcome = _load(functions, list(deliveries(RATE * SECONDS, threat)))
        outcome.first = max(t for f, n in zip(functions, warm, strict=True) for t in _times(f)[:n])
        outcome.inside = [t for f, n in zip(functions, warm, strict=True) for t in _times(f)[n:]]
        outcome.cpu = (sum(f.cpu_seconds() for f in functions) - used) / len(outcome.seconds)
        outcome.forms = len(slack.asked) - opened
    outcome.kept = _drained(aws, url)
    return outcome


def _known_threads(aws: AwsDouble, table: str) -> str:
    """Threads with a threat model that the presses and messages are about; the id of one of its threats."""
    made, records = _model(), DynamoRecords(aws.aws, table)
    for thread in range(THREADS):
        entry = ModelEntry(
            id=model_of(thread),
            workspace=WORKSPACE,
            channel=channel_of(thread),
            thread=ts_of(thread),
            owner=PERSON,
            created=datetime.now(UTC),
            request=Request(title="Shop"),
        )
        records.add_model(entry)
        records.save_revision(made.model_copy(update={"id": entry.id}))
    records.close()
    return made.threats[0].id


def _model() -> ThreatModel:
    artifacts, key = MemoryArtifacts(), sha256(DIAGRAM).hexdigest()
    artifacts.put(key, DIAGRAM)
    drawn = Attachment(name="shop.mmd", key=key, sha256=key, size=len(DIAGRAM))
    task = Task(run="run-1", model="tm-1", revision=1, request=Request(title="Shop", attachments=(drawn,)))
    return Agent(artifacts=artifacts, analysts=(RulesAnalyst(),), store=None).run(task)


def _environment(aws: AwsDouble, table: str, url: str, slack: str) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": aws.aws.key_id,
        "AWS_SECRET_ACCESS_KEY": aws.aws.secret,
        "THREATBOT_QUEUE_URL": url,
        "THREATBOT_TABLE": table,
        "THREATBOT_AWS_REGION": aws.aws.region,
        "THREATBOT_AWS_ENDPOINT_URL": aws.aws.endpoint_url,
        "THREATBOT_SLACK_SIGNING_SECRET": SECRET,
        "THREATBOT_SLACK_BOT_TOKEN": "xoxb-1",
        "THREATBOT_SLACK_API_URL": f"{slack}/api/",
    }


def _load(functions: Sequence[Function], sent: Sequence[Delivery]) -> Outcome:
    """Send each when it is due, to that one of the free environments which worked last, as Lambda does."""
    outcome, lock = Outcome(), threading.Lock()
    free: queue.LifoQueue[Function] = queue.LifoQueue()
    for function in functions:
        free.put(function)
    began = time.perf_counter() + 0.5

    def send(place: int, delivery: Delivery) -> None:
        function = free.get()
        with lock:
            outcome.busiest = max(outcome.busiest, len(functions) - free.qsize())
        status = _status(function, delivery)
        free.put(function)
        with lock:
            outcome.seconds.append(time.perf_counter() - began - place / RATE)
            if status == "200":
                outcome.accepted.append(delivery)
            else:
                outcome.errors[status] += 1

    with ThreadPoolExecutor(WAITING) as waiting:
        for place, delivery in enumerate(sent):
            time.sleep(max(0.0, began + place / RATE - time.perf_counter()))
            waiting.submit(send, place, delivery)
    return outcome


def _status(function: Function, delivery: Delivery) -> str:
    try:
        return str(function.invoke(delivery.event)["statusCode"])
    except FunctionError as error:
        return str(error)


def _times(function: Function) -> list[float]:
    """Seconds that the handler took, for each delivery in order."""
    return [line["milliseconds"] / 1000 for line in function.lines() if line.get("message") == "delivery"]


def _drained(aws: AwsDouble, url: str) -> list[str]:
    """The ids of the jobs on the queue, which is empty then; without those that only tell of a refusal."""
    found = []
    while messages := aws.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [json.loads(message["Body"]) for message in messages]
        gone = [{"Id": m["MessageId"], "ReceiptHandle": m["ReceiptHandle"]} for m in messages]
        aws.sqs.delete_message_batch(QueueUrl=url, Entries=gone)
    return [job["id"] for job in found if job["kind"] != "refuse"]
