"""The pages of a threat model: at most five threats a message, in rank order."""

from __future__ import annotations

from agent.domain.model import ThreatModel
from agent.domain.threat import Threat
from bot.render.blocks import DIVIDER, context
from bot.render.limits.payload import text_of
from bot.render.message import Message
from bot.render.rich import Json
from bot.render.text import fallback, line, size
from bot.render.threat import SIZES, Caps, threat_blocks

PAGE = 5
"""Threats on a page."""
BUDGET = 9_000
"""Characters of a page's text, escaped: a quarter below what Slack is known to take."""


def pages(model: ThreatModel) -> tuple[Message, ...]:
    """The pages within the model's output budget, the most pressing threats first."""
    return tuple(page(model, number) for number in range(1, shown_pages(model) + 1))


def rest(model: ThreatModel) -> tuple[Message, ...]:
    """The pages beyond the model's output budget; none when every threat is shown."""
    return tuple(page(model, n) for n in range(shown_pages(model) + 1, len(_slices(model)) + 1))


def shown_pages(model: ThreatModel) -> int:
    """How many pages `pages` makes."""
    return -(-len(model.shown) // PAGE)


def page_of(model: ThreatModel, threat: str) -> int | None:
    """The number, from 1, of the page that holds the threat with this id; None when there is none.

    It is the same for every state of one revision, however its verdicts change what a page says.
    """
    for number, threats in enumerate(_slices(model), start=1):
        if any(t.id == threat for t in threats):
            return number
    return None


def page(model: ThreatModel, number: int) -> Message:
    """One page by its number, from 1; IndexError when there is none.

    Long texts give way, with "…" and a count of what is left, before a page would grow over its budget;
    everything of a threat is behind its ⋯ menu.
    """
    slices = _slices(model)
    if not 1 <= number <= len(slices):
        raise IndexError(f"page {number} of {len(slices)}")
    first = sum(len(s) for s in slices[: number - 1]) + 1
    title = _title(model, first, len(slices[number - 1]))
    for caps in SIZES:
        blocks = _blocks(model, slices[number - 1], title, caps)
        if text_of(blocks, size) <= BUDGET:
            break
    names = ", ".join(f"{t.id} {t.title}" for t in slices[number - 1])
    return Message(fallback(f"{title}: {names}"), tuple(blocks))


def _slices(model: ThreatModel) -> list[tuple[Threat, ...]]:
    shown = len(model.shown)
    parts = (model.threats[:shown], model.threats[shown:])
    return [part[i : i + PAGE] for part in parts for i in range(0, len(part), PAGE)]


def _title(model: ThreatModel, first: int, many: int) -> str:
    last = first + many - 1
    span = f"Threat {first}" if many == 1 else f"Threats {first}–{last}"
    return f"{span} of {len(model.threats)} · {line(model.title, 150)} · revision {model.revision}"


def _blocks(model: ThreatModel, threats: tuple[Threat, ...], title: str, caps: Caps) -> list[Json]:
    blocks: list[Json] = [context(title)]
    for index, threat in enumerate(threats):
        blocks += [DIVIDER] if index else []
        blocks += threat_blocks(model, threat, caps)
    return blocks
