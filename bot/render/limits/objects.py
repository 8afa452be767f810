"""Composition objects and rich text: what blocks and elements are made of, with their limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.render.limits.checks import (
    Check,
    anything,
    boolean,
    enum,
    integer,
    items,
    members,
    one_of,
    some_of,
    string,
    typed,
)

ID = string(255)
"""block_id, action_id, callback_id, external_id."""
URL = string(3000, pattern=r"(?:https?://|mailto:|tel:)\S+")
USER = string(pattern=r"[UW][A-Z0-9_]+")
CHANNEL = string(pattern=r"[CGD][A-Z0-9_]+")
STYLE = enum("primary", "danger")


def visible(at_most: int) -> Check:
    """A text that shows something: neither empty nor blank, at most so long."""
    within = string(at_most)

    def check(value: Any, at: str) -> Iterator[str]:
        yield from within(value, at)
        if isinstance(value, str) and value and not value.strip():
            yield f"{at}: must not be blank"

    return check


def plain(at_most: int = 3000) -> Check:
    """A plain_text object."""
    return typed({"plain_text": _plain(at_most)}, "a plain_text place")


def text(at_most: int = 3000) -> Check:
    """A plain_text or mrkdwn object."""
    marked = members({"type": anything, "text": visible(at_most)}, {"verbatim": boolean})
    return typed({"plain_text": _plain(at_most), "mrkdwn": marked}, "a text place")


def _plain(at_most: int) -> Check:
    return members({"type": anything, "text": visible(at_most)}, {"emoji": boolean})


CONFIRM = members(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)}, {"style": STYLE}
)
PLACEHOLDER = plain(150)
OPTION = members({"text": plain(75), "value": string(150)}, {"description": plain(75)})
"""Of selects."""
OVERFLOW_OPTION = members({"text": plain(75), "value": string(150)}, {"description": plain(75), "url": URL})
CHOICE = members({"text": text(75), "value": string(150)}, {"description": text(75)})
"""Of radio buttons and checkboxes, which may be mrkdwn."""
GROUP = members({"label": plain(75), "options": items(OPTION, 100)})
DISPATCH = members({"trigger_actions_on": items(enum("on_enter_pressed", "on_character_entered"), 2)})
FILTER = members(
    {},
    {
        "include": items(enum("im", "mpim", "private", "public")),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
    some_of("include", "exclude_external_shared_channels", "exclude_bot_users"),
)
SLACK_FILE = members({}, {"url": URL, "id": string()}, one_of("url", "id"))
WORKFLOW = members({"trigger": members({"url": URL}, {"customizable_input_parameters": anything})})

_FLAGS = ("bold", "italic", "strike", "underline", "code", "highlight", "client_highlight", "unlink")
_STYLES = members({}, dict.fromkeys(_FLAGS, boolean), some_of(*_FLAGS))


def _leaf(required: dict[str, Check], optional: dict[str, Check] | None = None) -> Check:
    return members({"type": anything} | required, {"style": _STYLES} | (optional or {}))


_LEAVES: dict[str, Check] = {
    "text": _leaf({"text": string()}),
    "link": _leaf({"url": URL}, {"text": string(), "unsafe": boolean}),
    "user": _leaf({"user_id": USER}),
    "usergroup": _leaf({"usergroup_id": string(pattern=r"S[A-Z0-9_]+")}),
    "channel": _leaf({"channel_id": CHANNEL}),
    "team": _leaf({"team_id": string(pattern=r"T[A-Z0-9_]+")}),
    "emoji": _leaf({"name": string()}, {"skin_tone": integer(1, 6), "unicode": string()}),
    "broadcast": _leaf({"range": enum("here", "channel", "everyone")}),
    "color": _leaf({"value": string(pattern=r"#?[0-9a-fA-F]{6}")}),
    "date": _leaf({"timestamp": integer(0), "format": string()}, {"url": URL, "fallback": string()}),
}
_LEAF = typed(_LEAVES, "rich text")
_BORDER = {"border": enum(0, 1)}
_RUN = {"type": anything, "elements": items(_LEAF, at_least=0)}
_SECTION = members(_RUN)
_CONTAINERS: dict[str, Check] = {
    "rich_text_section": _SECTION,
    "rich_text_quote": members(_RUN, _BORDER),
    "rich_text_preformatted": members(_RUN, _BORDER | {"language": string()}),
    "rich_text_list": members(
        {
            "type": anything,
            "style": enum("bullet", "ordered"),
            "elements": items(typed({"rich_text_section": _SECTION}, "a rich_text_list")),
        },
        _BORDER | {"indent": integer(0, 8), "offset": integer(0)},
    ),
}
RICH_ELEMENTS = items(typed(_CONTAINERS, "a rich_text block"), at_least=0)
RICH_TEXT = typed(
    {"rich_text": members({"type": anything, "elements": RICH_ELEMENTS}, {"block_id": ID})},
    "a rich_text place",
)
"""A rich_text block, wherever one stands: on its own, in a task card, in a table cell."""
