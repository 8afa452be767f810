"""What the checkpointer on DynamoDB promises: the agent's real graph, killed and resumed."""

import hashlib
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from agent.analysts.rules import RulesAnalyst
from agent.artifacts import MemoryArtifacts
from agent.domain.model import Stage, ThreatModel
from agent.domain.request import Attachment, Request
from agent.graph import Agent, Task
from bot.checkpoints import DAY, KEPT_DAYS, PREFIX, dynamodb_saver
from tests.aws_double import AwsDouble
from tests.aws_servers import DYNAMODB, named

CHILD = Path(__file__).resolve().parent.parent / "agent" / "graph_process.py"
DIAGRAM = b"""flowchart LR
  reader([Reader]) -->|HTTPS| portal[Library portal]
  portal -->|SQL| loans[(Loans DB)]
"""


@pytest.fixture(name="aws_double", params=DYNAMODB)
def each_server(request: pytest.FixtureRequest) -> AwsDouble:
    """Each server that answers as DynamoDB does."""
    return named(request, request.param)


def an_agent(server: AwsDouble, table: str, bucket: str, artifacts: MemoryArtifacts) -> Agent:
    """An agent that knows nothing but its checkpoints."""
    saver = dynamodb_saver(server.aws, table, bucket)
    return Agent(artifacts=artifacts, analysts=(RulesAnalyst(),), store=None, checkpointer=saver)


def a_task(artifacts: MemoryArtifacts, run: str = "run-1", diagram: bytes = DIAGRAM) -> Task:
    """A run on the library's diagram."""
    sha256 = hashlib.sha256(diagram).hexdigest()
    artifacts.put(sha256, diagram)
    attachment = Attachment(name="library.mmd", key=sha256, sha256=sha256, size=len(diagram))
    return Task(
        run=run, model="tm-1", revision=1, request=Request(title="Library", attachments=(attachment,))
    )


def run_in_child(folder: Path, kill_at: str, *where: str) -> subprocess.CompletedProcess[str]:
    """The run in a process of its own, which kills itself at that point; "" lets it end."""
    return subprocess.run(
        [sys.executable, str(CHILD), str(folder), kill_at, *where],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=CHILD.parent.parent.parent,
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What the same run makes when nobody kills it, with its checkpoints in a file."""
    done = run_in_child(tmp_path_factory.mktemp("whole"), "")
    assert done.returncode == 0, done.stderr
    made: dict[str, object] = json.loads(done.stdout)["model"]
    return made


@pytest.mark.slow
@pytest.mark.parametrize("kill_at", ["in read", "in find", "after review"])
def test_a_killed_run_goes_on_where_it_was(
    tmp_path: Path, whole: dict[str, object], kill_at: str, aws_double: AwsDouble
) -> None:
    """Killed with SIGKILL in or after a node, a run resumes in a new process to the same model."""
    where = (aws_double.aws.endpoint_url, aws_double.make_table(), aws_double.make_bucket())
    killed = run_in_child(tmp_path, kill_at, *where)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    resumed = run_in_child(tmp_path, "", *where)
    assert resumed.returncode == 0, resumed.stderr

    assert json.loads(resumed.stdout)["model"] == whole
    before = list(Stage)[: list(Stage).index(Stage(kill_at.split()[1]))]
    assert not set(json.loads(resumed.stdout)["stages"]) & {stage.value for stage in before}


def test_a_fresh_saver_knows_a_run_that_has_ended(aws_double: AwsDouble) -> None:
    """Another process gets the model of an ended run from the checkpoints, without running it again."""
    table, bucket, artifacts = aws_double.make_table(), aws_double.make_bucket(), MemoryArtifacts()
    task = a_task(artifacts)
    made = an_agent(aws_double, table, bucket, artifacts).run(task)

    assert list(an_agent(aws_double, table, bucket, MemoryArtifacts()).stream(task)) == [made]


def test_a_run_that_was_left_resumes_with_a_fresh_saver(aws_double: AwsDouble) -> None:
    """A run that was left between two nodes is finished by another process, to the same model."""
    table, bucket, artifacts = aws_double.make_table(), aws_double.make_bucket(), MemoryArtifacts()
    begun = an_agent(aws_double, table, bucket, artifacts).stream(a_task(artifacts))
    while next(begun).stage is not Stage.UNDERSTAND:  # type: ignore[union-attr]  # a Progress until its end
        pass
    begun.close()  # type: ignore[attr-defined]  # a generator
    resumed = an_agent(aws_double, table, bucket, artifacts).run(a_task(artifacts))

    assert resumed == an_agent(aws_double, aws_double.make_table(), bucket, artifacts).run(a_task(artifacts))


def test_large_states_lie_in_the_bucket(aws_double: AwsDouble) -> None:
    """A state over what an item holds goes to S3 under its own prefix, and comes back."""
    table, bucket = aws_double.make_table(), aws_double.make_bucket()
    saver = dynamodb_saver(aws_double.aws, table, bucket)
    value = hashlib.shake_256(b"state").hexdigest(600_000)
    config: Any = {"configurable": {"thread_id": "run-1", "checkpoint_ns": ""}}
    saver.put(config, a_checkpoint(value), {"source": "loop", "step": 1, "parents": {}}, {})
    kept = dynamodb_saver(aws_double.aws, table, bucket).get_tuple(config)

    assert kept is not None
    assert kept.checkpoint["channel_values"]["task"] == value
    objects = aws_double.s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert [o["Key"].startswith(f"{PREFIX}/run-1/") for o in objects] == [True]


def a_checkpoint(value: object) -> Any:
    """A checkpoint with one channel."""
    return {
        "v": 4,
        "id": "1f000000-0000-6000-8000-000000000001",
        "ts": "2026-03-01T12:00:00+00:00",
        "channel_values": {"task": value},
        "channel_versions": {"task": "1"},
        "versions_seen": {},
    }


def test_no_class_is_rebuilt(aws_double: AwsDouble) -> None:
    """A checkpoint that names a class of ours gives plain data, never an object."""
    table = aws_double.make_table()
    saver = dynamodb_saver(aws_double.aws, table)
    config: Any = {"configurable": {"thread_id": "run-1", "checkpoint_ns": ""}}
    request = Request(title="Library")
    saver.put(config, a_checkpoint(request), {"source": "loop", "step": 1, "parents": {}}, {})
    kept = dynamodb_saver(aws_double.aws, table).get_tuple(config)

    assert kept is not None
    task = kept.checkpoint["channel_values"]["task"]
    assert type(task) is dict
    assert task["title"] == "Library"
    assert type(task["options"]["methodology"]) is str


def test_checkpoints_expire(aws_double: AwsDouble) -> None:
    """Every item of a run carries its expiry, a fortnight after it was written."""
    table, artifacts = aws_double.make_table(), MemoryArtifacts()
    an_agent(aws_double, table, aws_double.make_bucket(), artifacts).run(a_task(artifacts))
    answer = aws_double.dynamodb.scan(TableName=table, Limit=500)
    days = {round((int(item["ttl"]["N"]) - time.time()) / DAY) for item in answer["Items"]}

    assert len(answer["Items"]) > 20
    assert days == {KEPT_DAYS}


def test_what_was_written_is_read_at_once(aws_double: AwsDouble) -> None:
    """Every read of a run is strongly consistent, and the bucket's lifecycle is left alone."""
    table, bucket, artifacts = aws_double.make_table(), aws_double.make_bucket(), MemoryArtifacts()
    saver: Any = dynamodb_saver(aws_double.aws, table, bucket)
    reads: list[Any] = []

    def note(params: Any, model: Any, **_: Any) -> None:
        if model.name in {"GetItem", "Query", "BatchGetItem", "Scan"}:
            reads.append((model.name, params.get("ConsistentRead")))

    saver.client.meta.events.register("before-parameter-build.dynamodb.*", note)  # after all who change it
    Agent(artifacts=artifacts, analysts=(RulesAnalyst(),), store=None, checkpointer=saver).run(
        a_task(artifacts)
    )

    assert set(reads) == {("GetItem", True), ("Query", True)}
    with pytest.raises(aws_double.s3.exceptions.ClientError, match="NoSuchLifecycleConfiguration"):
        aws_double.s3.get_bucket_lifecycle_configuration(Bucket=bucket)


def test_a_run_is_forgotten_whole(aws_double: AwsDouble) -> None:
    """Deleting a run's thread leaves none of its items and objects."""
    table, bucket, artifacts = (
        aws_double.make_table(),
        aws_double.make_bucket(versioned=False),
        MemoryArtifacts(),
    )
    an_agent(aws_double, table, bucket, artifacts).run(a_task(artifacts))
    dynamodb_saver(aws_double.aws, table, bucket).delete_thread("run-1")

    assert aws_double.dynamodb.scan(TableName=table)["Items"] == []


class Killed(Exception):
    """The worker ends here."""


def test_a_run_that_was_killed_between_two_items_makes_the_same_model(aws_double: AwsDouble) -> None:
    """Whichever item of a step was the last that a worker wrote, the next worker's model lacks nothing."""
    artifacts = MemoryArtifacts()
    table, bucket = aws_double.make_table(), aws_double.make_bucket()
    task = a_task(artifacts, "run-0")
    (whole, puts) = _made(aws_double, table, bucket, artifacts, task, 10_000)
    assert whole is not None
    for last in range(1, puts, 11):
        task = a_task(artifacts, f"run-{last}")
        killed, _ = _made(aws_double, table, bucket, artifacts, task, last)
        resumed, _ = _made(aws_double, table, bucket, artifacts, task, 10_000)
        assert killed is None
        assert resumed == whole, f"after {last} of {puts} items"


def _made(
    server: AwsDouble, table: str, bucket: str, artifacts: MemoryArtifacts, task: Task, puts: int
) -> tuple[object, int]:
    """The threats that the run makes, None when it is killed after so many items; how many were put."""
    saver: Any = dynamodb_saver(server.aws, table, bucket)
    count = [0]

    def put(**_: object) -> None:
        if count[0] >= puts:
            raise Killed
        count[0] += 1

    saver.client.meta.events.register("before-call.dynamodb.PutItem", put)
    saver.client.meta.events.register("before-call.dynamodb.BatchWriteItem", put)
    agent = Agent(artifacts=artifacts, analysts=(RulesAnalyst(),), store=None, checkpointer=saver)
    try:
        made = [event for event in agent.stream(task) if isinstance(event, ThreatModel)]
    except Killed:
        return None, count[0]
    return [model.threats for model in made], count[0]
