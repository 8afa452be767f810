"""What a langchain message says, whatever provider it came from: text, end, tokens."""

from __future__ import annotations

import json
from enum import Enum
from typing import TYPE_CHECKING, Any

from agent.analysts.chat.prices import Price
from agent.domain.usage import Usage

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage

_CUT_OFF = frozenset({"max_tokens", "length", "model_context_window_exceeded"})
_BLOCKED = frozenset({"guardrail_intervened", "content_filtered", "content_filter", "refusal"})


class Ended(Enum):
    """How a reply ended."""

    WHOLE = "whole"
    CUT_OFF = "cut off"
    BLOCKED = "blocked"


def ended(message: AIMessage) -> Ended:
    """How the reply ended, as far as the provider says so."""
    data = message.response_metadata
    reason = str(data.get("stopReason") or data.get("finish_reason") or data.get("stop_reason") or "")
    if reason in _CUT_OFF or data.get("done_reason") == "length":
        return Ended.CUT_OFF
    return Ended.BLOCKED if reason in _BLOCKED else Ended.WHOLE


def text_of(message: AIMessage) -> str:
    """The text that is meant for a reader: no thoughts, no tool arguments."""
    if isinstance(message.content, str):
        return message.content
    return "".join(_text(block) for block in message.content)


def written(message: AIMessage) -> str:
    """What the model wrote as its answer: the tool's arguments as JSON, else its text."""
    if message.tool_calls:
        return json.dumps(message.tool_calls[0]["args"], ensure_ascii=False)
    if message.invalid_tool_calls:
        return str(message.invalid_tool_calls[0]["args"] or "")
    return text_of(message)


def usage_of(
    message: AIMessage, price: Price | None, *, images: int, seconds: float, repairs: int = 0
) -> Usage:
    """What one call took, by the provider's own count."""
    counted: dict[str, Any] = dict(message.usage_metadata or {})
    details = counted.get("input_token_details") or {}
    read = int(details.get("cache_read") or 0)
    wrote = int(details.get("cache_creation") or 0)
    wrote += sum(int(details.get(f"ephemeral_{t}_input_tokens") or 0) for t in ("5m", "1h"))
    output = int(counted.get("output_tokens") or 0)
    fresh = max(0, int(counted.get("input_tokens") or 0) - read - wrote)
    cost = price.cost(fresh=fresh, written=wrote, read=read, output=output) if price and counted else None
    return Usage(
        calls=1,
        repairs=repairs,
        input_tokens=fresh,
        cache_read_tokens=read,
        cache_write_tokens=wrote,
        output_tokens=output,
        images=images,
        seconds=seconds,
        cost=cost,
    )


def _text(block: str | dict[str, Any]) -> str:
    if isinstance(block, str):
        return block
    return str(block.get("text", "")) if block.get("type") == "text" else ""
