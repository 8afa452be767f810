"""Pictures as a model can be sent them: known by their content, within limits, sent as they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

MAX_BYTES = 3_750_000
"""Bytes of one picture (Amazon Bedrock, Converse: 3.75 MB).

Nothing is scaled down: that takes an imaging library."""
MAX_PICTURES = 20
"""Pictures in one request (same source)."""


@dataclass(frozen=True)
class Picture:
    """A picture that the person gave."""

    name: str
    """The file's name, as given: from outside like the rest."""
    content: bytes = field(repr=False)
    media_type: str


def picture_of(name: str, content: bytes) -> Picture | None:
    """The picture that the content is, told by its first bytes; None when it is none that a model takes."""
    media_type = ""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        media_type = "image/png"
    elif content.startswith(b"\xff\xd8\xff"):
        media_type = "image/jpeg"
    elif content.startswith((b"GIF87a", b"GIF89a")):
        media_type = "image/gif"
    elif content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        media_type = "image/webp"
    return Picture(name, content, media_type) if media_type else None


def sendable(pictures: Iterable[Picture]) -> tuple[tuple[Picture, ...], tuple[str, ...]]:
    """The pictures within the limits, and one warning for each that is not."""
    kept: list[Picture] = []
    warnings: list[str] = []
    for picture in pictures:
        if len(picture.content) > MAX_BYTES:
            size = f"{len(picture.content) / 1e6:.1f} MB"
            warnings.append(
                f"{picture.name}: the language model takes pictures up to 3.75 MB, and this has {size}, so "
                "it was not looked at. Send it smaller, or send the diagram itself."
            )
        elif len(kept) == MAX_PICTURES:
            warnings.append(
                f"{picture.name}: only the first {MAX_PICTURES} pictures were looked at. Send the rest in a "
                "thread of their own."
            )
        else:
            kept.append(picture)
    return tuple(kept), tuple(warnings)
