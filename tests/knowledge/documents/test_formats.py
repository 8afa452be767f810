"""What is read of each format, and how what is broken is refused."""

from __future__ import annotations

import io
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.documents.base import MAX_BYTES, MAX_PASSAGES, DocumentError, Listed
from knowledge.documents.blocks import Block
from knowledge.documents.markdown import markdown
from knowledge.documents.page import page
from knowledge.documents.plain import plain
from knowledge.documents.reading import passages, refusal
from knowledge.documents.word import word
from tests.knowledge.documents.writing import CALM, W, docx, paragraph


def told(blocks: list[Block]) -> list[tuple[int | None, str]]:
    """Levels and texts."""
    return [(block.level, block.text) for block in blocks]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# One #\n\nText\nmore\n\n## Two", [(1, "One"), (None, "Text more"), (2, "Two")]),
        ("Title\n=====\nText\n\nSub\n---\n", [(1, "Title"), (None, "Text"), (2, "Sub")]),
        ("- a\n  b\n- c\n1. d", [(None, "- a b"), (None, "- c"), (None, "- d")]),
        ("| a | b |\n|---|:-:|\n| c | d \\| e |", [(None, "a | b"), (None, "c | d | e")]),
        ("```sh\n# no heading\nrun  it\n```\nafter", [(None, "# no heading\nrun  it"), (None, "after")]),
        ("see [the *guide*](https://x.example/a_(b)) now", [(None, "see the guide now")]),
        ("![a plan](plan.png) and [text][1]\n\n[1]: https://x.example 'T'", [(None, "a plan and text")]),
        ("**bold** __too__ `code` ~~old~~ snake_case_name", [(None, "bold too code old snake_case_name")]),
        ("> said\n> twice", [(None, "said twice")]),
        ("a<!-- do as I say -->b <b>c</b><br/>d <tenant-id>", [(None, "ab c d <tenant-id>")]),
        ("---\ntitle: 'R'\nby: Kim\n---\n# A\nb", [(0, "R"), (None, "by: Kim"), (1, "A"), (None, "b")]),
        ("a\n\n* * *\n\nb \\# c", [(None, "a"), (None, "b # c")]),
        ("#hash is none\n\n####### nor this", [(None, "#hash is none"), (None, "####### nor this")]),
        ("zero\u200bwidth \u202eturned\u2066 \U000e0041tag", [(None, "zerowidth turned tag")]),
    ],
)  # fmt: skip
def test_markdown(text: str, expected: list[tuple[int | None, str]]) -> None:
    """Headings, paragraphs, entries, rows and listings are told apart; marks and addresses go, words stay."""
    assert told(markdown(text)) == expected


def test_plain_text_is_taken_as_it_is() -> None:
    """Paragraphs end at empty lines; lines, marks and numbers stay."""
    assert told(plain("1. a\r\n# b\n \n\n* c\n")) == [(None, "1. a\n# b"), (None, "* c")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<title>T</title><h1>A</h1><p>b<br>c</p><h2>D</h2>e",
         [(0, "T"), (1, "A"), (None, "b\nc"), (2, "D"), (None, "e")]),
        ("<ul><li>a<li>b</ul><table><tr><td>c<td>d</table>", [(None, "- a"), (None, "- b"), (None, "c | d")]),
        ("<p>x &lt;y&gt; &amp; z&nbsp;1", [(None, "x <y> & z 1")]),
        ("<script>if (a<b) steal()</script><style>p{}</style><nav>menu</nav>text", [(None, "text")]),
        ("<p hidden>a</p><div style='Display: none'>b<div>c</div></div><p class=hidden>d</p>", [(None, "d")]),
        ("<pre>a\n  b</pre><p>c", [(None, "a\n  b"), (None, "c")]),
        ("<head><title>T</title><meta charset=x><body>a <!-- b --> c <a href='https://x'>d</a>",
         [(0, "T"), (None, "a c d")]),
        ("1 < 2 and a<b", [(None, "1 < 2 and a")]),
    ],
)  # fmt: skip
def test_html(text: str, expected: list[tuple[int | None, str]]) -> None:
    """What a browser shows is read: no scripts, menus or hidden parts, no addresses."""
    assert told(page(text)) == expected


def test_word_documents() -> None:
    """Headings by their styles in any language, lists, tables, footnotes; nothing hidden or doubled."""
    body = (
        paragraph("Zugriff", "berschrift1")
        + paragraph("Ours", "Ours")
        + paragraph("An entry", more='<w:numPr><w:numId w:val="1"/></w:numPr>')
        + "<w:p><w:r><w:t>one</w:t><w:tab/><w:t>two</w:t></w:r>"
        "<w:del><w:r><w:delText>gone</w:delText></w:r></w:del>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>unseen</w:t></w:r><w:r><w:t> three</w:t></w:r></w:p>"
        f"<w:tbl><w:tr><w:tc>{paragraph('a')}{paragraph('b')}</w:tc><w:tc>{paragraph('c')}</w:tc></w:tr></w:tbl>"
        '<w:p><mc:AlternateContent xmlns:mc="urn:mc"><mc:Choice><w:r><w:t>box</w:t></w:r></mc:Choice>'
        "<mc:Fallback><w:r><w:t>box</w:t></w:r></mc:Fallback></mc:AlternateContent></w:p>"
    )
    line = f'<w:footnote w:type="separator">{paragraph("-")}</w:footnote>'
    notes = f"<w:footnotes {W}>{line}<w:footnote>{paragraph('Note')}</w:footnote></w:footnotes>"
    assert told(word(docx(body, {"word/footnotes.xml": notes}))) == [
        (1, "Zugriff"), (2, "Ours"), (None, "- An entry"), (None, "one two three"), (None, "a b | c"),
        (None, "box"), (None, "Note"),
    ]  # fmt: skip


def test_the_document_may_have_another_name() -> None:
    """Some programs call the part otherwise, and say so."""
    rels = (
        '<Relationships xmlns="urn:r"><Relationship Type="http://x/officeDocument" Target="/word/other.xml"/>'
        "</Relationships>"
    )
    other = f"<w:document {W}><w:body>{paragraph('found')}</w:body></w:document>"
    content = docx(paragraph("not this"), {"_rels/.rels": rels, "word/other.xml": other})
    assert told(word(content)) == [(None, "found")]


def bomb(size: int) -> bytes:
    """XML that unpacks to so many bytes."""
    return f"<w:document {W}><w:body>".encode() + b" " * size + b"</w:body></w:document>"


def encrypted() -> bytes:
    """A document whose first part says that it has a password."""
    content = bytearray(docx(paragraph("secret")))
    content[6] |= 1
    central = content.index(b"PK\x01\x02")
    content[central + 8] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (docx("", {"word/document.xml": bomb(200_000_000)}), "unpacks to more than 10 MB"),
        (docx("", {"word/document.xml": bomb(1000)}, zipfile.ZIP_BZIP2), "packed in a way"),
        (docx("", {"word/document.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), "DTD or entities"),
        (docx("<w:p>" * 300), "nest deeper"),
        (docx("<w:p></w:p>" * 400_001), "more than 400,000 tags"),
        (docx("<w:p>"), "XML is broken"),
        (docx("", {f"x{n}": b"" for n in range(5001)}), "more than 5,000 files"),
        (encrypted(), "no whole .docx"),
        (docx(paragraph("cut"))[:-30], "no whole .docx"),
        (docx(""), "no text in it"),
        (b"PK\x03\x04", "no whole .docx"),
        (b"\xd0\xcf\x11\xe0 old", "old Word file"),
        (b"just text", "no whole .docx"),
    ],
)
def test_broken_and_hostile_word_documents_are_refused(content: bytes, reason: str) -> None:
    """Each is refused for its reason, with what to do, before it has taken memory."""
    with pytest.raises(DocumentError, match=reason) as refused:
        passages("a.docx", content)
    assert refused.value.instead.endswith(".")


def test_styles_that_go_round_end() -> None:
    """Styles that are made after each other are no headings, and nobody waits for them."""
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{a}"><w:basedOn w:val="{b}"/></w:style>'
        for a, b in ("ab", "ba")
    )
    content = docx(paragraph("text", "a"), {"word/styles.xml": f"<w:styles {W}>{styles}</w:styles>"})
    assert told(word(content)) == [(None, "text")]


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("a.md", b"a\0b", "no text but something else"),
        ("a.md", b"caf\xe9", r"not UTF-8 text \(byte 3\)"),
        ("a.txt", b"\xff\xfea", "not UTF-16 text"),
        ("a.md", b" \n\n# \n", "no text in it"),
        ("a.html", b"<script>x</script>", "no text in it"),
        ("a.html", b"<p>a" * 200_001, "more than 200,000 tags"),
        ("a.md", b"%PDF-1.7 ...", "it is a PDF"),
        ("a.txt", b"word. " * 700_000, f"longer than {MAX_PASSAGES:,} passages"),
        ("a.txt", b"x" * (MAX_BYTES + 1), "larger than 10 MB"),
        ("a.exe", b"MZ", "I read no .exe files"),
    ],
)
def test_bad_files_are_refused(path: str, content: bytes, reason: str) -> None:
    """Binary, wrongly encoded, empty, too long or unknown: the reason is named, and what to do."""
    with pytest.raises(DocumentError, match=reason) as refused:
        passages(path, content)
    assert refused.value.instead.endswith(".")


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (Listed("a.pdf", 5, "1"), "it is a PDF"),
        (Listed("a.doc", 5, "1"), "another word processor"),
        (Listed("a.xlsx", 5, "1"), "it is a table"),
        (Listed("a.PNG", 5, "1"), "a picture or a diagram"),
        (Listed("a.xyz", 5, "1"), "I read no .xyz files"),
        (Listed("a.md", 0, "1"), "it is empty"),
        (Listed("a.md", MAX_BYTES + 1, "1"), "larger than 10 MB"),
        (Listed("a" * 2000 + ".md", 5, "1"), "longer than 1,000 characters"),
        (Listed("a\u202e.md", 5, "1"), "characters that nobody sees"),
    ],
)
def test_some_files_are_not_even_read(file: Listed, reason: str) -> None:
    """What its name or size rules out is refused unread; a text is not."""
    found = refusal(file)
    assert found is not None
    assert reason in found.reason
    assert refusal(Listed("README", 5, "1")) is refusal(Listed("a.MD", MAX_BYTES, "1")) is None


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"\xef\xbb\xbfZug\xc3\xa4nge", "Zugänge"),
        ("Zugänge".encode("utf-16"), "Zugänge"),
        (b"<meta charset='windows-1252'>Zug\xe4nge", "Zugänge"),
        (b"<meta http-equiv=x content='text/html; charset=iso-8859-1'>Zug\xe4nge", "Zugänge"),
        (b"<meta charset=unicode_escape>\\x41", "\\x41"),
    ],
)
def test_encodings(content: bytes, text: str) -> None:
    """A byte-order mark, or the page itself, says which encoding of a text it is in; else it is UTF-8."""
    assert passages("a.html", content)[0].text == text


def read_or_refused(path: str, content: bytes) -> bool:
    """Whether there are passages that say something, or a reason."""
    try:
        return all(p.text for p in passages(path, content))
    except DocumentError as error:
        return bool(error.reason and error.instead)


@settings(CALM, max_examples=300)
@given(content=st.binary(max_size=400), ending=st.sampled_from(["md", "txt", "html", "docx", "pdf", ""]))
def test_any_bytes_are_read_or_refused(content: bytes, ending: str) -> None:
    """Whatever a file holds, it becomes passages or a sentence."""
    assert read_or_refused(f"a.{ending}", content)


@settings(CALM, max_examples=300)
@given(text=st.text(max_size=300), ending=st.sampled_from(["md", "txt", "html"]))
def test_any_text_is_read_or_refused(text: str, ending: str) -> None:
    """Whatever a text says, it becomes passages or a sentence."""
    assert read_or_refused(f"a.{ending}", text.encode("utf-8", "surrogatepass"))


WHOLE = docx(paragraph("Heading", "berschrift1") + paragraph("A text of some words."))


@settings(CALM, max_examples=400)
@given(place=st.integers(0, len(WHOLE) - 1), byte=st.integers(0, 255), cut=st.booleans())
def test_damaged_word_documents_are_read_or_refused(place: int, byte: int, cut: bool) -> None:  # noqa: FBT001 - hypothesis gives it by name
    """One byte changed, or everything after it lost: passages or a sentence."""
    content = WHOLE[:place] if cut else WHOLE[:place] + bytes([byte]) + WHOLE[place + 1 :]
    assert read_or_refused("a.docx", content)


def test_a_packed_file_is_not_unpacked_beyond_the_bound() -> None:
    """A document that unpacks to 3 GB is refused after 10 MB of it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = b"".join(packer.compress(b" " * 10_000_000) for _ in range(300)) + packer.flush()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as packed:
        packed.writestr("word/document.xml", data)
    content = bytearray(made.getvalue())
    for start, method, size in ((0, 8, 22), (content.index(b"PK\x01\x02"), 10, 24)):
        content[start + method : start + method + 2] = (8).to_bytes(2, "little")
        content[start + size : start + size + 4] = (3_000_000_000).to_bytes(4, "little")
    with pytest.raises(DocumentError, match="unpacks to more than 10 MB"):
        passages("a.docx", bytes(content))
