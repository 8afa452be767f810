"""The embedded artifact store: a folder."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

from agent.errors import NotFound
from bot.artifacts.keys import checked


class FolderArtifacts:
    """Artifacts as files. A key that could leave the folder is a ValueError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, key: str, content: bytes) -> None:
        """See Artifacts; whole or not at all, whatever kills the process."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
        part.write_bytes(content)
        os.replace(part, path)  # noqa: PTH105 - the atomic one

    def get(self, key: str) -> bytes:
        """See Artifacts."""
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            raise NotFound(f"The file behind {key} is no longer kept. Upload it again.") from None

    def delete(self, prefix: str) -> int:
        """See Artifacts; the prefix is a whole folder."""
        path = self._path(prefix.rstrip("/"))
        if path.is_file():
            path.unlink()
            return 1
        count = sum(1 for p in path.rglob("*") if p.is_file()) if path.is_dir() else 0
        shutil.rmtree(path, ignore_errors=True)
        return count

    def _path(self, key: str) -> Path:
        return self._folder / checked(key)
