"""What holds over a whole message or view: counts, unique ids, the sum of its text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bot.render.limits.blocks import BLOCKS, ELEMENT_NOT_ON, MAX_BLOCKS, SHOWN, Surface
from bot.render.limits.checks import (
    Check,
    anything,
    boolean,
    is_array,
    length,
    members,
    objects,
    string,
    typed,
)
from bot.render.limits.objects import ID, plain

POST_TEXT = 40_000
"""Characters of `text` that chat.postMessage takes before it cuts."""
UPDATE_TEXT = 4_000
"""Characters of `text` that chat.update takes before it answers msg_too_long."""
BLOCK_TEXT = 12_000
"""Characters of all block text of one message before msg_blocks_too_long; measured, not published."""
TABLE_TEXT = 10_000
MARKDOWN_TEXT = 12_000
VIEW_BYTES = 250_000
_TABLES = ("table", "data_table")
_SAID = ("text", "title", "caption", "label", "alt_text", "body", "subtitle")

_VIEW: dict[str, Check] = {
    "callback_id": ID,
    "external_id": ID,
    "private_metadata": string(3000, at_least=0),
    "clear_on_close": boolean,
    "notify_on_close": boolean,
}
_FIXED: dict[str, Check] = {"type": anything, "blocks": anything}
_VIEWS: dict[Surface, Check] = {
    "modal": typed(
        {
            "modal": members(
                _FIXED | {"title": plain(24)},
                _VIEW | {"submit": plain(24), "close": plain(24), "submit_disabled": boolean},
            )
        },
        "a modal",
    ),
    "home": typed({"home": members(_FIXED, _VIEW)}, "a home tab"),
}
_METADATA = members({"event_type": string(), "event_payload": anything}, {"entities": anything})


def message_problems(payload: Mapping[str, Any]) -> Iterator[str]:
    """Of the arguments of chat.postMessage, or of chat.update when there is a `ts`."""
    text, blocks = payload.get("text"), payload.get("blocks")
    if not any(payload.get(name) for name in ("text", "blocks", "attachments", "markdown_text")):
        yield "/text: neither text nor blocks (no_text)"
    if text is not None:
        yield from string(UPDATE_TEXT if "ts" in payload else POST_TEXT, at_least=0)(text, "/text")
    if payload.get("metadata"):
        yield from _METADATA(payload["metadata"], "/metadata")
    if blocks is not None:
        yield from _blocks(blocks, "message")
        yield from _sums(blocks)


def view_problems(payload: Mapping[str, Any], surface: Surface) -> Iterator[str]:
    """Of a view object for views.open, views.push, views.update or views.publish."""
    yield from _VIEWS[surface](payload, "")
    blocks = payload.get("blocks")
    if blocks is not None:
        yield from _blocks(blocks, surface)
        yield from _asks(payload, surface)
    size = len(json.dumps(payload, ensure_ascii=False, default=str).encode())
    if size > VIEW_BYTES:
        yield f": the view is {size} bytes, at most {VIEW_BYTES} are allowed (view_too_large)"


def _blocks(blocks: Any, surface: Surface) -> Iterator[str]:
    if not is_array(blocks):
        yield "/blocks: must be an array"
        return
    if len(blocks) > MAX_BLOCKS[surface]:
        yield f"/blocks: {len(blocks)} blocks, at most {MAX_BLOCKS[surface]} are allowed in a {surface}"
    known = typed(BLOCKS, "blocks")
    for index, block in enumerate(blocks):
        at = f"/blocks/{index}"
        yield from known(block, at)
        yield from _placed(block, at, surface)
    yield from _twice(blocks)


def _placed(block: Any, at: str, surface: Surface) -> Iterator[str]:
    """What is a good block, but not here."""
    if not isinstance(block, Mapping):
        return
    kind = str(block.get("type"))
    if kind in BLOCKS and kind not in SHOWN[surface]:
        yield f"{at}/type: {kind} does not show in a {surface}"
    for element in (*objects([block.get("element")]), *objects(block.get("elements"))):
        if str(element.get("type")) in ELEMENT_NOT_ON[surface]:
            yield f"{at}: {element['type']} does not work in a {surface}"


def _twice(blocks: Any) -> Iterator[str]:
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        name = block.get("block_id") if isinstance(block, Mapping) else None
        if not isinstance(name, str):
            continue
        if name in seen:
            yield f"/blocks/{index}/block_id: {name[:40]!r} stands twice"
        seen.add(name)


def _asks(payload: Mapping[str, Any], surface: Surface) -> Iterator[str]:
    """A modal with inputs needs a submit button; only one field can have the focus."""
    inputs = [b for b in objects(payload.get("blocks")) if b.get("type") == "input"]
    if surface == "modal" and inputs and "submit" not in payload:
        yield "/submit: is missing, and there are input blocks"
    focused = [
        b for b in inputs if isinstance(b.get("element"), Mapping) and b["element"].get("focus_on_load")
    ]
    if len(focused) > 1:
        yield f"/blocks: {len(focused)} elements have focus_on_load, at most 1 is allowed"


def _sums(blocks: Any) -> Iterator[str]:
    tables = [b for b in objects(blocks) if b.get("type") in _TABLES]
    charts = [b for b in objects(blocks) if b.get("type") == "data_visualization"]
    if len(tables) > 1:
        yield f"/blocks: {len(tables)} tables, at most 1 is allowed (only_one_table_allowed)"
    if len(charts) > 2:  # noqa: PLR2004 - the limit that the next line states
        yield f"/blocks: {len(charts)} data_visualization blocks, at most 2 are allowed"
    if (said := sum(map(text_of, tables))) > TABLE_TEXT:
        yield f"/blocks: {said} characters in tables, at most {TABLE_TEXT} are allowed"
    marked = [b for b in objects(blocks) if b.get("type") == "markdown"]
    if (said := sum(map(text_of, marked))) > MARKDOWN_TEXT:
        yield f"/blocks: {said} characters in markdown blocks, at most {MARKDOWN_TEXT} are allowed"
    if (said := text_of(blocks)) > BLOCK_TEXT:
        yield f"/blocks: {said} characters of text, at most {BLOCK_TEXT} are allowed (msg_blocks_too_long)"


def text_of(value: Any, measure: Callable[[str], int] = length) -> int:
    """How many characters of text the blocks show, as Slack is known to sum them: labels and titles too."""
    if isinstance(value, Mapping):
        own = sum(measure(v) for k, v in value.items() if k in _SAID and isinstance(v, str))
        return own + sum(text_of(v, measure) for v in value.values() if not isinstance(v, str))
    return sum(text_of(item, measure) for item in value) if is_array(value) else 0


PROBLEMS: dict[Surface, Callable[[Mapping[str, Any]], Iterator[str]]] = {
    "message": message_problems,
    "modal": lambda payload: view_problems(payload, "modal"),
    "home": lambda payload: view_problems(payload, "home"),
}
