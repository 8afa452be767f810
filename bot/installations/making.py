"""Settings → Tenants: several workspaces when the app's client at Slack is set, one bot token otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.errors import ConfigurationError

if TYPE_CHECKING:
    from bot.ingress_settings import IngressSettings
    from bot.installations.base import Installations
    from bot.installations.tenants import Tenants


def make_tenants(settings: IngressSettings, *, light: bool = False) -> Tenants | None:
    """Who has installed the app, when the settings have its client id and client secret; else None.

    `light` as Aws has it. ConfigurationError when only one of them is set, or a table without a key for the
    tokens in it.
    """
    given = {
        "THREATBOT_SLACK_CLIENT_ID": settings.slack_client_id,
        "THREATBOT_SLACK_CLIENT_SECRET": settings.slack_client_secret,
    }
    absent = [name for name, value in given.items() if not value]
    if len(absent) == len(given):
        return None
    if absent:
        raise ConfigurationError(
            f"{absent[0]} is not set. Set both for an app that several workspaces install, neither for one "
            "bot token. Both stand in the Slack app under Basic Information."
        )
    from bot.installations.oauth import SlackOAuth
    from bot.installations.tenants import Tenants

    oauth = SlackOAuth(
        client_id=settings.slack_client_id,
        client_secret=settings.slack_client_secret,
        api_url=settings.slack_api_url,
        redirect_url=settings.slack_redirect_url,
    )
    return Tenants(make_installations(settings, light=light), oauth)


def make_installations(settings: IngressSettings, *, light: bool = False) -> Installations:
    """Where installations are kept: beside the records. `light` as Aws has it."""
    if not settings.table:
        from bot.installations.sqlite import SqliteInstallations

        return SqliteInstallations(settings.data_dir / "installations.db")
    if not settings.kms_key:
        raise ConfigurationError(
            "THREATBOT_KMS_KEY is not set. Workspaces' tokens are kept in the DynamoDB table only encrypted: "
            "set it to the id, ARN or alias of a KMS key."
        )
    from bot.aws import Aws
    from bot.installations.dynamodb import DynamoInstallations

    aws = Aws(region=settings.aws_region, endpoint_url=settings.aws_endpoint_url, light=light)
    return DynamoInstallations(aws, settings.table, settings.kms_key)
