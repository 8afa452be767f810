"""What a reader sees in blocks, as plain text: for transcripts, for tests and for finding words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.workspace.values import Json

_LINK = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")


def plain(blocks: Sequence[Json]) -> str:
    """The text of every block, one block a line, without marks; buttons stand in [brackets]."""
    return "\n".join(line for block in blocks if (line := _block(block)))


def unescape(text: str) -> str:
    """The mrkdwn as a reader sees it: links and mentions by their label, the three entities undone."""
    shown = _LINK.sub(lambda m: m.group(2) or m.group(1), text)
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _block(block: Json) -> str:
    parts = [_spoken(block.get(key)) for key in _ORDER if key in block]
    return " ".join(part for part in parts if part)


_ORDER = (
    "title",
    "subtitle",
    "label",
    "text",
    "body",
    "hint",
    "fields",
    "tasks",
    "details",
    "output",
    "rows",
    "alt_text",
    "elements",
    "element",
    "accessory",
    "actions",
    "options",
)


_RUNS = {"text", "link", "user", "emoji"}
_PARAGRAPHS = {
    "rich_text_section",
    "rich_text_list",
    "rich_text_quote",
    "rich_text_preformatted",
    "task_card",
}


def _spoken(node: Any) -> str:
    if isinstance(node, str):
        return unescape(node)
    if isinstance(node, list | tuple):
        return _joined(node)
    return _object(node) if isinstance(node, Mapping) else ""


def _object(node: Json) -> str:  # noqa: PLR0911 - one return a type
    match node.get("type"):
        case "button" | "icon_button":
            return f"[{_spoken(node.get('text'))}]"
        case "static_select" | "multi_static_select" | "radio_buttons" | "checkboxes":
            return _choice(node)
        case "overflow":
            return "[⋯]"
        case "text" | "mrkdwn" | "plain_text" | "raw_text":
            return unescape(str(node.get("text", "")))
        case "link":
            return str(node.get("text") or node.get("url", ""))
        case "user":
            return f"@{node.get('user_id', '')}"
        case "emoji":
            return f":{node.get('name', '')}:"
        case _:
            return _block(node)


def _joined(nodes: Sequence[Any]) -> str:
    """Text runs follow each other as they are, paragraphs by lines, everything else by a space."""
    types = {node.get("type") if isinstance(node, Mapping) else None for node in nodes}
    between = "" if types <= _RUNS else "\n" if types <= _PARAGRAPHS else " "
    return between.join(part for node in nodes if (part := _spoken(node)))


def _choice(node: Json) -> str:
    one = node.get("initial_option")
    picked = [one] if one else node.get("initial_options", ())
    shown = ", ".join(_spoken(option.get("text")) for option in picked)
    return f"[{shown or _spoken(node.get('placeholder'))} ▾]"
