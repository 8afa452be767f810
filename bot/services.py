"""What a delivery and a job need, made once by bot.wiring."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from agent.analysts.chat.base import ChatCalls
    from agent.artifacts import Artifacts
    from agent.domain.model import Progress, ThreatModel
    from agent.domain.usage import Usage
    from agent.graph import Task
    from bot.access import Directory, Policy
    from bot.installations.tenants import Tenants
    from bot.jobs import Actor, JobQueue
    from bot.lessons.base import Lessons
    from bot.publish import Publisher
    from bot.records.base import Records
    from bot.records.scoped import ScopedRecords
    from bot.slack import Slack
    from knowledge.stores.base import KnowledgeStore


class Runner(Protocol):
    """What makes threat models: agent.graph.Agent, or something around one."""

    def stream(self, task: Task, cancelled: Callable[[], bool]) -> Iterator[Progress | ThreatModel]:
        """See Agent."""
        ...


@dataclass(frozen=True, kw_only=True)
class Ingress:
    """The ports that a delivery needs."""

    records: Records
    queue: JobQueue
    slack: Slack
    policy: Policy
    lessons: Lessons
    """What verdicts have taught, for the models that come later."""
    tenants: Tenants | None = None
    """Who has installed the app; None: one workspace, whose bot token the settings have."""


@dataclass(frozen=True, kw_only=True)
class Services(Ingress):
    """The ports behind the bot. `agent` and `store` are made at their first use."""

    artifacts: Artifacts
    publisher: Publisher
    directory: Directory
    agent: Callable[[], Runner]
    store: Callable[[], KnowledgeStore]
    calls: Callable[[str, Usage], ChatCalls] | None
    """Language model calls for a run or a question, by its id and what it has used; None: rules only."""
    salt: str
    """Makes the marker of what comes from outside unguessable."""
    now: Callable[[], datetime]
    """The time in UTC."""
    file_origins: tuple[str, ...]
    progress_seconds: float
    budget: int
    documents_url: str = ""
    """Where people open the company's documents: answers may link there. Empty for nowhere."""

    def of(self, actor: Actor) -> Services | None:
        """The same for the workspace that somebody acts in: its token, and of what is kept only its own.

        None where the app is not installed, or not any more. DeliveryError as Tenants.find.
        """
        from bot.lessons.scoped import ScopedLessons
        from bot.publish import Publisher
        from bot.records.scoped import ScopedArtifacts

        records = self.records_of(actor)
        own = replace(
            self,
            records=records,
            artifacts=ScopedArtifacts(self.artifacts, records),
            lessons=ScopedLessons(self.lessons, actor.workspace),
        )
        if self.tenants is None:
            return own
        desk = self.tenants.desk(actor.workspace, actor.enterprise)
        if desk is None:
            return None
        publisher = Publisher(desk.slack, records)
        return replace(own, slack=desk.slack, publisher=publisher, directory=desk.directory)

    def records_of(self, actor: Actor) -> ScopedRecords:
        """The records of the workspace that somebody acts in, whether the app is installed there or not."""
        from bot.records.scoped import ScopedRecords

        return ScopedRecords(self.records, lambda: actor.workspace)

    def removed(self, actor: Actor) -> bool:
        """Whether the app was taken away from where this person acts, looked up now."""
        if self.tenants is None:
            return False
        for key in filter(None, (actor.workspace, actor.enterprise)):
            self.tenants.forget(key)
        return self.tenants.find(actor.workspace, actor.enterprise) is None
