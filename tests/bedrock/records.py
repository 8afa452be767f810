"""Every request that the double has seen, and what can be asserted of them."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from tests.bedrock.cache import Counted


@dataclass
class Recorded:
    """One request, and what became of it."""

    operation: str
    """Converse or ConverseStream."""
    model: str
    """As it was called."""
    body: dict[str, Any]
    started: float
    """On the double's clock."""
    ended: float | None = None
    counted: Counted = field(default_factory=lambda: Counted(0, 0, 0))
    output: int = 0
    error: str = ""
    """The error code that it was answered with; "" for an answer."""

    @property
    def system(self) -> str:
        """The system prompt."""
        return "\n".join(b["text"] for b in self.body.get("system", []) if "text" in b)

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """All content blocks of all messages, in order."""
        return [block for message in self.body.get("messages", []) for block in message["content"]]

    @property
    def text(self) -> str:
        """All text of the messages."""
        return "\n".join(b["text"] for b in self.blocks if "text" in b)

    @property
    def last(self) -> str:
        """The text of the last message."""
        return "\n".join(b["text"] for b in self.body["messages"][-1]["content"] if "text" in b)

    @property
    def images(self) -> list[str]:
        """A digest of each image, in order."""
        contents = (base64.b64decode(b["image"]["source"]["bytes"]) for b in self.blocks if "image" in b)
        return [hashlib.sha256(c).hexdigest()[:12] for c in contents]

    @property
    def tools(self) -> dict[str, dict[str, Any]]:
        """The tools' schemas by name."""
        specs = (t["toolSpec"] for t in self.body.get("toolConfig", {}).get("tools", []) if "toolSpec" in t)
        return {spec["name"]: spec["inputSchema"]["json"] for spec in specs}

    @property
    def tool(self) -> str:
        """The name of the forced tool, else of the first; "" when there is none."""
        forced = self.body.get("toolConfig", {}).get("toolChoice", {}).get("tool", {}).get("name", "")
        return forced or next(iter(self.tools), "")

    @property
    def schema(self) -> dict[str, Any]:
        """The schema of `tool`."""
        return self.tools[self.tool]


class Log:
    """All requests, in the order they came."""

    def __init__(self) -> None:
        self._requests: list[Recorded] = []
        self._lock = Lock()

    def add(self, request: Recorded) -> None:
        """Keep one more."""
        with self._lock:
            self._requests.append(request)

    def __iter__(self) -> Iterator[Recorded]:
        with self._lock:
            return iter(tuple(self._requests))

    def __len__(self) -> int:
        return len(self._requests)

    def __getitem__(self, place: int) -> Recorded:
        return self._requests[place]

    @property
    def answered(self) -> list[Recorded]:
        """Those that got an answer."""
        return [r for r in self if not r.error and r.ended is not None]

    @property
    def seconds(self) -> float:
        """From the first request to the last answer, on the double's clock."""
        ends = [r.ended for r in self if r.ended is not None]
        return max(ends, default=0.0) - min((r.started for r in self), default=0.0)

    @property
    def depth(self) -> int:
        """The longest chain of answered calls of which each began after the one before had ended."""
        depths: list[tuple[float, int]] = []
        for request in sorted(self.answered, key=lambda r: r.started):
            before = (d for end, d in depths if end <= request.started)
            depths.append((request.ended or 0.0, 1 + max(before, default=0)))
        return max((d for _, d in depths), default=0)

    @property
    def images(self) -> Counter[str]:
        """How often each image was sent."""
        return Counter(digest for r in self for digest in r.images)

    @property
    def input_tokens(self) -> int:
        """All input tokens of answered calls, before any cache."""
        return sum(r.counted.total for r in self.answered)

    def assert_complete(self, system: str, request: str) -> None:
        """Every call carries this in its system prompt and this in its messages."""
        assert len(self), "no call was made"
        for place, recorded in enumerate(self):
            assert system in recorded.system, f"call {place} came without the system prompt"
            assert request in recorded.text, f"call {place} came without the request"
