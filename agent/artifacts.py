"""The Artifacts port: where the bytes of diagrams, documents and exports lie."""

from __future__ import annotations

from typing import Protocol


class Artifacts(Protocol):
    """Keeps bytes under keys. Keys are made of [A-Za-z0-9._/-] and never start with a slash."""

    def put(self, key: str, content: bytes) -> None:
        """Keep the content; the same key again replaces it."""
        ...

    def get(self, key: str) -> bytes:
        """The content; NotFound when there is none."""
        ...

    def delete(self, prefix: str) -> int:
        """Forget every key that starts with the prefix; how many there were."""
        ...


class MemoryArtifacts:
    """Artifacts of one process, for the command line."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def put(self, key: str, content: bytes) -> None:
        """See Artifacts."""
        self._kept[key] = content

    def get(self, key: str) -> bytes:
        """See Artifacts."""
        from agent.errors import NotFound

        try:
            return self._kept[key]
        except KeyError:
            raise NotFound(f"There is no artifact {key}.") from None

    def delete(self, prefix: str) -> int:
        """See Artifacts."""
        keys = [k for k in self._kept if k.startswith(prefix)]
        for key in keys:
            del self._kept[key]
        return len(keys)
