"""Messages of SQS: as they are received, and what SQS takes in them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

_PLAIN = re.compile(r"[!-~]{1,128}")
_FORBIDDEN = re.compile("[\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True)
class Message:
    """A message as it was received."""

    id: str
    body: str
    receipt: str
    group: str
    attempt: int
    """1 for the first time."""
    sent: int
    """Milliseconds since the epoch."""
    error: str = ""
    """Why it became a dead letter; empty for others, and for those that SQS moved itself."""

    @classmethod
    def polled(cls, message: Mapping[str, Any]) -> Self:
        """As ReceiveMessage gives it."""
        attributes = message["Attributes"]
        return cls(
            id=message["MessageId"],
            body=message["Body"],
            receipt=message["ReceiptHandle"],
            group=attributes["MessageGroupId"],
            attempt=int(attributes["ApproximateReceiveCount"]),
            sent=int(attributes["SentTimestamp"]),
            error=message.get("MessageAttributes", {}).get("error", {}).get("StringValue", ""),
        )

    @classmethod
    def recorded(cls, record: Mapping[str, Any]) -> Self:
        """As a Lambda event has it among its records."""
        attributes = record["attributes"]
        return cls(
            id=record["messageId"],
            body=record["body"],
            receipt=record["receiptHandle"],
            group=attributes["MessageGroupId"],
            attempt=int(attributes["ApproximateReceiveCount"]),
            sent=int(attributes["SentTimestamp"]),
        )


def plain(text: str) -> str:
    """The text where SQS takes it as an id, and its hash where it does not."""
    return text if _PLAIN.fullmatch(text) else hashed(text)


def hashed(*parts: str) -> str:
    """An id that SQS takes, made of the parts."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def sendable(body: str) -> str:
    """The same JSON with those characters escaped that SQS does not take."""
    return _FORBIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", body)


def reason(error: str) -> dict[str, Any]:
    """The message attribute that says why a job became a dead letter; at most 2,000 characters of it."""
    return {"error": {"DataType": "String", "StringValue": _FORBIDDEN.sub("?", error)[:2000] or "unknown"}}
