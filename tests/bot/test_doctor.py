"""What the doctor promises."""

import json
from pathlib import Path

import pytest

from bot.doctor import Finding, examine
from bot.settings import Settings
from bot.workspace.server import WorkspaceServer
from bot.workspace.workspace import Workspace
from tests.aws_double import AwsDouble


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


@pytest.fixture
def on_aws(aws_double: AwsDouble, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Settings that lead to AWS on this machine, with credentials in the environment."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", aws_double.aws.key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", aws_double.aws.secret)
    return {"aws_region": aws_double.aws.region, "aws_endpoint_url": aws_double.aws.endpoint_url}


def kept(aws: AwsDouble, where: str, values: object) -> str:
    """Put a secret there; what refers to it."""
    text = values if isinstance(values, str) else json.dumps(values)
    if where == "secretsmanager":
        made = aws.aws.client("secretsmanager").create_secret(Name=aws.name("slack"), SecretString=text)
        return str(made["ARN"])
    name = f"/{aws.name('slack')}"
    aws.aws.client("ssm").put_parameter(Name=name, Value=text, Type="SecureString")
    return name


@pytest.mark.parametrize("where", ["secretsmanager", "ssm"])
def test_what_lies_in_a_secret_counts_as_set(
    tmp_path: Path, aws_double: AwsDouble, on_aws: dict[str, object], where: str
) -> None:
    """The secret is read as the worker does it; the doctor says which values it has, and shows none."""
    workspace = Workspace(signing_secret="a very secret one", bot_token="xoxb-hidden")
    values = {"slack_signing_secret": "a very secret one", "slack_bot_token": "xoxb-hidden"}
    reference = kept(aws_double, where, values)
    with WorkspaceServer(workspace):
        findings = examine(settings(tmp_path, secret=reference, slack_api_url=workspace.api_url, **on_aws))

    assert found(findings, "Secret").seen == f"{reference} has slack_bot_token, slack_signing_secret"
    for what in ("Slack signing secret", "Slack bot token"):
        assert found(findings, what) == Finding(what, good=True, seen="set, from the secret")
    assert "Local workspace" in found(findings, "Slack").seen
    assert not any(value in str(findings) for value in values.values())


def test_what_a_secret_lacks_is_not_set(
    tmp_path: Path, aws_double: AwsDouble, on_aws: dict[str, object]
) -> None:
    """A value that the secret does not have is looked for in the environment, as the worker does."""
    reference = kept(aws_double, "secretsmanager", {"slack_signing_secret": "s"})
    findings = examine(settings(tmp_path, secret=reference, slack_bot_token="xoxp-1", **on_aws))

    assert found(findings, "Secret").seen == f"{reference} has slack_signing_secret"
    assert found(findings, "Slack bot token").good is False


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (None, "There is no secret"),
        ("xoxb-plain", "must be a JSON object"),
        ({"slack_bot_tokn": "xoxb-misnamed"}, "has a slack_bot_tokn, which nothing reads"),
    ],
    ids=["missing", "no object", "misnamed"],
)
def test_a_secret_that_cannot_be_read_is_a_finding(
    tmp_path: Path, aws_double: AwsDouble, on_aws: dict[str, object], values: object, sentence: str
) -> None:
    """What is wrong with the secret is said without a word of it, and tokens are not said to be missing."""
    reference = "never-made" if values is None else kept(aws_double, "secretsmanager", values)
    findings = examine(settings(tmp_path, secret=reference, **on_aws))

    assert found(findings, "Secret").good is False
    assert sentence in found(findings, "Secret").seen
    assert found(findings, "Slack bot token").seen == "not known: the secret could not be read"
    assert "xoxb-" not in str([f for f in findings if "begins" not in f.mend and "xoxb-…" not in f.mend])


def test_an_aws_that_does_not_answer_is_a_finding(tmp_path: Path, on_aws: dict[str, object]) -> None:
    """An address at which no AWS answers is said with the settings that lead there."""
    away = on_aws | {"aws_endpoint_url": "http://127.0.0.1:1"}
    findings = examine(settings(tmp_path, secret="slack", **away))

    assert found(findings, "Secret").good is False
    assert "THREATBOT_AWS_ENDPOINT_URL" in found(findings, "Secret").seen
