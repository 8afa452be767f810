"""Calls to those AWS services that speak JSON, signed here: what the ingress asks, without loading botocore.

A call is a POST of a JSON object with the operation's name in a header (AWS JSON 1.0 and 1.1). Bytes travel
as base64; DynamoDB's numbers are strings on both sides; times stay the numbers that AWS gives.

A call that broke, met 500, 502, 503 or 504, or was refused for its rate is repeated, as botocore's standard
mode does: four tries in all, with a pause of up to 50 ms (200 ms after a refusal for its rate) that doubles.
The same bytes are sent again, so that a call of which only the answer was lost does no harm:

=============================  ===========================================================================
SendMessage                    to a FIFO queue, with a deduplication id: SQS keeps it once
PutItem on condition           the second one finds the item of the first, and its condition refuses it
UpdateItem                     sets the same values once more, or its condition refuses it
TransactWriteItems             carries a token of the call's own: DynamoDB does it once
GetItem, Query, GetParameter,  change nothing
GetSecretValue, Encrypt …
=============================  ===========================================================================

A counter that is added to may count a repeated call twice, here as with botocore; the ingress counts nothing.
"""

from __future__ import annotations

import base64
import json
import os
import random
import selectors
import ssl
import time
import uuid
import weakref
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from bot.aws_sigv4 import STAMP, Keys, authorization
from bot.aws_trust import Trust

CONNECT_SECONDS = 1.0
READ_SECONDS = 2.0
"""Four tries fit into the ingress' ten seconds; Slack waits for three."""
PAUSE = 0.05
"""Seconds, at most, before the second try; doubles with each further one."""
SLOWER = 4
"""How many times longer the pause is after a refusal for the rate."""

FAILING = frozenset({500, 502, 503, 504})
THROTTLED = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
"""Codes that say "not so fast"."""


class Service(NamedTuple):
    """How a service wants to be asked."""

    target: str
    """What stands before an operation's name."""
    version: str
    """Of AWS JSON."""
    blobs: frozenset[str]
    """Members of answers that are bytes. Those of DynamoDB have the name of their type."""


SERVICES = {
    "dynamodb": Service("DynamoDB_20120810", "1.0", frozenset({"B"})),
    "kms": Service("TrentService", "1.1", frozenset({"CiphertextBlob", "Plaintext"})),
    "secretsmanager": Service("secretsmanager", "1.1", frozenset({"SecretBinary"})),
    "sqs": Service("AmazonSQS", "1.0", frozenset()),
    "ssm": Service("AmazonSSM", "1.1", frozenset()),
}


class RefusedError(Exception):
    """AWS refused a call. `response` has the form of botocore's: the answer, with "Error" in it."""

    def __init__(self, operation: str, status: int, answer: Mapping[str, Any], code: str) -> None:
        message = str(answer.get("message") or answer.get("Message") or "")
        super().__init__(f"{operation}: {code}: {message}")
        self.operation_name = operation
        self.response = {
            **answer,
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": status},
        }

    @property
    def code(self) -> str:
        """Why, in AWS's word."""
        return str(self.response["Error"]["Code"])


class SilentError(Exception):
    """AWS did not answer a call, or not in its own language."""


class JsonClient:
    """One service; safe to share between threads. Connections are kept as long as the client.

    Args:
        service: one of SERVICES.
        url: where it answers, without a path.
        region: what requests are signed for.
        keys: as whom.
        trust: whom connections believe, where the URL is https.
        attempts: how often a call is tried.
        sleep: how to wait before a call is tried again.
    """

    def __init__(
        self,
        service: str,
        url: str,
        region: str,
        keys: Keys,
        *,
        trust: Trust | None = None,
        attempts: int = 4,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = url
        self._name = service
        self._service = SERVICES[service]
        self._place = urlsplit(url)
        self._region = region
        self._keys = keys
        self._attempts = attempts
        self._sleep = sleep
        self._idle: list[HTTPConnection] = []
        weakref.finalize(self, _closed, self._idle)
        self._trust = trust

    def call(self, operation: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a call that is named as botocore names it, such as "put_item".

        RefusedError when AWS refuses it, SilentError when nobody answers; each after the last try.
        """
        named = operation.title().replace("_", "")
        once = {"ClientRequestToken": str(uuid.uuid4())} if named == "TransactWriteItems" else {}
        body = json.dumps({**once, **arguments}, separators=(",", ":"), default=_base64).encode()
        for attempt in range(1, self._attempts):
            try:
                return self._once(named, body)
            except SilentError:
                pause = PAUSE
            except RefusedError as error:
                if not _passing(error):
                    raise
                pause = PAUSE * SLOWER if error.code in THROTTLED else PAUSE
            self._sleep(random.random() * pause * 2 ** (attempt - 1))  # noqa: S311 - jitter, no secret
        return self._once(named, body)

    def close(self) -> None:
        """Let go of connections."""
        _closed(self._idle)

    def _once(self, operation: str, body: bytes) -> dict[str, Any]:
        try:
            status, code, data = self._sent(body, self._headers(operation, body))
        except (OSError, HTTPException) as error:
            raise SilentError(f"{self._place.netloc}: {error or type(error).__name__}") from error
        try:
            answer = json.loads(data, object_hook=self._with_bytes) if data else {}
        except ValueError:
            answer = None
        if status == 200 and isinstance(answer, dict):  # noqa: PLR2004 - HTTP status
            return answer
        if status < 400:  # noqa: PLR2004 - HTTP status
            raise SilentError(f"{self._place.netloc} gave {status} and no JSON object")
        known = answer if isinstance(answer, dict) else {}
        raise RefusedError(operation, status, known, _plain(code) or _code(known) or str(status))

    def _headers(self, operation: str, body: bytes) -> dict[str, str]:
        headers = {
            "Content-Type": f"application/x-amz-json-{self._service.version}",
            "Host": self._place.netloc,
            "X-Amz-Date": time.strftime(STAMP, time.gmtime()),
            "X-Amz-Target": f"{self._service.target}.{operation}",
        }
        if self._keys.token:
            headers["X-Amz-Security-Token"] = self._keys.token
        if self._name == "sqs":
            headers["X-Amzn-Query-Mode"] = "true"  # its codes are those that it always had
        signed = authorization(self._keys, self._region, self._name, "POST", "/", headers, body)
        return {**headers, "Authorization": signed, "User-Agent": "threatbot", **_trace(os.environ)}

    def _sent(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, str, bytes]:
        """The answer's status, its code as SQS writes it, and its body."""
        connection = self._connection()
        try:
            connection.request("POST", "/", body, headers)
            answer = connection.getresponse()
            data = answer.read()
        except BaseException:
            connection.close()
            raise
        if not answer.will_close:
            self._idle.append(connection)
        return answer.status, (answer.getheader("x-amzn-query-error") or "").partition(";")[0], data

    def _connection(self) -> HTTPConnection:
        """One that is open. Lambda freezes a process for minutes, and AWS closes what is not used."""
        while self._idle:
            connection = self._idle.pop()
            if not _dropped(connection):
                return connection
            connection.close()
        try:
            return self._opened()
        except ssl.SSLCertVerificationError:
            if not self._trust or not self._trust.widened():
                raise
            return self._opened()

    def _opened(self) -> HTTPConnection:
        place = self._place.netloc
        made = HTTPConnection(place, timeout=CONNECT_SECONDS)
        if self._place.scheme == "https":
            context = self._trust.context if self._trust else None
            made = HTTPSConnection(place, timeout=CONNECT_SECONDS, context=context)
        made.connect()
        made.sock.settimeout(READ_SECONDS)
        return made

    def _with_bytes(self, found: dict[str, Any]) -> dict[str, Any]:
        """An object of an answer, with bytes for base64. An attribute called "B" is no text."""
        for name in self._service.blobs & found.keys():
            if isinstance(found[name], str):
                found[name] = base64.b64decode(found[name])
        return found


def _closed(connections: list[HTTPConnection]) -> None:
    while connections:
        connections.pop().close()


def _dropped(connection: HTTPConnection) -> bool:
    """Whether the other side has closed it: there is something to read where nothing was asked."""
    with selectors.DefaultSelector() as selector:
        selector.register(connection.sock, selectors.EVENT_READ)
        return bool(selector.select(0))


def _passing(error: RefusedError) -> bool:
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    return status in FAILING or status == 429 or error.code in THROTTLED  # noqa: PLR2004 - HTTP status


def _code(answer: Mapping[str, Any]) -> str:
    return _plain(str(answer.get("__type") or answer.get("code") or ""))


def _plain(code: str) -> str:
    """RequestThrottled, for "com.amazonaws.sqs#RequestThrottled" and for "RequestThrottled:https://…"."""
    return code.partition(":")[0].rpartition("#")[2]


def _trace(environment: Mapping[str, str]) -> dict[str, str]:
    """On Lambda, the trace that the call belongs to: SQS hands it on to the worker. It is not signed."""
    trace = environment.get("_X_AMZN_TRACE_ID", "")
    if not trace or "AWS_LAMBDA_FUNCTION_NAME" not in environment:
        return {}
    return {"X-Amzn-Trace-Id": quote(trace, safe="-=;:+&[]{}\"',")}


def _base64(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} has no form in JSON")
