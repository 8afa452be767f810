"""What the ingress on Lambda does not load until it has answered its first delivery."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.aws_double import AwsDouble
from tests.bot.test_lambdas import command, environment, keep_secret, signed
from tests.lambda_double import http_event

HEAVY = {
    "pydantic", "pydantic_core", "pydantic_settings", "yaml", "langgraph", "langchain", "langchain_core",
    "langchain_aws", "langgraph_checkpoint_aws", "numpy", "opensearchpy", "PIL", "boto3", "s3transfer",
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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "said"), [("help", "/threatmodel new"), ("list", "no threat model in this channel")]
)
def test_a_first_delivery_on_lambda_loads_nothing_heavy(aws_double: AwsDouble, text: str, said: str) -> None:
    """With queue, table and secret on AWS, a fresh process needs botocore and Bolt, and nothing larger."""
    given = environment(aws_double, SECRET=keep_secret(aws_double))
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "THREATBOT_"))}
    body = command(text)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", FIRST, json.dumps(http_event(body, signed(body)))],
        check=True, capture_output=True, text=True, cwd=Path(__file__).resolve().parents[2], env=kept | given,
    )  # fmt: skip
    status, answer, modules = json.loads(done.stdout.splitlines()[-1])

    assert status == 200
    assert said in answer
    assert "botocore" in modules
    assert set(modules) & HEAVY == set()
