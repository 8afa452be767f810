"""Pictures as a model can be sent them: known by their content, scaled to what it can use, within limits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO

MAX_BYTES = 3_750_000
"""Bytes of one picture (Amazon Bedrock, Converse: 3.75 MB)."""
LONGEST = 1568
"""Pixels of the longer side: what is larger a Claude model scales down itself before it looks."""
MAX_PIXELS = 60_000_000
"""Of a picture that is opened to be scaled; larger ones are taken for an attack."""
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
    """The pictures as they are sent, and one warning for each that is not."""
    kept: list[Picture] = []
    warnings: list[str] = []
    for picture in pictures:
        if len(kept) == MAX_PICTURES:
            warnings.append(
                f"{picture.name}: only the first {MAX_PICTURES} pictures were looked at. Send the rest in a "
                "thread of their own."
            )
            continue
        try:
            kept.append(scaled(picture))
        except _Refused as refused:
            warnings.append(f"{picture.name}: {refused}, so it was not looked at. {_INSTEAD}")
    return tuple(kept), tuple(warnings)


_INSTEAD = "Send it as a PNG of a screen's size, or send the diagram itself."


class _Refused(Exception):
    """Why a picture is not sent, as a clause. Stays in this module."""


def scaled(picture: Picture) -> Picture:
    """The picture, no larger than a model can use; one that fits is sent byte for byte."""
    from PIL import Image

    try:
        with Image.open(BytesIO(picture.content)) as opened:
            width, height = opened.size
            if width * height > MAX_PIXELS:
                raise _Refused(f"it has {width} × {height} points")
            if max(width, height) <= LONGEST and len(picture.content) <= MAX_BYTES:
                opened.verify()
                return picture
            small = opened.convert("RGB")
            small.thumbnail((LONGEST, LONGEST))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise _Refused("it is damaged") from error
    for form, media_type in (("PNG", "image/png"), ("JPEG", "image/jpeg")):
        written = BytesIO()
        small.save(written, form)
        if len(written.getvalue()) <= MAX_BYTES:
            return Picture(picture.name, written.getvalue(), media_type)
    raise _Refused("it stays too large when it is scaled down")
