"""Text that other people or programs wrote, made fit to be shown: cleaned, in one line, clipped.

Nothing here adds meaning to a text. What may mention or link is decided by where a text is put
(bot.render.rich, bot.render.blocks), which is never a place that parses it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.domain.text import clean, one_line
from bot.render.limits.checks import length

UNNAMED = "(no name)"
FALLBACK = 1_000
"""Characters of the text beside the blocks, which notifications and screen readers use."""

_JOINERS = "\u200d\ufe0f"


def line(text: str, limit: int, empty: str = UNNAMED) -> str:
    """The text on one line and at most `limit` long; `empty` when it says nothing."""
    return clip(one_line(text), limit) or empty


def lines(text: str, limit: int) -> str:
    """The text with its line breaks, at most one blank line in a row, at most `limit` long; may be empty."""
    return clip(re.sub(r"\n[ \t]*(\n[ \t]*)+", "\n\n", clean(text)).strip(), limit)


def whole_lines(text: str, limit: int) -> str:
    """The text as `lines`, but with no line cut where the first fits: it says how many are left out."""
    kept = lines(text, 1_000_000).split("\n")
    if size("\n".join(kept)) <= limit or len(kept) == 1 or size(kept[0]) > limit - _LEFT_OUT:
        return lines(text, limit)
    left = 0
    while size("\n".join(kept)) > limit - _LEFT_OUT:
        kept.pop()
        left += 1
    return "\n".join([*kept, f"… and {count(left, 'more line')}."])


_LEFT_OUT = 24


def clip(text: str, limit: int) -> str:
    """The text, or as much of its start as leaves room for "…" within `limit` (see `size`)."""
    if size(text) <= limit:
        return text
    kept, room = 0, limit - 1
    for character in text:
        room -= size(character)
        if room < 0:
            break
        kept += 1
    return text[:kept].rstrip().rstrip(_JOINERS) + "…"


def size(text: str) -> int:
    """How long Slack may take the text to be: UTF-16 units, with &, < and > counted as it escapes them."""
    return length(text) + 4 * text.count("&") + 3 * text.count("<") + 3 * text.count(">")


def escape(text: str) -> str:
    """The text for a place that parses mark-up: `&`, `<`, `>` as entities, so nothing mentions or links."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """Slack's three escapes undone."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def fallback(text: str) -> str:
    """The text for a message's `text` argument: one line, clipped, escaped."""
    return escape(line(text, FALLBACK, "(no text)"))


def count(number: int, noun: str, plural: str = "") -> str:
    """Such as "1 threat" or "2 threats"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def listed(names: Sequence[str], most: int, limit: int) -> str:
    """Such as "a, b and 3 more": at most `most` of the names, each at most `limit` long."""
    shown = ", ".join(line(name, limit) for name in names[:most])
    left = len(names) - most
    return f"{shown} and {left} more" if left > 0 else shown
