"""What settings with a secret by reference promise to `serve`, `work` and `doctor`."""

import json
from pathlib import Path

import pytest

from agent.errors import ConfigurationError
from bot.app import make_app
from bot.secret_settings import with_secret
from bot.settings import Settings
from bot.wiring import make_services
from tests.aws_double import AwsDouble


@pytest.fixture
def on_aws(aws_double: AwsDouble, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings that lead to AWS on this machine, with credentials in the environment."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", aws_double.aws.key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", aws_double.aws.secret)
    return Settings(aws_region=aws_double.aws.region, aws_endpoint_url=aws_double.aws.endpoint_url)


def test_without_a_secret_nothing_is_asked() -> None:
    """Settings that refer to nothing come back as they are, where there is no AWS."""
    settings = Settings(aws_endpoint_url="http://127.0.0.1:1")

    assert with_secret(settings) == (settings, ())


def test_what_lies_there_is_what_the_bot_works_with(
    on_aws: Settings, aws_double: AwsDouble, tmp_path: Path
) -> None:
    """The ingress is made with the values of the secret, which come before those of the environment."""
    values = {"slack_signing_secret": "s", "slack_bot_token": "xoxb-1", "model_api_key": ""}
    made = aws_double.aws.client("secretsmanager").create_secret(
        Name=aws_double.name("slack"), SecretString=json.dumps(values)
    )
    given = on_aws.model_copy(update={"secret": made["ARN"], "data_dir": tmp_path})
    with pytest.raises(ConfigurationError, match="SLACK_SIGNING_SECRET is not set"):
        make_app(given.ingress, make_services(given))
    settings, names = with_secret(given)

    assert names == ("slack_bot_token", "slack_signing_secret")
    assert settings.slack_bot_token.get_secret_value() == "xoxb-1"
    assert make_app(settings.ingress, make_services(settings))
    assert "xoxb-1" not in repr(settings)
