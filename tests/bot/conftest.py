"""What tests of the bot may ask for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.aws import Aws
from bot.aws_json import JsonClient
from bot.workspace.server import WorkspaceServer
from bot.workspace.workspace import Workspace
from tests.aws_double import AwsDouble


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """A served workspace."""
    made = Workspace(signing_secret="s", bot_token="xoxb-1")
    with WorkspaceServer(made):
        yield made


@pytest.fixture
def as_on_lambda(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment that says nothing of AWS: no profile, no proxy, no file of this machine's counts."""
    for name in os.environ:
        if name.startswith("AWS_") or name.lower().endswith(("_proxy", "_ca_bundle")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def light_aws(aws_double: AwsDouble, as_on_lambda: None) -> Aws:
    """This machine's AWS, asked with calls that are signed here and not by botocore."""
    light = replace(aws_double.aws, light=True)
    assert isinstance(light.client("dynamodb"), JsonClient)
    return light
