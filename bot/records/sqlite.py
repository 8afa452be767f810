"""The embedded records: one SQLite file.

What is old is deleted by `forget`, which counts as the expiry in bot.records.dynamodb does: a model with all
that belongs to it from its last change, a run from its beginning, a message from the last time that it was
looked for, a delivery for a week.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.domain.states import RunState
from agent.errors import NotFound
from bot.records.base import ModelEntry, Post, PostState, RunEntry
from bot.records.sqlite_schema import GLANCE, SCHEMA
from bot.sqlite import Database

if TYPE_CHECKING:
    from agent.domain.model import ThreatModel
    from agent.domain.request import Request
    from agent.domain.tally import ThreatTally
    from agent.domain.verdict import Verdict
    from bot.glance import Glance, RunGlance

VERSION = 1
"""Of the file, in which bot.lessons.sqlite has a table of its own."""
DAY = 86_400
DELIVERY_DAYS = 7
_KEPT = {"model": ("models", "id"), "run": ("runs", "id"), "post": ("posts", "key")}
"""What has an age, with its table and that table's key."""
_MODEL = "id, workspace, channel, thread, link, owner, created, request, revision"
_RUN = "id, model, revision, by, created, request, state, stop_by, error"


class SqliteRecords:
    """Records on SQLite.

    Args:
        path: the file.
        clock: seconds since the epoch, for ages.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._db = Database(path, SCHEMA, version=VERSION)
        self._clock = clock

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
            if cursor.rowcount == 1:
                self._touch(db, "model", entry.id)
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
            self._touch(db, "model", id_)

    def find_thread(self, workspace: str, channel: str, thread: str) -> str | None:
        """See Records."""
        row = self._db.read.execute(
            "SELECT id FROM models WHERE workspace = ? AND channel = ? AND thread = ?",
            (workspace, channel, thread),
        ).fetchone()
        return str(row[0]) if row else None

    def models(self, workspace: str, channel: str, limit: int = 20) -> tuple[Glance, ...]:
        """See Records; one query, and one more for each model that an earlier version has left uncounted."""
        rows = self._db.read.execute(GLANCE, (workspace, channel, limit)).fetchall()
        return tuple(self._glance(row) for row in rows)

    def _glance(self, row: tuple[Any, ...]) -> Glance:
        from agent.domain.tally import ThreatTally
        from bot.glance import Glance

        id_, request, owner, created, link, revision, counts, *run = row
        if counts is not None:
            tally = ThreatTally.load(counts)
        elif revision:
            with self._db.write() as db:
                tally = self._count(db, id_)
        else:
            tally = ThreatTally()
        return Glance(
            id=id_,
            title=json.loads(request)["title"],
            owner=owner,
            created=datetime.fromisoformat(created),
            link=link,
            revision=revision,
            tally=tally,
            run=_run_glance(*run) if run[0] is not None else None,
        )

    def start_run(self, run: RunEntry) -> RunEntry:
        """See Records."""
        with self._db.write() as db:
            cursor = db.execute(
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
            if cursor.rowcount == 1:
                self._touch(db, "run", run.id)
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

    def set_stage(self, id_: str, stage: str, threats: int) -> None:
        """See Records."""
        with self._db.write() as db:
            db.execute(
                "INSERT OR REPLACE INTO stages SELECT id, ?, ? FROM runs WHERE id = ?", (stage, threats, id_)
            )

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
            self._count(db, model.id)
            self._touch(db, "model", model.id)

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
            for model in {v.model for v in verdicts}:
                self._count(db, model)
                self._touch(db, "model", model)

    def _count(self, db: sqlite3.Connection, id_: str) -> ThreatTally:
        """Keep the tally of a model as it stands in this transaction; nothing for one without a revision."""
        from agent.domain.tally import ThreatTally, folded

        row = db.execute("SELECT revision FROM models WHERE id = ?", (id_,)).fetchone()
        try:
            latest = self.revision(id_, row[0] if row else 0)
        except NotFound:
            return ThreatTally()
        tally = folded(latest, self.verdicts(id_))
        db.execute(
            "INSERT OR REPLACE INTO tallies "
            "SELECT ?, ?, COALESCE(MAX(seq), 0), ? FROM verdicts WHERE model = ?",
            (id_, latest.revision, tally.dump(), id_),
        )
        return tally

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
                (delivery, self._clock()),
            )

    def begin_post(self, key: str, channel: str) -> Post:
        """See Records."""
        with self._db.write() as db:
            known = self._post(key)
            if known is None:
                db.execute("INSERT INTO posts (key, channel) VALUES (?, ?)", (key, channel))
            self._touch(db, "post", key)
        if known is not None:
            return known
        return Post(key=key, state=PostState.NEW, channel=channel)

    def finish_post(self, key: str, ts: str) -> None:
        """See Records."""
        with self._db.write() as db:
            db.execute("UPDATE posts SET ts = ? WHERE key = ?", (ts, key))
            self._touch(db, "post", key)

    def post(self, key: str) -> Post | None:
        """See Records; a message that is looked for is about to change, and is remembered for longer."""
        found = self._post(key)
        if found is not None and self._aged("post", key):
            with self._db.write() as db:
                self._touch(db, "post", key)
        return found

    def _post(self, key: str) -> Post | None:
        row = self._db.read.execute("SELECT channel, ts FROM posts WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        state = PostState.DONE if row[1] else PostState.UNSURE
        return Post(key=key, state=state, channel=row[0], ts=row[1])

    def forget(self, days: int) -> int:
        """Delete what nobody changed for so many days, and deliveries after a week; how many models.

        What an earlier version kept without its age is as old as the first call.
        """
        now = self._clock()
        self._db.read.execute("PRAGMA secure_delete = ON")  # what was deleted does not stay in the file
        with self._db.write() as db:
            for kind, (table, key) in _KEPT.items():
                db.execute(f"INSERT OR IGNORE INTO ages SELECT '{kind}', {key}, ? FROM {table}", (now,))  # noqa: S608 - our words
            old = "SELECT id FROM ages WHERE kind = ? AND at <= ?"
            for table in ("revisions", "verdicts"):
                db.execute(f"DELETE FROM {table} WHERE model IN ({old})", ("model", now - days * DAY))  # noqa: S608 - our words
            for kind, (table, key) in reversed(_KEPT.items()):
                gone = db.execute(f"DELETE FROM {table} WHERE {key} IN ({old})", (kind, now - days * DAY))  # noqa: S608 - our words
            db.execute("DELETE FROM tallies WHERE model NOT IN (SELECT id FROM models)")
            db.execute("DELETE FROM stages WHERE run NOT IN (SELECT id FROM runs)")
            db.execute("DELETE FROM ages WHERE at <= ?", (now - days * DAY,))
            db.execute("DELETE FROM deliveries WHERE at <= ?", (now - DELIVERY_DAYS * DAY,))
            return gone.rowcount

    def close(self) -> None:
        """See Records."""
        self._db.close()

    def _touch(self, db: sqlite3.Connection, kind: str, id_: str) -> None:
        """It is as old as now; nothing for what is not there."""
        table, key = _KEPT[kind]
        db.execute(
            f"INSERT OR REPLACE INTO ages SELECT ?, {key}, ? FROM {table} WHERE {key} = ?",  # noqa: S608 - our words
            (kind, self._clock(), id_),
        )

    def _aged(self, kind: str, id_: str) -> bool:
        """Whether it has got its age more than a day ago."""
        row = self._db.read.execute("SELECT at FROM ages WHERE kind = ? AND id = ?", (kind, id_)).fetchone()
        return row is not None and row[0] < self._clock() - DAY


def _model(row: tuple[Any, ...]) -> ModelEntry:
    return ModelEntry(**_fields(_MODEL, row))


def _run_glance(*fields: Any) -> RunGlance:
    from bot.glance import RunGlance

    revision, by, created, state, error, stage, threats = fields
    return RunGlance(
        revision=revision,
        by=by,
        created=datetime.fromisoformat(created),
        state=RunState(state),
        error=error,
        stage=stage,
        threats=threats,
    )


def _fields(names: str, row: tuple[Any, ...]) -> dict[str, Any]:
    from agent.domain.request import Request

    fields = dict(zip(names.split(", "), row, strict=True))
    return {
        **fields,
        "created": datetime.fromisoformat(fields["created"]),
        "request": Request.model_validate_json(fields["request"]),
    }
