"""Slack's OAuth as this app uses it: where a browser is sent, and what oauth.v2.access answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http.client import HTTPException
from typing import Any
from urllib.parse import urlencode

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from agent.errors import DeliveryError
from bot.installations.base import Installation
from bot.slack import QUIET

SCOPES = (
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "reactions:write",
    "users:read",
)
"""What the bot needs, as in its manifest."""
SECONDS = 2
"""How long Slack may take; the ingress has three seconds in all."""


class OAuthRefused(DeliveryError):
    """Slack answered no; `code` is its word for why."""

    def __init__(self, code: str) -> None:
        super().__init__(
            f"Slack refused the app's credentials ({code}). Install the app again from /slack/install.",
            retryable=False,
        )
        self.code = code


@dataclass(frozen=True)
class SlackOAuth:
    """The app's client at Slack."""

    client_id: str
    client_secret: str = field(repr=False)
    api_url: str
    redirect_url: str = ""
    """Where Slack sends people back to; empty takes the first that the app's page at Slack names."""
    clock: Callable[[], float] = time.time
    """Seconds since the epoch."""

    def consent_url(self, state: str) -> str:
        """Where a person is asked whether they want the app."""
        wanted = {"client_id": self.client_id, "scope": ",".join(SCOPES), "state": state, **self._back()}
        return f"{self.api_url.removesuffix('/').removesuffix('api')}oauth/v2/authorize?{urlencode(wanted)}"

    def exchange(self, code: str) -> Installation:
        """What the person's consent gives; OAuthRefused, or DeliveryError when Slack does not answer."""
        return installation_of(self._ask(code=code, **self._back()), self.clock())

    def refresh(self, installation: Installation) -> Installation:
        """The installation with new tokens; errors as of `exchange`."""
        answer = self._ask(grant_type="refresh_token", refresh_token=installation.refresh_token)
        renewed = installation_of(answer, self.clock())
        if not (renewed.bot_token and renewed.refresh_token):
            raise OAuthRefused("no_token")
        return replace(
            installation,
            bot_token=renewed.bot_token,
            refresh_token=renewed.refresh_token,
            expires=renewed.expires,
        )

    def uninstall(self, installation: Installation) -> bool:
        """Take the app out of the workspace again; False when Slack did not do so."""
        client = self._client(installation.bot_token)
        try:
            client.apps_uninstall(client_id=self.client_id, client_secret=self.client_secret)
        except (SlackClientError, OSError, HTTPException):
            return False
        return True

    def _client(self, token: str | None = None) -> WebClient:
        return WebClient(token, base_url=self.api_url, timeout=SECONDS, retry_handlers=[], logger=QUIET)

    def _back(self) -> dict[str, str]:
        return {"redirect_uri": self.redirect_url} if self.redirect_url else {}

    def _ask(self, **arguments: str) -> Mapping[str, Any]:
        client = self._client()
        try:
            answer = client.oauth_v2_access(
                client_id=self.client_id, client_secret=self.client_secret, **arguments
            )
        except SlackApiError as error:
            raise OAuthRefused(str(error.response.get("error"))) from error
        except (SlackClientError, OSError, HTTPException) as error:
            raise DeliveryError(f"Slack did not answer oauth.v2.access: {error}", retryable=True) from error
        return dict(answer.data) if isinstance(answer.data, dict) else {}


def installation_of(answer: Mapping[str, Any], now: float) -> Installation:
    """What oauth.v2.access answered, as an installation; fields that it does not have are empty.

    Args:
        answer: Slack's answer.
        now: seconds since the epoch.
    """
    team, enterprise = answer.get("team") or {}, answer.get("enterprise") or {}
    whole = bool(answer.get("is_enterprise_install"))
    seconds = int(answer.get("expires_in") or 0)
    return Installation(
        workspace="" if whole else str(team.get("id") or ""),
        enterprise=str(enterprise.get("id") or ""),
        name=str((enterprise if whole else team).get("name") or ""),
        app=str(answer.get("app_id") or ""),
        bot_token=str(answer.get("access_token") or ""),
        refresh_token=str(answer.get("refresh_token") or ""),
        expires=now + seconds if seconds else 0.0,
        bot_user=str(answer.get("bot_user_id") or ""),
        scopes=tuple(str(answer.get("scope") or "").split(",")),
        installed=now,
        by=str((answer.get("authed_user") or {}).get("id") or ""),
    )


def missing(installation: Installation) -> tuple[str, ...]:
    """The scopes that the bot needs and was not given."""
    return tuple(scope for scope in SCOPES if scope not in installation.scopes)
