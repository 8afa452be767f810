"""The bridge into the catalogues' words, with what our own threat patterns say of the same identifiers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from agent.catalog.patterns import Pattern, load_patterns
from knowledge.bridge import Bridge


@cache
def bridge() -> Bridge:
    """The bridge of this process, by words alone."""
    return Bridge(also=phrases())


def phrases() -> Iterator[tuple[str, Sequence[str]]]:
    """What each pattern says, its title as a phrase of its own, with the identifiers that it cites."""
    for pattern in load_patterns():
        yield "; ".join(_said(pattern)), [r.id for r in pattern.references]


def _said(pattern: Pattern) -> Iterator[str]:
    """The texts of a pattern without its placeholders."""
    yield pattern.title.bare.replace(";", ",")
    yield " ".join(t.bare for t in (pattern.action, pattern.harm_text, *pattern.why)).replace(";", ",")
