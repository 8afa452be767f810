"""Blocks and elements as Slack wants them, every text clipped to its place's limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from bot.render.limits.checks import length
from bot.render.routing import MAX_ROUTE, Route, encode
from bot.render.text import clip, line

Json = dict[str, Any]

OPTION_VALUE = 150
HINT = 2000
LABEL = 2000


def plain(text: str, limit: int) -> Json:
    """A plain_text object, clipped; nothing in it is parsed, not even :emoji: names."""
    return {"type": "plain_text", "text": clip(text, limit), "emoji": False}


def header(text: str) -> Json:
    """A header block."""
    return {"type": "header", "text": plain(line(text, 150), 150)}


def context(text: str) -> Json:
    """A small grey line of plain text."""
    return {"type": "context", "elements": [plain(text, 1_500)]}


DIVIDER: Json = {"type": "divider"}


def button(text: str, action: str, route: Route, style: Literal["primary", "danger", ""] = "") -> Json:
    """A button that sends the route back."""
    made: Json = {
        "type": "button",
        "text": plain(text, 75),
        "action_id": action,
        "value": encode(route),
    }
    return made | {"style": style} if style else made


def option(text: str, value: str) -> Json:
    """An option of a select or an overflow."""
    return {"text": plain(text, 75), "value": value}


def routed(text: str, route: Route, value: str) -> Json | None:
    """An option that sends the route back with a value; None when that is too long for an option."""
    sent = encode(replace(route, value=value))
    return option(text, sent) if length(sent) <= OPTION_VALUE else None


def select(action: str, options: Sequence[Json], placeholder: str, initial: Json | None = None) -> Json:
    """A static_select, with one of its options picked at first where given."""
    made: Json = {
        "type": "static_select",
        "action_id": action,
        "placeholder": plain(placeholder, 150),
        "options": list(options),
    }
    return made | {"initial_option": initial} if initial else made


def overflow(action: str, options: Sequence[Json]) -> Json:
    """A ⋯ menu of at most five options."""
    return {"type": "overflow", "action_id": action, "options": list(options[:5])}


def actions(*elements: Json) -> list[Json]:
    """An actions block of the elements whose value fits; no block when there are none."""
    fit = [element for element in elements if length(element.get("value", "")) <= MAX_ROUTE]
    return [{"type": "actions", "elements": fit[:25]}] if fit else []


def field(name: str, label: str, element: Json, *, optional: bool = False, hint: str = "") -> Json:
    """An input block whose block_id and action_id are both `name`."""
    made: Json = {
        "type": "input",
        "block_id": name,
        "label": plain(line(label, LABEL), LABEL),
        "element": element | {"action_id": name},
        "optional": optional,
    }
    return made | {"hint": plain(hint, HINT)} if hint else made


def modal(callback: str, title: str, blocks: Sequence[Json], more: Mapping[str, str]) -> Json:
    """A modal; `more` may hold submit and close (their texts) and private_metadata."""
    texts = {name: plain(more[name], 24) for name in ("submit", "close") if more.get(name)}
    view: Json = {
        "type": "modal",
        "callback_id": callback,
        "title": plain(line(title, 24), 24),
        "blocks": list(blocks[:100]),
    }
    return view | texts | {"private_metadata": more.get("private_metadata", "")}
