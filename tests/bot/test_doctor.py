"""What the doctor promises."""

from pathlib import Path

import pytest

from bot.doctor import Finding, examine
from bot.settings import Settings
from bot.workspace.server import WorkspaceServer
from bot.workspace.workspace import Workspace


def settings(folder: Path, **more: object) -> Settings:
    """Settings with this data folder."""
    return Settings.model_validate({"data_dir": folder, **more})


def found(findings: tuple[Finding, ...], what: str) -> Finding:
    """The finding about this."""
    return next(f for f in findings if f.what == what)


def test_an_empty_machine_is_fine_for_the_demo(tmp_path: Path) -> None:
    """Without any setting nothing is wrong: what is missing says what for, and how to mend it."""
    findings = examine(settings(tmp_path))

    assert all(f.good is not False for f in findings)
    assert "THREATBOT_SLACK_SIGNING_SECRET" in found(findings, "Slack signing secret").mend
    assert "passages" in found(findings, "Knowledge").seen


def test_a_working_workspace_is_named(tmp_path: Path) -> None:
    """With a token that Slack takes, the doctor says which workspace answers."""
    workspace = Workspace(signing_secret="s", bot_token="xoxb-1")
    with WorkspaceServer(workspace):
        findings = examine(
            settings(
                tmp_path, slack_signing_secret="s", slack_bot_token="xoxb-1", slack_api_url=workspace.api_url
            )
        )

    assert found(findings, "Slack").good
    assert "Local workspace" in found(findings, "Slack").seen


@pytest.mark.parametrize(("token", "what"), [("xoxp-1", "Slack bot token"), ("xoxb-wrong", "Slack")])
def test_a_wrong_token_is_said_to_be_wrong(tmp_path: Path, token: str, what: str) -> None:
    """A token of the wrong kind, and one that Slack refuses, are findings with a remedy."""
    workspace = Workspace(signing_secret="s", bot_token="xoxb-1")
    with WorkspaceServer(workspace):
        findings = examine(settings(tmp_path, slack_bot_token=token, slack_api_url=workspace.api_url))

    assert found(findings, what).good is False
    assert found(findings, what).mend


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A data folder that is a file is a finding that names it."""
    path = tmp_path / "file"
    path.write_bytes(b"")
    findings = examine(settings(path / "data"))

    assert found(findings, "Data folder").good is False
    assert str(path) in found(findings, "Data folder").seen


def test_an_opensearch_that_is_away_is_named(tmp_path: Path) -> None:
    """A knowledge base that does not answer is a finding with the setting that points to it."""
    findings = examine(settings(tmp_path, knowledge_url="http://127.0.0.1:1"))

    assert found(findings, "Knowledge").good is False
    assert "THREATBOT_KNOWLEDGE_URL" in found(findings, "Knowledge").mend


def test_the_language_model_is_told_without_asking_it(tmp_path: Path) -> None:
    """Off, made, or not to be made: each says so, and what to do."""
    off = found(examine(settings(tmp_path)), "Language model")
    made = settings(
        tmp_path,
        analyst="model",
        model_region="eu-central-1",
        model_endpoint_url="http://127.0.0.1:9",
        model_aws_access_key_id="AKIADOUBLE",
        model_aws_secret_access_key="not-a-secret",
    )
    wrong = settings(
        tmp_path, analyst="model", model_thinking="nobody:nothing", model_endpoint_url="http://127.0.0.1:9"
    )

    assert off.good is None
    assert "THREATBOT_ANALYST" in off.mend
    assert found(examine(made), "Language model").good is True
    assert "claude" in found(examine(made), "Language model").seen
    assert found(examine(wrong), "Language model").good is False
