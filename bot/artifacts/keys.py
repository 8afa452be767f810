"""What every adapter takes as a key."""

from __future__ import annotations

import re

_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


def checked(key: str) -> str:
    """The key; ValueError when it is none, such as one that could leave a folder."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"not an artifact key: {key!r}")
    return key
