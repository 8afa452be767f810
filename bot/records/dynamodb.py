"""Records in one DynamoDB table. The checkpointer (bot.checkpoints) may use the same one.

================================  ============================  ==============================================
PK                                SK                            what it is
================================  ============================  ==============================================
MODEL#<model>                     MODEL                         the entry: workspace, channel, thread, link,
                                                                owner, created, revision, request, and what
                                                                lists show: title, tally, the latest run
MODEL#<model>                     REVISION#<number, 8 digits>   a revision
MODEL#<model>                     VERDICT#<verdict>             a verdict, with `seq`, its place in the order
MODEL#<model>                     SEQUENCE                      the last `seq` that was given out: a verdict
                                                                takes one, and so does a new revision
MODEL#<model>                     RUN#<revision>#<run>          which runs make a revision
MODEL#<model>                     BODY#<sha256>#<part>          a piece of a request or revision over 300 KB
THREAD#<workspace>#<chan.>#<ts>   THREAD                        whose thread it is
CHANNEL#<workspace>#<channel>     <created, UTC>#<model>        the channel's models, in order of time
RUN#<run>                         RUN                           a run, with its request
DELIVERY#<delivery>               DELIVERY                      that a delivery was taken over
POST#<key>                        POST                          an outgoing message
================================  ============================  ==============================================

Keys: PK and SK, both strings; no index besides. Every read is by a whole key or within one partition.

Requests and revisions are JSON, compressed: a revision of 55 threats is 165 KB, and 27 KB compressed. What
is larger than 300 KB even so is kept in pieces, named by their content and written before the item that
speaks of them. Not in S3: a restore to a point in time brings back the table; a bucket would not follow.

A tally is written in one transaction with the verdict or revision that changes it, on the condition that the
sequence is still where it was when the rest was read: of two who write at the same time one begins again. It
names the revision and the place in the sequence that it has counted up to. One that an earlier version did
not keep up is so found out, and what it should say is read and folded instead.

Expiry: `ttl`. Whatever changes a model moves the expiry of all that stands in its partition and of the ways
to it, at most once a day. Runs count from their beginning, messages from the last time that they were looked
for, deliveries are forgotten after a week; Slack repeats one for an hour.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from agent.domain.states import RunState
from agent.errors import NotFound
from bot.aws import Aws
from bot.records.base import ModelEntry, Post, PostState, RunEntry
from bot.records.dynamodb_items import DAY, PIECE, Items
from bot.records.dynamodb_keys import (
    delivery_key,
    join,
    model_key,
    numbered,
    post_key,
    run_key,
    sequence_key,
    thread_key,
    ways,
)
from bot.records.table import NEW, THERE, TTL, Delete, Item, Key, Put, Table, Update, Write

if TYPE_CHECKING:
    from agent.domain.model import ThreatModel
    from agent.domain.request import Request
    from agent.domain.verdict import Verdict
    from bot.glance import Glance
    from bot.records.dynamodb_glances import Glances

DELIVERY_DAYS = 7
AT_ONCE = 98
"""Verdicts that are kept in one transaction; the entry and the sequence are changed by it too."""
AS_READ = f"{THERE} AND #revision = :was"
UNMOVED = "#seq = :was"
RUNNING = f"{THERE} AND #state IN (:queued, :running)"


class DynamoRecords:
    """Records on DynamoDB.

    Args:
        aws: where DynamoDB is.
        table: the table's name.
        retention_days: after how many days without a change a model is forgotten; 0 never forgets.
        piece: bytes of a compressed request or revision that are kept in one item.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        aws: Aws,
        table: str,
        *,
        retention_days: int = 365,
        piece: int = PIECE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._table = Table(aws, table, clock=clock)
        self._items = Items(self._table, retention_days=retention_days, piece=piece, clock=clock)
        self._clock = clock

    def add_model(self, entry: ModelEntry) -> bool:
        """See Records."""
        partition = model_key(entry.id)[0]
        item = self._items.made(
            model_key(entry.id),
            id=entry.id,
            workspace=entry.workspace,
            channel=entry.channel,
            thread=entry.thread,
            link=entry.link,
            owner=entry.owner,
            created=entry.created.isoformat(),
            revision=entry.revision,
            title=entry.request.title,
            **self._items.keep(partition, entry.request.model_dump_json()),
        )
        return self._table.write(
            Put(item, NEW), *(Put(self._items.made(k, model=entry.id)) for k in ways(entry))
        )

    def model(self, id_: str) -> ModelEntry:
        """See Records."""
        item = self._table.get(model_key(id_))
        if item is None:
            raise NotFound("I do not know this threat model any more. Start one with /threatmodel new.")
        return self._entry(item)

    def set_thread(self, id_: str, thread: str, link: str) -> None:
        """See Records."""
        item = self._table.get(model_key(id_))
        if item is None:
            return
        way = thread_key(item["workspace"], item["channel"], thread)
        before = thread_key(item["workspace"], item["channel"], item["thread"])
        writes: list[Write] = [
            Update(model_key(id_), {"thread": thread, "link": link}),
            Put(self._items.made(way, model=id_)),
        ]
        if before != way:
            writes.append(Delete(before))
        self._table.write(*writes)

    def set_request(self, id_: str, request: Request) -> None:
        """See Records."""
        kept = self._items.keep(model_key(id_)[0], request.model_dump_json())
        if self._table.write(Update(model_key(id_), {"title": request.title, **kept})):
            self._prolong(id_)

    def find_thread(self, workspace: str, channel: str, thread: str) -> str | None:
        """See Records."""
        item = self._table.get(thread_key(workspace, channel, thread))
        return str(item["model"]) if item else None

    def models(self, workspace: str, channel: str, limit: int = 20) -> tuple[Glance, ...]:
        """See Records; two requests, a third where a run goes on or has failed.

        More are needed for what an earlier version has kept without a title or a tally.
        """
        listed = self._table.query(join("CHANNEL", workspace, channel), "", backwards=True, page=limit)
        ids = list(dict.fromkeys(str(item["model"]) for item in islice(listed, limit)))
        return tuple(sorted(self._glances.of(ids), key=lambda e: (-e.created.timestamp(), e.id)))

    def start_run(self, run: RunEntry) -> RunEntry:
        """See Records."""
        key = run_key(run.id)
        item = self._items.made(
            key,
            id=run.id,
            model=run.model,
            revision=run.revision,
            by=run.by,
            created=run.created.isoformat(),
            state=run.state.value,
            stop_by=run.stop_by,
            error=run.error,
            **self._items.keep(key[0], run.request.model_dump_json()),
        )
        way = (model_key(run.model)[0], join("RUN", numbered(run.revision), run.id))
        kept = (Put(item, NEW), Put(self._items.made(way, run=run.id)))
        latest = Update(model_key(run.model), {"run": run.id, "run_revision": run.revision})
        if self._table.write(*kept, latest) or self._table.write(*kept):  # or there is no such entry
            return run
        return self.run(run.id)

    def run(self, id_: str) -> RunEntry:
        """See Records."""
        from agent.domain.request import Request

        item = self._table.get(run_key(id_))
        if item is None:
            raise NotFound("I do not know this run any more.")
        return RunEntry(
            id=item["id"],
            model=item["model"],
            revision=item["revision"],
            by=item["by"],
            created=datetime.fromisoformat(item["created"]),
            request=Request.model_validate_json(self._items.body(item)),
            state=RunState(item["state"]),
            stop_by=item["stop_by"],
            error=item["error"],
        )

    def set_run(self, id_: str, state: RunState, error: str = "") -> None:
        """See Records."""
        self._table.write(Update(run_key(id_), {"state": state.value, "error": error}))

    def set_stage(self, id_: str, stage: str, threats: int) -> None:
        """See Records."""
        self._table.write(Update(run_key(id_), {"stage": stage, "threats": threats}))

    def stop_run(self, model: str, revision: int, by: str) -> bool:
        """See Records."""
        states = {"queued": RunState.QUEUED.value, "running": RunState.RUNNING.value}
        runs = self._table.query(model_key(model)[0], join("RUN", numbered(revision), ""))
        stopped = [
            self._table.write(Update(run_key(str(item["run"])), {"stop_by": by}, when=RUNNING, values=states))
            for item in runs
        ]
        return any(stopped)

    def save_revision(self, model: ThreatModel) -> None:
        """See Records."""
        key = _revision_key(model.id, model.revision)
        new = Put(self._items.made(key, **self._items.keep(key[0], model.model_dump_json())), NEW)
        while not self._saved(model, new):
            pass  # somebody else's write went through
        self._prolong(model.id)

    def _saved(self, model: ThreatModel, new: Put) -> bool:
        """Whether the revision stands now, and its tally where it is the latest; False: look again."""
        from bot.records.dynamodb_glances import stamped

        last = self._last(model.id)
        entry = self._table.get(model_key(model.id))
        there = self._table.get(_revision_key(model.id, model.revision))
        if entry is None or entry["revision"] >= model.revision:
            return there is not None or self._table.write(new)
        kept = model if there is None else self.revision(model.id, model.revision)
        tally = stamped(kept, self.verdicts(model.id), last + 1)
        change: dict[str, str | int | bytes] = {"revision": model.revision, "tally": tally}
        was = {"was": entry["revision"]}
        return self._table.write(
            *(() if there else (new,)),
            self._step(model.id, last, 1),
            Update(model_key(model.id), change, when=AS_READ, values=was),
        )

    def revision(self, id_: str, number: int | None = None) -> ThreatModel:
        """See Records."""
        from agent.domain.model import ThreatModel

        partition = model_key(id_)[0]
        if number is None:
            latest = self._table.query(partition, join("REVISION", ""), backwards=True, page=1)
            item = next(latest, None)
        else:
            item = self._table.get(_revision_key(id_, number))
        if item is None:
            raise NotFound(
                "There is no threat model in this thread yet. Drop a diagram here, or press Start."
            )
        return ThreatModel.model_validate_json(self._items.body(item))

    def add_verdicts(self, verdicts: tuple[Verdict, ...]) -> None:
        """See Records; up to AT_ONCE of one model are one transaction."""
        by_model: dict[str, dict[str, Verdict]] = {}
        for verdict in verdicts:
            by_model.setdefault(verdict.model, {}).setdefault(verdict.id, verdict)
        for model, by_id in by_model.items():
            left = iter(by_id.values())
            while some := list(islice(left, AT_ONCE)):
                while not self._added(model, some):
                    pass  # somebody else's write went through
            self._prolong(model)

    def _added(self, model: str, verdicts: Sequence[Verdict]) -> bool:
        """Whether the verdicts stand now, and the tally with them; False: look again."""
        partition = model_key(model)[0]
        last = self._last(model)
        before = self.verdicts(model)
        known = {v.id for v in before}
        new = [v for v in verdicts if v.id not in known]
        if not new:
            return True
        puts = [
            Put(
                self._items.made((partition, join("VERDICT", v.id)), seq=last + n, body=v.model_dump_json()),
                NEW,
            )
            for n, v in enumerate(new, 1)
        ]
        counted = self._recounted(model, (*before, *new), last + len(new))
        return self._table.write(*puts, self._step(model, last, len(new)), *counted)

    def _recounted(self, model: str, verdicts: Sequence[Verdict], seq: int) -> tuple[Update, ...]:
        """What brings the tally up to these verdicts; nothing for a model without a revision."""
        from bot.records.dynamodb_glances import stamped

        entry = self._table.get(model_key(model))
        if entry is None or not entry["revision"]:
            return ()
        revision = entry["revision"]
        tally = stamped(self.revision(model, revision), verdicts, seq)
        return (Update(model_key(model), {"tally": tally}, when=AS_READ, values={"was": revision}),)

    def _last(self, model: str) -> int:
        """Where the model's sequence is. Read before all that a tally is made of."""
        item = self._table.get(sequence_key(model))
        return int(item["seq"]) if item else 0

    def _step(self, model: str, last: int, by: int) -> Update:
        """Move the sequence on from where it was read; refused when somebody has moved it since."""
        change = {"seq": last + by, **self._items.expiry()}
        return Update(sequence_key(model), change, when=UNMOVED if last else NEW, values={"was": last})

    def verdicts(self, id_: str) -> tuple[Verdict, ...]:
        """See Records."""
        from agent.domain.verdict import Verdict

        items = sorted(self._table.query(model_key(id_)[0], join("VERDICT", "")), key=lambda i: int(i["seq"]))
        return tuple(Verdict.model_validate_json(item["body"]) for item in items)

    @cached_property
    def _glances(self) -> Glances:
        """What lists are read with."""
        from bot.records.dynamodb_glances import Glances

        return Glances(self._table, self)

    def body(self, key: Key) -> bytes:
        """The request or revision under a key, as JSON; NotFound when there is none."""
        item = self._table.get(key)
        if item is None:
            raise NotFound("I do not know this threat model any more. Start one with /threatmodel new.")
        return self._items.body(item)

    def delivered(self, delivery: str) -> bool:
        """See Records."""
        return self._table.get(delivery_key(delivery)) is not None

    def record_delivery(self, delivery: str) -> None:
        """See Records; of two that record the same at the same time, one writes."""
        key = delivery_key(delivery)
        until = int(self._clock()) + DELIVERY_DAYS * DAY
        self._table.write(Put({"PK": key[0], "SK": key[1], TTL: until}, NEW))

    def begin_post(self, key: str, channel: str) -> Post:
        """See Records; of two that begin the same at the same time, one is told NEW."""
        known = self._table.put_or_see(self._items.made(post_key(key), post=key, channel=channel, ts=""))
        return Post(key=key, state=PostState.NEW, channel=channel) if known is None else _as_post(known)

    def finish_post(self, key: str, ts: str) -> None:
        """See Records."""
        self._table.write(Update(post_key(key), {"ts": ts, **self._items.expiry()}))

    def post(self, key: str) -> Post | None:
        """See Records; a message that is looked for is about to change, and is remembered for longer."""
        item = self._table.get(post_key(key))
        if item is None:
            return None
        if self._items.aged(item):
            self._table.write(Update(post_key(key), self._items.expiry()))
        return _as_post(item)

    def warm(self) -> None:
        """Load and make now what the first call would: Lambda does so before it is asked anything."""
        self._table.warm()

    def close(self) -> None:
        """See Records."""
        self._table.close()

    def _prolong(self, id_: str) -> None:
        """Move the expiry of the model and of all that belongs to it.

        The entry's comes last, so that a kill in between is made good by the next change.
        """
        entry = self._table.get(model_key(id_))
        if entry is None or not self._items.aged(entry):
            return
        keys = [(str(i["PK"]), str(i["SK"])) for i in self._table.query(model_key(id_)[0], "")]
        others = [k for k in keys if k != model_key(id_)]
        for key in (*others, *ways(self._entry(entry)), model_key(id_)):
            self._table.write(Update(key, self._items.expiry()))

    def _entry(self, item: Item) -> ModelEntry:
        from agent.domain.request import Request

        return ModelEntry(
            id=item["id"],
            workspace=item["workspace"],
            channel=item["channel"],
            thread=item["thread"],
            link=item["link"],
            owner=item["owner"],
            created=datetime.fromisoformat(item["created"]),
            request=Request.model_validate_json(self._items.body(item)),
            revision=item["revision"],
        )


def _revision_key(model: str, number: int) -> Key:
    return model_key(model)[0], join("REVISION", numbered(number))


def _as_post(item: Item) -> Post:
    state = PostState.DONE if item["ts"] else PostState.UNSURE
    return Post(key=item["post"], state=state, channel=item["channel"], ts=item["ts"])
