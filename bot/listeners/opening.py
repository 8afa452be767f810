"""views.open, the only call that the ingress makes to Slack."""

from __future__ import annotations

from collections.abc import Mapping
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from agent.errors import DeliveryError
from bot.intake import PLACED, Placed
from bot.slack import trusting


def open_view(client: WebClient, body: Mapping[str, Any], view: Mapping[str, Any]) -> None:
    """Open a modal for whoever caused this delivery; DeliveryError with a sentence when Slack does not."""
    try:
        answer = trusting(client).views_open(trigger_id=str(body["trigger_id"]), view=dict(view))
    except SlackApiError as error:
        code = str(error.response.get("error"))
        late = code in {"expired_trigger_id", "exchanged_trigger_id"}
        why = "the form came too late for Slack" if late else f"Slack refused to open the form ({code})"
        raise DeliveryError(f"Nothing was changed: {why}. Press again.", retryable=True) from error
    except (SlackClientError, OSError, HTTPException) as error:
        raise DeliveryError("Slack did not answer in time. Press again.", retryable=True) from error
    placed = body.get(PLACED)
    if isinstance(placed, Placed):
        placed.opened(str((answer.get("view") or {}).get("id") or ""))
