"""One DynamoDB table with the keys PK and SK, in plain values: str, int and bytes.

Every read is strongly consistent: the bot reads right after it writes, from other processes too. Nothing here
scans. An item whose `ttl` is over does not exist any more, even while DynamoDB has not removed it yet.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any, TypeAlias

from agent.errors import StorageError
from bot.aws import Aws, Refusal, Resource

Plain: TypeAlias = "str | int | bytes"
Item: TypeAlias = "dict[str, Any]"
Key: TypeAlias = "tuple[str, str]"

TTL = "ttl"
NEW = f"attribute_not_exists(PK) OR #{TTL} <= :now"
"""The condition of an item that does not exist."""
THERE = "attribute_exists(PK)"

FAILED = "ConditionalCheckFailed"
CONFLICT = "TransactionConflict"
EXPECTED = frozenset(
    {"ConditionalCheckFailedException", "TransactionCanceledException", f"{CONFLICT}Exception"}
)

TRIES = 8
"""How often a write is tried that met another one of the same item."""
PAUSE = 0.02
"""Seconds before the second try; doubles with each further one."""

GET_AT_ONCE = 100
"""Items that one BatchGetItem may ask for."""


@dataclass(frozen=True)
class Put:
    """Write a whole item; only if the condition holds, when there is one."""

    item: Item
    when: str = ""


@dataclass(frozen=True)
class Update:
    """Set some attributes of an item if the condition holds."""

    key: Key
    change: Mapping[str, Plain]
    when: str = THERE
    values: Mapping[str, Plain] = field(default_factory=dict)
    """What the condition calls :name."""


@dataclass(frozen=True)
class Delete:
    """Remove an item, if it is there."""

    key: Key


Write: TypeAlias = "Put | Update | Delete"


class Table:
    """Reads and conditional writes.

    Args:
        aws: where DynamoDB is.
        name: the table's name.
        clock: seconds since the epoch.
        sleep: how to wait before a write is tried again.
    """

    def __init__(
        self,
        aws: Aws,
        name: str,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._table = Resource(aws, "dynamodb", f"the DynamoDB table {name}", "THREATBOT_TABLE")
        self._call = partial(self._table.call, TableName=name)
        self._name = name
        self._clock = clock
        self._sleep = sleep

    def get(self, key: Key) -> Item | None:
        """The item, or None."""
        answer = self._call("get_item", Key=_key(key), ConsistentRead=True)
        return self._living(answer.get("Item"))

    def get_many(self, keys: Iterable[Key], only: Sequence[str] = ()) -> Iterator[Item]:
        """Those of the items that exist, in any order; where `only` names attributes, these and the keys."""
        left = iter(keys)
        names = {f"#a{number}": name for number, name in enumerate((*only, "PK", "SK", TTL))}
        part = {"ProjectionExpression": ", ".join(names), "ExpressionAttributeNames": names} if only else {}
        while batch := [_key(k) for k in islice(left, GET_AT_ONCE)]:
            while batch:
                request = {self._name: {"Keys": batch, "ConsistentRead": True, **part}}
                answer = self._table.call("batch_get_item", RequestItems=request)
                for found in answer["Responses"].get(self._name, ()):
                    if item := self._living(found):
                        yield item
                batch = answer.get("UnprocessedKeys", {}).get(self._name, {}).get("Keys", [])

    def query(self, partition: str, prefix: str, *, backwards: bool = False, page: int = 0) -> Iterator[Item]:
        """The partition's items whose SK begins with the prefix, in order of SK; read a page at a time."""
        values = {":pk": partition, ":sk": prefix} if prefix else {":pk": partition}
        arguments: dict[str, Any] = {
            "KeyConditionExpression": "PK = :pk" + (" AND begins_with(SK, :sk)" if prefix else ""),
            "ExpressionAttributeValues": _marshalled(values),
            "ScanIndexForward": not backwards,
            "ConsistentRead": True,
        }
        if page:
            arguments["Limit"] = page
        while True:
            answer = self._call("query", **arguments)
            for found in answer["Items"]:
                if item := self._living(found):
                    yield item
            if "LastEvaluatedKey" not in answer:
                return
            arguments["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def write(self, *writes: Write) -> bool:
        """Do all of it or nothing; False when a condition did not hold.

        One write is a plain call; several are a transaction, of at most 100 items and 4 MB.
        """
        return self._tried(writes) is None

    def put_or_see(self, item: Item) -> Item | None:
        """Write a new item and give None; or give the one that stands under its key already."""
        refused = self._tried((Put(item, NEW),), ReturnValuesOnConditionCheckFailure="ALL_OLD")
        return None if refused is None else _plain(refused.get("Item", {}))

    def warm(self) -> None:
        """Make the client now."""
        _ = self._table.client

    def close(self) -> None:
        """Let go of connections."""
        self._table.close()

    def _tried(self, writes: tuple[Write, ...], **more: Any) -> Mapping[str, Any] | None:
        """None when it was done, and what DynamoDB says when a condition did not hold."""
        for attempt in range(TRIES):
            if attempt:
                self._sleep(PAUSE * 2 ** (attempt - 1))
            try:
                self._once(writes, more)
            except Refusal as refusal:
                reasons = [str(r.get("Code")) for r in refusal.answer.get("CancellationReasons", ())]
                if FAILED in reasons or refusal.code.startswith(FAILED):
                    return refusal.answer
                if CONFLICT in reasons or refusal.code.startswith(CONFLICT):
                    continue
                raise StorageError(
                    f"{refusal.message.rstrip('.')} ({', '.join(reasons)}). Try again in a minute.",
                    cause="busy",
                    setting="THREATBOT_TABLE",
                ) from refusal
            else:
                return None
        raise StorageError(
            f"The DynamoDB table {self._name} was written at the same place {TRIES} times in a row by "
            "others. Try again in a minute.",
            cause="busy",
            setting="THREATBOT_TABLE",
        )

    def _once(self, writes: tuple[Write, ...], more: Mapping[str, Any]) -> None:
        if len(writes) == 1:
            kind, arguments = self._request(writes[0])
            self._call(f"{kind.lower()}_item", expect=EXPECTED, **arguments, **more)
            return
        requests = [self._request(w) for w in writes]
        items = [{kind: {"TableName": self._name, **arguments}} for kind, arguments in requests]
        self._table.call("transact_write_items", expect=EXPECTED, TransactItems=items)

    def _request(self, write: Write) -> tuple[str, dict[str, Any]]:
        match write:
            case Put():
                arguments = {"Item": _marshalled(write.item)}
                return "Put", arguments | self._condition(write.when, {}, "")
            case Update():
                sets = "SET " + ", ".join(f"#{n} = :set_{n}" for n in write.change)
                values = {**write.values, **{f"set_{n}": v for n, v in write.change.items()}}
                expression = {"Key": _key(write.key), "UpdateExpression": sets}
                return "Update", expression | self._condition(write.when, values, sets)
            case Delete():
                return "Delete", {"Key": _key(write.key)}

    def _condition(self, when: str, values: Mapping[str, Plain], sets: str) -> dict[str, Any]:
        """The condition with the names and values that it and the update speak of."""
        text = f"{when} {sets}"
        names = {f"#{n}": n for n in re.findall(r"#(\w+)", text)}
        given = {"now": int(self._clock()), **values}
        used = _marshalled({f":{n}": given[n] for n in re.findall(r":(\w+)", text)})
        every = {
            "ConditionExpression": when,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": used,
        }
        return {name: value for name, value in every.items() if value}

    def _living(self, found: Any) -> Item | None:
        item = _plain(found) if found else None
        return item if item and item.get(TTL, float("inf")) > self._clock() else None


def _key(key: Key) -> dict[str, dict[str, str]]:
    return {"PK": {"S": key[0]}, "SK": {"S": key[1]}}


def _marshalled(item: Mapping[str, Plain]) -> dict[str, Any]:
    return {name: _attribute(value) for name, value in item.items()}


def _attribute(value: Plain) -> dict[str, Any]:
    match value:
        case str():
            return {"S": value}
        case bytes():
            return {"B": value}
        case int():
            return {"N": str(value)}


def _plain(item: Mapping[str, Any]) -> Item:
    return {
        name: int(value["N"]) if "N" in value else value["B"] if "B" in value else value["S"]
        for name, value in item.items()
    }
