"""One HTTP delivery in, one answer out; the same for the HTTP server and for Lambda."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from slack_bolt import App
from slack_bolt.request import BoltRequest

from bot.services import Services

MAX_BODY = 1_000_000
"""Bytes of the largest delivery that is looked at; Slack's are far smaller."""


@dataclass(frozen=True)
class Answer:
    """What goes back to Slack."""

    status: int
    headers: Mapping[str, str]
    body: str


def handle(app: App, services: Services, headers: Mapping[str, str], body: bytes) -> Answer:
    """Take a delivery over: 200 once it is queued, 401 for a bad or stale signature, 500 to get it again.

    A delivery is recorded after it was enqueued: a crash in between lets Slack send it again, and the queue
    knows the job by the same delivery.
    """
    if len(body) > MAX_BODY:
        return Answer(413, {}, "too large")
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return Answer(400, {}, "not UTF-8")
    # Bolt would run a listener's lazy part for whoever sends its internal headers.
    given: dict[str, str | Sequence[str]] = {
        k: [v] for k, v in headers.items() if not k.lower().startswith("x-slack-bolt-")
    }
    request = BoltRequest(body=text, headers=given)
    response = app.dispatch(request)
    delivery = request.context.get("delivery")
    if delivery and response.status < 300:  # noqa: PLR2004 - HTTP status
        services.records.record_delivery(delivery)
    return Answer(response.status, response.first_headers(), response.body or "")
