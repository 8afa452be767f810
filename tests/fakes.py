"""Small real classes that stand in for the world; never patches."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

from agent.analysts.areas import split
from agent.analysts.base import Brief, Findings
from agent.analysts.rules import RulesAnalyst
from agent.domain.model import Coverage, Gap
from agent.domain.system import System
from agent.domain.threat import Origin, Threat
from agent.errors import AnalystError, NotFound
from knowledge.passages import Hit, Passage, Query
from knowledge.stores.base import StoreError


class Clock:
    """A clock that moves when it is told to: seconds since the epoch, and the same as a UTC datetime."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.seconds = now

    def __call__(self) -> float:
        """Seconds since the epoch."""
        return self.seconds

    def utc(self) -> datetime:
        """The same moment as a datetime."""
        return datetime.fromtimestamp(self.seconds, UTC)

    def advance(self, seconds: float) -> None:
        """Move on."""
        self.seconds += seconds


class People:
    """A directory of people and channels, as Slack's users.info and conversations.info would answer."""

    def __init__(
        self, users: dict[str, dict[str, Any]], channels: dict[str, dict[str, Any]] | None = None
    ) -> None:
        self.users = users
        self.channels = channels or {}
        self.asked: list[str] = []

    def user(self, user: str) -> dict[str, Any]:
        """See bot.access.Directory."""
        self.asked.append(user)
        if user not in self.users:
            raise NotFound(f"There is no user {user}.")
        return self.users[user]

    def channel(self, channel: str) -> dict[str, Any]:
        """See bot.access.Directory."""
        self.asked.append(channel)
        return self.channels.get(channel, {})


class AwayStore:
    """A knowledge store that never answers."""

    def upsert(self, passages: Iterable[Passage]) -> int:
        """See KnowledgeStore."""
        raise StoreError(f"away, with {len(list(passages))} passages to keep")

    def delete_source(self, source: str) -> int:
        """See KnowledgeStore."""
        raise StoreError(f"away, with {source} to delete")

    def delete(self, ids: Iterable[str]) -> int:
        """See KnowledgeStore."""
        raise StoreError(f"away, with {len(list(ids))} passages to delete")

    def ids(self, source: str) -> tuple[str, ...]:
        """See KnowledgeStore."""
        raise StoreError(f"away, asked for the ids of {source}")

    def get(self, ids: Iterable[str]) -> tuple[Passage, ...]:
        """See KnowledgeStore."""
        raise StoreError(f"away, asked for {len(list(ids))} passages")

    def search(self, query: Query) -> tuple[Hit, ...]:
        """See KnowledgeStore."""
        raise StoreError(f"away, asked for {query.limit} hits")

    def counts(self) -> dict[str, int]:
        """See KnowledgeStore."""
        raise StoreError("away")

    def close(self) -> None:
        """See KnowledgeStore."""


class StumblingAnalyst:
    """An analyst that cannot finish areas with a certain element, and finds nothing in others."""

    origin = Origin.MODEL

    def __init__(self, element: str) -> None:
        self.element = element

    def find(self, brief: Brief) -> Findings:
        """See Analyst."""
        if self.element in brief.area.elements:
            raise AnalystError("The reply broke the schema twice.")
        return Findings(area=brief.area.id)

    def review(self, system: System, threats: tuple[Threat, ...], coverage: Coverage) -> tuple[Gap, ...]:
        """See Analyst."""
        assert system.elements
        assert coverage.cells
        assert all(t.targets for t in threats)
        return ()


class InsistentAnalyst:
    """An analyst that finds nothing and names one gap after every round."""

    origin = Origin.MODEL

    def __init__(self) -> None:
        self.rounds: list[tuple[str, ...]] = []

    def find(self, brief: Brief) -> Findings:
        """See Analyst; keeps what it was asked to look at."""
        self.rounds.append(tuple(g.reason for g in brief.gaps))
        return Findings(area=brief.area.id)

    def review(self, system: System, threats: tuple[Threat, ...], coverage: Coverage) -> tuple[Gap, ...]:
        """See Analyst."""
        assert coverage.cells
        return (Gap(area=split(system)[0].id, reason=f"{len(threats)} threats are too few"),)


class WordsEmbedder:
    """An embedder for which two texts are as near as the words they share; keeps count of its calls."""

    name = "words"
    dimension = 256

    def __init__(self) -> None:
        self.calls = 0

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """See Embedder."""
        self.calls += 1
        return [self._vector(text) for text in texts]

    def _vector(self, text: str) -> list[float]:
        vector = [0.0] * self.dimension
        for word in set(re.findall(r"[a-z0-9]+", text.lower())) or {""}:
            vector[crc32(word.encode()) % self.dimension] += 1.0
        length = math.hypot(*vector)
        return [value / length for value in vector]


class SlowAnalyst(RulesAnalyst):
    """The rules analyst, which waits before each area until it is let go on."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()
        self.let_go = threading.Event()

    def find(self, brief: Brief) -> Findings:
        """See Analyst."""
        self.asked.set()
        self.let_go.wait(20)
        return super().find(brief)
