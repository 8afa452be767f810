"""The embedded records: one SQLite file."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.domain.states import RunState
from agent.errors import NotFound
from bot.records.base import ModelEntry, Post, PostState, RunEntry
from bot.sqlite import Database

if TYPE_CHECKING:
    from agent.domain.model import ThreatModel
    from agent.domain.request import Request
    from agent.domain.verdict import Verdict

SCHEMA = """
CREATE TABLE IF NOT EXISTS models (
  id TEXT PRIMARY KEY, workspace TEXT NOT NULL, channel TEXT NOT NULL, thread TEXT NOT NULL,
  link TEXT NOT NULL, owner TEXT NOT NULL, created TEXT NOT NULL, request TEXT NOT NULL,
  revision INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS models_thread ON models (workspace, channel, thread);
CREATE TABLE IF NOT EXISTS revisions (
  model TEXT NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (model, number)
);
CREATE TABLE IF NOT EXISTS runs (
  id TEXT PRIMARY KEY, model TEXT NOT NULL, revision INTEGER NOT NULL, by TEXT NOT NULL,
  created TEXT NOT NULL, request TEXT NOT NULL, state TEXT NOT NULL, stop_by TEXT NOT NULL,
  error TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS verdicts (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, model TEXT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS verdicts_model ON verdicts (model, seq);
CREATE TABLE IF NOT EXISTS deliveries (id TEXT PRIMARY KEY, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS posts (
  key TEXT PRIMARY KEY, channel TEXT NOT NULL, ts TEXT NOT NULL DEFAULT ''
)
"""
_MODEL = "id, workspace, channel, thread, link, owner, created, request, revision"
_RUN = "id, model, revision, by, created, request, state, stop_by, error"


class SqliteRecords:
    """Records on SQLite."""

    def __init__(self, path: Path) -> None:
        self._db = Database(path, SCHEMA, version=1)

    def add_model(self, entry: ModelEntry) -> bool:
        """See Records."""
        with self._db.write() as db:
            cursor = db.execute(
                f"INSERT INTO models ({_MODEL}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",  # noqa: S608 - our words
                (
                    entry.id,
                    entry.workspace,
                    entry.channel,
                    entry.thread,
                    entry.link,
                    entry.owner,
                    entry.created.isoformat(),
                    entry.request.model_dump_json(),
                    entry.revision,
                ),
            )
            return cursor.rowcount == 1

    def model(self, id_: str) -> ModelEntry:
        """See Records."""
        row = self._db.read.execute(f"SELECT {_MODEL} FROM models WHERE id = ?", (id_,)).fetchone()  # noqa: S608
        if row is None:
            raise NotFound("I do not know this threat model any more. Start one with /threatmodel new.")
        return _model(row)

    def set_thread(self, id_: str, thread: str, link: str) -> None:
        """See Records."""
        with self._db.write() as db:
            db.execute("UPDATE models SET thread = ?, link = ? WHERE id = ?", (thread, link, id_))

    def set_request(self, id_: str, request: Request) -> None:
        """See Records."""
        with self._db.write() as db:
            db.execute("UPDATE models SET request = ? WHERE id = ?", (request.model_dump_json(), id_))

    def find_thread(self, workspace: str, channel: str, thread: str) -> str | None:
        """See Records."""
        row = self._db.read.execute(
            "SELECT id FROM models WHERE workspace = ? AND channel = ? AND thread = ?",
            (workspace, channel, thread),
        ).fetchone()
        return str(row[0]) if row else None

    def models(self, workspace: str, channel: str, limit: int = 20) -> tuple[ModelEntry, ...]:
        """See Records."""
        rows = self._db.read.execute(
            f"SELECT {_MODEL} FROM models WHERE workspace = ? AND channel = ? "  # noqa: S608 - our words
            "ORDER BY created DESC, id LIMIT ?",
            (workspace, channel, limit),
        )
        return tuple(_model(row) for row in rows)

    def start_run(self, run: RunEntry) -> RunEntry:
        """See Records."""
        with self._db.write() as db:
            db.execute(
                f"INSERT INTO runs ({_RUN}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",  # noqa: S608
                (
                    run.id,
                    run.model,
                    run.revision,
                    run.by,
                    run.created.isoformat(),
                    run.request.model_dump_json(),
                    run.state,
                    run.stop_by,
                    run.error,
                ),
            )
        return self.run(run.id)

    def run(self, id_: str) -> RunEntry:
        """See Records."""
        row = self._db.read.execute(f"SELECT {_RUN} FROM runs WHERE id = ?", (id_,)).fetchone()  # noqa: S608
        if row is None:
            raise NotFound("I do not know this run any more.")
        fields = _fields(_RUN, row)
        return RunEntry(**{**fields, "state": RunState(fields["state"])})

    def set_run(self, id_: str, state: RunState, error: str = "") -> None:
        """See Records."""
        with self._db.write() as db:
            db.execute("UPDATE runs SET state = ?, error = ? WHERE id = ?", (state, error, id_))

    def stop_run(self, model: str, revision: int, by: str) -> bool:
        """See Records."""
        with self._db.write() as db:
            cursor = db.execute(
                "UPDATE runs SET stop_by = ? "
                "WHERE model = ? AND revision = ? AND state IN ('queued', 'running')",
                (by, model, revision),
            )
            return cursor.rowcount == 1

    def save_revision(self, model: ThreatModel) -> None:
        """See Records."""
        with self._db.write() as db:
            db.execute(
                "INSERT INTO revisions (model, number, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                (model.id, model.revision, model.model_dump_json()),
            )
            db.execute(
                "UPDATE models SET revision = MAX(revision, ?) WHERE id = ?", (model.revision, model.id)
            )

    def revision(self, id_: str, number: int | None = None) -> ThreatModel:
        """See Records."""
        row = self._db.read.execute(
            "SELECT body FROM revisions WHERE model = ? AND number = COALESCE(?, number) "
            "ORDER BY number DESC LIMIT 1",
            (id_, number),
        ).fetchone()
        if row is None:
            raise NotFound(
                "There is no threat model in this thread yet. Drop a diagram here, or press Start."
            )
        from agent.domain.model import ThreatModel

        return ThreatModel.model_validate_json(row[0])

    def add_verdicts(self, verdicts: tuple[Verdict, ...]) -> None:
        """See Records."""
        with self._db.write() as db:
            db.executemany(
                "INSERT INTO verdicts (id, model, body) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING",
                [(v.id, v.model, v.model_dump_json()) for v in verdicts],
            )

    def verdicts(self, id_: str) -> tuple[Verdict, ...]:
        """See Records."""
        from agent.domain.verdict import Verdict

        rows = self._db.read.execute("SELECT body FROM verdicts WHERE model = ? ORDER BY seq", (id_,))
        return tuple(Verdict.model_validate_json(body) for (body,) in rows)

    def delivered(self, delivery: str) -> bool:
        """See Records."""
        row = self._db.read.execute("SELECT 1 FROM deliveries WHERE id = ?", (delivery,)).fetchone()
        return row is not None

    def record_delivery(self, delivery: str) -> None:
        """See Records."""
        with self._db.write() as db:
            db.execute(
                "INSERT INTO deliveries (id, at) VALUES (?, ?) ON CONFLICT DO NOTHING",
                (delivery, time.time()),
            )

    def begin_post(self, key: str, channel: str) -> Post:
        """See Records."""
        with self._db.write() as db:
            known = self.post(key)
            if known is not None:
                return known
            db.execute("INSERT INTO posts (key, channel) VALUES (?, ?)", (key, channel))
        return Post(key=key, state=PostState.NEW, channel=channel)

    def finish_post(self, key: str, ts: str) -> None:
        """See Records."""
        with self._db.write() as db:
            db.execute("UPDATE posts SET ts = ? WHERE key = ?", (ts, key))

    def post(self, key: str) -> Post | None:
        """See Records."""
        row = self._db.read.execute("SELECT channel, ts FROM posts WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        state = PostState.DONE if row[1] else PostState.UNSURE
        return Post(key=key, state=state, channel=row[0], ts=row[1])

    def close(self) -> None:
        """See Records."""
        self._db.close()


def _model(row: tuple[Any, ...]) -> ModelEntry:
    return ModelEntry(**_fields(_MODEL, row))


def _fields(names: str, row: tuple[Any, ...]) -> dict[str, Any]:
    from agent.domain.request import Request

    fields = dict(zip(names.split(", "), row, strict=True))
    return {
        **fields,
        "created": datetime.fromisoformat(fields["created"]),
        "request": Request.model_validate_json(fields["request"]),
    }
