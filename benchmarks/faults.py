"""Faults: services away, workers killed, deliveries that come twice; what is lost, and what is doubled.

Counted on the local workspace and on moto's server, with a proxy of ours before each service. A "minute" is
five seconds here (eight for AWS, whose client tries again for seven), and the pauses between the tries of a
job are as much shorter.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.aws_double import AwsDouble
from tests.bedrock.double import BedrockDouble
from tests.fault_bench import Count, aws_away, deliveries, knowledge_away, model_away, slack_away, stumbling
from tests.fault_kills import killed
from tests.fault_proxy import Down, FaultProxy
from tests.opensearch_node import INSTALL, Node, found

KILLS, KILLS_ON_AWS = 100, 20
HEAD = (
    "scenario",
    "strokes",
    "runs",
    "finished",
    "explained",
    "verdicts",
    "kept",
    "doubled",
    "missing",
    "dead",
    "seconds",
)
AWAY: tuple[Down, ...] = ("reset", "unavailable", "throttle")


def main(_: Path | None = None) -> None:
    """Print the table; the last line says whether the counts are what they must be."""
    logging.disable(logging.CRITICAL)  # what breaks on purpose says so a thousand times
    print(f"| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}")
    counts = []
    for count in _counts():
        counts.append(count)
        print(_row(count), flush=True)
    runs, sent = sum(c.runs for c in counts), sum(c.sent for c in counts)
    ended = sum(c.finished + c.explained for c in counts)
    kept, doubled = sum(c.kept for c in counts), sum(c.doubled for c in counts)
    print(f"\nRuns started {runs}, finished or explained {ended} (must be {runs}).")
    print(f"Verdicts sent {sent}, kept {kept} (must be {sent}). Messages doubled {doubled} (must be 0).")
    print(f"Answers and exports missing {sum(c.missing for c in counts)} (must be 0).")
    logging.disable(logging.NOTSET)


def _row(count: Count) -> str:
    numbers = (
        count.struck, count.runs, count.finished, count.explained, count.sent, count.kept, count.doubled,
        count.missing, count.dead,
    )  # fmt: skip
    return f"| {count.name} | {' | '.join(map(str, numbers))} | {count.seconds:.0f} |"


def _counts() -> Iterator[Count]:
    for how in AWAY:
        yield _in_folder(lambda folder, how=how: slack_away(folder, how))  # type: ignore[misc]
    yield _in_folder(lambda folder: stumbling(folder, 1))
    with BedrockDouble() as bedrock, FaultProxy(bedrock.url) as proxy:
        yield _in_folder(lambda folder: model_away(folder, proxy, "reset"))
    yield from _without_knowledge()
    for seed in (1, 2, 3):
        yield _in_folder(lambda folder, seed=seed: deliveries(folder, seed)[0])  # type: ignore[misc]
    yield _in_folder(lambda folder: killed(folder, KILLS))
    with _aws() as aws:
        for service, how in (("sqs", "reset"), ("dynamodb", "throttle"), ("s3", "unavailable")):
            yield _in_folder(lambda folder, s=service, h=how: aws_away(folder, aws, s, h))  # type: ignore[misc]
        yield _in_folder(lambda folder: killed(folder, KILLS_ON_AWS, aws=aws, apart=(0.5, 4.0)))


def _without_knowledge() -> Iterator[Count]:
    if not found():
        print(f"| OpenSearch: left out ({INSTALL}) |")
        return
    with tempfile.TemporaryDirectory() as data:
        node = Node(Path(data))
        node.start()
        try:
            with FaultProxy(node.url) as proxy:
                yield _in_folder(lambda folder: knowledge_away(folder, proxy, "reset"))
        finally:
            node.stop()


def _in_folder(scenario: Callable[[Path], Count]) -> Count:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        return scenario(Path(folder))


@contextmanager
def _aws() -> Iterator[AwsDouble]:
    """The double, with its dummy credentials where AWS's own chain finds them."""
    server = AwsDouble()
    server.start()
    given = {"AWS_ACCESS_KEY_ID": server.aws.key_id, "AWS_SECRET_ACCESS_KEY": server.aws.secret}
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    try:
        yield server
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
        server.stop()
