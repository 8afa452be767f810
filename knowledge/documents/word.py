"""Word documents (.docx) as blocks: the text that is shown, with its headings, lists and tables.

A packed file is never unpacked further than MAX_BYTES, its XML never deeper or longer than the limits below,
and XML with a DTD or entities is not opened.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from knowledge.documents.base import MAX_BYTES, DocumentError
from knowledge.documents.blocks import Block, cleaned, kept, one_line

MAX_TAGS = 400_000
"""How many tags one part may have: some 500 pages."""

MAX_DEPTH = 200
MAX_PARTS = 5_000
"""How many files may be packed in one."""

AGAIN = "Open it in Word or LibreOffice, save it again as .docx, and bring that."
_SMALLER = "Split it into several documents, or save it as .md or .txt."
_GENERATIONS = 12
"""How far a style is followed to the one that it is made after."""
_ROOT = "_rels/.rels"
_MAIN = "word/document.xml"
_HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)


def word(content: bytes) -> list[Block]:
    """The blocks of a Word document; DocumentError when it cannot be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return list(kept(_blocks(packed)))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, KeyError) as error:
        # RuntimeError and its NotImplementedError: a password, or a packing that nobody uses for documents
        raise DocumentError(f"it is no whole .docx ({error})", AGAIN) from None


def _blocks(packed: zipfile.ZipFile) -> Iterator[Block]:
    if len(packed.infolist()) > MAX_PARTS:
        raise DocumentError(f"more than {MAX_PARTS:,} files are packed in it", _SMALLER)
    names = set(packed.namelist())
    main = _target(packed) if _ROOT in names else _MAIN
    if main not in names:
        raise DocumentError("there is no document in it", AGAIN)
    beside = posixpath.join(posixpath.dirname(main), "{}.xml")
    levels: Mapping[str, int] = {}
    if beside.format("styles") in names:
        styles = _Styles()
        _parse(packed, beside.format("styles"), styles)
        levels = styles.levels()
    for name in (main, beside.format("footnotes"), beside.format("endnotes")):
        if name in names:
            text = _Text(levels)
            _parse(packed, name, text)
            yield from text.blocks


def _target(packed: zipfile.ZipFile) -> str:
    """Which of the files is the document."""
    found = _Relations()
    _parse(packed, _ROOT, found)
    return found.main or _MAIN


def _parse(packed: zipfile.ZipFile, name: str, target: _Bounded) -> None:
    if packed.getinfo(name).compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise DocumentError("it is packed in a way that no office program uses", AGAIN)  # and without bounds
    with packed.open(name) as part:
        content = part.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise DocumentError(f"it unpacks to more than {MAX_BYTES // 1024 // 1024} MB", _SMALLER)
    parser = DefusedXMLParser(target=target, forbid_dtd=True)
    try:
        parser.feed(content)
        parser.close()
    except DefusedXmlException:
        raise DocumentError(
            "its XML brings a DTD or entities of its own, which I do not open", AGAIN
        ) from None
    except (ParseError, LookupError) as error:
        raise DocumentError(f"its XML is broken ({error})", AGAIN) from None


class _Bounded:
    """Hears the tags of a part, without their namespaces, and stops when they are too many or too deep."""

    def __init__(self) -> None:
        self._count = 0
        self._depth = 0

    def start(self, tag: str, attrs: Mapping[str, str]) -> None:
        """A tag opens."""
        self._count += 1
        self._depth += 1
        if self._count > MAX_TAGS:
            raise DocumentError(f"it has more than {MAX_TAGS:,} tags", _SMALLER)
        if self._depth > MAX_DEPTH:
            raise DocumentError(f"its tags nest deeper than {MAX_DEPTH} levels", AGAIN)
        self.opened(_bare(tag), {_bare(name): value for name, value in attrs.items()})

    def end(self, tag: str) -> None:
        """A tag closes."""
        self._depth -= 1
        self.closed(_bare(tag))

    def data(self, text: str) -> None:
        """Text between tags."""

    def close(self) -> None:
        """The end."""

    def opened(self, tag: str, values: Mapping[str, str]) -> None:
        """A tag opens."""

    def closed(self, tag: str) -> None:
        """A tag closes."""


def _bare(name: str) -> str:
    return name.rpartition("}")[2]


class _Relations(_Bounded):
    """Which part is the document: it has another name in files of some programs."""

    main = ""

    def opened(self, tag: str, values: Mapping[str, str]) -> None:
        """One relation."""
        if tag == "Relationship" and values.get("Type", "").endswith("/officeDocument"):
            self.main = values.get("Target", "").lstrip("/")


class _Styles(_Bounded):
    """Which styles are headings. Their ids are in the writer's language, their names are not."""

    def __init__(self) -> None:
        super().__init__()
        self._style = ""
        self._own: dict[str, int] = {}
        self._base: dict[str, str] = {}

    def opened(self, tag: str, values: Mapping[str, str]) -> None:
        """A style begins, or says something of itself."""
        value = values.get("val", "")
        if tag == "style":
            self._style = values.get("styleId", "") if values.get("type") == "paragraph" else ""
        elif not self._style:
            return
        elif tag == "name" and (match := _HEADING.fullmatch(value)):
            self._own[self._style] = int(match[1])
        elif tag == "name" and value.lower() == "title":
            self._own[self._style] = 0
        elif tag == "basedOn":
            self._base[self._style] = value
        elif tag == "outlineLvl" and (level := _outline(value)) is not None:
            self._own.setdefault(self._style, level)

    def levels(self) -> Mapping[str, int]:
        """The level of each style that is a heading, or is made after one."""
        found = dict(self._own)
        for style in self._base:
            above = style
            for _ in range(_GENERATIONS):
                if above in self._own:
                    found[style] = self._own[above]
                    break
                above = self._base.get(above, "")
        return found


def _outline(value: str) -> int | None:
    """The level that an outline level stands for: counted from 0, with 9 for text."""
    return int(value) + 1 if value.isdecimal() and int(value) < 9 else None  # noqa: PLR2004 - see above


class _Text(_Bounded):
    """The paragraphs of a part, rows of tables as one each; nothing that is hidden or was taken out."""

    def __init__(self, levels: Mapping[str, int]) -> None:
        super().__init__()
        self.blocks: list[Block] = []
        self._levels = levels
        self._level: int | None = None
        self._entry = False
        self._words: list[str] = []
        self._cells: list[list[str]] = []
        self._rows = 0
        self._unshown = 0
        self._vanished = False
        self._in_text = False

    def opened(self, tag: str, values: Mapping[str, str]) -> None:
        """A tag opens; inside of what is not shown nothing counts but the depth."""
        if self._unshown or tag in _UNSHOWN or values.get("type") in _SEPARATORS:
            self._unshown += 1
        elif tag in {"p", "tr", "tc"}:
            self._began(tag)
        elif tag in {"r", "t", "vanish"}:
            self._run(tag, values.get("val", ""))
        elif tag in _SIGNS:
            self._words.append(_SIGNS[tag])
        else:
            self._told(tag, values.get("val", ""))

    def _began(self, tag: str) -> None:
        """A paragraph, a row or a cell."""
        self._rows += tag == "tr"
        if tag == "tc":
            if self._rows == 1:
                self._cells.append(self._words)
                self._words = []
        elif self._rows == (tag == "tr"):  # a table in a cell is part of its row
            self._cut()

    def _run(self, tag: str, value: str) -> None:
        """Words of one look."""
        if tag == "vanish":
            self._vanished = value not in {"0", "false", "off"}
        elif tag == "r":
            self._vanished = False
        else:
            self._in_text = not self._vanished

    def _told(self, tag: str, value: str) -> None:
        """What a paragraph says of itself."""
        if tag == "pStyle":
            self._level = self._levels.get(value, self._level)
        elif tag == "outlineLvl":
            self._level = _outline(value)
        elif tag == "numId":
            self._entry = value != "0"

    def closed(self, tag: str) -> None:
        """A paragraph, a row or a text ends."""
        if self._unshown:
            self._unshown -= 1
        elif tag == "t":
            self._in_text = False
        elif tag == "p":
            self._words.append("\n")
            if not self._rows:
                self._cut()
        elif tag == "tr":
            self._rows -= 1
            if not self._rows:
                cells = (one_line("".join(words)) for words in (*self._cells, self._words))
                self._cells, self._words = [], [" | ".join(cell for cell in cells if cell)]
                self._entry, self._level = False, None
                self._cut()

    def data(self, text: str) -> None:
        """Text of a run."""
        if self._in_text and not self._unshown:
            self._words.append(text)

    def _cut(self) -> None:
        lines = cleaned("".join(self._words)).split("\n")
        text = "\n".join(filter(None, map(one_line, lines)))
        if text:
            marked = self._entry and self._level is None
            self.blocks.append(Block(f"- {text}" if marked else text, self._level))
        self._words, self._level, self._entry = [], None, False


_UNSHOWN = frozenset({"Fallback", "del", "moveFrom", "instrText", "delText", "pPrChange", "rPrChange"})
"""What is said another way, what was taken out, and how it looked before."""
_SEPARATORS = frozenset({"separator", "continuationSeparator", "continuationNotice"})
_SIGNS: Mapping[str, Any] = {"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
