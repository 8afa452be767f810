"""Reads rendered blocks as a person would: plain lines, controls in brackets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.render.routing import Route, decode

Json = Mapping[str, Any]


def text(blocks: Iterable[Json]) -> str:
    """All that the blocks say, a line each paragraph; people as @id."""
    return "\n".join(said for block in blocks for said in _lines(block))


def controls(blocks: Iterable[Json]) -> list[Json]:
    """Every element of every actions block, in order."""
    return [e for block in blocks if block["type"] == "actions" for e in block["elements"]]


def labels(blocks: Iterable[Json]) -> list[str]:
    """What stands on the controls: a button's text, a menu's action id."""
    return [e["text"]["text"] if e["type"] == "button" else e["action_id"] for e in controls(blocks)]


def route(element: Json) -> Route:
    """The route behind a button, or behind a menu's first option."""
    found = decode(element.get("value") or element["options"][0]["value"])
    assert found is not None
    return found


def links(value: Any) -> list[str]:
    """Addresses of all links."""
    if isinstance(value, Mapping):
        own = [value["url"]] if "url" in value else []
        return own + [u for member in value.values() for u in links(member)]
    return [u for item in value for u in links(item)] if isinstance(value, list | tuple) else []


def _lines(block: Json) -> list[str]:
    match block["type"]:
        case "rich_text":
            return [line for container in block["elements"] for line in _container(container)]
        case "header" | "section":
            return [block["text"]["text"]]
        case "context":
            return [element["text"] for element in block["elements"]]
        case "plan":
            return [block["title"], *(_task(task) for task in block["tasks"])]
        case "input":
            return [block["label"]["text"]]
    return []


def _container(container: Json) -> list[str]:
    if container["type"] == "rich_text_list":
        return ["• " + line for section in container["elements"] for line in _container(section)]
    return ["".join(_leaf(leaf) for leaf in container["elements"])]


def _leaf(leaf: Json) -> str:
    return "@" + leaf["user_id"] if leaf["type"] == "user" else str(leaf["text"])


def _task(task: Json) -> str:
    detail = text([task["details"]]) if "details" in task else ""
    return f"{task['status']}: {task['title']}" + (f" · {detail}" if detail else "")
