"""What the worker on Lambda promises about batches, its own time and what it tells."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from agent.domain.states import RunState
from agent.errors import ConfigurationError, InputError
from bot.cli import main
from bot.demo import example, local_settings
from bot.jobs import Actor, AddFiles, Ask, Job, OpenModel, SlackFile
from bot.lambda_documents import EVENT
from bot.lambda_worker import WorkerHandler
from bot.services import Services
from bot.settings import Settings
from bot.wiring import make_services
from bot.workspace.workspace import Workspace
from tests.aws_double import AwsDouble
from tests.lambda_double import received

DANA = Actor(user="U0DANA", team="T0LOCAL", workspace="T0LOCAL", channel="C0PAYMENTS")


@dataclass
class Context:
    """Lambda's context; its clock runs down by so much each time that somebody looks."""

    left: float = 900.0
    runs_down: float = 0.0
    aws_request_id: str = "request-1"
    function_name: str = "worker"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn"
    looks: list[float] = field(default_factory=list)

    def get_remaining_time_in_millis(self) -> int:
        """See Lambda's context."""
        self.looks.append(self.left)
        self.left -= self.runs_down
        return int(self.looks[-1] * 1000)


@pytest.fixture
def _quiet() -> Iterator[None]:
    """The logging of this process as it was: the worker configures it for a process of its own."""
    ours = logging.getLogger("threatbot")
    before = (
        ours.handlers[:],
        ours.level,
        ours.propagate,
        [(h, h.filters[:]) for h in logging.root.handlers],
    )
    yield
    ours.handlers, ours.propagate = before[0], before[2]
    ours.setLevel(before[1])
    for name in ("init", "powertools_handler"):
        ours.__dict__.pop(name, None)
    for handler, filters in before[3]:
        handler.filters = filters


@pytest.fixture
def settings(
    workspace: Workspace, tmp_path: Path, aws_double: AwsDouble, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """Settings of a worker on this machine's AWS."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", aws_double.aws.key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", aws_double.aws.secret)
    return local_settings(workspace, "s", tmp_path, progress_seconds=0).model_copy(
        update={
            "queue_url": aws_double.make_queue(lease=900),
            "table": aws_double.make_table(),
            "bucket": aws_double.make_bucket(),
            "aws_region": aws_double.aws.region,
            "aws_endpoint_url": aws_double.aws.endpoint_url,
            "stage": "test",
        }
    )


@pytest.fixture
def services(settings: Settings) -> Services:
    """What looks into the same queue and table."""
    return make_services(settings)


@pytest.fixture
def worker(settings: Settings, _quiet: None) -> WorkerHandler:
    """The handler."""
    return WorkerHandler(settings)


def records(aws: AwsDouble, settings: Settings, services: Services, *jobs: Job) -> list[Any]:
    """The jobs, sent and received: the records of one event."""
    for job in jobs:
        services.queue.send(job)
    found: list[Any] = []
    while len(found) < len(jobs):
        found += received(aws.sqs, settings.queue_url)
    return found


def opening(model: str, delivery: str = "") -> OpenModel:
    """A job that posts a root message."""
    return OpenModel(id=delivery or f"open-{model}", model=model, actor=DANA, title=f"Model {model}")


def asking(model: str, number: int) -> Ask:
    """A question on a model."""
    return Ask(id=f"ask-{model}-{number}", model=model, actor=DANA, message_ts="1.1", text="why?")


def test_what_fails_stays_with_all_that_follows_it(
    worker: WorkerHandler,
    settings: Settings,
    services: Services,
    aws_double: AwsDouble,
    workspace: Workspace,
) -> None:
    """In a batch, a job that fails and every later one of its model stay on the queue; other models go on."""
    a = records(aws_double, settings, services, opening("tm-a"))[0]
    b = records(aws_double, settings, services, opening("tm-b"))[0]
    later = {**a, "messageId": "later"}
    workspace.faults.add("users.info", kind="5xx", times=3)
    answer = worker({"Records": [a, later, b]}, Context())

    assert answer == {"batchItemFailures": [{"itemIdentifier": a["messageId"]}, {"itemIdentifier": "later"}]}
    titles = [m.plain for m in workspace.messages("payments")]
    assert any("Model tm-b" in t for t in titles)
    assert not any("Model tm-a" in t for t in titles)
    assert services.queue.depth() == 1


def test_a_message_that_is_no_job_is_a_dead_letter(
    worker: WorkerHandler, settings: Settings, services: Services, aws_double: AwsDouble
) -> None:
    """It counts as done for the batch, lies with the dead letters, and the next one is done."""
    aws_double.sqs.send_message(
        QueueUrl=settings.queue_url, MessageBody="{}", MessageGroupId="x", MessageDeduplicationId="x"
    )
    event = {"Records": received(aws_double.sqs, settings.queue_url)}
    event["Records"] += records(aws_double, settings, services, opening("tm-c"))
    assert worker(event, Context()) == {"batchItemFailures": []}

    assert services.queue.depth() == 0
    dead = settings.queue_url.replace(".fifo", "-dead.fifo")
    names = ["ApproximateNumberOfMessages"]
    kept = aws_double.sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=names)["Attributes"]
    assert kept == {"ApproximateNumberOfMessages": "1"}


def uploading(workspace: Workspace, services: Services, worker: WorkerHandler, event: Any) -> AddFiles:
    """A thread that the worker has opened, and the job of a diagram that was dropped into it."""
    assert worker({"Records": event}, Context()) == {"batchItemFailures": []}
    thread = services.records.model("tm-d").thread
    said = workspace.person("dana").upload("payments", thread, example()[1])
    return AddFiles(
        id="drop",
        model="tm-d",
        actor=DANA,
        message_ts=said.ts,
        files=tuple(SlackFile(id=f) for f in said.files),
    )


def test_a_run_that_nears_the_end_of_its_function_goes_on_in_the_next(
    worker: WorkerHandler,
    settings: Settings,
    services: Services,
    aws_double: AwsDouble,
    workspace: Workspace,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It stops between two steps, stays on the queue, and goes on under its run id: nothing is read again."""
    opened = records(aws_double, settings, services, opening("tm-d"))
    drop = uploading(workspace, services, worker, opened)
    first = records(aws_double, settings, services, drop)
    paused = worker({"Records": first}, Context(runs_down=290))

    assert paused == {"batchItemFailures": [{"itemIdentifier": first[0]["messageId"]}]}
    assert services.records.run("run:drop").state is RunState.RUNNING
    (attachment,) = services.records.model("tm-d").request.attachments
    services.artifacts.delete(attachment.key)  # whoever reads it again, fails
    second = received(aws_double.sqs, settings.queue_url)
    assert [r["attributes"]["ApproximateReceiveCount"] for r in second] == ["2"]
    assert worker({"Records": second}, Context()) == {"batchItemFailures": []}
    assert services.records.run("run:drop").state is RunState.DONE
    model = services.records.revision("tm-d")
    assert model.threats
    assert not model.partial
    assert services.queue.depth() == 0
    told = capsys.readouterr().out
    assert '"Pauses":[1.0]' in told
    assert told.count('"Runs":[1.0]') == 1


def test_the_last_try_ends_with_what_was_found(
    worker: WorkerHandler,
    settings: Settings,
    services: Services,
    aws_double: AwsDouble,
    workspace: Workspace,
) -> None:
    """With no further try left, a run does not pause: it is published as a partial one."""
    opened = records(aws_double, settings, services, opening("tm-d"))
    drop = uploading(workspace, services, worker, opened)
    (record,) = records(aws_double, settings, services, drop)
    record["attributes"]["ApproximateReceiveCount"] = str(settings.attempts)
    assert worker({"Records": [record]}, Context(runs_down=100)) == {"batchItemFailures": []}

    assert services.records.revision("tm-d").partial
    assert services.records.run("run:drop").state is RunState.STOPPED


def test_metrics_are_in_cloudwatchs_embedded_format(
    worker: WorkerHandler,
    settings: Settings,
    services: Services,
    aws_double: AwsDouble,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Jobs and the queue's age are told by stage, and nothing of what the job is about."""
    worker({"Records": records(aws_double, settings, services, opening("tm-e"))}, Context())
    told = capsys.readouterr().out
    (metrics,) = [json.loads(line) for line in told.splitlines() if line.startswith('{"_aws"')]

    assert metrics["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Threatbot"
    assert (metrics["stage"], metrics["service"], metrics["Jobs"]) == ("test", "worker", [1.0])
    assert metrics["QueueAge"][0] >= 0
    assert "tm-e" not in told


def test_the_command_line_redrives_dead_letters_on_sqs(
    settings: Settings, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`threatbot redrive` puts what lies in the dead-letter queue back on the queue of the settings."""
    services.queue.send(opening("tm-f"))
    claim = services.queue.claim()
    assert claim is not None
    services.queue.fail(replace(claim, last=True), "the network was away")
    for name in ("queue_url", "aws_region", "aws_endpoint_url", "data_dir"):
        monkeypatch.setenv(f"THREATBOT_{name.upper()}", str(getattr(settings, name)))
    said = CliRunner().invoke(main, ["redrive"])

    assert (said.exit_code, said.output) == (0, "1 jobs are back on the queue.\n")
    again = services.queue.claim()
    assert again is not None
    assert again.job == claim.job


@pytest.mark.usefixtures("_quiet")
def test_without_a_queue_the_worker_does_not_start(settings: Settings) -> None:
    """A worker without a queue is refused with the setting's name."""
    with pytest.raises(ConfigurationError, match="THREATBOT_QUEUE_URL"):
        WorkerHandler(settings.model_copy(update={"queue_url": ""}))


@pytest.mark.usefixtures("_quiet")
def test_the_schedule_brings_documents_up_to_date(
    settings: Settings, aws_double: AwsDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its event loads what is new and forgets what went; counts are told, and no name or word of a file."""
    bucket = aws_double.make_bucket()
    for name in ("merger-with-acme.md", "doors.txt", "plan.pdf"):
        aws_double.s3.put_object(Bucket=bucket, Key=f"docs/{name}", Body=b"Doors close by themselves.")
    worker = WorkerHandler(settings.model_copy(update={"documents": f"s3://{bucket}/docs"}))
    first = worker(EVENT, Context())
    assert {k: first[k] for k in ("new", "gone", "unchanged", "refused", "left")} == {
        "new": 2, "gone": 0, "unchanged": 0, "refused": 1, "left": 0,
    }  # fmt: skip
    aws_double.s3.delete_object(Bucket=bucket, Key="docs/doors.txt")
    second = worker(EVENT, Context())
    assert (second["gone"], second["unchanged"], second["passages"]) == (1, 1, 0)
    told = capsys.readouterr().out
    assert '"DocumentsNew":[2.0]' in told
    assert '"DocumentsGone":[1.0]' in told
    assert not [word for word in ("merger", "doors", "Doors", "plan.pdf") if word in told]


@pytest.mark.usefixtures("_quiet")
def test_documents_go_on_in_the_next_call(settings: Settings, aws_double: AwsDouble) -> None:
    """When the function's time is nearly over it stops between two files, and the next call does the rest."""
    bucket = aws_double.make_bucket()
    for number in range(3):
        aws_double.s3.put_object(Bucket=bucket, Key=f"{number}.txt", Body=b"Doors close by themselves.")
    worker = WorkerHandler(settings.model_copy(update={"documents": f"s3://{bucket}"}))
    assert worker(EVENT, Context(left=200, runs_down=150))["left"] == 2
    assert worker(EVENT, Context())["left"] == 0


@pytest.mark.usefixtures("_quiet")
def test_a_place_that_is_away_is_counted(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """A bucket that is not there is a metric and a line in the log, and jobs go on."""
    worker = WorkerHandler(settings.model_copy(update={"documents": "s3://no-such-bucket-here"}))
    assert worker(EVENT, Context()) == {"failed": True}
    told = capsys.readouterr().out
    assert '"DocumentsFailed":[1.0]' in told
    assert "does not exist" in told
    assert worker({"Records": []}, Context()) == {"batchItemFailures": []}


def test_without_a_place_the_schedule_does_nothing(worker: WorkerHandler) -> None:
    """No place in the settings: nothing is done, and that is no failure."""
    assert worker(EVENT, Context()) == {}


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"threatbot": "everything"},
        {"threatbot": "documents", "place": "s3://elsewhere"},
        {"Records": "x"},
        {"Records": [{"eventSource": "aws:s3"}]},
        {"source": "aws.events", "detail": {}},
    ],
)
def test_events_of_anybody_else_are_refused(worker: WorkerHandler, event: dict[str, Any]) -> None:
    """What comes neither from the queue nor from the schedule is an error, and nothing is done."""
    with pytest.raises(InputError, match="no other"):
        worker(event, Context())
