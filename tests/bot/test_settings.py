"""What the settings promise: one environment, whoever reads it."""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest

from agent.analysts.chat.settings import ModelSettings
from agent.errors import ConfigurationError
from bot.ingress_settings import PREFIX, IngressSettings, read_ingress_settings
from bot.settings import Settings, read_settings

ENVIRONMENTS: tuple[dict[str, str], ...] = (
    {},
    {
        "SLACK_SIGNING_SECRET": "shh",
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_CLIENT_ID": "1.2",
        "SLACK_CLIENT_SECRET": "shh too",
        "SLACK_REDIRECT_URL": "https://bot.example.com/slack/oauth_redirect",
        "SLACK_WORKSPACES": "T0NORTH,E0ALL",
        "KMS_KEY": "alias/threatbot",
        "SECRET": "arn:aws:secretsmanager:eu-central-1:1:secret:threatbot",
        "SLACK_API_URL": "https://slack-gov.com/api/",
        "DATA_DIR": "/srv/threatbot",
        "QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/1/jobs.fifo",
        "TABLE": "threatbot",
        "AWS_REGION": "eu-central-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:5000",
        "ALLOW_GUESTS": "Yes",
        "ALLOW_EXTERNAL": "0",
    },
    {"ALLOW_GUESTS": "on", "ALLOW_EXTERNAL": "TRUE", "DATA_DIR": "", "TABLE": " t "},
)


@pytest.mark.parametrize("given", ENVIRONMENTS)
@pytest.mark.parametrize("change", [str.upper, str.lower], ids=["upper", "lower"])
def test_both_readers_read_alike(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], change: Callable[[str], str]
) -> None:
    """The ingress reads from an environment just what the whole settings hand it."""
    environment = {change(PREFIX + name): value for name, value in given.items()}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert read_ingress_settings(environment) == read_settings().ingress


def test_the_ingress_has_no_setting_of_its_own() -> None:
    """Each of its settings is one of the whole, with the same default."""
    own = {f.name for f in fields(IngressSettings)}

    assert own <= set(Settings.model_fields)
    assert set(ENVIRONMENTS[1]) == {name.upper() for name in own}


@pytest.mark.parametrize("value", ["maybe", "", "2"])
def test_both_refuse_what_is_no_truth(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """A value that is neither true nor false is refused by both, with the variable's name."""
    monkeypatch.setenv("THREATBOT_ALLOW_GUESTS", value)
    for read in (lambda: read_ingress_settings({"THREATBOT_ALLOW_GUESTS": value}), read_settings):
        with pytest.raises(ConfigurationError, match="THREATBOT_ALLOW_GUESTS"):
            read()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_FILE_ORIGINS", "https://files.slack.com"),
        ("WORKERS", "0"),
        ("ANALYST", "oracle"),
        ("RETENTION_DAYS", "-1"),
        ("MODEL_PARALLEL", "many"),
    ],
)
def test_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """A value out of its bounds raises ConfigurationError that names the variable."""
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(ConfigurationError, match=f"THREATBOT_{name} cannot be used"):
        read_settings()


def test_models_are_set_under_the_same_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every setting of the language models is read from THREATBOT_MODEL_…, and handed on whole."""
    monkeypatch.setenv("THREATBOT_MODEL_REGION", "eu-north-1")
    monkeypatch.setenv("THREATBOT_MODEL_API_KEY", "sk-1")
    monkeypatch.setenv("THREATBOT_MODEL_BUDGET_USD", "1.5")
    models = read_settings().models

    assert type(models) is ModelSettings
    assert (models.model_region, models.model_budget_usd) == ("eu-north-1", 1.5)
    assert models.model_api_key.get_secret_value() == "sk-1"


def test_secrets_are_not_shown() -> None:
    """Neither form of the settings shows a secret when it is printed."""
    settings = Settings.model_validate({"slack_signing_secret": "hush", "slack_bot_token": "xoxb-hush"})

    assert "hush" not in repr(settings)
    assert "hush" not in repr(settings.ingress)
    assert settings.ingress.slack_signing_secret == "hush"


def test_without_an_environment_it_runs_on_this_machine() -> None:
    """Nothing set means: rules alone, embedded parts, nobody but full members."""
    settings = Settings.model_validate({})

    assert (settings.analyst, settings.queue_url, settings.table, settings.bucket) == ("rules", "", "", "")
    assert settings.data_dir == Path(".threatbot")
    assert {settings.allow_guests, settings.allow_external, settings.transcripts} == {False}
