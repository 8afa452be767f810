"""The diagram that draw.io writes into its PNG and SVG exports ("include a copy of my diagram")."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from urllib.parse import unquote

from agent.diagrams.base import MAX_BYTES, SourceFile
from agent.diagrams.drawio import read_mxfile
from agent.diagrams.xml import parse_xml
from agent.domain.system import SystemFragment
from agent.errors import TooLarge, UnreadableFile

_PNG = b"\x89PNG\r\n\x1a\n"
_SVG = re.compile(
    r"\s*(?:<\?xml[^>]{0,500}\?>\s*)?(?:<!--[^>]{0,2000}-->\s*)?(?:<!DOCTYPE[^\[>]{0,500}>\s*)?<svg\b"
)
_CONTENT = re.compile(r"[^>]*?\scontent=[\"']")
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]{0,500}>")
_KEYWORDS = (b"mxfile", b"mxGraphModel")
_AGAIN = "Export it again from draw.io with the diagram included, or send the .drawio file."


class DrawioImage:
    """Reads PNG and SVG files that carry the draw.io diagram they show."""

    name = "drawio"

    def recognises(self, file: SourceFile) -> bool:
        """Whether it is a PNG with an mxfile chunk or an SVG with a content attribute."""
        if file.content.startswith(_PNG):
            return any(keyword + b"\x00" in file.content for keyword in _KEYWORDS)
        root = _SVG.match(file.text[:4_096])
        return root is not None and _CONTENT.match(file.text, root.end()) is not None

    def read(self, file: SourceFile) -> SystemFragment:
        """The diagram in the picture; UnreadableFile when it is damaged."""
        text = _in_png(file) if file.content.startswith(_PNG) else _in_svg(file)
        return read_mxfile(file.name, unquote(text) if text.startswith("%3C") else text, self.name)


def _in_svg(file: SourceFile) -> str:
    """The content attribute; the SVG's own document type, which draw.io writes, is passed over unread."""
    root = parse_xml(_DOCTYPE.sub("", file.text, count=1), file.name)
    return root.get("content", "")


def _in_png(file: SourceFile) -> str:
    for kind, data in _chunks(file.content):
        keyword, _, rest = data.partition(b"\x00")
        if keyword not in _KEYWORDS:
            continue
        if kind == b"tEXt":
            return rest.decode("latin-1")
        if kind == b"zTXt":
            return _inflated(rest[1:], file.name)
        if kind == b"iTXt":
            text = rest[2:].split(b"\x00", 2)[-1]
            return (
                _inflated(text, file.name) if rest[:1] == b"\x01" else text.decode("utf-8", errors="replace")
            )
    raise UnreadableFile(file.name, "the diagram in its PNG is damaged", _AGAIN)


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The kind and data of each chunk, as far as the file goes."""
    at = len(_PNG)
    while at + 8 <= len(content):
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        yield kind, content[at + 8 : at + 8 + length]
        at += length + 12


def _inflated(data: bytes, name: str) -> str:
    inflate = zlib.decompressobj()
    try:
        text = inflate.decompress(data, MAX_BYTES)
    except zlib.error:
        raise UnreadableFile(name, "the diagram in its PNG is damaged", _AGAIN) from None
    if inflate.unconsumed_tail:
        size = MAX_BYTES // 1024 // 1024
        raise TooLarge(name, f"the diagram in it unpacks to more than {size} MB", _AGAIN)
    return text.decode("utf-8", errors="replace")
