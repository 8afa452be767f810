"""The KnowledgeStore port."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from knowledge.passages import Hit, Passage, Query


class StoreError(Exception):
    """The store cannot be reached, is of another schema version, or refused; the message says which."""


class KnowledgeStore(Protocol):
    """Keeps passages and finds them. Safe for several processes; every failure is a StoreError."""

    def upsert(self, passages: Iterable[Passage]) -> int:
        """Keep the passages, replacing those with the same id, all or none; how many."""
        ...

    def delete_source(self, source: str) -> int:
        """Forget a corpus; how many passages it had."""
        ...

    def delete(self, ids: Iterable[str]) -> int:
        """Forget the passages with these ids; how many there were."""
        ...

    def get(self, ids: Iterable[str]) -> tuple[Passage, ...]:
        """The passages with these ids, in the order asked; unknown ids are left out."""
        ...

    def search(self, query: Query) -> tuple[Hit, ...]:
        """At most `query.limit` hits, best first, ties by id; empty when nothing fits."""
        ...

    def ids(self, source: str) -> tuple[str, ...]:
        """The ids of all passages of a corpus, in their order."""
        ...

    def counts(self) -> dict[str, int]:
        """Passages by source."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...


class Tended(Protocol):
    """What both stores offer beside the port to whoever looks after them; every failure is a StoreError."""

    def describe(self) -> str:
        """What stands where, in a sentence: how many passages, in which index, searched how."""
        ...

    def reindex(self) -> int:
        """Make the index anew where it is not of this program's version and embedder; how many were moved.

        Readers go on in the old one meanwhile.
        """
        ...

    def embed_missing(self) -> int:
        """Give every passage that lacks a vector of the store's embedder one; how many."""
        ...
