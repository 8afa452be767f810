"""The composition root: Settings → Services. Production, demo and tests all call it."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bot.access import CachedDirectory, Policy
from bot.artifacts.folder import FolderArtifacts
from bot.publish import Publisher
from bot.queues.sqlite import SqliteQueue
from bot.records.sqlite import SqliteRecords
from bot.services import Services
from bot.settings import Settings
from bot.slack import Slack, web_client

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver

    from agent.artifacts import Artifacts
    from agent.graph import Agent
    from knowledge.embedders.base import Embedder
    from knowledge.stores.base import KnowledgeStore


def make_services(settings: Settings) -> Services:
    """The services that the settings ask for; heavy parts are made at their first use.

    ConfigurationError when a file in the data folder was written by a newer version.
    """
    folder = settings.data_dir
    records = SqliteRecords(folder / "records.db")
    slack = Slack(web_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url))
    artifacts = FolderArtifacts(folder / "artifacts")
    store = cache(lambda: make_knowledge(settings))
    return Services(
        records=records,
        queue=SqliteQueue(folder / "queue.db", lease=settings.lease_seconds, attempts=settings.attempts),
        artifacts=artifacts,
        slack=slack,
        publisher=Publisher(slack, records),
        directory=CachedDirectory(slack),
        policy=Policy(guests=settings.allow_guests, external=settings.allow_external),
        agent=cache(lambda: make_agent(artifacts, store(), folder / "checkpoints.db")),
        store=store,
        now=lambda: datetime.now(UTC),
        file_origins=settings.slack_file_origins,
        progress_seconds=settings.progress_seconds,
        budget=settings.threats_budget,
    )


def make_knowledge(settings: Settings) -> KnowledgeStore:
    """The knowledge base that the settings ask for, with the starter pack in it.

    An OpenSearch that is away now is no reason to stop: each search says so, and runs go on without passages.
    """
    embedder = make_embedder(settings)
    if not settings.knowledge_url:
        return make_store(settings.data_dir / "knowledge.db", embedder)
    from knowledge.corpora.starter import ensure
    from knowledge.stores.base import StoreError
    from knowledge.stores.opensearch import OpenSearchStore
    from knowledge.stores.opensearch_client import Endpoint

    endpoint = Endpoint(
        url=settings.knowledge_url, service=settings.knowledge_service, region=settings.knowledge_region
    )
    store = OpenSearchStore(endpoint, embedder=embedder)
    with suppress(StoreError):  # see above
        ensure(store)
    return store


def make_embedder(settings: Settings) -> Embedder | None:
    """The embedder that the settings ask for, or None; nothing is loaded before its first use."""
    if settings.embedder == "local":
        from knowledge.embedders.minilm import MiniLm

        return MiniLm()
    if settings.embedder == "titan":
        from knowledge.embedders.titan import TitanEmbedder

        return TitanEmbedder(region=settings.knowledge_region)
    return None


def make_store(path: Path | str, embedder: Embedder | None = None) -> KnowledgeStore:
    """The embedded knowledge base with the starter pack in it."""
    from knowledge.corpora.starter import ensure
    from knowledge.stores.sqlite import SqliteStore

    store = SqliteStore(path, embedder=embedder)
    ensure(store)
    return store


def make_agent(artifacts: Artifacts, store: KnowledgeStore, checkpoints: Path | None) -> Agent:
    """The agent with the rules analyst; its runs survive the process when `checkpoints` is a file."""
    from agent.analysts.rules import RulesAnalyst
    from agent.graph import Agent

    saver = make_saver(checkpoints) if checkpoints is not None else None
    return Agent(artifacts=artifacts, analysts=(RulesAnalyst(),), store=store, checkpointer=saver)


def make_saver(path: Path) -> BaseCheckpointSaver[str]:
    """The embedded checkpointer: one file, from which no class is ever rebuilt."""
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
    from langgraph.checkpoint.sqlite import SqliteSaver

    path.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(path, check_same_thread=False, timeout=30)
    return SqliteSaver(db, serde=JsonPlusSerializer(allowed_msgpack_modules=None))
