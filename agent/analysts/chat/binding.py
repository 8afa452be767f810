"""A model bound to one request: its tool, its level of reasoning, its limits, and how large it will be."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from agent.analysts.chat.base import Call, Image, Part, Talk, Text
from agent.analysts.chat.messages import images_of
from agent.analysts.chat.providers import BEDROCK
from agent.analysts.chat.schema import tool
from agent.domain.request import Reasoning

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage
    from langchain_core.runnables import Runnable

    from agent.analysts.chat.models import Model

_CHARACTERS = 3.5
"""Characters a token, for what is reserved before a call; the provider's own count settles it after."""
_IMAGE = 1600
"""Tokens an image, for the same: what the largest useful one takes."""


def forced(model: Model, request: Call[Any], asked: dict[str, Any]) -> Runnable[Any, AIMessage]:
    """The model, held to answer with the one tool as firmly as its family and level of reasoning allow."""
    limits = _limits(model, request.reasoning, request.max_output)
    if model.structured == "json_schema":
        function = asked["function"]
        form = {"name": function["name"], "schema": function["parameters"], "strict": True}
        return model.chat.bind(response_format={"type": "json_schema", "json_schema": form}, **limits)
    choice = _choice(model, asked["function"]["name"]) if is_forced(model, request) else None
    return model.chat.bind_tools([asked], **({"tool_choice": choice} if choice else {}), **limits)


def is_forced(model: Model, request: Call[Any]) -> bool:
    """Whether the model cannot but answer by the schema; where it could, it has to be told to."""
    return model.structured == "json_schema" or (
        model.family.forced(request.reasoning) and _choice(model, "") is not None
    )


def talking(model: Model, request: Talk) -> Runnable[Any, AIMessage]:
    """The model, free to use the conversation's tools."""
    limits = _limits(model, request.reasoning, request.max_output)
    tools = [tool(t.name, t.description, t.schema) for t in request.tools]
    return model.chat.bind_tools(tools, **limits) if tools else model.chat.bind(**limits)


def size(texts: Iterable[str], parts: Iterable[Part]) -> int:
    """Tokens of an input, roughly."""
    kept = tuple(parts)
    characters = sum(map(len, texts)) + sum(len(p.text) for p in kept if isinstance(p, Text))
    return int(characters / _CHARACTERS) + _IMAGE * images_of(kept)


def prefix_of(model: Model, request: Call[Any], asked: dict[str, Any]) -> str:
    """What identifies the cacheable part of a call; "" where nothing would be kept."""
    texts = (json.dumps(asked), request.system)
    if not model.streams or not model.family.cache or size(texts, request.prefix) < model.family.cache:
        return ""
    parts = (p.content if isinstance(p, Image) else p.text.encode() for p in request.prefix)
    stable = b"\x1f".join((*(t.encode() for t in texts), *parts))
    return sha256(stable + f"{model.place.model}\x1f{request.reasoning}".encode()).hexdigest()


def _choice(model: Model, name: str) -> str | None:
    takes = getattr(model.chat, "supports_tool_choice_values", ("auto", "any", "tool")) or ()
    if "tool" in takes:
        return name
    return "any" if "any" in takes else None


def _limits(model: Model, reasoning: Reasoning, max_output: int) -> dict[str, Any]:
    fields = model.family.fields(reasoning)
    limits = {model.provider.output: max_output + model.family.room(reasoning)}
    if model.provider.name == BEDROCK:
        return {**limits, **({"additional_model_request_fields": fields} if fields else {})}
    return {**limits, **fields}
