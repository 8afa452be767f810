"""The answer to a follow-up question: paragraphs, what they rest on, and how it was found."""

from __future__ import annotations

from collections.abc import Sequence

from bot.render.blocks import context
from bot.render.message import Message
from bot.render.rich import Json, block, joined, reference, said, section
from bot.render.text import count, fallback, line, lines

PARAGRAPHS = 8
PARAGRAPH = 900
SOURCES = 12
NOTHING = "I found nothing about that."


def answer(paragraphs: Sequence[str], citations: Sequence[tuple[str, str]], how: str) -> Message:
    """A reply in the thread.

    Args:
        paragraphs: plain text, shown as it is; at most PARAGRAPHS of them, each at most PARAGRAPH long.
        citations: label and address of each source; the address may be empty, and is a link only on hosts
            that messages may link to.
        how: one sentence that says how the answer was found.
    """
    shown = [text for p in paragraphs[:PARAGRAPHS] if (text := lines(p, PARAGRAPH))] or [NOTHING]
    left = len(paragraphs) - PARAGRAPHS
    if left > 0:
        shown.append(f"… and {count(left, 'more paragraph')}. Ask for a part of it.")
    told = joined([[said(text)] for text in shown], "\n\n")
    blocks = [block(section(*told, *_sources(citations)))]
    if how:
        blocks.append(context(line(how, 400)))
    return Message(fallback(" ".join(paragraphs[:2]) or NOTHING), tuple(blocks))


def _sources(citations: Sequence[tuple[str, str]]) -> list[Json]:
    if not citations:
        return []
    groups = [[reference(line(label, 80), url)] for label, url in citations[:SOURCES]]
    left = len(citations) - len(groups)
    more = [[said(f"{left} more")]] if left > 0 else []
    return [said("\n\nSources: ", "italic"), *joined(groups + more)]
