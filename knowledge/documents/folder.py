"""The DocumentPlace on this machine: a folder and all folders below it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from knowledge.documents.base import MAX_BYTES, DocumentError, Listed, PlaceError, passed_over


class FolderPlace:
    """See DocumentPlace. Links are not followed: they could lead out of the folder.

    Args:
        folder: where the files lie.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.name = str(folder)

    def files(self) -> Iterator[Listed]:
        """See DocumentPlace. A file's version is a hash of its content.

        Its time would not do: it is kept no finer than some milliseconds, and changes with every checkout.
        """
        if not self._folder.is_dir():
            raise PlaceError(
                f"The folder {self._folder} for company documents is not there, or is no folder."
                " Make it, or correct THREATBOT_DOCUMENTS."
            )
        for folder, below, names in os.walk(self._folder, onerror=self._unlisted):
            below[:] = [name for name in below if not passed_over(name)]
            for name in names:
                found = self._listed(Path(folder) / name)
                if found and not passed_over(found.path):
                    yield found

    def read(self, path: str) -> bytes | None:
        """See DocumentPlace."""
        try:
            with (self._folder / path).open("rb") as file:
                return file.read(MAX_BYTES + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise DocumentError(
                f"it cannot be opened ({error.strerror})", "Let the user that threatbot runs as read it."
            ) from error

    def _listed(self, path: Path) -> Listed | None:
        try:
            if path.is_symlink() or not path.is_file():
                return None
            about = path.stat()
        except OSError:  # it went while we looked
            return None
        return Listed(path.relative_to(self._folder).as_posix(), about.st_size, _version(path, about.st_size))

    def _unlisted(self, error: OSError) -> NoReturn:
        raise PlaceError(
            f"The folder {error.filename} cannot be listed ({error.strerror})."
            " Let the user that threatbot runs as read it."
        ) from error


def _version(path: Path, size: int) -> str:
    """The content's hash; empty for a file that is too large or may not be read: it is refused later."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() if size <= MAX_BYTES else ""
    except OSError:
        return ""
