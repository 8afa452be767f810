"""How items of the records are made and read in DynamoDB: expiry, and bodies too large for one item."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable

from agent.errors import NotFound
from bot.records.dynamodb_keys import join, numbered
from bot.records.table import TTL, Item, Key, Put, Table

DAY = 86_400
PIECE = 300_000
"""Bytes of a body in one item; DynamoDB takes 400 KB, names and the other attributes included."""


class Items:
    """Makes and reads items.

    Args:
        table: where pieces of bodies are written and read.
        retention_days: after how many days without a change an item is forgotten; 0 never forgets.
        piece: bytes of a compressed body that are kept in one item.
        clock: seconds since the epoch.
    """

    def __init__(self, table: Table, *, retention_days: int, piece: int, clock: Callable[[], float]) -> None:
        self._table = table
        self._retention = retention_days * DAY
        self._piece = piece
        self._clock = clock

    def made(self, key: Key, **attributes: str | int | bytes) -> Item:
        """An item that expires like all others."""
        return {"PK": key[0], "SK": key[1], **attributes, **self.expiry()}

    def expiry(self) -> dict[str, int]:
        """The attribute that says when an item is forgotten that changes now; empty where nothing is."""
        return {TTL: int(self._clock()) + self._retention} if self._retention else {}

    def aged(self, item: Item) -> bool:
        """Whether the item's expiry was last moved more than a day ago."""
        return bool(self._retention) and int(item[TTL]) < self._clock() + self._retention - DAY

    def keep(self, partition: str, text: str) -> dict[str, str | int | bytes]:
        """The attributes that hold a body, after its pieces are written when it needs any."""
        packed = zlib.compress(text.encode(), 6)
        if len(packed) <= self._piece:
            return {"body": packed, "sha256": "", "pieces": 0}
        sha256 = hashlib.sha256(packed).hexdigest()
        pieces = [packed[start : start + self._piece] for start in range(0, len(packed), self._piece)]
        for number, piece in enumerate(pieces):
            key = (partition, join("BODY", sha256, numbered(number)))
            self._table.write(Put(self.made(key, body=piece)))
        return {"body": b"", "sha256": sha256, "pieces": len(pieces)}

    def body(self, item: Item) -> bytes:
        """The body that the item's attributes hold; NotFound when pieces of it have expired."""
        packed = bytes(item["body"])
        if item["pieces"]:
            pieces = list(self._table.query(str(item["PK"]), join("BODY", item["sha256"], "")))
            if len(pieces) < item["pieces"]:  # those that expire end within a second of each other
                raise NotFound("This threat model is about to be forgotten. Start one with /threatmodel new.")
            packed = b"".join(bytes(piece["body"]) for piece in pieces)
        return zlib.decompress(packed)
