"""The whole of it as on AWS: HTTP API → ingress → SQS → worker → Slack, on servers that speak the protocols.

Both functions run under AWS's own runtime interface, in processes of their own; records and checkpoints lie
in DynamoDB, files in S3, and the language model is Bedrock's double.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agent.domain.model import ThreatModel
from agent.domain.threat import ThreatStatus
from bot.demo import QUESTION, REASON, TITLE, LocalBot, Session, local_settings
from bot.records.standing import standing
from bot.wiring import make_services
from bot.workspace.server import WorkspaceServer
from bot.workspace.state import Timing
from bot.workspace.workspace import Workspace
from tests.bedrock.double import REGION, BedrockDouble
from tests.bedrock.records import Recorded
from tests.bedrock.replies import Scripted, generated
from tests.lambda_double import Function, Gateway, Source

if TYPE_CHECKING:
    from tests.aws_double import AwsDouble

SECRET = "a signing secret of its own"
PATIENT = Timing(ack=30, trigger=30)


@dataclass(frozen=True)
class OnAws:
    """What runs, and where one can look into it."""

    bot: LocalBot
    ingress: Function
    worker: Function
    source: Source


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch, aws_double: AwsDouble) -> dict[str, str]:
    """Dummy credentials in the environment, where AWS's own chain finds them."""
    found = {
        "AWS_ACCESS_KEY_ID": aws_double.aws.key_id,
        "AWS_SECRET_ACCESS_KEY": aws_double.aws.secret,
        "AWS_REGION": aws_double.aws.region,
    }
    for name, value in found.items():
        monkeypatch.setenv(name, value)
    return found


@pytest.fixture
def started(
    tmp_path: Path, aws_double: AwsDouble, credentials: dict[str, str]
) -> Iterator[Callable[..., OnAws]]:
    """Start it all: `started(seconds=…, THREATBOT_…=…)`."""
    with ExitStack() as stack:
        yield lambda **more: stack.enter_context(_on_aws(tmp_path, aws_double, credentials, **more))


@contextmanager
def _on_aws(
    folder: Path, aws: AwsDouble, credentials: Mapping[str, str], seconds: float = 900.0, **more: str
) -> Iterator[OnAws]:
    workspace = Workspace(signing_secret=SECRET, bot_token="xoxb-on-aws", timing=PATIENT)
    with WorkspaceServer(workspace) as served:
        places = {
            "queue_url": aws.make_queue(lease=60),
            "table": aws.make_table(),
            "bucket": aws.make_bucket(),
            "aws_region": aws.aws.region,
            "aws_endpoint_url": aws.aws.endpoint_url,
        }
        environment = _environment(workspace, places, folder, aws) | dict(credentials) | more
        settings = local_settings(workspace, SECRET, folder).model_copy(update=places)
        services = make_services(settings)
        with (
            Function("bot.lambdas.ingress", environment) as ingress,
            Function("bot.lambdas.worker", environment) as worker,
            Gateway(ingress) as gateway,
            Source(worker, aws.sqs, str(places["queue_url"]), seconds) as source,
        ):
            workspace.request_url = f"{gateway.url}/slack/events"
            yield OnAws(LocalBot(workspace, services, served.url), ingress, worker, source)


def _environment(
    workspace: Workspace, places: Mapping[str, str], folder: Path, aws: AwsDouble
) -> dict[str, str]:
    """What serverless.yml sets, with the secrets by reference."""
    secret = {"slack_signing_secret": SECRET, "slack_bot_token": workspace.bot_token}
    kept = aws.aws.client("secretsmanager").create_secret(
        Name=aws.name("slack"), SecretString=json.dumps(secret)
    )
    named = {f"THREATBOT_{name.upper()}": value for name, value in places.items()}
    return named | {
        "THREATBOT_SECRET": kept["ARN"],
        "THREATBOT_STAGE": "test",
        "THREATBOT_SLACK_API_URL": workspace.api_url,
        "THREATBOT_SLACK_FILE_ORIGINS": json.dumps([workspace.url]),
        "THREATBOT_PROGRESS_SECONDS": "0",
        "THREATBOT_DATA_DIR": str(folder / "knowledge"),
    }


def on_bedrock(double: BedrockDouble) -> dict[str, str]:
    """The settings of a model analyst that asks this double."""
    return {
        "THREATBOT_ANALYST": "model",
        "THREATBOT_MODEL_REGION": REGION,
        "THREATBOT_MODEL_ENDPOINT_URL": double.url,
        "THREATBOT_MODEL_AWS_ACCESS_KEY_ID": "AKIADOUBLE",
        "THREATBOT_MODEL_AWS_SECRET_ACCESS_KEY": "not-a-secret",
    }


def talking(request: Recorded) -> Scripted:
    """Any valid answer; to a question in the thread, one that names its source."""
    if "propose_fact" in request.tools:
        return "Whoever forges it gets what was not paid for [T-001]."
    return generated()(request)


def metrics(function: Function) -> dict[str, list[float]]:
    """Every value of every metric that the function has written, by name."""
    found: dict[str, list[float]] = {}
    for line in function.lines():
        for told in line.get("_aws", {}).get("CloudWatchMetrics", ()):
            for metric in told["Metrics"]:
                value = line[metric["Name"]]
                found.setdefault(metric["Name"], []).extend(value if isinstance(value, list) else [value])
    return found


@pytest.mark.slow
def test_the_session_is_seen_to_its_end_on_aws(
    started: Callable[..., OnAws], capsys: pytest.CaptureFixture[str]
) -> None:
    """Command, upload, model, verdicts, question and export work on Lambda, SQS, DynamoDB, S3 and Bedrock."""
    with BedrockDouble() as bedrock:
        bedrock.replying(talking)
        aws = started(**on_bedrock(bedrock))
        seen = Session(aws.bot).run()
        assert seen, capsys.readouterr().out + aws.worker.output()[-5000:]
        assert bedrock.log.answered

    model = _model(aws.bot)
    assert model.usage.calls > 0
    assert {t.status for t in model.threats} >= {ThreatStatus.ACCEPTED, ThreatStatus.DISMISSED}
    counted = metrics(aws.worker)
    assert sum(counted["Runs"]) >= 1
    assert sum(counted["Tokens"]) > 0
    assert sum(counted["Accepted"]) == 1
    assert sum(counted["Dismissed"]) == 1
    lines = [line for line in aws.worker.lines() if line.get("message") == "job done"]
    run = next(line for line in lines if line["job"] == "add_files")
    assert run["run"] == f"run:{run['delivery']}"
    assert run["delivery"] in {line.get("delivery") for line in aws.ingress.lines()}
    assert (run["model"], run["attempt"]) == (model.id, 1)
    for said in (TITLE, QUESTION, REASON, model.threats[0].title, SECRET, aws.bot.workspace.bot_token):
        assert said not in aws.worker.output() + aws.ingress.output()
    assert aws.bot.services.queue.depth() == 0
    assert aws.source.failures == 0


def _model(bot: LocalBot) -> ThreatModel:
    entry = bot.services.records.models("T0LOCAL", bot.workspace.channel("payments").id)[0]
    return standing(bot.services.records, entry.id)
