"""draw.io: plain and compressed files, several pages, and the diagram inside its PNG and SVG exports."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator, Sequence
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from agent.diagrams.base import MAX_BYTES, SourceFile
from agent.diagrams.drawio_cells import cells_of
from agent.diagrams.drawio_page import draw_page
from agent.diagrams.sketch import Sketch
from agent.diagrams.sketch_pages import merge
from agent.diagrams.xml import parse_xml
from agent.domain.system import SystemFragment
from agent.errors import TooLarge, UnreadableFile

_ROOT = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--[^>]{0,2000}-->\s*)?"
    r"(?:<!DOCTYPE[^\[>]{0,200}(?:\[[^\]]{0,2000}\]\s*)?>\s*)?<(?:mxfile|mxGraphModel|diagram)[\s>/]"
)
_HEAD = 4_096
_MOST_PAGES = 100
_DEFAULT_PAGE = re.compile(r"(?:page|seite|página|pagina)[\s-]*\d+", re.IGNORECASE)
_AGAIN = "Open it in draw.io, save it again and send that file."


class Drawio:
    """Reads .drawio and .xml files of draw.io (diagrams.net)."""

    name = "drawio"

    def recognises(self, file: SourceFile) -> bool:
        """Whether the root tag is one of draw.io."""
        return _ROOT.match(file.text[:_HEAD]) is not None

    def read(self, file: SourceFile) -> SystemFragment:
        """All pages as one system: what bears the same name on two pages is the same element."""
        return read_mxfile(file.name, file.content, self.name)


def read_mxfile(name: str, content: bytes | str, form: str) -> SystemFragment:
    """The system in an mxfile, an mxGraphModel or a diagram tag; UnreadableFile when it holds none."""
    root = parse_xml(content, name)
    pages = [root] if root.tag != "mxfile" else root.findall("diagram")
    if not pages:
        raise UnreadableFile(name, "it is a draw.io file without a page", _AGAIN)
    title = _title(pages)
    sketches = [Sketch(source=name, format=form, title=title)]
    if len(pages) > _MOST_PAGES:
        sketches[0].warn(f"only its first {_MOST_PAGES} pages were read.")
    for model in _models(pages[:_MOST_PAGES], name):
        sketches.append(Sketch(source=name, format=form, title=title))
        draw_page(cells_of(model), sketches[-1])
    return merge(sketches).fragment()


def _title(pages: list[Element]) -> str:
    """The first page's name, unless it is the one that draw.io gives by itself."""
    title = pages[0].get("name", "")
    return "" if _DEFAULT_PAGE.fullmatch(title.strip()) else title


def _models(pages: Sequence[Element], name: str) -> Iterator[Element]:
    """The mxGraphModel of each page; compressed pages unpack to `MAX_BYTES` together at most."""
    room = MAX_BYTES
    for page in pages:
        model = page if page.tag == "mxGraphModel" else page.find("mxGraphModel")
        packed = "".join((page.text or "").split())
        if model is None and packed:
            plain = _unpacked(packed, name, room)
            room -= len(plain)
            model = parse_xml(plain, name)
        if model is not None:
            yield model


def _unpacked(packed: str, name: str, room: int) -> str:
    """Base64, then deflate without a header, then percent-encoding; TooLarge over `room` bytes."""
    try:
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        raw = inflate.decompress(base64.b64decode(packed, validate=True), max(room, 1))
    except (binascii.Error, ValueError, zlib.error):
        raise UnreadableFile(
            name, "a page of it is neither plain nor compressed as draw.io does it", _AGAIN
        ) from None
    if not inflate.eof and not inflate.unconsumed_tail:
        raise UnreadableFile(name, "a page of it is compressed and breaks off", _AGAIN)
    if inflate.unconsumed_tail:
        size = MAX_BYTES // 1024 // 1024
        raise TooLarge(name, f"its pages unpack to more than {size} MB", "Send a smaller diagram.")
    return unquote(raw.decode("utf-8", errors="replace"))
