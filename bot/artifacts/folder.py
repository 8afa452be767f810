"""The embedded artifact store: a folder."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from agent.errors import NotFound
from bot.artifacts.keys import checked

DAY = 86_400
FOLDER_TRIES = 3


class FolderArtifacts:
    """Artifacts as files. A key that could leave the folder is a ValueError.

    Args:
        folder: where they lie.
        clock: seconds since the epoch, against which the files' own times are held.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._clock = clock
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, key: str, content: bytes) -> None:
        """See Artifacts; whole or not at all, whatever kills the process."""
        path = self._path(key)
        part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
        for _ in range(FOLDER_TRIES):  # `forget` may take an empty folder away
            path.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):
                part.write_bytes(content)
                break
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

    def forget(self, days: int) -> int:
        """Delete what was put so many days ago, as a bucket's lifecycle does; how many files.

        Parts that a killed process left behind go after a day.
        """
        count = 0
        for path in sorted(self._folder.rglob("*"), reverse=True):  # what is inside before the folder itself
            with suppress(FileNotFoundError):  # another process was first
                count += self._forget(path, days)
        return count

    def _forget(self, path: Path, days: int) -> int:
        if path.is_dir():
            with suppress(OSError):  # it is not empty, or a file is being put there
                path.rmdir()
            return 0
        kept = min(days, 1) if path.suffix == ".part" else days
        if path.stat().st_mtime > self._clock() - kept * DAY:
            return 0
        path.unlink()
        return 1

    def _path(self, key: str) -> Path:
        return self._folder / checked(key)
