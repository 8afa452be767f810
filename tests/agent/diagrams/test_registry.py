"""Which reader takes a file, and what is said to files that none takes."""

from __future__ import annotations

import contextlib
import io
import zipfile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agent.diagrams.base import MAX_BYTES, SourceFile
from agent.diagrams.registry import read_file
from agent.domain.system import SystemFragment
from agent.errors import TooLarge, UnreadableFile, UnsupportedFormat
from tests.agent.diagrams.drawn import arrows, read


def archive(*names: str) -> bytes:
    """A ZIP archive with these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        for name in names:
            zipped.writestr(name, "x")
    return buffer.getvalue()


def test_content_decides_and_not_the_name() -> None:
    """A Mermaid diagram called .drawio is read as Mermaid."""
    assert read("graph LR\n a --> b", "shop.drawio").format == "mermaid"


def test_byte_order_marks_and_encodings() -> None:
    """UTF-8 with a mark and UTF-16 are read like plain UTF-8."""
    text = "graph LR\n Käufer --> Lager"
    for content in (text.encode("utf-8-sig"), text.encode("utf-16"), text.encode()):
        assert arrows(read(content)) == ["Käufer -> Lager"]


@pytest.mark.parametrize("content", [b"", b"   \n\t "])
def test_empty_files(content: bytes) -> None:
    """An empty file is said to be empty, by name."""
    with pytest.raises(UnreadableFile) as caught:
        read(content, "void.mmd")
    assert "void.mmd" in caught.value.message
    assert "empty" in caught.value.message


def test_files_over_the_limit() -> None:
    """A file over 10 MB is refused before it is looked at."""
    with pytest.raises(TooLarge) as caught:
        read(b"x" * (MAX_BYTES + 1))
    assert "10 MB" in caught.value.message


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "PNG"),
        (b"\xff\xd8\xff\xe0" + bytes(40), "JPEG"),
        (b"GIF89a" + bytes(40), "GIF"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "WebP"),
        (b"\0\0\0\x20ftypheic" + bytes(9), "HEIC"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><rect/></svg>", "SVG"),
        (b"%PDF-1.7\n...", "PDF"),
        (archive("visio/document.xml"), "Visio"),
        (archive("word/document.xml"), "Word"),
        (archive("ppt/presentation.xml"), "PowerPoint"),
        (archive("xl/workbook.xml"), "Excel"),
        (archive("a.txt"), "ZIP"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(40), "Office"),
        (b"\x1f\x8b\x08" + bytes(40), "gzip"),
        (b"workspace {\n model {\n", "Structurizr"),
        (b'<ThreatModel xmlns="x">', "Microsoft Threat Modeling Tool"),
        (b'{"type": "excalidraw", "elements": []}', "Excalidraw"),
        (b"<!DOCTYPE html><html><body>hi</body></html>", "web page"),
        (b'<?xml version="1.0"?><books><book/></books>', "XML"),
        (b'{"colour": "red"}', "JSON"),
        (bytes(range(256)) * 20, "neither"),
    ],
)
def test_what_is_not_read_is_named_with_what_to_send(content: bytes, what: str) -> None:
    """Known formats without a reader are named, and each refusal says what to send instead."""
    with pytest.raises(UnsupportedFormat) as caught:
        read(content, "thing.bin")
    assert what in caught.value.reason
    assert caught.value.instead.endswith(".")
    assert caught.value.message.startswith("I could not read thing.bin: it")


def test_prose_is_a_document() -> None:
    """Text without a diagram comes back as text, unread."""
    fragment = read("# Night shop\n\nGuests order at the window.\n", "notes.md")
    assert (fragment.format, fragment.title, fragment.elements) == ("document", "Night shop", ())
    assert "Guests order at the window." in fragment.text


def test_mermaid_in_markdown_is_read() -> None:
    """Fences marked as Mermaid are read and leave the text; other fences stay; diagrams join by name."""
    fragment = read(
        "# Night shop\n\nBefore.\n\n```mermaid\ngraph LR\n a[Window] --> b[(Orders)]\n```\n\nBetween.\n\n"
        "```python\nprint()\n```\n\n  ~~~ mermaid\ngraph LR\n w[Window] --> p[Printer]\n  ~~~\n\nAfter.\n"
    )
    assert fragment.format == "document"
    assert arrows(fragment) == ["Window -> Orders", "Window -> Printer"]
    assert "Before." in fragment.text
    assert "print()" in fragment.text
    assert "graph LR" not in fragment.text


def test_a_bad_fence_is_named_and_the_rest_is_read() -> None:
    """One diagram that cannot be read is a warning; text and other diagrams stand."""
    fragment = read('Text.\n```mermaid\npie\n "a": 1\n```\n```mermaid\ngraph LR\n a --> b\n```\n', "n.md")
    assert arrows(fragment) == ["a -> b"]
    assert any("n.md, diagram 1" in w for w in fragment.warnings)


@given(st.binary(max_size=300))
@example(b"\xff\xfe")
@example(b"PK\x03\x04")
@example(b"\x89PNG\r\n\x1a\n")
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    """Whatever the bytes: a fragment, or one of our errors."""
    with contextlib.suppress(UnreadableFile):
        assert isinstance(read_file(SourceFile("x", content)), SystemFragment)
