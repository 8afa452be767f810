"""Vectors in memory: one matrix, one product a search. numpy is imported only when there are vectors."""

from __future__ import annotations

import importlib
from array import array
from collections.abc import Iterable, Sequence
from typing import Any

from knowledge.embedders.base import Embedder, EmbedderError
from knowledge.stores.base import StoreError


def packed(embedder: Embedder, texts: Sequence[str]) -> list[bytes]:
    """The texts' vectors as little-endian float32 bytes; StoreError when the embedder breaks its promise."""
    vectors = embedded(embedder, texts)
    if len(vectors) != len(texts) or any(len(v) != embedder.dimension for v in vectors):
        raise StoreError(
            f"The embedder {embedder.name} did not give one vector of its dimension for each text."
        )
    return [_bytes(v) for v in vectors]


def embedded(embedder: Embedder, texts: Sequence[str]) -> list[list[float]]:
    """The texts' vectors; StoreError with the embedder's own sentence when it fails."""
    try:
        return embedder.embed(texts)
    except EmbedderError as e:
        raise StoreError(str(e)) from e


def _bytes(vector: Sequence[float]) -> bytes:
    values = array("f", vector)
    if _BIG_ENDIAN:
        values.byteswap()
    return values.tobytes()


_BIG_ENDIAN = array("H", [1]).tobytes() == b"\x00\x01"


def _numpy() -> Any:
    """The module; loaded here, because it is an extra and slow to load."""
    try:
        return importlib.import_module("numpy")
    except ImportError as e:
        raise StoreError("Searching by meaning needs numpy: install threatbot[local-embedder].") from e


class Vectors:
    """The vectors of one embedder, searched by cosine (their dot product: they are of unit length).

    Args:
        rows: row numbers, ascending, each with its vector's bytes.
        dimension: floats a vector; rows of another length are passed over.
    """

    def __init__(self, rows: Iterable[tuple[int, bytes]], dimension: int) -> None:
        np = _numpy()
        kept = [(number, value) for number, value in rows if len(value) == 4 * dimension]
        self._np = np
        self._numbers = np.array([number for number, _ in kept], dtype=np.int64)
        joined = b"".join(value for _, value in kept)
        self._matrix = np.frombuffer(joined, dtype="<f4").reshape(len(kept), dimension)

    def nearest(
        self, vectors: Sequence[Sequence[float]], count: int, only: Sequence[int] | None = None
    ) -> list[list[tuple[int, float]]]:
        """For each vector the `count` nearest rows with their cosine, best first; of `only`, when given."""
        np = self._np
        numbers, matrix = self._numbers, self._matrix
        if only is not None:
            mask = np.isin(numbers, np.array(only, dtype=np.int64), assume_unique=True)
            numbers, matrix = numbers[mask], matrix[mask]
        if not len(numbers):
            return [[] for _ in vectors]
        scores = matrix @ np.array(vectors, dtype=np.float32).T
        return [self._best(numbers, scores[:, i], count) for i in range(len(vectors))]

    def _best(self, numbers: Any, scores: Any, count: int) -> list[tuple[int, float]]:
        np = self._np
        if len(scores) > count:
            top = np.argpartition(scores, len(scores) - count)[-count:]
            numbers, scores = numbers[top], scores[top]
        order = np.lexsort((numbers, -scores))
        return [(int(numbers[i]), float(scores[i])) for i in order]
