"""HTML as blocks: what a browser would show, without scripts, menus and what is hidden.

The tags are found by hand and in one go: Python's own parser looks through all of a page again for each
comment that does not end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

from knowledge.documents.base import DocumentError
from knowledge.documents.blocks import Block, cleaned, kept, one_line

MAX_TAGS = 200_000
"""How many tags a page may have."""

_UNSHOWN = frozenset({"template", "noscript", "svg", "math", "nav", "iframe", "object"})
_RAW = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style")}
"""Elements whose content has no tags, by how they end."""
_APART = re.compile(
    "address|article|aside|blockquote|body|caption|d[dlt]|details|div|fieldset|figcaption|figure|footer|form"
    "|h[1-6]|header|hr|html|li|main|[ou]l|p|pre|section|summary|table|tbody|tfoot|thead|tr"
)
"""Elements before and after which a new paragraph begins."""
_VOID = re.compile("area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr")
_NAME = re.compile(r"/?[A-Za-z][A-Za-z0-9-]*")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_HIDDEN = re.compile(r"(?:^|\s)hidden(?:[\s=/]|$)", re.IGNORECASE)
_UNSEEN = re.compile(r"style\s*=\s*[\"'][^\"']*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_HEADING = re.compile(r"h[1-6]")
_SPACE = re.compile(r"[ \t\n]+")


def page(text: str) -> list[Block]:
    """The blocks of an HTML page; its <title> is the first one. DocumentError when it has too many tags."""
    reader = _Page()
    tags = 0
    for token in _tokens(cleaned(text)):
        tags += bool(token.name)
        if tags > MAX_TAGS:
            raise DocumentError(f"it has more than {MAX_TAGS:,} tags", "Split it into several pages.")
        reader.take(token)
    reader.cut()
    title = one_line("".join(reader.title))
    return list(kept([*([Block(title, 0)] if title else []), *reader.blocks]))


@dataclass(frozen=True)
class _Token:
    """A tag, or text where there is no name."""

    name: str
    """Of an element, with a slash before it where it ends."""
    text: str
    """The text, or what the tag says beside its name."""


def _tokens(text: str) -> Iterator[_Token]:
    """Text and tags in order. What does not end, hides the rest, as in a browser."""
    at = 0
    while at < len(text):
        begin = text.find("<", at)
        begin = len(text) if begin < 0 else begin
        if begin > at:
            yield _Token("", unescape(text[at:begin]))
        name = _NAME.match(text, begin + 1)
        if name is None and text[begin + 1 : begin + 2] not in {"!", "?"}:
            yield _Token("", text[begin : begin + 1])
            at = begin + 1
            continue
        mark = "-->" if text.startswith("<!--", begin) else ">"
        end = text.find(mark, begin + 1)
        if end < 0:
            return
        at = end + len(mark)
        if name is not None:
            element = name[0].lower()
            yield _Token(element, text[name.end() : end])
            if element in _RAW:
                closing = _RAW[element].search(text, at)
                at = closing.start() if closing else len(text)


@dataclass
class _Page:
    """Collects blocks. What is not shown is counted in and out by the name of the element that hides it."""

    blocks: list[Block] = field(default_factory=list)
    title: list[str] = field(default_factory=list)
    _text: list[str] = field(default_factory=list)
    _said: bool = False
    _level: int | None = None
    _entry: bool = False
    _titled: bool = False
    _hiding: list[str] = field(default_factory=list)
    _verbatim: int = 0

    def take(self, token: _Token) -> None:
        """The next token."""
        if not token.name:
            self._data(token.text)
        elif token.name.startswith("/"):
            self._close(token.name[1:])
        else:
            self._open(token.name, token.text)

    def _open(self, name: str, said: str) -> None:
        if self._hiding:
            self._hiding += [name] if name == self._hiding[-1] and not said.endswith("/") else []
        elif not said.endswith("/") and not _VOID.fullmatch(name) and (name in _UNSHOWN or _hidden(said)):
            self._hiding.append(name)
        elif name == "title":
            self._titled = not self.title
        elif name == "br":
            self._text.append("\n")
        elif name in {"td", "th"}:
            self._text += [" | "] if self._said else []
        elif _APART.fullmatch(name):
            self.cut()
            self._level = int(name[1]) if _HEADING.fullmatch(name) else self._level
            self._entry = self._entry or name == "li"
            self._verbatim += name == "pre"

    def _close(self, name: str) -> None:
        self._titled = False
        if self._hiding:
            if name == self._hiding[-1]:
                self._hiding.pop()
        elif _APART.fullmatch(name):
            self.cut()
            self._level, self._entry = None, False
            self._verbatim = max(0, self._verbatim - (name == "pre"))

    def _data(self, text: str) -> None:
        if self._titled:
            self.title.append(text)
        elif not self._hiding:
            self._text.append(text if self._verbatim else _SPACE.sub(" ", text))
            self._said = self._said or not text.isspace()

    def cut(self) -> None:
        """End the paragraph, if one has begun."""
        text = "".join(self._text)
        lines = text.split("\n")
        text = text.strip("\n") if self._verbatim else "\n".join(filter(None, map(one_line, lines)))
        if text.strip():
            self.blocks.append(Block(f"- {text}" if self._entry else text, self._level))
            self._level, self._entry = None, False
        self._text, self._said = [], False


def _hidden(said: str) -> bool:
    """Whether an element says of itself that it is not shown."""
    return bool(said) and bool(_HIDDEN.search(_QUOTED.sub('""', said)) or _UNSEEN.search(said))
