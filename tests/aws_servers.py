"""SQS and DynamoDB by real servers on this machine, started by scripts/aws-servers; the rest of AWS by moto.

SQS is ElasticMQ, DynamoDB is Dynoxide: one program on SQLite, held to DynamoDB by a public conformance suite.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.aws_double import AwsDouble

ROOT = Path(__file__).resolve().parent.parent
STARTER = ROOT / "scripts" / "aws-servers"
NEEDED = ("javac", "mvn")
INSTALL = (
    "install a JDK, version 17 or newer, and Maven (openjdk-17-jdk-headless, maven), and Dynoxide: `npm ci` "
    "brings it on Linux x86-64, `npm install -g dynoxide` elsewhere"
)
BROUGHT = ROOT / "node_modules" / "@dynoxide" / "linux-x64" / "dynoxide"

_MARKS = (pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("aws-servers"))
SQS = ("moto", pytest.param("elasticmq", marks=_MARKS))
"""What tests of the queue run on."""
DYNAMODB = ("moto", pytest.param("dynoxide", marks=_MARKS))
"""What tests of the records and of the checkpoints run on."""


def dynoxide() -> str | None:
    """The program, when it is there."""
    return str(BROUGHT) if BROUGHT.exists() else shutil.which("dynoxide")


def found() -> str | None:
    """What the starter needs, when all of it is there."""
    tools = (*(shutil.which(tool) for tool in NEEDED), dynoxide())
    return " and ".join(str(tool) for tool in tools) if all(tools) else None


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
        here = ["--dynamodb", dynoxide() or ""]
        return [str(STARTER), "--port", str(self.port), "--others", self._others, *here]
