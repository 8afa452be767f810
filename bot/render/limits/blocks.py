"""Blocks with their limits, and which of them each surface shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from bot.render.limits.checks import (
    Check,
    anything,
    boolean,
    enum,
    integer,
    items,
    members,
    number,
    objects,
    one_of,
    some_of,
    string,
    typed,
)
from bot.render.limits.elements import (
    BUTTON,
    IMAGE,
    IN_ACTIONS,
    IN_CONTEXT,
    IN_CONTEXT_ACTIONS,
    IN_INPUT,
    IN_SECTION,
)
from bot.render.limits.objects import ID, RICH_ELEMENTS, RICH_TEXT, SLACK_FILE, URL, plain, text, visible

Surface = Literal["message", "modal", "home"]

MAX_BLOCKS: dict[Surface, int] = {"message": 50, "modal": 100, "home": 100}
TASK_TEXT = 256
"""Characters of a plan's or task's title: as of a streamed task, for Slack publishes none for the block."""


def _block(required: dict[str, Check], optional: dict[str, Check] | None = None, *rules: Check) -> Check:
    return members({"type": anything} | required, {"block_id": ID} | (optional or {}), *rules)


def _unique_actions(value: Any, at: str) -> Iterator[str]:
    """A rule: no two elements of one block share an action_id."""
    seen: set[str] = set()
    for element in objects(value.get("elements")):
        action = element.get("action_id")
        if not isinstance(action, str):
            continue
        if action in seen:
            yield f"{at}/elements: action_id {action[:40]!r} stands twice in one block"
        seen.add(action)


def _file_input_waits(value: Any, at: str) -> Iterator[str]:
    element = value.get("element")
    if isinstance(element, Mapping) and element.get("type") == "file_input" and value.get("dispatch_action"):
        yield f"{at}/dispatch_action: a file_input cannot dispatch"


def _pending_in_plan_only(value: Any, at: str) -> Iterator[str]:
    if value.get("status") == "pending":
        yield f"{at}/status: pending is for tasks of a plan only"


def _shown_collapsed(value: Any, at: str) -> Iterator[str]:
    if value.get("default_collapsed") and not value.get("is_collapsible"):
        yield f"{at}/default_collapsed: needs is_collapsible"


def _title(value: Any, at: str) -> Iterator[str]:
    """A plan's title: a string, or a plain_text object."""
    yield from (visible if isinstance(value, str) else plain)(TASK_TEXT)(value, at)


_SOURCE = members({"type": enum("url"), "url": URL, "text": string()})
_TASK: dict[str, Check] = {
    "details": RICH_TEXT,
    "output": RICH_TEXT,
    "sources": items(_SOURCE, at_least=0),
    "status": enum("pending", "in_progress", "complete", "error"),
}
_NAMED: dict[str, Check] = {"task_id": string(255), "title": visible(TASK_TEXT)}
_PLANNED = members(_NAMED, {"type": enum("task_card"), "block_id": ID} | _TASK)
_RICH_CELL = members({"type": anything, "elements": RICH_ELEMENTS}, {"block_id": ID})
_CELL = typed(
    {
        "raw_text": members({"type": anything, "text": string()}),
        "raw_number": members({"type": anything, "value": number}, {"text": string()}),
        "rich_text": _RICH_CELL,
    },
    "a table cell",
)
_PICTURE: dict[str, Check] = {"image_url": URL, "slack_file": SLACK_FILE}
_CARD = _block(
    {},
    {
        "hero_image": IMAGE,
        "icon": IMAGE,
        "title": text(150),
        "subtitle": text(150),
        "body": text(200),
        "subtext": text(200),
        "actions": items(BUTTON, 3),
    },
    some_of("hero_image", "title", "actions", "body"),
)
_SIMPLE: dict[str, Check] = {
    "section": _block(
        {},
        {
            "text": text(3000),
            "fields": items(text(2000), 10),
            "accessory": IN_SECTION,
            "expand": boolean,
        },
        some_of("text", "fields"),
    ),
    "divider": _block({}),
    "image": _block(
        {"alt_text": string(2000)},
        _PICTURE | {"title": plain(2000)},
        one_of("image_url", "slack_file"),
    ),
    "actions": _block({"elements": items(IN_ACTIONS, 25)}, {}, _unique_actions),
    "context": _block({"elements": items(IN_CONTEXT, 10)}),
    "header": _block({"text": plain(150)}, {"level": integer(1, 4)}),
    "input": _block(
        {"label": plain(2000), "element": IN_INPUT},
        {"hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
        _file_input_waits,
    ),
    "rich_text": _block({"elements": RICH_ELEMENTS}),
    "table": _block(
        {"rows": items(items(_CELL, 20), 100)},
        {"column_settings": items(anything, 20, at_least=0)},
    ),
    "video": _block(
        {"alt_text": string(), "title": plain(199), "thumbnail_url": URL, "video_url": URL},
        {
            "author_name": string(49),
            "description": plain(),
            "provider_icon_url": URL,
            "provider_name": string(),
            "title_url": URL,
        },
    ),
}
_CHILD = typed(_SIMPLE, "a container")
BLOCKS: dict[str, Check] = _SIMPLE | {
    "context_actions": _block({"elements": items(IN_CONTEXT_ACTIONS, 5)}, {}, _unique_actions),
    "markdown": _block({"text": visible(12_000)}),
    "data_table": _block(
        {"caption": string(), "rows": items(items(_CELL, 20), 101, at_least=2)},
        {"page_size": integer(1, 100), "row_header_column_index": integer(0, 19)},
    ),
    "data_visualization": _block({"title": string(50), "chart": anything}),
    "plan": _block({"title": _title}, {"tasks": items(_PLANNED, 50, at_least=0)}),
    "task_card": _block(_NAMED, _TASK, _pending_in_plan_only),
    "alert": _block({"text": text(200)}, {"level": enum("default", "info", "warning", "error", "success")}),
    "card": _CARD,
    "carousel": _block({"elements": items(typed({"card": _CARD}, "a carousel"), 10)}),
    "container": _block(
        {"child_blocks": items(_CHILD, 10)},
        {
            "title": plain(150),
            "rich_text_title": RICH_TEXT,
            "subtitle": text(150),
            "icon": IMAGE,
            "width": enum("narrow", "standard", "wide", "full"),
            "is_collapsible": boolean,
            "default_collapsed": boolean,
            "has_header_divider": boolean,
        },
        some_of("title", "rich_text_title"),
        _shown_collapsed,
    ),
}
_MESSAGE_ONLY = {"markdown", "table", "data_table", "plan", "task_card", "context_actions"}
_NOT_IN_MODAL = {"card", "carousel", "container", "data_visualization"}
SHOWN: dict[Surface, frozenset[str]] = {
    "message": frozenset(BLOCKS.keys() - {"alert"}),
    "modal": frozenset(BLOCKS.keys() - _MESSAGE_ONLY - _NOT_IN_MODAL),
    "home": frozenset(BLOCKS.keys() - _MESSAGE_ONLY - {"alert"}),
}
"""Which blocks a surface shows."""
ELEMENT_NOT_ON: dict[Surface, frozenset[str]] = {
    "message": frozenset(
        {"file_input", "email_text_input", "url_text_input", "number_input", "rich_text_input"}
    ),
    "modal": frozenset(),
    "home": frozenset({"file_input", "datetimepicker", "email_text_input", "url_text_input", "number_input"}),
}
"""Elements of input and actions blocks that a surface refuses."""
