"""What the ingress on Lambda promises; the handler runs under AWS's own runtime interface."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest

from agent.errors import ConfigurationError
from bot.ingress_settings import IngressSettings
from bot.lambda_ingress import IngressHandler
from bot.secrets import SOONEST, Secret
from tests.aws_double import AwsDouble
from tests.fakes import Clock
from tests.lambda_double import Function, FunctionError, http_event

SECRET = "a signing secret"
TOKEN = "xoxb-nobody-knows"
NOBODY = "http://127.0.0.1:1/api/"


def command(text: str, trigger: str = "1") -> bytes:
    """The slash command's form."""
    about = {"team_id": "T0", "user_id": "U1", "channel_id": "C0", "trigger_id": trigger}
    return urlencode({"command": "/threatmodel", "text": text, **about}).encode()


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    """The headers of a delivery that Slack would make now."""
    stamp = str(int(time.time()))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest}",
        "Content-Type": "application/x-www-form-urlencoded",
    }


def keep_secret(aws: AwsDouble, **values: str) -> str:
    """A secret in Secrets Manager; its ARN."""
    client = aws.aws.client("secretsmanager")
    return str(client.create_secret(Name=aws.name("slack"), SecretString=json.dumps(values or both()))["ARN"])


def both(secret: str = SECRET) -> dict[str, str]:
    """What a Slack app has."""
    return {"slack_signing_secret": secret, "slack_bot_token": TOKEN}


def environment(aws: AwsDouble, **more: str) -> dict[str, str]:
    """The environment of the ingress, on this machine's AWS."""
    settings = {
        "QUEUE_URL": aws.make_queue(),
        "TABLE": aws.make_table(),
        "AWS_REGION": aws.aws.region,
        "AWS_ENDPOINT_URL": aws.aws.endpoint_url,
        "SLACK_API_URL": NOBODY,
        **more,
    }
    return {
        "AWS_ACCESS_KEY_ID": aws.aws.key_id,
        "AWS_SECRET_ACCESS_KEY": aws.aws.secret,
        **{f"THREATBOT_{name}": value for name, value in settings.items()},
    }


@pytest.fixture(scope="module")
def ingress(aws_double: AwsDouble) -> Iterator[Function]:
    """The ingress, with its secrets by reference."""
    with Function("bot.lambdas.ingress", environment(aws_double, SECRET=keep_secret(aws_double))) as function:
        yield function


@pytest.mark.parametrize("as_base64", [False, True], ids=["plain", "base64"])
def test_a_signed_command_is_answered(ingress: Function, *, as_base64: bool) -> None:
    """A signed delivery is answered, whether the API passes its body as it is or as base64."""
    body = command("help", trigger=f"base64 {as_base64}")
    answer = ingress.invoke(http_event(body, signed(body), as_base64=as_base64))

    assert answer["statusCode"] == 200
    assert answer["headers"]["content-type"].startswith("application/json")
    assert "/threatmodel new" in answer["body"]


def test_a_body_beyond_ascii_keeps_its_signature(ingress: Function) -> None:
    """What people write in any script reaches the signature check byte for byte."""
    body = command("new Zahlungsverkehr – 支払い 🐙", trigger="2")
    for as_base64 in (False, True):
        answer = ingress.invoke(http_event(body, signed(body), as_base64=as_base64))
        assert answer["statusCode"] == 200


@pytest.mark.parametrize("headers", [{}, signed(b"another body"), signed(command("help"), "another secret")])
def test_a_delivery_that_slack_did_not_sign_is_refused(ingress: Function, headers: dict[str, str]) -> None:
    """Without a good signature over this very body the answer is 401, and nothing is read of it."""
    assert ingress.invoke(http_event(command("help"), headers))["statusCode"] == 401


def test_what_is_no_delivery_is_answered_all_the_same(ingress: Function) -> None:
    """Other paths and methods are not found; a body that is no base64 is a bad request."""
    body = command("help")
    assert ingress.invoke(http_event(body, signed(body), path="/admin"))["statusCode"] == 404
    assert ingress.invoke(http_event(body, signed(body), method="GET"))["statusCode"] == 404
    broken = {**http_event(body, signed(body), as_base64=True), "body": "not base64!"}
    assert ingress.invoke(broken)["statusCode"] == 400


def test_the_log_has_ids_and_no_content(ingress: Function) -> None:
    """Each delivery is one line of JSON: id, status and time, and not a word of what it said."""
    body = command("new the unannounced merger", trigger="3.1")
    ingress.invoke(http_event(body, signed(body)))
    line = [line for line in ingress.lines() if line["message"] == "delivery"][-1]

    assert line["delivery"] == "trigger:T0:3.1"
    assert line["status"] == 200
    assert line["milliseconds"] > 0
    assert line["request"].startswith("request-")
    for word in ("merger", SECRET, TOKEN, "U1"):
        assert word not in ingress.output()


def test_a_secret_that_does_not_exist_is_named_at_the_start(aws_double: AwsDouble) -> None:
    """A function whose secret is missing does not start, and says which secret and which setting."""
    wrong = environment(aws_double, SECRET="arn:aws:secretsmanager:eu-central-1:1:secret:gone")
    with (
        Function("bot.lambdas.ingress", wrong) as function,
        pytest.raises(FunctionError, match=r"secret:gone .*THREATBOT_SECRET"),
    ):
        function.invoke(http_event(b"", {}))


@dataclass(frozen=True)
class _Context:
    aws_request_id: str = "r"


def test_a_changed_secret_is_read_again_but_seldom(
    aws_double: AwsDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a rotation a refused signature makes the ingress read the secret, at most once a minute."""
    given = environment(aws_double)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    arn, clock = keep_secret(aws_double), Clock()
    handler = IngressHandler(
        IngressSettings(
            secret=arn,
            slack_api_url=NOBODY,
            queue_url=given["THREATBOT_QUEUE_URL"],
            table=given["THREATBOT_TABLE"],
            aws_region=aws_double.aws.region,
            aws_endpoint_url=aws_double.aws.endpoint_url,
        ),
        clock,
    )

    def status(secret: str) -> int:
        body = command("help", trigger=secret)
        return int(handler(http_event(body, signed(body, secret)), _Context())["statusCode"])

    assert status(SECRET) == 200
    aws_double.aws.client("secretsmanager").put_secret_value(
        SecretId=arn, SecretString=json.dumps(both("another secret"))
    )
    assert status("another secret") == 401
    clock.advance(SOONEST)
    assert status("a third secret") == 401
    assert status("another secret") == 200
    assert status(SECRET) == 401


def test_secrets_may_lie_in_ssm(aws_double: AwsDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path or an ARN of a SecureString is read with its decryption."""
    for name, value in environment(aws_double).items():
        monkeypatch.setenv(name, value)
    path = f"/threatbot/{aws_double.name('slack')}"
    aws_double.aws.client("ssm").put_parameter(Name=path, Value=json.dumps(both()), Type="SecureString")
    for reference in (path, f"arn:aws:ssm:eu-central-1:123456789012:parameter{path}"):
        assert Secret(aws_double.aws, reference).values == both()


@pytest.mark.parametrize("kept", ["xoxb-1", '["xoxb-1"]', '{"slack_bot_tokn": "xoxb-1"}', '{"a": 1}'])
def test_a_secret_of_another_form_is_refused_without_being_quoted(aws_double: AwsDouble, kept: str) -> None:
    """What is no JSON object of known names is refused; the message quotes nothing of it."""
    client = aws_double.aws.client("secretsmanager")
    arn = client.create_secret(Name=aws_double.name("slack"), SecretString=kept)["ARN"]
    with pytest.raises(ConfigurationError, match="slack_bot_token") as refused:
        Secret(aws_double.aws, arn)
    assert "xoxb-1" not in refused.value.message
