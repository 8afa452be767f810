"""SQS and DynamoDB by real servers on this machine, started by scripts/aws-servers; the rest of AWS by moto.

SQS is ElasticMQ. DynamoDB is Amazon's DynamoDB Local where THREATBOT_DYNAMODB_LOCAL=accepted says that
whoever runs this agrees to its licence, which asks for an AWS account in good standing; without it, moto's.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.aws_double import AwsDouble

STARTER = Path(__file__).resolve().parent.parent / "scripts" / "aws-servers"
NEEDED = ("javac", "mvn")
INSTALL = "install a JDK, version 17 or newer, and Maven (openjdk-17-jdk-headless, maven)"
ACCEPTED = "THREATBOT_DYNAMODB_LOCAL"
DYNAMODB_LOCAL = os.environ.get(ACCEPTED) == "accepted"
"""Whether DynamoDB Local may be used."""

_MARKS = (pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("aws-servers"))
SQS = ("moto", pytest.param("elasticmq", marks=_MARKS))
"""What tests of the queue run on."""
DYNAMODB = ("moto", *([pytest.param("dynamodb-local", marks=_MARKS)] if DYNAMODB_LOCAL else []))
"""What tests of the records and of the checkpoints run on."""


def found() -> str | None:
    """What the starter needs, when all of it is there."""
    return " and ".join(NEEDED) if all(shutil.which(tool) for tool in NEEDED) else None


def named(request: pytest.FixtureRequest, name: str) -> AwsDouble:
    """The server of that name in SQS or DYNAMODB."""
    server: AwsDouble = request.getfixturevalue("moto" if name == "moto" else "aws_servers")
    return server


class AwsServers(AwsDouble):
    """The servers as child processes, fetched first where nobody has; what they cannot do moto does.

    `turn_clock` turns SQS's clock. DynamoDB's stays: expiry goes by the clock that records are given.
    """

    def __init__(self, others: AwsDouble | None) -> None:
        super().__init__()
        self._others = others.aws.endpoint_url if others else ""

    @property
    def command(self) -> list[str]:
        """What is run."""
        local = ["--dynamodb-local"] if DYNAMODB_LOCAL else []
        return [str(STARTER), "--port", str(self.port), "--others", self._others, *local]
