"""What the tests of language model calls share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agent.analysts.chat.switch import remote_calls
from tests.bedrock.double import BedrockDouble


@pytest.fixture(autouse=True)
def _only_this_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test here reaches a model elsewhere, whatever credentials the machine has."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_BEARER_TOKEN_BEDROCK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent/config")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent/credentials")
    with remote_calls(forbidden=True):
        yield


@pytest.fixture
def bedrock() -> Iterator[BedrockDouble]:
    """A Bedrock double that never waits."""
    with BedrockDouble() as double:
        yield double
