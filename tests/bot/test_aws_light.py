"""Where the ingress asks AWS without botocore, and where it leaves that to botocore."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import botocore.session
import pytest

from bot.aws import Aws, Resource
from bot.aws_json import SERVICES, JsonClient
from bot.aws_light import light_client
from bot.secrets import Secret
from tests.aws_double import AwsDouble
from tests.http_front import Said, front

pytestmark = pytest.mark.usefixtures("as_on_lambda")
LAMBDA = {
    "AWS_ACCESS_KEY_ID": "ASIADOUBLE",
    "AWS_SECRET_ACCESS_KEY": "double",
    "AWS_SESSION_TOKEN": "a-token",
    "AWS_REGION": "eu-central-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_LAMBDA_FUNCTION_NAME": "ingress",
    "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
}
"""What Lambda says to a function."""


def test_on_lambda_botocore_is_not_needed() -> None:
    """Lambda's own environment is enough: the region's address, for every service of the ingress."""
    for service in SERVICES:
        client = light_client(Aws(), service, LAMBDA)
        assert client is not None
        assert client.url == f"https://{service}.eu-central-1.amazonaws.com"


def test_what_the_settings_say_comes_first() -> None:
    """A region, an endpoint and keys of the settings are taken before those of the environment."""
    aws = Aws(
        region="us-gov-west-1", endpoint_url="https://vpce-1.sqs.amazonaws.com/", key_id="A", secret="s"
    )
    client = light_client(aws, "sqs", LAMBDA)
    assert client is not None
    assert client.url == "https://vpce-1.sqs.amazonaws.com/"
    with front() as one:
        one.rule = lambda *_: Said(200, {})
        asked = light_client(replace(aws, endpoint_url=one.url), "sqs", LAMBDA)
        assert asked is not None
        asked.call("send_message", {})
        asked.close()

    assert "Credential=A/" in one.asked[0].headers["authorization"]
    assert "/us-gov-west-1/sqs/aws4_request" in one.asked[0].headers["authorization"]
    assert "x-amz-security-token" not in one.asked[0].headers


@pytest.mark.parametrize("service", SERVICES)
def test_the_addresses_are_those_of_botocore(service: str) -> None:
    """In every region that is not left to botocore, the address is the one that botocore would ask."""
    session = botocore.session.Session()
    asked = 0
    for partition in session.get_available_partitions():
        for region in session.get_available_regions(service, partition):
            ours = light_client(Aws(region=region), service, LAMBDA)
            if ours is not None:
                theirs = session.create_client(
                    service, region, aws_access_key_id="A", aws_secret_access_key="s"
                )
                assert ours.url == theirs.meta.endpoint_url
                asked += 1
            else:
                assert partition not in {"aws", "aws-us-gov"} or "fips" in region

    assert asked > 30


@pytest.mark.parametrize(
    "more",
    [
        {"AWS_ENDPOINT_URL": "http://local:1"},
        {"AWS_ENDPOINT_URL_DYNAMODB": "http://local:1"},
        {"AWS_USE_FIPS_ENDPOINT": "true"},
        {"AWS_USE_DUALSTACK_ENDPOINT": "true"},
        {"AWS_PROFILE": "dev"},
        {"AWS_CONFIG_FILE": "/etc/aws"},
        {"AWS_CREDENTIAL_EXPIRATION": "2030-01-01T00:00:00Z"},
        {"AWS_ACCESS_KEY_ID": ""},
        {"AWS_SECRET_ACCESS_KEY": ""},
        {"AWS_SESSION_TOKEN": "two\nlines"},
        {"AWS_DEFAULT_REGION": ""},
        {"AWS_DEFAULT_REGION": "cn-north-1"},
        {"AWS_DEFAULT_REGION": "us-iso-east-1"},
        {"AWS_DEFAULT_REGION": "fips-us-east-1"},
        {"AWS_CA_BUNDLE": "/nonexistent/bundle.pem"},
    ],
    ids=str,
)
def test_what_only_botocore_follows_is_left_to_it(more: dict[str, str]) -> None:
    """Endpoints, profiles, other partitions, credentials that are elsewhere: botocore's client is used."""
    assert light_client(Aws(), "dynamodb", LAMBDA | more) is None


@pytest.mark.parametrize(
    "aws",
    [
        Aws(endpoint_url="http://local:1/path"),
        Aws(endpoint_url="no address"),
        Aws(endpoint_url="http://local:port"),
        Aws(endpoint_url="ftp://local"),
        Aws(key_id="A"),
    ],
    ids=str,
)
def test_settings_that_are_unusual_are_left_to_botocore(aws: Aws) -> None:
    """An endpoint with a path or none at all, and half of a key, are botocore's to follow or to refuse."""
    assert light_client(aws, "dynamodb", LAMBDA) is None


def test_a_file_of_aws_settings_is_left_to_botocore(tmp_path: Path) -> None:
    """Where ~/.aws/config exists it may say anything: botocore reads it."""
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text("[default]\nuse_fips_endpoint = true\n")

    assert light_client(Aws(), "dynamodb", LAMBDA) is None


def test_a_proxy_is_left_to_botocore(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a proxy botocore asks; an address that needs none is asked directly."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", "near.local")

    assert light_client(Aws(), "sqs", LAMBDA) is None
    assert light_client(Aws(endpoint_url="https://near.local"), "sqs", LAMBDA) is not None
    assert light_client(Aws(endpoint_url="http://other.local"), "sqs", LAMBDA) is not None


def test_other_services_are_left_to_botocore(aws_double: AwsDouble) -> None:
    """What does not speak JSON, such as S3, is asked through botocore, light or not."""
    light = replace(aws_double.aws, light=True)

    assert isinstance(light.client("dynamodb"), JsonClient)
    assert light.client("s3").list_buckets()["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize("light", [True, False])
def test_what_is_left_to_botocore_still_works(
    aws_double: AwsDouble, monkeypatch: pytest.MonkeyPatch, *, light: bool
) -> None:
    """A call is the same for its caller, whoever makes it."""
    monkeypatch.setenv("AWS_USE_FIPS_ENDPOINT" if not light else "THREATBOT_NOTHING", "false")
    place = Resource(replace(aws_double.aws, light=True), "sqs", "the queue", "THREATBOT_QUEUE_URL")

    assert isinstance(place.client, JsonClient) == light
    answer = place.call(
        "get_queue_attributes", QueueUrl=aws_double.make_queue(), AttributeNames=["FifoQueue"]
    )
    assert answer["Attributes"] == {"FifoQueue": "true"}
    place.close()


@pytest.mark.parametrize("kind", ["secretsmanager", "ssm"])
def test_secrets_are_read_without_botocore(aws_double: AwsDouble, kind: str) -> None:
    """The secret that the ingress needs before its first request, from both places where it may lie."""
    kept = '{"slack_bot_token": "xoxb-1"}'
    name = f"/threatbot/{aws_double.name('slack')}"
    if kind == "ssm":
        aws_double.aws.client("ssm").put_parameter(Name=name, Value=kept, Type="SecureString")
        reference = name
    else:
        client = aws_double.aws.client("secretsmanager")
        reference = client.create_secret(Name=name, SecretString=kept)["ARN"]

    assert Secret(replace(aws_double.aws, light=True), reference).values == {"slack_bot_token": "xoxb-1"}
