"""Retention where the parts are embedded: what is old is deleted.

On AWS the services do it themselves, by the same setting: DynamoDB by expiry, S3 by its lifecycle, SQS by its
retention period.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Protocol, runtime_checkable

from bot.services import Services
from bot.settings import Settings

DAY = 86_400.0
CHECKPOINT_DAYS = 14
"""As long as a dead letter may wait to be tried again; then its run begins anew. The same on AWS."""
GREGORIAN = 0x01B21DD213814000
"""From the epoch of UUIDs to that of Unix, in units of 100 ns; RFC 9562, section 5.6 has the layout."""


@runtime_checkable
class Perishing(Protocol):
    """A part that deletes by itself what is old."""

    def forget(self, days: int) -> int:
        """Delete what is older than so many days; how many."""
        ...


def forget(settings: Settings, services: Services, now: float | None = None) -> dict[str, int]:
    """Delete what the embedded parts have kept for longer than the settings let; how much of what.

    Parts on AWS are passed over. Safe to call from several processes.

    Args:
        settings: its retention, and where the data folder is.
        services: whose parts are looked at.
        now: seconds since the epoch, for checkpoints; the parts have clocks of their own.
    """
    parts = {
        "models": services.records,
        "models' lessons": services.lessons,
        "files": services.artifacts,
        "dead letters": services.queue,
    }
    counted = {
        name: part.forget(settings.retention_days)
        for name, part in parts.items()
        if isinstance(part, Perishing)
    }
    path = settings.data_dir / "checkpoints.db"
    if not settings.table and path.exists():
        moment = time.time() if now is None else now
        counted["runs' checkpoints"] = _forget_checkpoints(path, moment - CHECKPOINT_DAYS * DAY)
    return counted


def _forget_checkpoints(path: Path, before: float) -> int:
    """Delete the checkpoints of runs whose last one is older; how many runs."""
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as db:
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'checkpoints'").fetchone():
            return 0
        db.execute("PRAGMA secure_delete = ON")
        latest = db.execute("SELECT thread_id, MAX(checkpoint_id) FROM checkpoints GROUP BY thread_id")
        old = [(thread,) for thread, id_ in latest.fetchall() if made_at(id_) <= before]
        for table in ("writes", "checkpoints"):  # a kill in between leaves what the next call finds
            db.executemany(f"DELETE FROM {table} WHERE thread_id = ?", old)  # noqa: S608 - our words
        return len(old)


def made_at(checkpoint: str) -> float:
    """When a checkpoint was made, in seconds since the epoch: its id is a UUID of version 6."""
    digits = checkpoint.replace("-", "")
    ticks = int(digits[:12] + digits[13:16], 16)
    return (ticks - GREGORIAN) / 1e7
