"""The pages of a threat model: at most five threats a message, in rank order."""

from __future__ import annotations

from agent.domain.model import ThreatModel
from agent.domain.threat import Origin, Threat
from bot.render.blocks import DIVIDER, context
from bot.render.limits.payload import text_of
from bot.render.message import BUDGET, Message
from bot.render.rich import Json
from bot.render.text import fallback, line, size
from bot.render.threat import SIZES, Caps, threat_blocks

PAGE = 5
"""Threats on a page."""


def pages(model: ThreatModel) -> tuple[Message, ...]:
    """The pages within the model's output budget, the most pressing threats first, then those added."""
    return tuple(page(model, n) for n in (*range(1, shown_pages(model) + 1), *added_pages(model)))


def rest(model: ThreatModel) -> tuple[Message, ...]:
    """The pages beyond the model's output budget; none when every threat is shown."""
    return tuple(page(model, n) for n in range(shown_pages(model) + 1, _found_pages(model) + 1))


def shown_pages(model: ThreatModel) -> int:
    """How many pages the threats within the budget take; those that engineers added are not among them."""
    return -(-(len(model.shown) - len(model.added)) // PAGE)


def added_pages(model: ThreatModel) -> range:
    """The numbers of the pages with the threats that engineers added: behind all others."""
    return range(_found_pages(model) + 1, len(_slices(model)) + 1)


def _found_pages(model: ThreatModel) -> int:
    """How many pages the threats of the run take, those beyond the budget included."""
    left = len(model.threats) - len(model.shown)
    return shown_pages(model) + -(-left // PAGE)


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
    added = number in added_pages(model)
    title = _title_added(model) if added else _title(model, first, len(slices[number - 1]))
    for caps in SIZES:
        blocks = _blocks(model, slices[number - 1], title, caps)
        if text_of(blocks, size) <= BUDGET:
            break
    names = ", ".join(f"{t.id} {t.title}" for t in slices[number - 1])
    return Message(fallback(f"{title}: {names}"), tuple(blocks))


def _slices(model: ThreatModel) -> list[tuple[Threat, ...]]:
    found = tuple(t for t in model.threats if t.origin is not Origin.ENGINEER)
    parts = (found[: model.budget], found[model.budget :], model.added)
    return [part[i : i + PAGE] for part in parts for i in range(0, len(part), PAGE)]


def _title(model: ThreatModel, first: int, many: int) -> str:
    last = first + many - 1
    span = f"Threat {first}" if many == 1 else f"Threats {first}–{last}"
    of = len(model.threats) - len(model.added)
    return f"{span} of {of} · {line(model.title, 150)} · revision {model.revision}"


def _title_added(model: ThreatModel) -> str:
    return f"Added by engineers · {line(model.title, 150)} · revision {model.revision}"


def _blocks(model: ThreatModel, threats: tuple[Threat, ...], title: str, caps: Caps) -> list[Json]:
    blocks: list[Json] = [context(title)]
    for index, threat in enumerate(threats):
        blocks += [DIVIDER] if index else []
        blocks += threat_blocks(model, threat, caps)
    return blocks
