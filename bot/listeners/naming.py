"""Which threat model of a channel somebody means: by its title, a part of it, or its number in the list."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.domain.text import one_line
from bot.glance import Glance
from bot.render.channel import Numbered

_NUMBER = re.compile(r"#?(\d{1,3})")


def numbered(models: Sequence[Glance]) -> list[Numbered]:
    """The models as the list numbers them."""
    return list(enumerate(models, start=1))


def fitting(models: Sequence[Glance], name: str) -> list[Numbered]:
    """The models that a name fits: those of that title; else the one of that number; else by a part of it."""
    wanted, every = _plain(name), numbered(models)
    same = [(place, m) for place, m in every if _plain(m.title) == wanted]
    if same or not wanted:
        return same
    number = _NUMBER.fullmatch(wanted)
    if number:
        return [(place, m) for place, m in every if place == int(number.group(1))]
    return [(place, m) for place, m in every if wanted in _plain(m.title)]


def addressed(models: Sequence[Glance], text: str) -> tuple[str, str] | None:
    """The name and the question of "title: question" or "2: question"; None when it names nobody.

    A title may hold colons: the longest that fits counts. A part of a title names it when it is of one alone.
    """
    titles = {_plain(m.title) for m in models}
    heads = [(_plain(text[:at]), text[at + 1 :].strip()) for at in _colons(text)]
    for head, question in heads:
        if head in titles or _NUMBER.fullmatch(head):
            return head, question
    return next(((h, q) for h, q in heads if len(h) >= _PART and len(fitting(models, h)) == 1), None)


_PART = 3
"""Letters of a title by which it may be named."""


def _colons(text: str) -> list[int]:
    """Where colons stand with something before them, the last first."""
    return [at for at in range(len(text) - 1, 0, -1) if text[at] == ":" and _plain(text[:at])]


def _plain(text: str) -> str:
    return one_line(text).strip().casefold()
