"""Formats that are known and not read: told by their content, answered with what to send instead."""

from __future__ import annotations

import re
from typing import NamedTuple

from agent.diagrams.base import SourceFile
from agent.errors import UnsupportedFormat


class _Foreign(NamedTuple):
    what: str
    instead: str


_REDRAW = (
    "Send the diagram itself: a draw.io file (its PNG or SVG export will do when the diagram is included) "
    "or the text of a Mermaid or PlantUML diagram."
)
_TEXT = "Send its text as Markdown or plain text, and its diagrams as draw.io or Mermaid."
_VISIO = "Open it in draw.io (File, Import) and send what draw.io saves, or send Mermaid text."
_CONVERT = "Send the same diagram as Mermaid or draw.io."

_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "a PNG image", _REDRAW),
    (b"\xff\xd8\xff", "a JPEG image", _REDRAW),
    (b"GIF8", "a GIF image", _REDRAW),
    (b"BM", "a bitmap image", _REDRAW),
    (b"II*\x00", "a TIFF image", _REDRAW),
    (b"MM\x00*", "a TIFF image", _REDRAW),
    (b"%PDF-", "a PDF", _TEXT),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office or Visio file", _TEXT),
    (b"{\\rtf", "an RTF document", _TEXT),
    (b"\x1f\x8b", "a gzip archive", "Unpack it and send the files in it."),
    (b"BZh", "a bzip2 archive", "Unpack it and send the files in it."),
    (b"7z\xbc\xaf'\x1c", "a 7-Zip archive", "Unpack it and send the files in it."),
    (b"\xfd7zXZ\x00", "an xz archive", "Unpack it and send the files in it."),
    (b"Rar!", "a RAR archive", "Unpack it and send the files in it."),
    (b"\x7fELF", "a program", _REDRAW),
    (b"MZ\x90", "a program", _REDRAW),
    (b"SQLite format 3\x00", "a database", _REDRAW),
)
_ZIPPED: tuple[tuple[bytes, str, str], ...] = (
    (b"visio/", "a Visio drawing", _VISIO),
    (b"word/", "a Word document", _TEXT),
    (b"ppt/", "a PowerPoint file", _TEXT),
    (b"xl/", "an Excel file", _TEXT),
    (b"mimetypeapplication/vnd.oasis", "an OpenDocument file", _TEXT),
    (b"Index/Document.iwa", "an iWork file", _TEXT),
    (b"document.json", "a Sketch file", _REDRAW),
    (b"canvas.fig", "a Figma file", _REDRAW),
)
_TEXTUAL: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), what, instead)
    for pattern, what, instead in (
        (r"\s*workspace\s+(?:(?:extends\s+\S+|\"[^\"\n]*\")\s*)*\{", "Structurizr DSL", _CONVERT),
        (
            r"\s*(?:<\?xml[^>]{0,200}\?>)?\s*<ThreatModel[\s>]",
            "a file of the Microsoft Threat Modeling Tool",
            _CONVERT,
        ),
        (r"\s*(?:<\?xml[^>]{0,200}\?>)?\s*<VisioDocument[\s>]", "a Visio drawing", _VISIO),
        (r"\s*\{(?=[\s\S]{0,2000}\"type\"\s*:\s*\"excalidraw\")", "an Excalidraw drawing", _CONVERT),
    )
)
_HTML = re.compile(r"\s*(?:<!DOCTYPE html|<html)[\s>]", re.IGNORECASE)
_SVG = re.compile(
    r"\s*(?:<\?xml[^>]{0,500}\?>\s*)?(?:<!--[^>]{0,2000}-->\s*)?(?:<!DOCTYPE svg[^>]{0,500}>\s*)?<svg[\s>]"
)
_DATA = re.compile(
    r"\s*(?:(?P<xml><\?xml\s|<!DOCTYPE\s|<[A-Za-z][\w:-]*(?:\s+[\w:-]+=\"|>\s*<))|\{\s*[\"}]|\[\s*[{\"])"
)
_HEAD = 4_096


def foreign(file: SourceFile) -> UnsupportedFormat | None:
    """The refusal for a known format that is not read, with what to send instead; None for all others."""
    found = _binary(file.content) or _textual(file)
    if found is None:
        return None
    return UnsupportedFormat(file.name, f"it is {found.what}", found.instead)


def stranger(file: SourceFile) -> UnsupportedFormat | None:
    """The refusal for data of a kind that no reader took: XML and JSON are no prose. None for all others."""
    match = _DATA.match(file.text[:_HEAD])
    if match is None:
        return None
    what = "XML" if match["xml"] else "JSON"
    return UnsupportedFormat(file.name, f"it is {what} of a kind that I do not know", _CONVERT)


def _binary(content: bytes) -> _Foreign | None:
    for magic, what, instead in _MAGIC:
        if content.startswith(magic):
            return _Foreign(what, instead)
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return _Foreign("a WebP image", _REDRAW)
    if content[4:12] in {b"ftypavif", b"ftypheic", b"ftypmif1"}:
        return _Foreign("a HEIC or AVIF image", _REDRAW)
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zipped(content)
    return None


def _zipped(content: bytes) -> _Foreign:
    """By the names in the archive, which stand in it uncompressed; nothing is unpacked."""
    for mark, what, instead in _ZIPPED:
        if mark in content:
            return _Foreign(what, instead)
    return _Foreign("a ZIP archive", "Unpack it and send the files in it.")


def _textual(file: SourceFile) -> _Foreign | None:
    head = file.text[:_HEAD]
    for pattern, what, instead in _TEXTUAL:
        if pattern.match(head):
            return _Foreign(what, instead)
    if _HTML.match(head):
        return _Foreign("a web page", "Send its text as Markdown or plain text, or the diagram itself.")
    if _SVG.match(head):
        return _Foreign("an SVG image without a diagram in it", _REDRAW)
    return None
