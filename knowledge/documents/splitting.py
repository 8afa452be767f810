"""From blocks to pieces of a size that can be searched, shown and cited; no word is lost.

A piece holds what stands under one heading, or under neighbouring headings that say little each. A long text
is cut between paragraphs, a long paragraph between sentences, a long sentence between words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil

from knowledge.documents.blocks import Block, one_line

LEAST = 800
"""Characters below which a piece takes in what follows, as long as it belongs to the same chapter."""

MOST = 1_800
"""Characters of a piece's text at most."""

TITLE = 200
"""Characters of a piece's title at most."""

HEADING = 90
"""Characters of a heading in a title; of a longer one the whole stands in the text."""

BETWEEN = " · "
"""Between the headings of a title."""

_SENTENCE = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])")


@dataclass(frozen=True)
class Piece:
    """A title and a text."""

    title: str
    text: str


@dataclass
class _Section:
    """What stands under a heading until the next one."""

    path: tuple[str, ...]
    """The headings above it, outermost first, and its own."""
    texts: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Characters, with the heading's own."""
        return sum(len(text) + 1 for text in self.texts) + (len(self.path[-1]) + 1 if self.path else 0)


def split(blocks: Iterable[Block], name: str) -> list[Piece]:
    """The pieces of a document.

    Args:
        blocks: the document.
        name: what it is called where it has no title of its own.
    """
    return [piece for group in _groups(_sections(blocks, name)) for piece in _pieces(group)]


def _sections(blocks: Iterable[Block], name: str) -> list[_Section]:
    """The sections in order; a heading whose text comes under lower ones alone is in their paths only."""
    above: list[tuple[int, str]] = []
    sections = [_Section(())]
    for block in blocks:
        if block.level is None:
            sections[-1].texts.append(block.text)
            continue
        heading = one_line(block.text)
        above = [(level, text) for level, text in above if level < block.level]
        if not above or above[-1][1].casefold() != heading.casefold():  # a title is often said twice
            above.append((block.level, heading))
        sections.append(_Section(tuple(text for _, text in above)))
    _root(sections, name)
    following = [*sections[1:], _Section(())]
    return [
        s for s, after in zip(sections, following, strict=True) if s.texts or _leaf(s, after, sections[0])
    ]


def _root(sections: Sequence[_Section], name: str) -> None:
    """Give all one heading above them: the document's only highest one, else what it is called."""
    first, *titled = sections
    tops = {s.path[0] for s in titled}
    if len(tops) == 1 and first.size < LEAST:
        first.path = (tops.pop(),)
        return
    for section in sections:
        section.path = (name, *section.path)


def _leaf(section: _Section, after: _Section, first: _Section) -> bool:
    """Whether a heading without text is one that no other section tells of."""
    return section is not first and after.path[: len(section.path)] != section.path


def _groups(sections: Sequence[_Section]) -> Iterator[list[_Section]]:
    """Neighbours that say little each, under the nearest heading that they have in common."""
    group: list[_Section] = []
    size = 0
    for section in sections:
        if group and (size >= LEAST or size + section.size > MOST or not _related(group, section)):
            yield group
            group, size = [], 0
        group.append(section)
        size += section.size
    if group:
        yield group


def _related(group: Sequence[_Section], section: _Section) -> bool:
    """Whether a section stands below the first of these, or beside it."""
    return len(_common([*(s.path for s in group), section.path])) >= max(1, len(group[0].path) - 1)


def _pieces(group: Sequence[_Section]) -> Iterator[Piece]:
    common = _common([s.path for s in group])
    below = dict.fromkeys(s.path[len(common) :] for s in group if len(s.path) > len(common))
    title = _title((*common, *next(iter(below))) if len(below) == 1 else common, [path[0] for path in below])
    parts = list(_parts(_units(group, common, title)))
    fewest = max(1, ceil(_together(parts) / MOST))
    texts = _filled(parts, fewest)
    if len(texts) > 1:  # no crumb at the end
        texts = max(texts, _filled(parts, fewest + 1), key=lambda way: min(map(len, way)))
    return (Piece(title, text) for text in texts)


def _filled(parts: Sequence[str], number: int) -> list[str]:
    """The parts as about so many texts of about the same length, none longer than MOST."""
    aim = _together(parts) / number
    texts: list[str] = []
    for part in parts:
        if texts and len(texts[-1]) < aim and len(texts[-1]) + 1 + len(part) <= MOST:
            texts[-1] += f"\n{part}"
        else:
            texts.append(part)
    return texts


def _together(parts: Sequence[str]) -> int:
    """Characters of all of them, one below the other."""
    return sum(len(part) + 1 for part in parts) - 1


def _units(group: Sequence[_Section], common: tuple[str, ...], title: str) -> Iterator[str]:
    """The texts, each section's behind those of its headings that the title does not say for all of them."""
    yield from (heading for heading in common if heading not in title)
    before = common
    for section in group:
        new = section.path[len(_common([before, section.path])) :]
        yield from new or (() if section.texts else section.path[-1:])
        yield from section.texts
        before = section.path


def _common(paths: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The headings that all paths begin with."""
    found: list[str] = []
    for level in zip(*paths, strict=False):
        if len(set(level)) > 1:
            break
        found.append(level[0])
    return tuple(found)


def _title(common: Sequence[str], below: Sequence[str]) -> str:
    """The headings that all have in common, then those below, as many as there is room for."""
    path = [_short(heading) for heading in common]
    while len(path) > 2 and len(BETWEEN.join(path)) > TITLE:  # noqa: PLR2004 - the first and the last
        del path[1]
    title = BETWEEN.join(path)
    names = [name for name in dict.fromkeys(map(_short, below)) if name not in path]
    while names:
        longer = BETWEEN.join([title, ", ".join(names)])
        if len(longer) <= TITLE:
            return longer
        names.pop()
    return title


def _short(heading: str) -> str:
    return heading if len(heading) <= HEADING else heading[: HEADING - 1].rstrip() + "…"


def _parts(units: Iterable[str]) -> Iterator[str]:
    """The units, each in parts of at most MOST characters."""
    for unit in units:
        text = unit.strip("\n").rstrip()
        if text:
            yield from [text] if len(text) <= MOST else _cut(text)


def _cut(text: str) -> Iterator[str]:
    """A long unit between lines, else between sentences, else between words, else anywhere."""
    lines = text.split("\n")
    if len(lines) > 1:
        yield from _packed((part for line in lines for part in _parts([line])), "\n")
        return
    sentences = list(filter(None, map(str.strip, _SENTENCE.split(text))))
    if len(sentences) > 1:
        yield from _packed((part for sentence in sentences for part in _parts([sentence])), " ")
        return
    yield from _chopped(text.strip())


def _packed(parts: Iterable[str], between: str) -> Iterator[str]:
    """As many neighbours together as there is room for."""
    together = ""
    for part in parts:
        if together and len(together) + len(between) + len(part) > MOST:
            yield together
            together = ""
        together = f"{together}{between}{part}" if together else part
    if together:
        yield together


def _chopped(sentence: str) -> Iterator[str]:
    while len(sentence) > MOST:
        at = sentence.rfind(" ", 1, MOST + 1)
        at = at if at > 0 else MOST
        yield sentence[:at].rstrip()
        sentence = sentence[at:].lstrip()
    yield sentence
