"""AWS on this machine: moto's real HTTP server, and what production's template makes, made by hand.

Nothing here can reach AWS: the endpoint and the credentials are given to every client, and are dummies.

`python -m tests.aws_double` starts one with a queue, a table and a bucket, and prints the settings for them.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

from bot.aws import Aws
from tests.fakes import Clock
from tests.ports import free_port

ROOT = Path(__file__).resolve().parent.parent
REGION = "eu-central-1"
_numbers = count(1)


class AwsDouble:
    """The server as a child process; `start` returns when it answers."""

    def __init__(self) -> None:
        self.port = free_port()
        self.aws = Aws(
            region=REGION,
            endpoint_url=f"http://127.0.0.1:{self.port}",
            key_id="AKIADOUBLE",
            secret="double",
        )
        self._process: subprocess.Popen[bytes] | None = None
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed in stop

    def start(self) -> None:
        """Start it."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        self._process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=environment,
            stdout=self._said,
            stderr=self._said,
        )
        deadline = time.monotonic() + 300  # what is not here yet is fetched
        while not self._answers():
            name = type(self).__name__
            assert self._process.poll() is None, f"{name} did not start:\n{self._output()}"
            assert time.monotonic() < deadline, f"{name} does not answer:\n{self._output()}"
            time.sleep(0.05)

    @property
    def command(self) -> list[str]:
        """What is run."""
        return [sys.executable, "-W", "ignore", "-m", "tests.aws_process", str(self.port)]

    def _answers(self) -> bool:
        with contextlib.suppress(urllib.error.URLError, OSError):
            self.turn_clock(0)
            return True
        return False

    def _output(self) -> str:
        self._said.seek(0)
        return self._said.read().decode("utf-8", "replace")[-3000:]

    def stop(self) -> None:
        """End it; everything in it is gone."""
        assert self._process is not None
        self._process.terminate()
        self._process.wait(30)
        self._said.close()

    def turn_clock(self, seconds: float) -> None:
        """Make seconds pass in all services."""
        request = urllib.request.Request(  # noqa: S310 - ours
            f"{self.aws.endpoint_url}/turn-clock?seconds={seconds}", method="POST"
        )
        urllib.request.urlopen(request, timeout=30).close()  # noqa: S310 - ours

    def clock(self) -> AwsClock:
        """A clock that turns the server's with it."""
        return AwsClock(self)

    def name(self, what: str) -> str:
        """A name that nothing here has yet."""
        return f"{what}-{next(_numbers)}"

    def make_queue(self, *, attempts: int = 4, lease: int = 30) -> str:
        """A FIFO queue with its dead-letter queue, as in production; its URL."""
        name = self.name("jobs")
        fifo = {"FifoQueue": "true", "MessageRetentionPeriod": "1209600"}
        dead = self.sqs.create_queue(QueueName=f"{name}-dead.fifo", Attributes=fifo)["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]
        policy = {"deadLetterTargetArn": arn["QueueArn"], "maxReceiveCount": attempts}
        attributes = fifo | {"VisibilityTimeout": str(lease), "RedrivePolicy": json.dumps(policy)}
        return str(self.sqs.create_queue(QueueName=f"{name}.fifo", Attributes=attributes)["QueueUrl"])

    def make_table(self) -> str:
        """A table for records and checkpoints, as in production; its name."""
        name = self.name("records")
        self.dynamodb.create_table(
            TableName=name,
            KeySchema=[
                {"AttributeName": "PK", "KeyType": "HASH"},
                {"AttributeName": "SK", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "PK", "AttributeType": "S"},
                {"AttributeName": "SK", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        self.dynamodb.update_time_to_live(
            TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"}
        )
        return name

    def make_bucket(self, *, versioned: bool = True) -> str:
        """A bucket, as in production; its name."""
        name = self.name("artifacts")
        self.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        if versioned:
            self.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return name

    @cached_property
    def sqs(self) -> Any:
        """A client for what the adapters do not do."""
        return self.aws.client("sqs")

    @cached_property
    def dynamodb(self) -> Any:
        """A client for what the adapters do not do."""
        return self.aws.client("dynamodb")

    @cached_property
    def s3(self) -> Any:
        """A client for what the adapters do not do."""
        return self.aws.client("s3")


class AwsClock(Clock):
    """A clock for an adapter; the server's goes with it."""

    def __init__(self, server: AwsDouble) -> None:
        super().__init__(time.time())
        self._server = server

    def advance(self, seconds: float) -> None:
        """Move on, here and there."""
        super().advance(seconds)
        self._server.turn_clock(seconds)


def main() -> None:
    """Serve until Ctrl-C."""
    server = AwsDouble()
    server.start()
    settings = {
        "THREATBOT_QUEUE_URL": server.make_queue(),
        "THREATBOT_TABLE": server.make_table(),
        "THREATBOT_BUCKET": server.make_bucket(),
        "THREATBOT_AWS_REGION": server.aws.region,
        "THREATBOT_AWS_ENDPOINT_URL": server.aws.endpoint_url,
        "AWS_ACCESS_KEY_ID": server.aws.key_id,
        "AWS_SECRET_ACCESS_KEY": server.aws.secret,
    }
    sys.stdout.write("".join(f"export {name}={value}\n" for name, value in settings.items()))
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()
    server.stop()


if __name__ == "__main__":
    main()
