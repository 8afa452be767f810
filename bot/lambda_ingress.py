"""The ingress on Lambda: an event of an HTTP API is a delivery, and its answer is the function's.

Its log is lines of JSON on standard output.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bot.app import make_app
from bot.ingress import Answer, handle
from bot.ingress_settings import IngressSettings
from bot.services import Ingress
from bot.wiring import make_aws, make_ingress, make_slack

PATH = "/slack/events"
log = logging.getLogger("threatbot.lambda")


class IngressHandler:
    """Takes deliveries over. With a secret by reference, one that Slack has changed is read again.

    Args:
        settings: the ingress' settings.
        clock: seconds, for the secret.
    """

    def __init__(self, settings: IngressSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._secret = None
        if settings.secret:
            from bot.secrets import Secret

            self._secret = Secret(make_aws(settings, light=True), settings.secret, clock)
        self._make(make_ingress(self._known()))
        tenants = self._services.tenants
        for port in (self._services.records, self._services.queue, tenants and tenants.installations):
            getattr(port, "warm", int)()  # the AWS adapters make their clients now

    def _make(self, services: Ingress) -> None:
        """What is made of the services and the secrets as they are now."""
        self._services = services
        self._app = make_app(self._known(), services)
        self._pages = None
        if services.tenants:
            from bot.installations.pages import InstallPages

            self._pages = InstallPages(services.tenants, self._known())

    def __call__(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        """The answer in API Gateway's form."""
        began = time.perf_counter()
        answer = self._answer(event)
        log.info(
            "delivery",
            extra={
                "status": answer.status,
                "delivery": answer.delivery,
                "milliseconds": round((time.perf_counter() - began) * 1000, 1),
                "request": context.aws_request_id,
            },
        )
        return {"statusCode": answer.status, "headers": dict(answer.headers), "body": answer.body}

    def _answer(self, event: Mapping[str, Any]) -> Answer:
        method = event["requestContext"]["http"]["method"]
        path = event["rawPath"].removeprefix(_stage(event))
        if self._pages and method == "GET":
            return self._pages.answer(
                path, event.get("rawQueryString", ""), "; ".join(event.get("cookies") or ())
            )
        if (method, path) != ("POST", PATH):
            return Answer(404, {}, "not found")
        try:
            body = _body(event)
        except binascii.Error:
            return Answer(400, {}, "not base64")
        answer = handle(self._app, self._services, event["headers"], body)
        if answer.status == 401 and self._renewed():  # noqa: PLR2004 - HTTP status
            answer = handle(self._app, self._services, event["headers"], body)
        return answer

    def _renewed(self) -> bool:
        """Whether the secret was changed meanwhile; what is made with it is made anew then."""
        if self._secret is None or not self._secret.changed():
            return False
        from bot.installations.making import make_tenants

        settings = self._known()
        tenants = make_tenants(settings, light=True)
        self._make(replace(self._services, slack=make_slack(settings), tenants=tenants))
        log.info("the secret has changed")
        return True

    def _known(self) -> IngressSettings:
        values = self._secret.values if self._secret else {}
        return replace(
            self._settings,
            slack_signing_secret=values.get("slack_signing_secret", self._settings.slack_signing_secret),
            slack_bot_token=values.get("slack_bot_token", self._settings.slack_bot_token),
            slack_client_secret=values.get("slack_client_secret", self._settings.slack_client_secret),
        )


def _stage(event: Mapping[str, Any]) -> str:
    """What stands before the path where the API's stage is not $default."""
    stage = event["requestContext"].get("stage", "$default")
    return "" if stage == "$default" else f"/{stage}"


def _body(event: Mapping[str, Any]) -> bytes:
    given = event.get("body") or ""
    return base64.b64decode(given, validate=True) if event.get("isBase64Encoded") else given.encode()


class JsonLines(logging.Formatter):
    """A log record as one line of JSON, with what was given as `extra`; for a function that starts fast."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        usual = {
            "level": record.levelname,
            "timestamp": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "service": "threatbot",
            "logger": record.name,
            "message": record.getMessage(),
        }
        extra = {k: v for k, v in record.__dict__.items() if k not in _USUAL}
        trace = {"exception": self.formatException(record.exc_info)} if record.exc_info else {}
        return json.dumps(usual | extra | trace, ensure_ascii=False, default=str)


_USUAL = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}


def to_standard_output() -> None:
    """Write what threatbot logs as JSON lines to standard output, and nothing of it anywhere else."""
    logger = logging.getLogger("threatbot")
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False
