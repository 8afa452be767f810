"""The sentences of a piece of prose on their way: put right, cut at assumptions, each with its quote."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from agent.catalog.phrases import tokens
from agent.diagrams.prose_addresses import without_addresses
from agent.diagrams.prose_blocks import Section, plain, sentences
from agent.diagrams.prose_items import Prose
from agent.diagrams.prose_settings import without_settings
from agent.diagrams.prose_spelling import spelled
from agent.diagrams.prose_words import load_prose_words

_CLAUSE = 4
"""Words of a clause of its own."""
_ARTICLES = frozenset({"the", "a", "an", "each", "every", "all"})


@dataclass(frozen=True)
class Line:
    """One sentence on its way."""

    text: str
    quote: str
    prose: Prose
    assumes: bool = False
    """Whether it takes something for granted."""

    @property
    def silent(self) -> bool:
        """Whether it stands under a heading that says nothing of what is so."""
        return self.prose.section is Section.SILENT


def lines_of(piece: Prose, kept: Collection[str] = frozenset()) -> list[Line]:
    """The sentences of a piece; an assumption stays whole, and a clause after "assuming …," is one more.

    Args:
        piece: prose.
        kept: words in lower case that stand in names and are no misspellings, whatever they look like.
    """
    if piece.section is Section.ASSUMPTION:
        return [Line(plain(piece.text), piece.text, piece)]
    written = sentences(piece.text)
    return [
        line
        for s in written
        for line in _cut(spelled(without_addresses(plain(without_settings(s))), kept), s, piece)
    ]


def _cut(text: str, quote: str, piece: Prose) -> list[Line]:
    starts = load_prose_words().assumes.all(tokens(text[:80]))
    if not any(m.start <= 1 for m in starts):
        return [Line(text, quote, piece)]
    assumed, comma, rest = text.partition(", ")
    if text.lower().startswith("assuming") and comma and len(rest.split()) >= _CLAUSE:
        rest = rest[:1].upper() + rest[1:] if rest.split()[0].lower() in _ARTICLES else rest
        return [Line(assumed, quote, piece, assumes=True), Line(rest, quote, piece)]
    return [Line(text, quote, piece, assumes=True)]
