"""The Embedder port."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Embedder(Protocol):
    """Turns texts into unit vectors; the dot product of two is their cosine similarity."""

    name: str
    """Model and version: vectors of different names must not be compared."""
    dimension: int

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One unit vector of `dimension` floats a text, in order."""
        ...
