"""A file's path and bytes → passages, or the sentence that says why not."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from urllib.parse import quote

from knowledge.documents.base import LONGEST_PATH, MAX_BYTES, MAX_PASSAGES, DocumentError, Listed
from knowledge.documents.blocks import Block, cleaned
from knowledge.documents.labels import labels
from knowledge.documents.markdown import markdown
from knowledge.documents.page import page
from knowledge.documents.plain import plain
from knowledge.documents.splitting import split
from knowledge.documents.word import word
from knowledge.passages import Passage

FORMAT = 1
"""Goes up whenever the same file becomes other passages than before; then all files are loaded again."""

SOURCE, KIND = "company", "document"

LONGEST_SLUG = 80

WANTED = "Bring it as .md, .txt, .html or .docx."
_TEXTS: Mapping[str, Callable[[str], list[Block]]] = {
    **dict.fromkeys((".md", ".markdown", ".mdown", ".mkd"), markdown),
    **dict.fromkeys((".html", ".htm", ".xhtml"), page),
    **dict.fromkeys((".txt", ".text", ".rst", ".adoc", ".asciidoc", ".org", ""), plain),
}
_PACKED = frozenset({".docx"})
_PDF = DocumentError(
    "it is a PDF, which I do not read",
    "Bring the document that it was made from, as .docx, .md, .html or .txt.",
)
_OLD = DocumentError(
    "it is an old Word file, or one with a password", "Save it as .docx, without a password, and bring that."
)
_OTHERS: Mapping[str, DocumentError] = {
    ".pdf": _PDF,
    **dict.fromkeys((".doc", ".dot", ".rtf", ".odt", ".pages", ".docm", ".dotx"), DocumentError(
        "it is of another word processor, or an older one", "Save it as .docx and bring that."
    )),
    **dict.fromkeys((".xls", ".xlsx", ".ods", ".csv"), DocumentError(
        "it is a table, and I take in running text", "Bring what its rows say as .md or .docx."
    )),
    **dict.fromkeys((".ppt", ".pptx", ".odp", ".key"), DocumentError(
        "it is a presentation, and I take in running text", "Bring its text as .md or .docx."
    )),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".drawio"), DocumentError(
        "it is a picture or a diagram, and I take in running text", "Bring what it shows in words, as .md."
    )),
    **dict.fromkeys((".zip", ".gz", ".tgz", ".tar", ".7z", ".rar"), DocumentError(
        "it is an archive", "Unpack it and bring the files in it."
    )),
}  # fmt: skip
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CHARSET = re.compile(
    rb"<meta[^<>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE
)
_KNOWN = re.compile(
    r"iso8859-\d+|cp125\d|utf-8|utf-16(-[lb]e)?|shift_jis|euc_(jp|kr)|gb(k|2312|18030)|big5|koi8-[ru]"
)
_PLAIN = re.compile(r"[A-Za-z0-9._/-]+")


def refusal(file: Listed) -> DocumentError | None:
    """Why a file is not even read; None when it is worth reading."""
    if len(file.path) > LONGEST_PATH:
        return DocumentError(f"its path is longer than {LONGEST_PATH:,} characters", "Give it a shorter one.")
    if cleaned(file.path) != file.path or "\n" in file.path:
        return DocumentError("its name has characters that nobody sees", "Give it another name.")
    if file.size == 0:
        return _empty()
    ending = _ending(file.path)
    if ending not in _TEXTS and ending not in _PACKED:
        return _OTHERS.get(ending) or DocumentError(f"I read no {ending} files", WANTED)
    return _too_large() if file.size > MAX_BYTES else None


def passages(path: str, content: bytes, base: str = "") -> tuple[Passage, ...]:
    """The passages of a file, in its order; DocumentError when it cannot be read, or says nothing.

    The same path, bytes and base give the same passages. Their ids are the path's slug and their number.

    Args:
        path: below the place that it comes from.
        content: all of it.
        base: the address below which people open the files; empty leaves the passages without addresses.
    """
    pieces = split(_blocks(path, content), _name(path))
    if not pieces:
        raise DocumentError("there is no text in it", WANTED)
    if len(pieces) > MAX_PASSAGES:
        raise DocumentError(
            f"it is longer than {MAX_PASSAGES:,} passages ({len(pieces):,})", "Split it into several files."
        )
    url = address(path, base)
    made = []
    for number, piece in enumerate(pieces, 1):
        about = labels(f"{piece.title}\n{piece.text}")
        made.append(
            Passage(
                id=f"{SOURCE}:{slug(path)}#{number}",
                source=SOURCE,
                kind=KIND,
                title=piece.title,
                text=piece.text,
                url=url,
                stride=about.stride,
                technologies=about.technologies,
                related=about.related,
            )
        )
    return tuple(made)


def slug(path: str) -> str:
    """The path with what an id may have in it, its end if it is long; unlike for unlike paths."""
    made = re.sub(r"[^A-Za-z0-9._/-]+", "-", path)[-LONGEST_SLUG:].lstrip("/.-")
    if made == path:
        return path
    return f"{made}-{hashlib.sha256(path.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def address(path: str, base: str) -> str:
    """Where people open the file; empty without a base."""
    return f"{base.rstrip('/')}/{quote(path, safe='/', errors='replace')}" if base else ""


def _blocks(path: str, content: bytes) -> list[Block]:
    if len(content) > MAX_BYTES:
        raise _too_large()
    if content.startswith(b"%PDF-"):
        raise _PDF
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise _OLD
    ending = _ending(path)
    if ending in _PACKED:
        return word(content)
    reader = _TEXTS.get(ending)
    if reader is None:
        raise _OTHERS.get(ending) or DocumentError(f"I read no {ending} files", WANTED)
    return reader(_decoded(content, declared=reader is page))


def _decoded(content: bytes, *, declared: bool) -> str:
    """The text; UTF-8 unless a byte-order mark, or the page itself, says otherwise."""
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "")
    if not encoding and b"\0" in content:
        raise DocumentError("it is no text but something else under a text's name", WANTED)
    if not encoding and declared and (match := _CHARSET.search(content[:4096])):
        encoding = _codec(match[1].decode("ascii"))
    try:
        return content.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        raise DocumentError(
            f"its bytes are not {(encoding or 'utf-8').upper()} text (byte {error.start:,})",
            "Save it again with the encoding UTF-8.",
        ) from None


def _codec(name: str) -> str:
    """The codec of that name if it is one for texts; empty, which is UTF-8, otherwise."""
    try:
        known = codecs.lookup(name).name
    except LookupError:
        return ""
    return known if _KNOWN.fullmatch(known) else ""


def _ending(path: str) -> str:
    return PurePosixPath(path).suffix.lower()


def _name(path: str) -> str:
    """What a document is called that does not say so itself: its file's name, without the ending."""
    return " ".join(re.split(r"[\s_-]+", cleaned(PurePosixPath(path).stem))).strip() or SOURCE


def _too_large() -> DocumentError:
    return DocumentError(f"it is larger than {MAX_BYTES // 1024 // 1024} MB", "Split it into several files.")


def _empty() -> DocumentError:
    return DocumentError("it is empty", "Fill it, or take it away.")
