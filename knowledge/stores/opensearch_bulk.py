"""Many writes at once: in batches, with growing pauses while OpenSearch is busy, each write accounted for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from knowledge.stores.opensearch_client import cause, reason
from knowledge.stores.opensearch_layout import Document, line

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

COUNT = 500
"""How many writes one request carries at most."""

BYTES = 5_000_000
"""How large one request is at most; the smallest instances on AWS refuse 10 MB."""

BUSY = frozenset({408, 429, 502, 503, 504})
"""Answers after which the same request can succeed."""

WRITE_BLOCK = "FORBIDDEN/8"
"""How OpenSearch says that an index takes no writes for now: it is being replaced."""

GONE, CONFLICT = 404, 409


@dataclass(frozen=True)
class Write:
    """One document to keep or to delete."""

    action: Literal["index", "delete"]
    key: str
    """The _id; empty lets OpenSearch choose one."""
    document: Document | None = None
    before: Document | None = None
    """What stood there."""
    unless_changed: tuple[int, int] | None = None
    """Sequence number and term of the document that was seen: leave it alone when it has changed since."""

    @property
    def id(self) -> str:
        """The passage's id, for a message."""
        return str((self.document or self.before or {}).get("id", self.key))


@dataclass(frozen=True)
class _Line:
    """A write with its text in a request."""

    write: Write
    text: str


@dataclass
class Sent:
    """What became of the writes."""

    done: list[tuple[Write, Document]] = field(default_factory=list)
    """Those that were acknowledged, with OpenSearch's word on each."""
    unsure: list[Write] = field(default_factory=list)
    """Those that may have arrived: no answer came."""
    trouble: str = ""
    """Why not all were done; empty when they were."""


@dataclass(frozen=True)
class Bulk:
    """Sends writes through an alias.

    Args:
        client: who sends.
        alias: where to; it may move to another index in between.
        guarded: insist that the alias exists, rather than have an index made of its name.
        attempts: how often a write is tried while OpenSearch is busy or away.
        pause: seconds before the second attempt; each later pause is twice as long, up to `longest`.
        sleep: how to wait.
    """

    client: OpenSearch
    alias: str
    guarded: bool = True
    attempts: int = 6
    pause: float = 0.5
    longest: float = 8.0
    sleep: Callable[[float], None] = time.sleep

    def send(self, writes: Iterable[Write]) -> Sent:
        """Every write, in order, until one cannot be done: then `trouble` says why, and nothing is raised."""
        sent = Sent()
        for batch in _batches(writes):
            self._send(batch, sent)
            if sent.trouble:
                break
        return sent

    def _send(self, batch: list[_Line], sent: Sent) -> None:
        left = batch
        for attempt in range(self.attempts):
            if attempt:
                self.sleep(min(self.longest, self.pause * 2 ** (attempt - 1)))
            left = self._once(left, sent)
            if not left:
                return

    def _once(self, batch: list[_Line], sent: Sent) -> list[_Line]:
        """Send the batch; what is worth another attempt. `sent` knows the rest, and the last trouble."""
        from opensearchpy.exceptions import ConnectionError as Away
        from opensearchpy.exceptions import TransportError

        sent.trouble, sent.unsure = "", []
        options: dict[str, Any] = {"require_alias": True} if self.guarded else {}
        body = "".join(one.text for one in batch)
        try:
            answer = self.client.bulk(index=self.alias, body=body, **options)
        except Away as error:
            sent.trouble, sent.unsure = cause(error), [one.write for one in batch]
            return batch
        except TransportError as error:
            sent.trouble = f"{error.status_code}, {cause(error)}"
            if error.status_code not in BUSY:
                return []
            sent.unsure = [one.write for one in batch]
            return batch
        return _sorted_out(batch, answer["items"], sent)


def _sorted_out(batch: Sequence[_Line], items: Sequence[Document], sent: Sent) -> list[_Line]:
    """The writes to try again; none when one of them can never be done."""
    again: list[_Line] = []
    refused = ""
    for one, item in zip(batch, items, strict=True):
        (word,) = item.values()
        what = _judged(one.write, word)
        if what == DONE:
            sent.done.append((one.write, word))
        elif what == AGAIN:
            again.append(one)
            sent.trouble = _trouble(word)
        elif what == REFUSED:
            refused = f"{one.write.id} was refused: {_trouble(word)}"
    sent.trouble = refused or sent.trouble
    return [] if refused else again


DONE, PASSED_OVER, AGAIN, REFUSED = "done", "passed over", "again", "refused"


def _judged(write: Write, word: Document) -> str:
    """What OpenSearch's word on a write means."""
    status, error = word["status"], word.get("error")
    if status < 300 or (write.action == "delete" and status == GONE and not error):  # noqa: PLR2004 - HTTP
        return DONE
    if status == CONFLICT and write.unless_changed:
        return PASSED_OVER
    return AGAIN if status in BUSY or WRITE_BLOCK in reason(error) else REFUSED


def _trouble(word: Document) -> str:
    said = reason(word.get("error"))
    if WRITE_BLOCK in said:
        return "the index is being replaced and takes no writes; run a rebuild that broke off again"
    return f"{word['status']}, {said}"


def _batches(writes: Iterable[Write]) -> Iterator[list[_Line]]:
    batch: list[_Line] = []
    size = 0
    for write in writes:
        one = _Line(write, "".join(f"{text}\n" for text in _lines(write)))
        length = len(one.text.encode("utf-8", "surrogatepass"))
        if batch and (len(batch) >= COUNT or size + length > BYTES):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += length
    if batch:
        yield batch


def _lines(write: Write) -> Iterator[str]:
    about: dict[str, Any] = {"_id": write.key} if write.key else {}
    if write.unless_changed:
        about |= dict(zip(("if_seq_no", "if_primary_term"), write.unless_changed, strict=True))
    yield line({write.action: about})
    if write.document is not None:
        yield line(write.document)


def undone(sent: Sent, *, keyed: bool) -> Iterator[Write]:
    """What takes back what was done, last first.

    Args:
        sent: writes that keep documents, and without keys of ours those that delete what they replace.
        keyed: documents have keys of ours; then what somebody else has written since is left alone.
    """
    if keyed:
        for write in reversed(sent.unsure):
            yield _opposite(write, write.key, None)
    for write, word in reversed(sent.done):
        if keyed:
            yield _opposite(write, write.key, (word["_seq_no"], word["_primary_term"]))
        else:
            yield _opposite(write, word["_id"] if write.before is None else "", None)


def _opposite(write: Write, key: str, seen: tuple[int, int] | None) -> Write:
    if write.before is None:
        return Write("delete", key, unless_changed=seen)
    return Write("index", key, write.before, unless_changed=seen)
