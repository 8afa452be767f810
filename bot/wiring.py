"""The composition root: Settings → Services, and for the ingress alone IngressSettings → Ingress.

Production, demo and tests all call it. Each part is imported where it is made: nobody waits for what
the settings do not ask for.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from bot.services import Ingress, Services

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from langgraph.checkpoint.base import BaseCheckpointSaver

    from agent.analysts.chat.base import ChatCalls
    from agent.analysts.model_run import ModelRun
    from agent.artifacts import Artifacts
    from agent.domain.usage import Usage
    from agent.graph import Agent
    from bot.access import Policy
    from bot.aws import Aws
    from bot.ingress_settings import IngressSettings
    from bot.jobs import JobQueue
    from bot.lessons.base import Lessons
    from bot.records.base import Records
    from bot.settings import Settings
    from bot.slack import Slack
    from knowledge.documents.base import DocumentPlace
    from knowledge.embedders.base import Embedder
    from knowledge.stores.base import KnowledgeStore


def make_ingress(settings: IngressSettings) -> Ingress:
    """The ports that a delivery needs, AWS without botocore; ConfigurationError as `make_services`."""
    from bot.installations.making import make_tenants

    return Ingress(
        records=make_records(settings, light=True),
        queue=make_queue(settings, light=True),
        slack=make_slack(settings),
        policy=make_policy(settings),
        lessons=make_lessons(settings, light=True),
        tenants=make_tenants(settings, light=True),
    )


def make_slack(settings: IngressSettings) -> Slack:
    """The Slack that the settings name."""
    from bot.slack import Slack, web_client

    return Slack(web_client(settings.slack_bot_token, settings.slack_api_url))


def make_policy(settings: IngressSettings) -> Policy:
    """What the company allows beyond full members."""
    from bot.access import Policy

    return Policy(guests=settings.allow_guests, external=settings.allow_external)


def make_aws(settings: IngressSettings | Settings, *, light: bool = False) -> Aws:
    """Where AWS answers. AWS's own chain says as whom it is asked: on Lambda, as the function's role.

    `light` as Aws has it.
    """
    from bot.aws import Aws

    return Aws(region=settings.aws_region, endpoint_url=settings.aws_endpoint_url, light=light)


def make_records(settings: IngressSettings, *, retention_days: int = 365, light: bool = False) -> Records:
    """The records that the settings ask for; `retention_days` counts for what the worker writes."""
    if settings.table:
        from bot.records.dynamodb import DynamoRecords

        aws = make_aws(settings, light=light)
        return DynamoRecords(aws, settings.table, retention_days=retention_days)
    from bot.records.sqlite import SqliteRecords

    return SqliteRecords(settings.data_dir / "records.db")


def make_queue(
    settings: IngressSettings, *, lease: float = 30.0, attempts: int = 4, light: bool = False
) -> JobQueue:
    """The job queue that the settings ask for; `lease` (seconds) and `attempts` are the worker's."""
    if settings.queue_url:
        from bot.queues.sqs import SqsQueue

        aws = make_aws(settings, light=light)
        return SqsQueue(aws, settings.queue_url, lease=lease, attempts=attempts)
    from bot.queues.sqlite import SqliteQueue

    return SqliteQueue(settings.data_dir / "queue.db", lease=lease, attempts=attempts)


def make_services(settings: Settings) -> Services:
    """The services that the settings ask for; heavy parts are made at their first use.

    ConfigurationError when a file in the data folder was written by a newer version.
    """
    from bot.access import CachedDirectory
    from bot.installations.making import make_tenants
    from bot.publish import Publisher

    ingress = settings.ingress
    records = make_records(ingress, retention_days=settings.retention_days)
    slack, artifacts = make_slack(ingress), make_artifacts(settings)
    store = cache(lambda: make_knowledge(settings))
    kept = artifacts if settings.transcripts else None
    calls = make_calls(settings, kept, transcripts_of) if settings.analyst == "model" else None
    salt = hashlib.sha256(b"fence" + settings.slack_signing_secret.get_secret_value().encode()).hexdigest()
    return Services(
        records=records,
        queue=make_queue(ingress, lease=settings.lease_seconds, attempts=settings.attempts),
        artifacts=artifacts,
        lessons=make_lessons(ingress, retention_days=settings.retention_days),
        slack=slack,
        publisher=Publisher(slack, records),
        directory=CachedDirectory(slack),
        policy=make_policy(ingress),
        tenants=make_tenants(ingress),
        agent=cache(lambda: make_agent(artifacts, store(), make_checkpoints(settings), calls, salt)),
        calls=calls,
        salt=salt,
        store=store,
        now=lambda: datetime.now(UTC),
        file_origins=settings.slack_file_origins,
        progress_seconds=settings.progress_seconds,
        budget=settings.threats_budget,
        documents_url=settings.documents_url,
    )


def make_artifacts(settings: Settings) -> Artifacts:
    """The artifacts that the settings ask for."""
    if settings.bucket:
        from bot.artifacts.s3 import S3Artifacts

        return S3Artifacts(make_aws(settings), settings.bucket)
    from bot.artifacts.folder import FolderArtifacts

    return FolderArtifacts(settings.data_dir / "artifacts")


def make_lessons(settings: IngressSettings, *, retention_days: int = 365, light: bool = False) -> Lessons:
    """What verdicts have taught: in the records' table, or in their file."""
    if settings.table:
        from bot.lessons.dynamodb import DynamoLessons

        aws = make_aws(settings, light=light)
        return DynamoLessons(aws, settings.table, retention_days=retention_days)
    from bot.lessons.sqlite import SqliteLessons

    return SqliteLessons(settings.data_dir / "records.db")


def make_checkpoints(settings: Settings) -> BaseCheckpointSaver[str]:
    """The checkpointer that goes with the records: in their table, or in the data folder."""
    if settings.table:
        from bot.checkpoints import dynamodb_saver

        return dynamodb_saver(make_aws(settings), settings.table, settings.bucket)
    return make_saver(settings.data_dir / "checkpoints.db")


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


def make_documents(settings: Settings, where: str = "") -> DocumentPlace | None:
    """Where the company's documents lie: there, else as the settings say; None when neither says it."""
    from bot.documents import place_of

    chosen = where or settings.documents
    return place_of(chosen, make_aws(settings)) if chosen else None


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


def make_agent(
    artifacts: Artifacts,
    store: KnowledgeStore,
    checkpoints: BaseCheckpointSaver[str] | None,
    calls: Callable[[str, Usage], ChatCalls] | None = None,
    salt: str = "",
) -> Agent:
    """The agent with the rules analyst, and with the model analyst when there are calls for it.

    Args:
        artifacts: where attachments lie.
        store: the knowledge base.
        checkpoints: where runs survive the process; None keeps them in memory.
        calls: makes the language model calls of a run, by its id and what it has used already.
        salt: makes the marker of what comes from outside unguessable (see Fence).
    """
    from agent.analysts.rules import RulesAnalyst
    from agent.graph import Agent, Task

    def begin(task: Task, spent: Usage) -> ModelRun:
        from agent.analysts.model_run import ModelRun

        rounds = task.request.options.iterations
        reviews = 1 if rounds is None else rounds - 1
        return ModelRun(cast("Any", calls)(task.run, spent), task.run, reviews=reviews, salt=salt)

    return Agent(
        artifacts=artifacts,
        analysts=(RulesAnalyst(),),
        store=store,
        checkpointer=checkpoints,
        model=begin if calls else None,
    )


def make_calls(
    settings: Settings, keep: Artifacts | None = None, folder: Callable[[str], str] = lambda _: ""
) -> Callable[[str, Usage], ChatCalls]:
    """What makes the language model calls of a run or a question, by its id and what it has used.

    Models are made once, at the first call, and shared. With `keep`, every call is kept there as well, in
    the folder that is given for the run.
    """
    from agent.analysts.chat.models import ChatModels
    from agent.analysts.chat.recording import RecordedCalls

    models = ChatModels(settings.models)

    def begin(run: str, spent: Usage) -> ChatCalls:
        calls = models.for_run(spent=spent)
        return calls if keep is None else RecordedCalls(keep, calls, folder(run))

    return begin


def replayed_calls(recordings: Artifacts) -> Callable[[str, Usage], ChatCalls]:
    """The same out of recordings: no language model is asked."""
    from agent.analysts.chat.recording import RecordedCalls

    return lambda _run, _spent: RecordedCalls(recordings, None)


def transcripts_of(run: str) -> str:
    """Where what was said to and by the language model in a run is kept, when it is."""
    return f"transcripts/{re.sub('[^A-Za-z0-9_-]+', '-', run).strip('-')}/"


def make_saver(path: Path) -> BaseCheckpointSaver[str]:
    """The embedded checkpointer: one file, from which no class is ever rebuilt."""
    import sqlite3

    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
    from langgraph.checkpoint.sqlite import SqliteSaver

    path.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(path, check_same_thread=False, timeout=30)
    return SqliteSaver(db, serde=JsonPlusSerializer(allowed_msgpack_modules=None))
