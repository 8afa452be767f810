"""The switch that keeps tests away from models elsewhere."""

from __future__ import annotations

import pytest

from agent.analysts.chat.models import ChatModels
from agent.analysts.chat.settings import ModelSettings
from agent.analysts.chat.switch import check, is_loopback, remote_calls
from agent.errors import ConfigurationError
from tests.agent.analysts.chat.asked import a_call


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:8080", True),
        ("http://localhost:8080/v1", True),
        ("http://[::1]:1", True),
        ("https://bedrock-runtime.eu-central-1.amazonaws.com", False),
        ("http://127.0.0.1.example.com", False),
        ("http://10.0.0.1", False),
        ("", False),
    ],
)
def test_what_is_this_machine(url: str, here: bool) -> None:  # noqa: FBT001 - a table of expectations
    """Only loopback addresses and the name localhost are; a look-alike host is not."""
    assert is_loopback(url) is here


@pytest.mark.parametrize("model", ["", "openai:gpt-4.1"])
def test_nothing_elsewhere_is_called(model: str) -> None:
    """With the switch thrown, settings that point elsewhere end before any client is made."""
    settings = ModelSettings(model_region="eu-central-1", **({"model_thinking": model} if model else {}))
    with pytest.raises(ConfigurationError, match="THREATBOT_MODEL_ENDPOINT_URL"):
        ChatModels(settings).for_run().call(a_call())


def test_the_switch_goes_back() -> None:
    """After the block the switch is as before."""
    with remote_calls(forbidden=False):
        check("m", "https://example.com")
    with pytest.raises(ConfigurationError):
        check("m", "https://example.com")
