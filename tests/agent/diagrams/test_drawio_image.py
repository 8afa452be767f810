"""PNG and SVG exports of draw.io that carry their diagram."""

from __future__ import annotations

import struct
import zlib
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

import pytest

from agent.errors import TooLarge, UnreadableFile, UnsupportedFormat
from tests.agent.diagrams.drawn import arrow, arrows, cell, model, packed, read

DIAGRAM = '<mxfile><diagram name="Page-1">{}</diagram></mxfile>'.format(
    packed(
        model(
            cell("a", "Baker", (0, 0, 80, 60)),
            cell("b", "Oven", (200, 0, 80, 60)),
            arrow("e", "a", "b", "MQTT"),
        )
    )
)
EXPECTED = ["Baker -> Oven: MQTT"]


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG file of these chunks, between its head and its end."""
    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", head), *chunks, (b"IDAT", zlib.compress(b"\0\0")), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


@pytest.mark.parametrize(
    "chunk",
    [
        (b"tEXt", b"mxfile\0" + quote(DIAGRAM).encode()),
        (b"zTXt", b"mxfile\0\0" + zlib.compress(quote(DIAGRAM).encode())),
        (b"iTXt", b"mxfile\0\0\0\0\0" + DIAGRAM.encode()),
        (b"iTXt", b"mxfile\0\1\0\0\0" + zlib.compress(DIAGRAM.encode())),
        (b"zTXt", b"mxGraphModel\0\0" + zlib.compress(DIAGRAM.encode())),
    ],
)
def test_png_exports(chunk: tuple[bytes, bytes]) -> None:
    """The diagram is found in every kind of text chunk."""
    fragment = read(png((b"tEXt", b"Software\0x"), chunk), "bakery.png")
    assert (fragment.format, arrows(fragment)) == ("drawio", EXPECTED)


@pytest.mark.parametrize(
    "head",
    [
        "",
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        '<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd">\n',
    ],
)
def test_svg_exports(head: str) -> None:
    """The diagram is found in the content attribute, whatever stands before the root."""
    svg = f'{head}<svg xmlns="http://www.w3.org/2000/svg" width="9" content={quoteattr(DIAGRAM)}><g/></svg>'
    assert arrows(read(svg, "bakery.svg")) == EXPECTED


def test_pictures_without_a_diagram_are_refused() -> None:
    """A plain PNG or SVG is refused with how to export it with its diagram."""
    for content in (png(), b'<svg xmlns="http://www.w3.org/2000/svg"><text>content="x"</text></svg>'):
        with pytest.raises(UnsupportedFormat) as caught:
            read(content)
        assert "diagram is included" in caught.value.instead


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        (png((b"zTXt", b"mxfile\0\0broken")), UnreadableFile, "damaged"),
        (png((b"IDAT", b"mxfile\0 not a text chunk")), UnreadableFile, "damaged"),
        (png((b"zTXt", b"mxfile\0\0" + zlib.compress(b"a" * 11_000_000))), TooLarge, "unpacks"),
        (png((b"tEXt", b"mxfile\0%3Cmxfile"))[:60], UnreadableFile, "broken"),
        (b"<svg content='&lt;mxfile&gt;'><g></svg>", UnreadableFile, "broken"),
        (
            b"<!DOCTYPE svg [<!ENTITY a 'b'>]><svg content='&lt;mxfile/&gt;'>&a;</svg>",
            UnreadableFile,
            "kind|DTD|web|SVG",
        ),
    ],
)
def test_damaged_pictures(content: bytes, error: type[UnreadableFile], said: str) -> None:
    """Damaged and hostile pictures are refused with the reason."""
    with pytest.raises(error) as caught:
        read(content)
    assert any(word in caught.value.reason for word in said.split("|"))
