"""The binary framing of AWS event streams: length, headers, payload, checksums."""

from __future__ import annotations

import json
import struct
from typing import Any
from zlib import crc32

_STRING = 7
"""The type of a header whose value is text."""


def event(name: str, payload: dict[str, Any]) -> bytes:
    """One event of a stream, such as contentBlockDelta."""
    return _frame({":message-type": "event", ":event-type": name}, payload)


def exception(name: str, message: str) -> bytes:
    """An error inside a stream, such as throttlingException."""
    return _frame({":message-type": "exception", ":exception-type": name}, {"message": message})


def _frame(kind: dict[str, str], payload: dict[str, Any]) -> bytes:
    headers = b"".join(_header(k, v) for k, v in {**kind, ":content-type": "application/json"}.items())
    body = json.dumps(payload, ensure_ascii=False).encode()
    prelude = struct.pack("!II", 12 + len(headers) + len(body) + 4, len(headers))
    message = prelude + struct.pack("!I", crc32(prelude)) + headers + body
    return message + struct.pack("!I", crc32(message))


def _header(name: str, value: str) -> bytes:
    key, text = name.encode(), value.encode()
    return struct.pack("!B", len(key)) + key + struct.pack("!BH", _STRING, len(text)) + text
