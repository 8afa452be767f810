"""scripts/aws-servers: what it says, what answers, and how it stops."""

from __future__ import annotations

import socket
import subprocess
import urllib.error
import urllib.request

import pytest

from tests.aws_servers import INSTALL, STARTER, AwsServers, found
from tests.conftest import Requires

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("aws-servers")]


@pytest.fixture
def tools(requires: Requires) -> None:
    """A JDK, Maven and Dynoxide."""
    requires("a JDK, Maven and Dynoxide", found(), INSTALL)


def run(*options: str) -> subprocess.CompletedProcess[str]:
    """The starter with these options, to its end."""
    return subprocess.run([STARTER, *options], capture_output=True, text=True, check=False)


def test_help() -> None:
    """--help names every option, and where Dynoxide comes from."""
    said = run("--help")
    assert said.returncode == 0
    for word in (
        "--port",
        "4580",
        "--others",
        "--dynamodb",
        "npm install -g dynoxide",
        "--cache",
        ".cache/threatbot/aws-servers",
        "--fetch-only",
    ):
        assert word in said.stdout


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--prot", "1"], "there is no option --prot"),
        (["--port"], "--port needs a value"),
        (["--port", "many"], "--port many is not a number"),
        (["--dynamodb", "/no/such/program"], "--dynamodb /no/such/program is no program"),
    ],
)
def test_wrong_options(options: list[str], sentence: str) -> None:
    """A wrong option is named, with exit code 2."""
    said = run(*options)
    assert (said.returncode, said.stdout) == (2, "")
    assert sentence in said.stderr


def test_a_taken_port_is_refused(tools: None) -> None:
    """A port that somebody listens on is named; the servers do not move to another one."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = run("--port", port)
    assert said.returncode == 1
    assert f"Port {port} is taken" in said.stderr


def test_one_address_answers_for_every_service(aws_servers: AwsServers) -> None:
    """Queues are real, and what the servers cannot do is passed on: here S3, to moto and back."""
    url, bucket = aws_servers.make_queue(), aws_servers.make_bucket()
    sqs, s3 = aws_servers.sqs, aws_servers.s3
    sqs.send_message(QueueUrl=url, MessageBody="a", MessageGroupId="g", MessageDeduplicationId="d")
    s3.put_object(Bucket=bucket, Key="k", Body=b"kept")

    assert url.startswith(aws_servers.aws.endpoint_url)
    assert [m["Body"] for m in sqs.receive_message(QueueUrl=url)["Messages"]] == ["a"]
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"kept"
    assert s3.head_object(Bucket=bucket, Key="k")["ContentLength"] == 4


def test_alone_it_refuses_the_rest_and_stops_when_told(tools: None) -> None:
    """With nobody behind it, it says 501 to what it cannot do; after SIGTERM nobody listens any more."""
    alone = AwsServers(None)
    alone.start()
    with pytest.raises(urllib.error.HTTPError, match="501") as refused:
        urllib.request.urlopen(f"http://127.0.0.1:{alone.port}/bucket/key", timeout=30)
    said = refused.value.read().decode()
    refused.value.close()
    alone.stop()

    assert "/bucket/key" in said
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", alone.port))
