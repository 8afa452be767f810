"""What every domain value shares: frozen, closed, and JSON in and out."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Self

from pydantic import BaseModel, ConfigDict

SCHEMA_VERSION = 1
"""The version of the JSON that domain values write; readers refuse a newer one."""


class Value(BaseModel):
    """A frozen value: equal by content, refuses unknown fields, round-trips through JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    def dump(self) -> dict[str, object]:
        """This value as plain JSON data (str, int, float, bool, None, list, dict only)."""
        return self.model_dump(mode="json")

    @classmethod
    def load(cls, data: object) -> Self:
        """The value that `dump` wrote; pydantic.ValidationError when it is not one."""
        return cls.model_validate(data)


def slug(text: str) -> str:
    """Lower-case ASCII words joined by hyphens, at most 60 characters; never empty.

    Text without any ASCII letter or digit gives a short hash, so two such names stay apart.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    if not words:
        return "x" + hashlib.sha256(text.encode()).hexdigest()[:8]
    if len(words) <= 60:  # noqa: PLR2004 - the promise above
        return words
    return words[:51].rstrip("-") + "-" + hashlib.sha256(words.encode()).hexdigest()[:8]


def digest(*parts: str) -> str:
    """A stable 12-character identifier of the parts, in their order."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:12]
