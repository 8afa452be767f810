"""One run of the agent in a process of its own, which can kill itself in or after a node.

Arguments: a folder for artifacts and checkpoints; and "", "in <node>" or "after <node>". Three more, where
AWS answers, a table and a bucket, put the checkpoints there.
Prints the stages that this process did, and the model, as JSON.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
from collections.abc import Iterable
from pathlib import Path

from langgraph.checkpoint.base import BaseCheckpointSaver

from agent.analysts.base import Brief, Findings
from agent.analysts.rules import RulesAnalyst
from agent.domain.model import Coverage, Gap, ThreatModel
from agent.domain.request import Attachment, Request
from agent.domain.system import System
from agent.domain.threat import Threat
from agent.graph import Agent, Task
from bot.artifacts.folder import FolderArtifacts
from bot.wiring import make_saver, make_store
from knowledge.passages import Hit, Passage, Query
from knowledge.stores.base import KnowledgeStore

DIAGRAM = b"""flowchart LR
  customer([Customer]) -->|HTTPS| shop[Bakery web shop]
  shop -->|REST| orders[Order API]
  orders -->|SQL| db[(Orders DB)]
"""
KILL_AT = sys.argv[2]


def here(point: str) -> None:
    """Die as if the machine had been switched off, if this is the point."""
    if point == KILL_AT:
        os.kill(os.getpid(), signal.SIGKILL)


class MortalArtifacts(FolderArtifacts):
    """Artifacts during whose reading the process may die."""

    def get(self, key: str) -> bytes:
        """See Artifacts."""
        here("in read")
        return super().get(key)


class MortalStore:
    """A store during whose answers the process may die."""

    def __init__(self, store: KnowledgeStore) -> None:
        self._store = store

    def search(self, query: Query) -> tuple[Hit, ...]:
        """See KnowledgeStore."""
        here("in retrieve")
        return self._store.search(query)

    def get(self, ids: Iterable[str]) -> tuple[Passage, ...]:
        """See KnowledgeStore."""
        here("in score")
        return self._store.get(ids)

    def upsert(self, passages: Iterable[Passage]) -> int:
        """See KnowledgeStore."""
        return self._store.upsert(passages)

    def delete_source(self, source: str) -> int:
        """See KnowledgeStore."""
        return self._store.delete_source(source)

    def delete(self, ids: Iterable[str]) -> int:
        """See KnowledgeStore."""
        return self._store.delete(ids)

    def ids(self, source: str) -> tuple[str, ...]:
        """See KnowledgeStore."""
        return self._store.ids(source)

    def counts(self) -> dict[str, int]:
        """See KnowledgeStore."""
        return self._store.counts()

    def close(self) -> None:
        """See KnowledgeStore."""
        self._store.close()


class MortalAnalyst(RulesAnalyst):
    """The rules analyst, during whose thoughts the process may die."""

    def find(self, brief: Brief) -> Findings:
        """See Analyst."""
        here("in find")
        return super().find(brief)

    def review(self, system: System, threats: tuple[Threat, ...], coverage: Coverage) -> tuple[Gap, ...]:
        """See Analyst."""
        here("in review")
        return super().review(system, threats, coverage)


def a_saver(folder: Path) -> BaseCheckpointSaver[str]:
    """Where the arguments say."""
    if len(sys.argv) == 3:
        return make_saver(folder / "checkpoints.db")
    from bot.aws import Aws
    from bot.checkpoints import dynamodb_saver

    url, table, bucket = sys.argv[3:]
    aws = Aws(region="eu-central-1", endpoint_url=url, key_id="AKIADOUBLE", secret="double")
    return dynamodb_saver(aws, table, bucket)


def main() -> None:
    """Run, or resume."""
    folder = Path(sys.argv[1])
    artifacts = MortalArtifacts(folder / "artifacts")
    sha256 = hashlib.sha256(DIAGRAM).hexdigest()
    artifacts.put(sha256, DIAGRAM)
    agent = Agent(
        artifacts=artifacts,
        analysts=(MortalAnalyst(),),
        store=MortalStore(make_store(folder / "knowledge.db")),
        checkpointer=a_saver(folder),
    )
    attachment = Attachment(name="bakery.mmd", key=sha256, sha256=sha256, size=len(DIAGRAM))
    request = Request(title="Bakery", attachments=(attachment,))
    stages: list[str] = []
    for event in agent.stream(Task(run="run-1", model="tm-1", revision=1, request=request)):
        if isinstance(event, ThreatModel):
            sys.stdout.write(json.dumps({"stages": stages, "model": event.dump()}))
            return
        stages.append(event.stage.value)
        here(f"after {event.stage.value}")


if __name__ == "__main__":
    main()
