"""Services: everything that a delivery or a job needs, made once by bot.wiring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from agent.artifacts import Artifacts
from bot.access import Directory, Policy
from bot.jobs import JobQueue
from bot.publish import Publisher
from bot.records.base import Records
from bot.slack import Slack

if TYPE_CHECKING:
    from agent.graph import Agent
    from knowledge.stores.base import KnowledgeStore


@dataclass(frozen=True)
class Services:
    """The ports behind the bot. `agent` and `store` are made at their first use: the ingress never asks."""

    records: Records
    queue: JobQueue
    artifacts: Artifacts
    slack: Slack
    publisher: Publisher
    directory: Directory
    policy: Policy
    agent: Callable[[], Agent]
    store: Callable[[], KnowledgeStore]
    now: Callable[[], datetime]
    """The time in UTC."""
    file_origins: tuple[str, ...]
    progress_seconds: float
    budget: int
