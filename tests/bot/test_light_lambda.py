"""What the ingress on Lambda does not load until it has answered its first delivery."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.installations.base import Installation
from bot.installations.dynamodb import DynamoInstallations
from tests.aws_double import AwsDouble
from tests.bot.test_lambdas import SECRET, command, environment, keep_secret, signed
from tests.lambda_double import http_event

HEAVY = {
    "pydantic", "pydantic_core", "pydantic_settings", "yaml", "langgraph", "langchain", "langchain_core",
    "langchain_aws", "langgraph_checkpoint_aws", "numpy", "opensearchpy", "PIL", "boto3", "botocore",
    "s3transfer", "urllib3", "jmespath",
    "aws_lambda_powertools", "aws_xray_sdk", "onnxruntime", "requests", "httpx", "starlette", "uvicorn",
    "click", "slack_bolt.adapter", "agent.catalog", "agent.diagrams", "agent.analysts", "agent.graph",
    "agent.domain.base", "knowledge", "bot.worker", "bot.lambda_worker", "bot.settings",
}  # fmt: skip

FIRST = """
import json, sys
from types import SimpleNamespace
from bot.lambdas import ingress

answer = ingress(json.loads(sys.argv[1]), SimpleNamespace(aws_request_id="r"))
print(json.dumps([answer["statusCode"], answer["body"], sorted(sys.modules)]))
"""


def run(code: str, given: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """A fresh process with these settings, and nothing else of AWS."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "THREATBOT_"))}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        check=True, capture_output=True, text=True, cwd=Path(__file__).resolve().parents[2], env=kept | given,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "said"), [("help", "/threatmodel new"), ("list", "no threat model in this channel")]
)
def test_a_first_delivery_on_lambda_loads_nothing_heavy(aws_double: AwsDouble, text: str, said: str) -> None:
    """With queue, table and secret on AWS, a fresh process needs Bolt and nothing larger: no botocore."""
    given = environment(aws_double, SECRET=keep_secret(aws_double))
    body = command(text)
    done = run(FIRST, given, json.dumps(http_event(body, signed(body))))
    status, answer, modules = json.loads(done.stdout.splitlines()[-1])

    assert status == 200
    assert said in answer
    assert set(modules) & HEAVY == set()


@pytest.mark.slow
def test_several_workspaces_need_nothing_heavy_either(aws_double: AwsDouble) -> None:
    """With installations in the table and their tokens under KMS, a fresh process needs no botocore."""
    aws = aws_double.aws
    key = str(aws.client("kms").create_key()["KeyMetadata"]["Arn"])
    given = environment(aws_double, KMS_KEY=key, SLACK_CLIENT_ID="1.2", SLACK_CLIENT_SECRET="s") | {
        "THREATBOT_SLACK_SIGNING_SECRET": SECRET
    }
    kept = DynamoInstallations(aws, given["THREATBOT_TABLE"], key)
    kept.save(
        Installation(
            workspace="T0",
            name="North",
            app="A0",
            bot_token="xoxb-north",
            bot_user="U0BOT",
            installed=1.0,
            by="U1",
        )
    )
    body = command("help")
    done = run(FIRST, given, json.dumps(http_event(body, signed(body))))
    status, answer, modules = json.loads(done.stdout.splitlines()[-1])

    assert status == 200
    assert "/threatmodel new" in answer
    assert set(modules) & HEAVY == set()


@pytest.mark.slow
def test_what_lives_as_long_as_the_process_is_no_garbage(aws_double: AwsDouble) -> None:
    """What the start has made is not searched for garbage; what requests leave behind is."""
    given = environment(aws_double) | {
        "THREATBOT_SLACK_SIGNING_SECRET": SECRET,
        "THREATBOT_SLACK_BOT_TOKEN": "xoxb-1",
    }
    done = run(
        "import gc, bot.lambdas; bot.lambdas.ingress; print(gc.isenabled(), gc.get_freeze_count())", given
    )
    enabled, frozen = done.stdout.split()

    assert enabled == "True"
    assert int(frozen) > 10_000


@pytest.mark.slow
def test_where_the_environment_has_no_credentials_botocore_looks_for_them(
    aws_double: AwsDouble, tmp_path: Path
) -> None:
    """Elsewhere than on Lambda they may lie in a file: the same ingress finds them through botocore."""
    file = tmp_path / "credentials"
    file.write_text(
        f"[default]\naws_access_key_id = {aws_double.aws.key_id}\naws_secret_access_key = double\n"
    )
    given = environment(aws_double, SECRET=keep_secret(aws_double)) | {
        "AWS_ACCESS_KEY_ID": "",
        "AWS_SECRET_ACCESS_KEY": "",
        "AWS_SHARED_CREDENTIALS_FILE": str(file),
    }
    body = command("help", trigger="file")
    done = run(FIRST, given, json.dumps(http_event(body, signed(body))))
    status, _, modules = json.loads(done.stdout.splitlines()[-1])

    assert status == 200
    assert "botocore" in modules
