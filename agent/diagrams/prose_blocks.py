"""A text cut into headings, list items, table rows, arrow lines and paragraphs, each with its section."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from agent.catalog.phrases import singular, tokens
from agent.diagrams.prose_breaks import ARROWS, chosen, ends_line, is_arrow_line
from agent.diagrams.prose_forms import Words
from agent.diagrams.prose_mentions import kind_of
from agent.diagrams.prose_words import load_prose_words
from agent.naming import is_plural

MAX_LINE = 4000
"""Characters of one line that are read; a longer line is no prose."""
MAX_SENTENCE = 1000
"""Characters that are read as one sentence, so that the time grows with the length of the text only."""
_FENCE = re.compile(r"^\s{0,3}(```+|~~~+)\s*(\S*)")
_HEADING = re.compile(r"^\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_ITEM = re.compile(r"^(\s*)(?:([-*+•◦▪‣])|(\d{1,3})[.)])\s+(\S.*)$")
_RULE = re.compile(r"^\s*([-*_=])(?:\s*\1){2,}\s*$")
_TABLE_RULE = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")
_STARRED = re.compile(r"^(\s*)\*([^*]+)\*\s*$")
_LABEL_LINE = re.compile(
    r"^\s*(?:\*\*|__)?([^\s*_][^:*_]{1,60}?)(?::\s*(?:\*\*|__)|(?:\*\*|__)\s*:|:|(?<=\w)(?:\*\*|__))\s*$"
)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*(?:\s+\"[^\"]*\")?\)")
_URL = re.compile(r"<?\b[a-z][a-z0-9+.-]{1,10}://[^\s<>)\]|]+>?", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,300}>|<!--.*?-->")
_SLACK_LINK = re.compile(r"<(?:https?|mailto)[^|>\s]*\|([^>]+)>")
_CODE = re.compile(r"`+([^`\n]+)`+")
_STRONG = re.compile(r"(\*{1,3}|(?<!\w)_{1,3})(?=\S)(.+?)(?<=\S)(?:\1)(?!\w)")
_METHOD = re.compile(r"(?<!\w)/(GET|POST|PUT|PATCH|DELETE)\b")
_SPACE = re.compile(r"\s+")
_SENTENCE = re.compile(r"(?<=[.!?])[\"'”’)\]]*\s+(?=[\"'“‘(\[`*_]*[A-Z0-9À-ÞЀ-Я`])|(?<=[。!?])|;\s+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|approx|resp|incl|cf|No|Fig|Dr|Mr|Ms|St|Inc|Ltd|Co)|\b[A-Z])\.$"
)
_STEM = 5
"""Letters from which on a word of a heading may go on: "boundar" is "boundaries", "part" no "partner"."""
_PLAIN_FENCES = frozenset({"", "text", "txt", "plain", "none", "ascii"})


class Section(StrEnum):
    """What the text under a heading is about."""

    SILENT = "silent"
    """Goals, wishes and other things that are not so (yet)."""
    ASSUMPTION = "assumption"
    BOUNDARY = "boundary"
    FLOW = "flow"
    STACK = "stack"
    DATA = "data"
    COMPONENT = "component"
    NEUTRAL = "neutral"


class Kind(StrEnum):
    """What a block is."""

    HEADING = "heading"
    ITEM = "item"
    TEXT = "text"
    ROW = "row"
    ARROWS = "arrows"


@dataclass(frozen=True)
class Block:
    """One piece of the text."""

    kind: Kind
    text: str
    """As written, in one line, without the mark of a heading or an item."""
    section: Section
    heading: str = ""
    """The heading that it stands under, plain."""
    depth: int = 0
    """How far an item is indented; the level of a heading."""
    ordered: bool = False
    inside: bool = False
    """Whether the item stood in a line of text, beside which sentences name further parts."""
    cells: Mapping[str, str] = field(default_factory=dict)
    """A table row by its column heads, in lower case."""
    line: str = ""
    """The line as written, where the text is a piece of it in other words."""
    follows: bool = False
    """Whether it is one more line of the paragraph that the block before belongs to."""

    @property
    def quote(self) -> str:
        """What evidence quotes: the line without Markdown."""
        return plain(self.line or self.text)


def plain(text: str) -> str:
    """The text without Markdown, tags and addresses, in one line."""
    text = _SLACK_LINK.sub(r"\1", text)
    text = _LINK.sub(r"\1", text)
    text = _URL.sub("", text)
    text = _CODE.sub(r"\1", text)
    text = _METHOD.sub(r" \1", text)
    text = _TAG.sub(" ", text)
    text = _STRONG.sub(r"\2", text)
    text = _STRONG.sub(r"\2", text)
    return _SPACE.sub(" ", text).strip()


def sentences(text: str) -> list[str]:
    """The sentences of a block, as written, in one line each."""
    found: list[str] = []
    pending = ""
    for part in _SENTENCE.split(text):
        piece = f"{pending} {part}".strip() if pending else part.strip()
        pending = ""
        if _ABBREVIATION.search(piece):
            pending = piece
        elif piece:
            found.append(_SPACE.sub(" ", piece))
    if pending:
        found.append(_SPACE.sub(" ", pending))
    return [short for sentence in found for short in _cut(sentence)]


def _cut(sentence: str) -> list[str]:
    """The sentence, or pieces of it when it is longer than anyone writes."""
    pieces = []
    while len(sentence) > MAX_SENTENCE:
        at = sentence.rfind(" ", 1, MAX_SENTENCE)
        at = at if at > 0 else MAX_SENTENCE
        pieces.append(sentence[:at].strip())
        sentence = sentence[at:].strip()
    return [*pieces, sentence] if sentence else pieces


def blocks(text: str) -> list[Block]:
    """The blocks of a text in their order."""
    return list(_Cutter().cut(text.splitlines()))


@lru_cache(maxsize=4096)
def section_of(heading: str, above: Section) -> Section:
    """What a heading announces; the section above it when its words say nothing."""
    found = tuple(t.stem for t in tokens(heading) if t.is_word)
    whole = load_prose_words().headings.get(" ".join(found))
    if whole:
        return Section(whole)
    if is_plural(heading) and " ".join(found) in load_prose_words().several:
        return Section.COMPONENT
    for name, phrases in load_prose_words().sections.items():
        exact = name == Section.COMPONENT
        if any(_stands_in(phrase, found, exact=exact) for phrase in phrases):
            return Section(name)
    return above


def _stands_in(phrase: Words, found: Words, *, exact: bool) -> bool:
    """Whether the phrase stands in these words; unless exact, a long last word may begin another."""
    size = len(phrase)
    last = phrase[-1]
    return any(
        found[at : at + size - 1] == phrase[:-1]
        and (
            found[at + size - 1] == last
            or (not exact and len(last) >= _STEM and found[at + size - 1].startswith(last))
        )
        for at in range(len(found) - size + 1)
    )


class _Cutter:
    """Goes through the lines once."""

    def __init__(self) -> None:
        self.stack: list[tuple[int, str, Section]] = []
        self.lines: list[str] = []
        self.item: tuple[int, bool] | None = None
        self.columns: list[str] = []
        self.titled = False
        """Whether the text has a title over other headings, which announces nothing itself."""
        self.first = True
        """Whether no heading has come yet."""
        self.follows = False
        """Whether the lines go on with the paragraph of the block before."""

    @property
    def section(self) -> Section:
        return self.stack[-1][2] if self.stack else Section.NEUTRAL

    @property
    def heading(self) -> str:
        return self.stack[-1][1] if self.stack else ""

    def cut(self, lines: list[str]) -> Iterator[Block]:
        at = 0
        self.titled = _has_title(lines)
        own = chosen([line[:MAX_LINE] for line in lines])
        while at < len(lines):
            line = lines[at][:MAX_LINE].rstrip()
            fence = _FENCE.match(line)
            if fence:
                yield from self.flush()
                end = _fence_end(lines, at + 1, fence.group(1)[0])
                if fence.group(2).lower() in _PLAIN_FENCES:
                    yield from self.arrows(lines[at + 1 : end])
                at = end + 1
                continue
            following = lines[at + 1] if at + 1 < len(lines) else ""
            if at in own and self.item is None:
                yield from self.flush()
                self.follows = True
            yield from self.line(line, following)
            at += 1
        yield from self.flush()

    def line(self, line: str, following: str) -> Iterator[Block]:
        bare = line.lstrip("> ") if line.lstrip().startswith(">") else line
        heading = _HEADING.match(bare)
        item = _ITEM.match(bare)
        if heading:
            yield from self.flush()
            yield from self.head(len(heading.group(1)), heading.group(2))
        elif not bare.strip() or _RULE.match(bare):
            yield from self.flush()
            if (
                not bare.strip()
                and self.stack
                and self.stack[-1][0] == _LABEL_LEVEL
                and not _ITEM.match(following)
            ):
                self.stack.pop()
            self.columns = []
        elif bare.strip().startswith("|") or (self.columns and "|" in bare):
            yield from self.flush()
            yield from self.row(bare)
        elif item:
            yield from self.flush()
            self.item = (len(item.group(1).expandtabs(4)), bool(item.group(3)))
            self.lines = [item.group(4)]
        elif self.is_label(bare, following):
            yield from self.flush()
            yield from self.head(_LABEL_LEVEL, bare.strip().strip("*_: "))
        else:
            if self.lines and ends_line(self.lines[-1], bare):
                within = self.item is None
                yield from self.flush()
                self.follows = within
            self.lines.append(bare.strip())
            if self.item is None and is_arrow_line(bare):
                yield from self.flush()

    def is_label(self, line: str, following: str) -> bool:
        """Whether the line is a heading without marks: "Components:" before a list, or a bold line."""
        line = _STARRED.sub(r"\1**\2**", line)
        bare = line.strip()
        if _ITEM.match(following) and not self.lines and not self.item and bare.lower() in _BARE_LABELS:
            return True
        match = _LABEL_LINE.match(line)
        if not match or len(match.group(1).split()) > _LABEL_WORDS or self.item:
            return False
        bold = line.strip().startswith(("**", "__"))
        known = section_of(match.group(1), Section.NEUTRAL) is not Section.NEUTRAL
        return bold or known or (bool(_ITEM.match(following)) and not self.lines)

    def head(self, level: int, text: str) -> Iterator[Block]:
        while self.stack and self.stack[-1][0] >= level:
            self.stack.pop()
        above = self.section
        name = plain(text)
        own = section_of(name, above)
        if level == 1 and self.titled:
            own, self.titled = (own if own is Section.SILENT else Section.NEUTRAL), False
        if self.first and own is Section.SILENT and not _is_silent_whole(name):
            own = Section.NEUTRAL
        self.first = False
        if own is above is Section.ASSUMPTION and kind_of(name) is not None:
            own = Section.NEUTRAL
        yield Block(Kind.HEADING, text, above, heading=self.heading, depth=level)
        self.stack.append((level, name, own))

    def row(self, line: str) -> Iterator[Block]:
        if _TABLE_RULE.match(line):
            return
        cells = [plain(c) for c in line.strip().strip("|").split("|")]
        if not self.columns:
            self.columns = [c.lower() for c in cells]
            return
        named = dict(zip(self.columns, cells, strict=False))
        yield Block(Kind.ROW, line.strip(), self.section, heading=self.heading, cells=named)

    def arrows(self, lines: Iterable[str]) -> Iterator[Block]:
        """The arrow chains of a fence without a language; a line that begins with an arrow goes on."""
        chain = ""
        for line in lines:
            text = line[:MAX_LINE].strip()
            if text.startswith(ARROWS) and chain:
                chain += " " + text
                continue
            if chain:
                yield Block(Kind.ARROWS, chain, self.section, heading=self.heading)
            chain = text if any(a in text for a in ARROWS) or not chain else ""
        if any(a in chain for a in ARROWS):
            yield Block(Kind.ARROWS, chain, self.section, heading=self.heading)

    def flush(self) -> Iterator[Block]:
        if not self.lines:
            self.item = None
            return
        text = _SPACE.sub(" ", " ".join(self.lines)).strip()
        if self.item:
            depth, ordered = self.item
            yield Block(Kind.ITEM, text, self.section, heading=self.heading, depth=depth, ordered=ordered)
        elif text:
            yield Block(Kind.TEXT, text, self.section, heading=self.heading, follows=self.follows)
        self.follows = False
        self.lines = []
        self.item = None


_LABEL_LEVEL = 7
_BARE_LABELS = frozenset(
    {"component", "components", "services", "parts", "actors", "data flows", "flows", "users", "data stores"}
)
"""Lines that announce the list after them without a colon."""
_LABEL_WORDS = 6


def _has_title(lines: Sequence[str]) -> bool:
    """Whether the text begins with the one heading of the first level, over others."""
    first = next((line for line in lines if line.strip()), "")
    levels = [len(m.group(1)) for line in lines if (m := _HEADING.match(line[:MAX_LINE]))]
    return bool(_HEADING.match(first[:MAX_LINE])) and levels[:1] == [1] and levels.count(1) == 1 < len(levels)


def _is_silent_whole(heading: str) -> bool:
    """Whether a heading says nothing but what is not so: "Goals", not "Reference architecture"."""
    found = tuple(
        t.stem for t in tokens(heading) if t.is_word and t.word not in load_prose_words().grammar.lists
    )
    words = load_prose_words()
    if words.silent_titles & set(found):
        return True
    silent = words.sections[Section.SILENT]
    at = 0
    while at < len(found):
        size = max((len(p) for p in silent if _stands_in(p, found[at : at + len(p)], exact=False)), default=0)
        if not size:
            return False
        at += size
    return True


def _fence_end(lines: list[str], start: int, mark: str) -> int:
    for at in range(start, len(lines)):
        if lines[at].strip().startswith(mark * 3):
            return at
    return len(lines)


def stems(text: str) -> Words:
    """The words of a text without plural endings."""
    return tuple(singular(t.word) for t in tokens(text) if t.is_word)
