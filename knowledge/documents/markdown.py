"""Markdown as blocks. Marks go, words stay: nothing that a reader of the rendered page sees is lost.

Addresses behind links and pictures are not text and go; so do comments, which no reader of the page sees.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from knowledge.documents.blocks import Block, cleaned, kept, one_line

FRONT = 100
"""Lines among which what stands before a document, between two lines of dashes, must end."""

_FENCE = re.compile(r"[ \t]*(?P<fence>`{3,}|~{3,})")
_HEADING = re.compile(r"[ ]{0,3}(?P<marks>#{1,6})(?![^ \t])")
_UNDERLINE = re.compile(r"[ ]{0,3}(?P<mark>=+|-{2,})")
_RULE = re.compile(r"[ \t]*(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})")
_ENTRY = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+")
_QUOTED = re.compile(r"^(?:[ \t]{0,3}>[ \t]?)+")
_CELLS = re.compile(r"(?<!\\)\|")
_TARGET = re.compile(r"[ ]{0,3}\[[^\[\]]+\]:[ \t]*\S+(?:[ \t]+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?")

_LINK = re.compile(r"!?\[(?P<text>[^\[\]]*)\]\((?:[^()\s]|\([^()\s]*\))*(?:[ \t]+(?:\"[^\"]*\"|'[^']*'))?\)")
_REFERENCE = re.compile(r"!?\[(?P<text>[^\[\]]+)\]\[[^\[\]]*\]")
_TAG = re.compile(
    r"</?(?:a|abbr|b|big|blockquote|br|center|code|dd|del|details|div|dl|dt|em|figcaption|figure|font|h[1-6]"
    r"|hr|i|img|ins|kbd|li|mark|ol|p|pre|q|s|samp|section|small|span|strong|sub|summary|sup|table|tbody|td"
    r"|tfoot|th|thead|tr|tt|u|ul|var)(?:[ \t][^<>]*)?/?>",
    re.IGNORECASE,
)
_STRONG = re.compile(r"(\*{1,3}|~~)(?=\S)(?P<text>[^*~\n]*[^\s*~])\1")
_STRESSED = re.compile(r"(?<![\w_])(_{1,3})(?=[^\s_])(?P<text>[^_\n]*[^\s_])\1(?![\w_])")
_CODE = re.compile(r"(?<!`)(`{1,8})(?P<text>[^`\n]+)\1(?!`)")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


def markdown(text: str) -> list[Block]:
    """The blocks of a Markdown text."""
    lines = _without_comments(cleaned(text)).split("\n")
    front = _front(lines)
    return list(kept([*front, *_blocks(lines[len(front) + 2 if front else 0 :])]))


def _without_comments(text: str) -> str:
    """Found by hand: an expression would look for the end of each beginning anew."""
    parts, at = [], 0
    while (begin := text.find("<!--", at)) >= 0 and (end := text.find("-->", begin + 4)) >= 0:
        parts.append(text[at:begin])
        at = end + 3
    return "".join([*parts, text[at:]])


def _front(lines: Sequence[str]) -> list[Block]:
    """What tools keep before the text, a block for each line; none when there is no such thing."""
    if lines[0].rstrip() != "---":
        return []
    ends = [n for n, line in enumerate(lines[1:FRONT], 1) if line.rstrip() in {"---", "..."}]
    return [_front_line(line) for line in lines[1 : ends[0]]] if ends else []


def _front_line(line: str) -> Block:
    name, _, value = line.partition(":")
    titled = name.strip().lower() == "title" and value.strip()
    return Block(value.strip().strip("\"'"), 0) if titled else Block(line.strip())


@dataclass
class _Open:
    """What is not ended yet."""

    lines: list[str] = field(default_factory=list)
    fence: str = ""

    def taken(self) -> Iterator[Block]:
        """What there is, as a block."""
        if self.lines:
            yield Block("\n".join(self.lines)) if self.fence else _paragraph(self.lines)
        self.lines, self.fence = [], ""


def _blocks(lines: Sequence[str]) -> Iterator[Block]:
    now = _Open()
    for raw in lines:
        line = raw.rstrip()
        opened = _FENCE.match(line)
        underline = _UNDERLINE.fullmatch(line)
        if now.fence:
            if opened and opened["fence"].startswith(now.fence) and opened.end() == len(line):
                yield from now.taken()
            else:
                now.lines.append(line)
        elif underline and now.lines and not _begun(now.lines[0]):
            level = 1 if underline["mark"][0] == "=" else 2
            yield Block(_inline(" ".join(now.lines)), level)
            now.lines = []
        elif opened:
            yield from now.taken()
            now.fence = opened["fence"]
        else:
            yield from _line(line, now)
    yield from now.taken()


def _line(line: str, now: _Open) -> Iterator[Block]:
    """One line outside of a fence."""
    heading = _HEADING.match(line)
    silent = not line or _RULE.fullmatch(line) or _ruled(line) or _TARGET.fullmatch(line)
    if heading or silent or _begun(line):
        yield from now.taken()
    if heading:
        yield Block(_inline(_unmarked(line[heading.end() :])), len(heading["marks"]))
    elif not silent:
        now.lines.append(line)


def _unmarked(heading: str) -> str:
    """Without the marks that may close it."""
    bare = heading.rstrip("#")
    return bare if bare != heading and bare[-1:] in {" ", "\t", ""} else heading


def _ruled(line: str) -> bool:
    """Whether it is the line between a table's head and its rows."""
    return "|" in line and "-" in line and not line.strip("|:- \t")


def _begun(line: str) -> bool:
    """Whether the line is an entry of a list or a row of a table: such a one stands for itself."""
    return bool(_ENTRY.match(line)) or line.lstrip().startswith("|")


def _paragraph(lines: Sequence[str]) -> Block:
    text = " ".join(_QUOTED.sub("", line).strip() for line in lines)
    if lines[0].lstrip().startswith("|"):
        cells = (_inline(cell) for cell in _CELLS.split(text.strip("| \t")))
        return Block(" | ".join(cell for cell in cells if cell))
    entry = _ENTRY.match(text)
    return Block(f"- {_inline(text[entry.end() :])}" if entry else _inline(text))


def _inline(text: str) -> str:
    """The words of a line: links keep their text, stress and code lose their marks."""
    for pattern in (_LINK, _REFERENCE, _STRONG, _STRONG, _STRESSED, _CODE):
        text = pattern.sub(lambda m: m["text"], text)
    return one_line(_ESCAPED.sub(r"\1", _TAG.sub(" ", text)))
