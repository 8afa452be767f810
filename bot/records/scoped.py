"""One workspace's part of the records and the artifacts: what belongs to another one does not exist here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from agent.errors import NotFound
from bot.intake import PREFIX, owner_of

if TYPE_CHECKING:
    from agent.artifacts import Artifacts
    from agent.domain.model import ThreatModel
    from agent.domain.request import Request
    from agent.domain.states import RunState
    from agent.domain.verdict import Verdict
    from bot.glance import Glance
    from bot.records.base import ModelEntry, Post, Records, RunEntry

UNKNOWN = "I do not know this threat model any more. Start one with /threatmodel new."
"""What Records say of a model that nobody keeps: another workspace's is not told from it."""
REMEMBERED = 10_000


class ScopedRecords:
    """Records in which only the models of one workspace exist.

    A model id that carries a workspace is judged by it; one without, which an earlier version made, by its
    entry. The entry is looked at besides whenever it is read.

    Args:
        records: everybody's.
        whose: the workspace that is asking now; "" is nobody's, and finds nothing.
    """

    def __init__(self, records: Records, whose: Callable[[], str]) -> None:
        self._records = records
        self._whose = whose
        self._owners: dict[str, str] = {}

    def check(self, model: str) -> None:
        """NotFound unless the model is the workspace's own."""
        if not self._whose() or self._owner(model) != self._whose():
            raise NotFound(UNKNOWN)

    def add_model(self, entry: ModelEntry) -> bool:
        """See Records; NotFound when it is to be another workspace's."""
        if not self._whose() or entry.workspace != self._whose():
            raise NotFound(UNKNOWN)
        if owner_of(entry.id):
            self.check(entry.id)
        added = self._records.add_model(entry)
        self.check(entry.id)
        return added

    def model(self, id_: str) -> ModelEntry:
        """See Records."""
        self.check(id_)
        entry = self._records.model(id_)
        if entry.workspace != self._whose():
            raise NotFound(UNKNOWN)
        return entry

    def set_thread(self, id_: str, thread: str, link: str) -> None:
        """See Records."""
        self.check(id_)
        self._records.set_thread(id_, thread, link)

    def set_request(self, id_: str, request: Request) -> None:
        """See Records."""
        self.check(id_)
        self._records.set_request(id_, request)

    def find_thread(self, workspace: str, channel: str, thread: str) -> str | None:
        """See Records; None for another workspace's."""
        if workspace != self._whose():
            return None
        return self._records.find_thread(workspace, channel, thread)

    def models(self, workspace: str, channel: str, limit: int = 20) -> tuple[Glance, ...]:
        """See Records; nothing for another workspace's."""
        if workspace != self._whose():
            return ()
        return self._records.models(workspace, channel, limit)

    def start_run(self, run: RunEntry) -> RunEntry:
        """See Records."""
        self.check(run.model)
        kept = self._records.start_run(run)
        self.check(kept.model)
        return kept

    def run(self, id_: str) -> RunEntry:
        """See Records."""
        run = self._records.run(id_)
        self.check(run.model)
        return run

    def set_run(self, id_: str, state: RunState, error: str = "") -> None:
        """See Records."""
        self.run(id_)
        self._records.set_run(id_, state, error)

    def set_stage(self, id_: str, stage: str, threats: int) -> None:
        """See Records."""
        self.run(id_)
        self._records.set_stage(id_, stage, threats)

    def stop_run(self, model: str, revision: int, by: str) -> bool:
        """See Records."""
        self.check(model)
        return self._records.stop_run(model, revision, by)

    def save_revision(self, model: ThreatModel) -> None:
        """See Records."""
        self.check(model.id)
        self._records.save_revision(model)

    def revision(self, id_: str, number: int | None = None) -> ThreatModel:
        """See Records."""
        self.check(id_)
        return self._records.revision(id_, number)

    def add_verdicts(self, verdicts: tuple[Verdict, ...]) -> None:
        """See Records; all of them or none."""
        for model in {verdict.model for verdict in verdicts}:
            self.check(model)
        self._records.add_verdicts(verdicts)

    def verdicts(self, id_: str) -> tuple[Verdict, ...]:
        """See Records."""
        self.check(id_)
        return self._records.verdicts(id_)

    def delivered(self, delivery: str) -> bool:
        """See Records; a delivery's id names its workspace."""
        return self._records.delivered(delivery)

    def record_delivery(self, delivery: str) -> None:
        """See Records."""
        self._records.record_delivery(delivery)

    def begin_post(self, key: str, channel: str) -> Post:
        """See Records."""
        self._check_key(key)
        return self._records.begin_post(key, channel)

    def finish_post(self, key: str, ts: str) -> None:
        """See Records."""
        self._check_key(key)
        self._records.finish_post(key, ts)

    def post(self, key: str) -> Post | None:
        """See Records."""
        self._check_key(key)
        return self._records.post(key)

    def close(self) -> None:
        """See Records."""
        self._records.close()

    def _check_key(self, key: str) -> None:
        """A post is named after a model, or after a job, whose id comes from a delivery to its workspace."""
        if key.startswith(PREFIX):
            self.check(key.partition("/")[0])

    def _owner(self, model: str) -> str:
        carried = owner_of(model)
        if carried:
            return carried
        if model not in self._owners:
            if len(self._owners) >= REMEMBERED:
                self._owners.clear()
            self._owners[model] = self._records.model(model).workspace
        return self._owners[model]


class ScopedArtifacts:
    """Artifacts under the models of one workspace: a key begins with a model's id."""

    def __init__(self, artifacts: Artifacts, records: ScopedRecords) -> None:
        self._artifacts = artifacts
        self._records = records

    def put(self, key: str, content: bytes) -> None:
        """See Artifacts; NotFound for another workspace's, as of every method."""
        self._check(key)
        self._artifacts.put(key, content)

    def get(self, key: str) -> bytes:
        """See Artifacts."""
        self._check(key)
        return self._artifacts.get(key)

    def delete(self, prefix: str) -> int:
        """See Artifacts."""
        self._check(prefix)
        return self._artifacts.delete(prefix)

    def _check(self, key: str) -> None:
        self._records.check(key.partition("/")[0])
