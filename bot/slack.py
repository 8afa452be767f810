"""The Slack Web API as the worker uses it: retried where Slack asks for it, and in our own errors."""

from __future__ import annotations

import logging
import socket
import ssl
from functools import cache
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
    ServerErrorRetryHandler,
)

from agent.errors import DeliveryError

_MEND = {
    "not_in_channel": "Invite me to the channel with /invite and try again.",
    "channel_not_found": "I cannot see this channel. Invite me with /invite and try again.",
    "is_archived": "The channel is archived.",
    "missing_scope": "An admin must install the app again with the scopes of its manifest.",
    "invalid_auth": "The bot token is wrong or revoked: install again, or set THREATBOT_SLACK_BOT_TOKEN.",
    "token_revoked": "The bot token is revoked: install again, or set a new THREATBOT_SLACK_BOT_TOKEN.",
    "account_inactive": "The app was removed from the workspace: install it again.",
}
_PASSING = {"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}

_UNSURE = {"internal_error", "fatal_error", "request_timeout"}
"""What Slack also says when some of it was done."""


QUIET = logging.getLogger("threatbot.slack")
"""For slack_sdk's clients: at DEBUG they write down all that is sent and answered, tokens among it."""
QUIET.setLevel(logging.WARNING)


def trusting(client: WebClient) -> WebClient:
    """The client, whose connections share what they trust.

    slack_sdk leaves that to urllib, which would read the machine's authorities anew for each call: that takes
    longer than many a call. They are read at the first one here, not at the start, for which people wait.
    """
    if client.ssl is None and client.base_url.startswith("https:"):
        client.ssl = _authorities()
    return client


@cache
def _authorities() -> ssl.SSLContext:
    return ssl.create_default_context()


def web_client(token: str, api_url: str) -> WebClient:
    """A client that waits out rate limits and passing server errors; for the worker, not the ingress."""
    return WebClient(
        token=token,
        base_url=api_url,
        timeout=15,
        logger=QUIET,
        retry_handlers=[
            ConnectionErrorRetryHandler(max_retry_count=2),
            RateLimitErrorRetryHandler(max_retry_count=3),
            ServerErrorRetryHandler(max_retry_count=2),
        ],
    )


_ONCE = {"chat.postMessage", "chat.postEphemeral"}
"""Methods that Slack may have done although it did not answer: only a refusal for its rate is repeated."""


class Slack:
    """The calls that the worker makes; DeliveryError when Slack refuses or does not answer."""

    def __init__(self, client: WebClient) -> None:
        self._client = client
        self._careful = WebClient(
            token=client.token,
            base_url=client.base_url,
            timeout=client.timeout,
            logger=QUIET,
            retry_handlers=[RateLimitErrorRetryHandler(max_retry_count=3)],
        )

    @property
    def token(self) -> str:
        """The bot token, for downloads."""
        return self._client.token or ""

    def ingress_client(self) -> WebClient:
        """A client for the one call of the ingress, views.open: quick, never retried; Bolt adds the token."""
        return WebClient(base_url=self._client.base_url, timeout=2, retry_handlers=[], logger=QUIET)

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """One Web API method with JSON arguments; its answer."""
        given = {k: v for k, v in arguments.items() if v is not None}
        try:
            client = trusting(self._careful if method in _ONCE else self._client)
            answer = client.api_call(method, json=given) if given else client.api_call(method)
        except SlackApiError as error:
            raise _refused(method, error) from error
        except (SlackClientError, OSError, HTTPException) as error:
            message = f"Slack did not answer {method}: {error}"
            raise DeliveryError(message, retryable=True, undone=_never_sent(error)) from error
        return dict(answer.data) if isinstance(answer.data, dict) else {}

    def read(self, method: str, **arguments: Any) -> dict[str, Any]:
        """One Web API method that takes its arguments as query parameters; its answer."""
        try:
            answer = trusting(self._client).api_call(method, http_verb="GET", params=arguments)
        except SlackApiError as error:
            raise _refused(method, error) from error
        except (SlackClientError, OSError, HTTPException) as error:
            raise DeliveryError(f"Slack did not answer {method}: {error}", retryable=True) from error
        return dict(answer.data) if isinstance(answer.data, dict) else {}

    def user(self, user: str) -> dict[str, Any]:
        """See bot.access.Directory."""
        return dict(self.read("users.info", user=user)["user"])

    def channel(self, channel: str) -> dict[str, Any]:
        """See bot.access.Directory."""
        return dict(self.read("conversations.info", channel=channel)["channel"])

    def file(self, file: str) -> dict[str, Any]:
        """The `file` object of files.info."""
        return dict(self.read("files.info", file=file)["file"])

    def replies(self, channel: str, thread: str) -> list[dict[str, Any]]:
        """Every message of a thread with its metadata, the oldest first."""
        return self._messages("conversations.replies", channel=channel, ts=thread)

    def history(self, channel: str, oldest: float) -> list[dict[str, Any]]:
        """Every message of a channel since `oldest` (epoch seconds) with its metadata, the latest first."""
        return self._messages("conversations.history", channel=channel, oldest=f"{oldest:.6f}")

    def _messages(self, method: str, **where: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = self.read(method, **where, include_all_metadata="true", limit="200", cursor=cursor)
            found += page.get("messages", [])
            cursor = (page.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                return found

    def upload(self, name: str, content: bytes, channel: str, thread: str, title: str, comment: str) -> None:
        """Put a file into a thread by the external upload flow; done once or, for all we know, not at all."""
        try:
            trusting(self._careful).files_upload_v2(
                filename=name,
                content=content,
                channel=channel,
                thread_ts=thread,
                title=title,
                initial_comment=comment,
            )
        except SlackApiError as error:
            raise _refused("files.completeUploadExternal", error) from error
        except (SlackClientError, OSError, HTTPException) as error:
            raise DeliveryError(f"Slack did not take {name}: {error}", retryable=True) from error


def _refused(method: str, error: SlackApiError) -> DeliveryError:
    response: Any = error.response
    code = str(response.get("error", "unknown_error"))
    status = int(getattr(response, "status_code", 200) or 200)
    retryable = code in _PASSING or status >= 500 or status == 429  # noqa: PLR2004 - HTTP status
    detail = "; ".join((response.get("response_metadata") or {}).get("messages", []))
    mend = _MEND.get(code, "Try again; if it stays, an admin finds the details in the log.")
    return DeliveryError(
        f"Slack refused {method}: {code}{f' ({detail})' if detail else ''}. {mend}",
        retryable=retryable,
        undone=status == 503 or (status < 500 and code not in _UNSURE),  # noqa: PLR2004 - HTTP status
    )


def _never_sent(error: Exception) -> bool:
    """Whether there was no connection that the request could have gone over."""
    return isinstance(getattr(error, "reason", error), ConnectionRefusedError | socket.gaierror)
