"""The Embedder port."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class EmbedderError(Exception):
    """The embedder cannot be loaded or did not answer; the message says what and how to mend it."""


class Embedder(Protocol):
    """Turns texts into unit vectors; the dot product of two is their cosine similarity."""

    name: str
    """Model and version: vectors of different names must not be compared."""
    dimension: int

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One unit vector of `dimension` floats a text, in order; EmbedderError when it cannot."""
        ...
