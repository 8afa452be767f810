"""No prompt and no reply in logs."""

from __future__ import annotations

import logging

import pytest

from tests.agent.analysts.chat.asked import GOOD, REQUEST, a_call, a_run
from tests.bedrock.double import BedrockDouble


def test_logs_hold_no_text(bedrock: BedrockDouble, caplog: pytest.LogCaptureFixture) -> None:
    """With everything at DEBUG the logs know neither the request nor the reply."""
    bedrock.reply(GOOD)
    with caplog.at_level(logging.DEBUG):
        a_run(bedrock).call(a_call())
    assert REQUEST not in caplog.text
    assert "Forged reading" not in caplog.text
