"""The keys of the records in DynamoDB; bot.records.dynamodb has them as a table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from bot.records.base import ModelEntry
from bot.records.table import Key


def ways(entry: ModelEntry) -> Iterator[Key]:
    """The keys under which an entry is found from outside."""
    created = entry.created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    yield join("CHANNEL", entry.workspace, entry.channel), join(created, entry.id)
    if entry.thread:
        yield thread_key(entry.workspace, entry.channel, entry.thread)


def join(*parts: str) -> str:
    """The parts, so that no part can be taken for two."""
    return "#".join(part.replace("%", "%25").replace("#", "%23") for part in parts)


def numbered(number: int) -> str:
    """A number as part of a key, in the order of numbers."""
    return f"{number:08d}"


def model_key(id_: str) -> Key:
    """Of a model's entry, whose partition holds all that belongs to it."""
    return join("MODEL", id_), "MODEL"


def sequence_key(model: str) -> Key:
    """Of what counts the changes of a model's revisions and verdicts."""
    return model_key(model)[0], "SEQUENCE"


def run_key(id_: str) -> Key:
    """Of a run."""
    return join("RUN", id_), "RUN"


def thread_key(workspace: str, channel: str, thread: str) -> Key:
    """Of what says whose thread it is."""
    return join("THREAD", workspace, channel, thread), "THREAD"


def delivery_key(id_: str) -> Key:
    """Of a delivery that was taken over."""
    return join("DELIVERY", id_), "DELIVERY"


def post_key(key: str) -> Key:
    """Of an outgoing message."""
    return join("POST", key), "POST"
