"""The prompt cache, as Bedrock keeps it: prefixes in the order tools, system, messages, by cache point."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock
from typing import Any

from tests.bedrock import tokens

_KEPT = 300.0
"""Seconds that an entry lives after its last use."""


@dataclass(frozen=True)
class Counted:
    """Input tokens, by what they cost."""

    fresh: int
    read: int
    written: int
    prefixes: tuple[str, ...] = ()
    """What identifies the prefixes up to each cache point."""

    @property
    def total(self) -> int:
        """All input tokens."""
        return self.fresh + self.read + self.written


@dataclass(frozen=True)
class _Point:
    key: str
    tokens: int


class PrefixCache:
    """Knows which prefixes were seen. An entry can be read once its writer has begun to answer."""

    def __init__(self) -> None:
        self._ends: dict[str, float] = {}
        self._lock = Lock()

    def count(self, model: str, body: dict[str, Any], least: int, now: float) -> Counted:
        """The request's tokens, with the prefixes that are to be kept once its answer begins.

        Args:
            model: the bare id; models share nothing.
            body: the Converse request.
            least: the fewest tokens of a prefix that this model keeps.
            now: when the request came.
        """
        points, total = _points(model, body)
        kept = [p for p in points if p.tokens >= least]
        with self._lock:
            hit = max((p.tokens for p in kept if now <= self._ends.get(p.key, -1.0)), default=0)
        reach = max((p.tokens for p in kept), default=0)
        return Counted(total - reach, hit, reach - hit, tuple(p.key for p in kept))

    def keep(self, counted: Counted, now: float) -> None:
        """The answer has begun: from now on others can read what this request brought or used."""
        with self._lock:
            self._ends.update(dict.fromkeys(counted.prefixes, now + _KEPT))


def _points(model: str, body: dict[str, Any]) -> tuple[list[_Point], int]:
    """Every cache point with the prefix that it closes, and all tokens of the request."""
    seen = hashlib.sha256(model.encode())
    total = 0
    points: list[_Point] = []
    for part, amount in _parts(body):
        if part is None:
            points.append(_Point(seen.hexdigest(), total))
        else:
            seen.update(part.encode())
            total += amount
    return points, total


def _parts(body: dict[str, Any]) -> Iterator[tuple[str | None, int]]:
    """The request piece by piece, None for a cache point."""
    config = body.get("toolConfig", {})
    yield "tools", tokens.of_tools({"tools": config.get("tools", [])})
    for tool in config.get("tools", []):
        yield (None if "cachePoint" in tool else _key(tool)), 0
    for block in body.get("system", []):
        yield (None if "cachePoint" in block else _key(block)), tokens.of_block(block)
    # what is asked of the model changes what messages mean to it, so it belongs to their prefix
    yield _key([config.get("toolChoice"), body.get("additionalModelRequestFields")]), 0
    for message in body.get("messages", []):
        yield str(message["role"]), 0
        for block in message["content"]:
            yield (None if "cachePoint" in block else _key(block)), tokens.of_block(block)


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
