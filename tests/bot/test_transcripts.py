"""What is kept of what was said to and by a language model."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from agent.domain.usage import Usage
from bot.settings import Settings
from bot.wiring import make_services
from tests.agent.analysts.chat.asked import GOOD, REQUEST, a_call
from tests.bedrock.double import BedrockDouble


def asked(tmp_path: Path, *, transcripts: bool, analyst: str = "model") -> list[Path]:
    """The files of a data folder after one call of a run."""
    with BedrockDouble() as bedrock:
        bedrock.reply(GOOD)
        settings = Settings.model_validate(
            {
                **bedrock.settings().model_dump(),
                "data_dir": tmp_path,
                "slack_signing_secret": "s",
                "analyst": analyst,
                "transcripts": transcripts,
            }
        )
        services = make_services(settings)
        if services.calls is not None:
            services.calls("run:Ev1", Usage()).call(a_call())
    return [p for p in sorted((tmp_path / "artifacts").rglob("*")) if p.is_file()]


def test_a_transcript_is_kept_only_when_a_setting_says_so(tmp_path: Path) -> None:
    """By default nothing of it is written down; asked for, it lies under the run."""
    assert asked(tmp_path / "a", transcripts=False) == []
    (kept,) = asked(tmp_path / "b", transcripts=True)

    assert kept.parent == tmp_path / "b" / "artifacts" / "transcripts" / "run-Ev1"
    assert json.loads(kept.read_text())["asked"]["varying"] == [REQUEST]


def test_the_rules_ask_nobody(tmp_path: Path) -> None:
    """Without the setting there are no calls to make, whatever else is configured."""
    assert asked(tmp_path, transcripts=True, analyst="rules") == []


def test_no_word_of_a_prompt_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Not even at the most talkative level."""
    with caplog.at_level(logging.DEBUG):
        asked(tmp_path, transcripts=True)

    assert REQUEST not in caplog.text
    assert "Forged reading" not in caplog.text
