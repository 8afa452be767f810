"""Calls and conversations as langchain messages, with cache points where the provider takes them."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

from agent.analysts.chat.base import Asked, Call, Image, Part, Said, Talk, Text

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

Caching = Literal["converse", "anthropic", "none"]

_REPLY_SHOWN = 60_000
"""Characters of a broken reply that are sent back with the error."""


def opening(request: Call[Any], caching: Caching, tool: str = "") -> list[BaseMessage]:
    """System and request: the stable part first, a cache point behind each stable piece.

    Args:
        request: what is asked.
        caching: how the provider marks what it is to keep.
        tool: the tool that the model has to be told to use; "" where it is forced to.
    """
    from langchain_core.messages import HumanMessage

    content = [*_cached(_blocks(request.prefix), caching), *_blocks(request.varying)]
    if tool:
        content.append(_text(Text(f"Answer by one call of the tool {tool}, and with nothing else.")))
    return [_system(request.system, caching), HumanMessage(content=content)]


def repair(reply: str, problem: str) -> list[BaseMessage]:
    """The turn that asks for the same again: what was written, and why it cannot be used."""
    from langchain_core.messages import AIMessage, HumanMessage

    return [
        AIMessage(content=reply[:_REPLY_SHOWN] or "(no reply)"),
        HumanMessage(
            content="This reply cannot be used, because it does not keep to the schema of the tool:\n"
            f"{problem}\n"
            "Call the tool again with the whole reply, corrected. Change nothing else."
        ),
    ]


def conversation(talk: Talk, caching: Caching) -> list[BaseMessage]:
    """Everything said so far; the prefix stands at the beginning of the first turn."""
    from langchain_core.messages import HumanMessage

    messages: list[BaseMessage] = [_system(talk.system, caching)]
    for place, turn in enumerate(talk.turns):
        if isinstance(turn, Said):
            messages.append(_said(turn))
            continue
        messages.extend(_results(turn))
        content = _cached(_blocks(talk.prefix), caching) if place == 0 else []
        content.extend(_blocks(turn.parts))
        if content:
            messages.append(HumanMessage(content=content))
    return messages


def images_of(parts: Iterable[Part]) -> int:
    """How many of the parts are pictures."""
    return sum(isinstance(part, Image) for part in parts)


def _system(text: str, caching: Caching) -> BaseMessage:
    from langchain_core.messages import SystemMessage

    return SystemMessage(content=text if caching == "none" else _cached(_blocks([Text(text)]), caching))


def _said(turn: Said) -> BaseMessage:
    from langchain_core.messages import AIMessage

    if isinstance(turn.opaque, AIMessage):
        return turn.opaque
    calls = [{"name": u.name, "args": u.arguments, "id": u.id, "type": "tool_call"} for u in turn.uses]
    return AIMessage(content=turn.text, tool_calls=calls)


def _results(turn: Asked) -> list[BaseMessage]:
    from langchain_core.messages import ToolMessage

    return [
        ToolMessage(content=r.text, tool_call_id=r.id, status="error" if r.failed else "success")
        for r in turn.results
    ]


def _blocks(parts: Iterable[Part]) -> list[str | dict[str, Any]]:
    return [_text(p) if isinstance(p, Text) else _image(p) for p in parts]


def _text(part: Text) -> dict[str, Any]:
    return {"type": "text", "text": part.text}


def _image(part: Image) -> dict[str, Any]:
    data = base64.b64encode(part.content).decode("ascii")
    return {"type": "image", "base64": data, "mime_type": part.media_type}


def _cached(blocks: list[str | dict[str, Any]], caching: Caching) -> list[str | dict[str, Any]]:
    """The blocks, kept by the provider up to here for the next call that begins the same."""
    if not blocks or caching == "none":
        return blocks
    if caching == "converse":
        return [*blocks, {"cachePoint": {"type": "default"}}]
    *rest, last = blocks
    marked = {"type": "text", "text": last} if isinstance(last, str) else last
    return [*rest, {**marked, "cache_control": {"type": "ephemeral"}}]
