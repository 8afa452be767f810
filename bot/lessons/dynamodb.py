"""Lessons in the DynamoDB table of the records.

=======================  =======================  ====================================================
PK                       SK                       what it is
=======================  =======================  ====================================================
LESSONS#<workspace>      <created, UTC>#<model>   what one model taught, compressed; its channel
SERVED#<organisation>    <workspace>              that the organisation's installation served it then
=======================  =======================  ====================================================

A model's time of creation never changes, so that its item is found and replaced by its key, and the newest
models are read first. Expiry: `ttl`, the retention after the last verdict or revision.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.aws import Aws
from bot.lessons.base import MODELS, Home, LessonCounts
from bot.lessons.packing import counted, pack, within
from bot.records.dynamodb_keys import join
from bot.records.table import TTL, Delete, Item, Key, Put, Table

if TYPE_CHECKING:
    from agent.domain.lesson import Teaching

DAY = 86_400


class DynamoLessons:
    """Lessons on DynamoDB.

    Args:
        aws: where DynamoDB is.
        table: the table's name.
        retention_days: after how many days without a verdict or revision they are forgotten; 0 never forgets.
        clock: seconds since the epoch.
    """

    def __init__(
        self, aws: Aws, table: str, *, retention_days: int = 365, clock: Callable[[], float] = time.time
    ) -> None:
        self._table = Table(aws, table, clock=clock)
        self._retention = retention_days * DAY
        self._clock = clock

    def keep(self, home: Home, teaching: Teaching) -> None:
        """See Lessons."""
        key = _key(home.workspace, home.created, teaching.model)
        if not teaching.lessons:
            self._table.write(Delete(key))
            return
        if home.enterprise:  # first: what is kept can then always be found from the organisation
            self._table.write(Put(self._item((join("SERVED", home.enterprise), home.workspace))))
        taught = self._item(
            key,
            model=teaching.model,
            channel=home.channel,
            private=int(home.private),
            body=pack(teaching),
        )
        self._table.write(Put(taught))

    def of(self, workspace: str, channel: str, limit: int = MODELS) -> tuple[Teaching, ...]:
        """See Lessons."""
        return within((bytes(i["body"]) for i in self._told(workspace, channel, limit)), limit)

    def counts(self, workspace: str, channel: str) -> LessonCounts:
        """See Lessons."""
        return counted(
            (bytes(i["body"]), (i["channel"] == channel, bool(i["private"])))
            for i in self._told(workspace, channel, MODELS)
        )

    def _told(self, workspace: str, channel: str, limit: int) -> Iterator[Item]:
        for item in self._table.query(join("LESSONS", workspace), "", backwards=True, page=limit):
            if not item["private"] or item["channel"] == channel:
                yield item

    def unlearn(self, workspace: str, model: str = "") -> int:
        """See Lessons; a kill in between leaves what the next call deletes."""
        found = [
            (str(item["PK"]), str(item["SK"]))
            for item in self._table.query(join("LESSONS", workspace), "")
            if not model or item["model"] == model
        ]
        for key in found:
            self._table.write(Delete(key))
        return len(found)

    def workspaces(self, enterprise: str) -> tuple[str, ...]:
        """See Lessons."""
        return tuple(str(item["SK"]) for item in self._table.query(join("SERVED", enterprise), ""))

    def close(self) -> None:
        """See Lessons."""
        self._table.close()

    def _item(self, key: Key, **attributes: str | int | bytes) -> Item:
        expiry = {TTL: int(self._clock()) + self._retention} if self._retention else {}
        return {"PK": key[0], "SK": key[1], **attributes, **expiry}


def _key(workspace: str, created: datetime, model: str) -> Key:
    moment = created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return join("LESSONS", workspace), join(moment, model)
