"""One HTTP delivery in, one answer out; the same for the HTTP server and for Lambda."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from slack_bolt import App
from slack_bolt.request import BoltRequest

from agent.errors import StorageError
from bot.services import Ingress

log = logging.getLogger("threatbot.ingress")
MAX_BODY = 1_000_000
"""Bytes of the largest delivery that is looked at; Slack's are far smaller."""


@dataclass(frozen=True)
class Answer:
    """What goes back to Slack."""

    status: int
    headers: Mapping[str, str]
    body: str
    delivery: str = ""
    """The delivery's id, once its signature was found good: the id of the job that it became, if it did."""


def handle(app: App, services: Ingress, headers: Mapping[str, str], body: bytes) -> Answer:
    """Take a delivery over: 200 once it is queued, 401 for a bad or stale signature, 500 to get it again.

    A delivery is recorded after it was enqueued: a crash in between lets Slack send it again, and the queue
    knows the job by the same delivery. A form that goes back with what is wrong with it is not recorded: the
    person sends the same form again.
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
    if delivery and response.status < 300 and not _goes_back(response.body):  # noqa: PLR2004 - HTTP status
        _remember(services, str(delivery))
    return Answer(response.status, response.first_headers(), response.body or "", str(delivery or ""))


def _remember(services: Ingress, delivery: str) -> None:
    """Record it. Where that fails it counts all the same: its job is queued, and the queue knows its id.

    Refused now, a person would press again, which is another delivery, and be served twice.
    """
    try:
        services.records.record_delivery(delivery)
    except StorageError as error:
        log.error("delivery %s was not recorded: %s", delivery, error.message)  # noqa: TRY400 - known


def _goes_back(body: str | None) -> bool:
    """Whether the answer keeps a form open, with errors."""
    return bool(body) and '"response_action": "errors"' in str(body)
