"""What lists show of models in DynamoDB, and the tallies in their entries.

A module of its own, because most of what the ingress is asked needs none of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from agent.domain.states import RunState
from agent.domain.tally import ThreatTally, folded
from agent.errors import NotFound
from bot.glance import Glance, RunGlance
from bot.records.dynamodb_keys import model_key, run_key, sequence_key
from bot.records.table import Item, Table

if TYPE_CHECKING:
    from agent.domain.model import ThreatModel
    from agent.domain.verdict import Verdict
    from bot.records.dynamodb import DynamoRecords

ENTRY = ("id", "title", "owner", "created", "link", "revision", "tally", "run", "run_revision", "seq")
"""What is needed of an entry, and of the sequence beside it."""
RUN = ("id", "revision", "by", "created", "state", "error", "stage", "threats")
"""What is needed of a run."""
REMEMBERED = 1_000
"""Tallies that were folded here, because an earlier version has kept none."""


def stamped(revision: ThreatModel, verdicts: Iterable[Verdict], seq: int) -> str:
    """The tally as an attribute of the entry, with what it has counted."""
    return f"{revision.revision} {seq} {folded(revision, verdicts).dump()}"


class Glances:
    """Reads glances: one request, another where a run goes on, more for what an earlier version has kept.

    Args:
        table: where they are.
        records: what reads a model whole.
    """

    def __init__(self, table: Table, records: DynamoRecords) -> None:
        self._table = table
        self._records = records
        self._folded: dict[tuple[str, int, int], ThreatTally] = {}

    def of(self, ids: Sequence[str]) -> Iterator[Glance]:
        """Of these models; those that are not there any more are left out."""
        keys = [key for id_ in ids for key in (model_key(id_), sequence_key(id_))]
        found = {(item["PK"], item["SK"]): item for item in self._table.get_many(keys, ENTRY)}
        entries = [found[model_key(id_)] for id_ in ids if model_key(id_) in found]
        runs = self._runs(entries)
        for entry in entries:
            last = found.get(sequence_key(entry["id"]))
            yield self._glance(entry, int(last["seq"]) if last else 0, runs.get(entry.get("run", "")))

    def _runs(self, entries: Iterable[Item]) -> Mapping[str, RunGlance]:
        """The latest runs, by id, of those models whose latest run has not made its revision."""
        keys = [run_key(e["run"]) for e in entries if e.get("run_revision", 0) > e["revision"]]
        return {item["id"]: _run(item) for item in self._table.get_many(keys, RUN)}

    def _glance(self, entry: Item, seq: int, run: RunGlance | None) -> Glance:
        return Glance(
            id=entry["id"],
            title=entry["title"] if "title" in entry else self._title(entry["id"]),
            owner=entry["owner"],
            created=datetime.fromisoformat(entry["created"]),
            link=entry["link"],
            revision=entry["revision"],
            tally=_counted(entry, seq) or self._fold(entry["id"], entry["revision"], seq),
            run=run,
        )

    def _title(self, id_: str) -> str:
        """Of an entry that an earlier version has kept."""
        return str(json.loads(self._records.body(model_key(id_)))["title"])

    def _fold(self, id_: str, revision: int, seq: int) -> ThreatTally:
        """What the tally should say, which nobody has kept; folded once in a process."""
        known = self._folded.get((id_, revision, seq))
        if known is None:
            try:
                known = folded(self._records.revision(id_, revision), self._records.verdicts(id_))
            except NotFound:  # there is none yet
                known = ThreatTally()
            if len(self._folded) >= REMEMBERED:
                self._folded.clear()
            self._folded[id_, revision, seq] = known
        return known


def _counted(entry: Item, seq: int) -> ThreatTally | None:
    """The tally that was kept, if it has counted all that there is."""
    revision, counted, text = str(entry.get("tally", "0 0 []")).split(" ", 2)
    return ThreatTally.load(text) if (int(revision), int(counted)) == (entry["revision"], seq) else None


def _run(item: Item) -> RunGlance:
    return RunGlance(
        revision=item["revision"],
        by=item["by"],
        created=datetime.fromisoformat(item["created"]),
        state=RunState(item["state"]),
        error=item["error"],
        stage=item.get("stage", ""),
        threats=item.get("threats", 0),
    )
