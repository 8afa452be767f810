"""What texts take for granted, cut to what people read: few, short, those that matter for threats first."""

from __future__ import annotations

from agent.diagrams.prose_blocks import sentences
from agent.domain.system import SystemFragment
from agent.naming import core, words
from agent.understanding.canvas import Canvas
from agent.understanding.words import joining_words

MOST = 6
"""Assumptions of one text that are listed; what is left out is counted."""
_LONGEST = 180
"""Characters of one."""


def worth_showing(canvas: Canvas, fragment: SystemFragment) -> list[str]:
    """The assumptions of a text that are listed, in its order: at most six; a long one is its first sentence.

    Those that speak of trust and protection come first, then those that name a part of the system. How many
    are left out is said in a line of its own.
    """
    texts = list(dict.fromkeys(_shortened(a.text) for a in fragment.assumptions))
    if len(texts) <= MOST:
        return texts
    names = {w for e in canvas.elements.values() for w in core(e.name)}
    telling = joining_words().telling
    found = [set(words(t)) for t in texts]
    weights = [2 * bool(w & telling) + bool(w & names) for w in found]
    best = sorted(range(len(texts)), key=lambda i: (-weights[i], i))[:MOST]
    left = len(texts) - MOST
    things = "thing" if left == 1 else "things"
    more = f"The {fragment.source} takes {left} more {things} for granted, which I did not list."
    return [*(texts[i] for i in sorted(best)), more]


def _shortened(text: str) -> str:
    """The text; where it is long, its first sentence, cut at a word where that is long as well."""
    if len(text) <= _LONGEST:
        return text
    first = (sentences(text) or [text])[0]
    return first if len(first) <= _LONGEST else first[:_LONGEST].rsplit(" ", 1)[0].rstrip(",;:") + " …"
