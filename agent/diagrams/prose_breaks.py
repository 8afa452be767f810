"""Which line breaks of a text end a thought: people in chats write a thought a line, without a full stop."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from agent.catalog.phrases import tokens
from agent.diagrams.prose_words import load_prose_words

ARROWS = ("->", "<->", "→", "↔", "=>", "⇒", "➜", "⟶", "➔")
_SHORT_LINE = 60
"""A line shorter than this that a capital letter follows was ended on purpose, not wrapped."""
_WIDE = 0.8
"""Share of the longest line from which on a line may have been wrapped."""
_LOOSE = 0.7
"""Share of the longest line up to which nobody wraps a line."""
_STOPS = (".", "!", "?", ":", ";")
_OPEN = (",", "(", "-", "&", "+", "/", *ARROWS)
"""What ends a line that goes on."""
_OWN_LINE = re.compile(r"^\s*(?:[-*+•◦▪‣]\s|\d{1,3}[.)]\s|#|\||>|```|~~~)")
_GOING_ON = frozenset(
    {"and", "or", "but", "nor", "which", "that", "who", "whose", "where", "because", "then", "than", "as"}
)
"""Words that no thought begins with, beside prepositions."""


def is_arrow_line(line: str) -> bool:
    """Whether the line is a flow of its own: "shop -> ledger: sales"."""
    return any(f" {arrow} " in line for arrow in ARROWS)


def chosen(lines: Sequence[str]) -> frozenset[int]:
    """The lines before which somebody broke a paragraph on purpose, so that each begins a thought.

    Who wraps a text fills its lines: a line that had room for the next word was ended on purpose. A paragraph
    in which most lines had room is one of lines, and not a wrapped one.
    """
    found: set[int] = set()
    for start, end in _paragraphs(lines):
        found |= _chosen_in(lines, start, end)
    return frozenset(found)


def ends_line(before: str, line: str) -> bool:
    """Whether a line ends a thought by what its end and the next one's beginning look like."""
    first = line.lstrip()[:1]
    if is_arrow_line(line) and not line.lstrip().startswith(ARROWS):
        return True
    if before.rstrip().endswith(_STOPS):
        return bool(first.isupper() or first.isdigit())
    return len(before) < _SHORT_LINE and first.isupper() and not before.rstrip().endswith((",", "(", "-"))


def _paragraphs(lines: Sequence[str]) -> Iterable[tuple[int, int]]:
    """Where lines of plain text stand together: the first, and the one after the last."""
    start = -1
    for at, line in enumerate(lines):
        plain = bool(line.strip()) and not _OWN_LINE.match(line) and not line.startswith((" ", "\t"))
        if plain and start < 0:
            start = at
        if not plain and start >= 0:
            if not _OWN_LINE.match(lines[start - 1] if start else ""):
                yield start, at
            start = -1
    if start >= 0 and not _OWN_LINE.match(lines[start - 1] if start else ""):
        yield start, len(lines)


def _chosen_in(lines: Sequence[str], start: int, end: int) -> set[int]:
    width = max(len(line.rstrip()) for line in lines[start:end])
    breaks = range(start + 1, end)
    roomy = {at for at in breaks if _has_room(lines[at - 1], lines[at], width)}
    short = width < _SHORT_LINE
    if not roomy and not short:
        return set()
    full = [at for at in breaks if at not in roomy and len(lines[at - 1].rstrip()) >= _WIDE * width]
    loose = any(
        len(lines[at - 1].rstrip()) < _LOOSE * width and not _goes_on(lines[at - 1], lines[at])
        for at in roomy
    )
    if len(full) > len(roomy) and not short and not loose:
        return set()
    return {at for at in breaks if not _goes_on(lines[at - 1], lines[at])}


def _has_room(before: str, line: str, width: int) -> bool:
    """Whether the first word of the line would have fitted on the one before."""
    first = line.split(maxsplit=1)[0]
    return len(before.rstrip()) + 1 + len(first) <= width


def _goes_on(before: str, line: str) -> bool:
    """Whether the line takes up the thought of the one before, however both are broken."""
    left, right = before.rstrip(), line.strip()
    grammar = load_prose_words().grammar
    if left.endswith(_OPEN) or right.startswith((*ARROWS, ")", "(", "+", "&")):
        return True
    last = [t.word for t in tokens(left[-40:]) if t.is_word][-1:]
    first = [t.word for t in tokens(right[:40]) if t.is_word][:1]
    open_end = grammar.prepositions | grammar.determiners | grammar.lists | grammar.be | {"to", "than"}
    if not left.endswith(_STOPS) and last and last[0] in open_end:
        return True
    return bool(first) and first[0] in grammar.verb_prepositions | _GOING_ON
