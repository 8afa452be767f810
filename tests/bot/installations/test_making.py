"""What the settings ask for: one bot token, or workspaces that install the app."""

import json
from pathlib import Path

import pytest

from agent.errors import ConfigurationError
from bot.app import make_app
from bot.ingress_settings import IngressSettings
from bot.installations.dynamodb import DynamoInstallations
from bot.installations.making import make_tenants
from bot.installations.oauth import SCOPES
from bot.installations.sqlite import SqliteInstallations
from bot.wiring import make_ingress

BOTH = {"slack_client_id": "1.2", "slack_client_secret": "s"}


def some(folder: Path, **more: str) -> IngressSettings:
    """Settings of a bot in this folder."""
    return IngressSettings(data_dir=folder, **more)  # type: ignore[arg-type] # all of them are texts


def test_one_token_is_the_default(tmp_path: Path) -> None:
    """Without the app's client nobody installs, and no file for installations is made."""
    assert make_tenants(some(tmp_path, slack_bot_token="xoxb-1")) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("given", BOTH)
def test_half_a_client_is_refused(tmp_path: Path, given: str) -> None:
    """One of the two alone is a mistake, and the other one is named."""
    (absent,) = set(BOTH) - {given}
    with pytest.raises(ConfigurationError, match=f"THREATBOT_{absent.upper()} is not set"):
        make_tenants(some(tmp_path, **{given: "x"}))


def test_installations_lie_beside_the_records(tmp_path: Path) -> None:
    """In the data folder, or in the table of the records."""
    embedded = make_tenants(some(tmp_path, **BOTH))
    table = make_tenants(some(tmp_path, table="t", kms_key="alias/k", aws_region="eu-central-1", **BOTH))

    assert embedded is not None
    assert isinstance(embedded.installations, SqliteInstallations)
    assert (tmp_path / "installations.db").exists()
    assert table is not None
    assert isinstance(table.installations, DynamoInstallations)
    embedded.close()


def test_no_token_goes_into_a_table_without_a_key(tmp_path: Path) -> None:
    """A table without a KMS key is refused, with the setting's name."""
    with pytest.raises(ConfigurationError, match="THREATBOT_KMS_KEY is not set"):
        make_tenants(some(tmp_path, table="t", **BOTH))


def test_the_single_token_is_still_asked_for(tmp_path: Path) -> None:
    """Where nobody installs, a bot without its token does not start."""
    settings = some(tmp_path, slack_signing_secret="s")
    with pytest.raises(ConfigurationError, match="BOT_TOKEN is not set"):
        make_app(settings, make_ingress(settings))


def test_the_scopes_are_the_manifests() -> None:
    """What is asked for on installation is what the manifest declares."""
    manifest = json.loads((Path(__file__).resolve().parents[3] / "slack-manifest.json").read_text())

    assert list(SCOPES) == manifest["oauth_config"]["scopes"]["bot"]
