"""All of it as on AWS: what is started, and how one looks into it.

Both functions run under AWS's own runtime interface, in processes of their own; records and checkpoints lie
in DynamoDB, files in S3.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.domain.model import ThreatModel
from bot.demo import LocalBot, local_settings
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


@contextmanager
def on_aws(
    folder: Path, aws: AwsDouble, credentials: Mapping[str, str], seconds: float = 900.0, **more: str
) -> Iterator[OnAws]:
    """Start it all; `more` are further environment variables of both functions.

    Args:
        folder: where what is embedded keeps its files.
        aws: the services.
        credentials: the environment variables with which they are asked.
        seconds: the worker's time limit.
        more: such as THREATBOT_ANALYST.
    """
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


def latest(bot: LocalBot) -> ThreatModel:
    """The newest threat model of the demo's channel, as its engineers have left it."""
    entry = bot.services.records.models("T0LOCAL", bot.workspace.channel("payments").id)[0]
    return standing(bot.services.records, entry.id)
