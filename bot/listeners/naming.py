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

    A title may hold colons: the longest that fits counts.
    """
    titles = {_plain(m.title) for m in models}
    for at in range(len(text) - 1, 0, -1):
        head = _plain(text[:at]) if text[at] == ":" else ""
        if head and (head in titles or _NUMBER.fullmatch(head)):
            return head, text[at + 1 :].strip()
    return None


def _plain(text: str) -> str:
    return one_line(text).strip().casefold()
