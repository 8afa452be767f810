"""What Bedrock refuses: the rules of Converse that a client can break, with the codes it answers."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tests.bedrock import tokens

_TYPES = {"object", "array", "string", "number", "integer", "boolean", "null"}
_POINTS = 4
_IMAGES = 20
_IMAGE_BYTES = 3_750_000
_THINKING_LEAST = 1024


class Refusal(Exception):
    """An answer that is an error."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


def invalid(message: str) -> Refusal:
    """A ValidationException."""
    return Refusal(400, "ValidationException", message)


@dataclass(frozen=True)
class Served:
    """A model that the double serves."""

    context: int = 200_000
    longest: int = 64_000
    cache_from: int = 1024
    on_demand: bool = False
    """Whether its bare id is served, or only inference profiles."""
    enabled: bool = True
    forces_while_thinking: bool = False


def check(body: dict[str, Any], served: Served, size: int) -> None:
    """Refusal when the request breaks a rule."""
    _check_conversation(body.get("messages", []))
    _check_blocks(body)
    _check_tools(body)
    _check_limits(body, served)
    if size > served.context:
        raise invalid("Input is too long for requested model.")


def _check_conversation(messages: list[dict[str, Any]]) -> None:
    if not messages:
        raise invalid("The messages field is empty. Add at least one message.")
    if messages[0]["role"] != "user":
        raise invalid("A conversation must start with a user message.")
    if messages[-1]["role"] != "user":
        raise invalid("This model does not support a prefilled reply. The last message must be the user's.")
    for place, (one, two) in enumerate(pairwise(messages)):
        if one["role"] == two["role"]:
            raise invalid(f"Roles must alternate between user and assistant: messages.{place + 1}.")
        uses = {b["toolUse"]["toolUseId"] for b in one["content"] if "toolUse" in b}
        results = {b["toolResult"]["toolUseId"] for b in two["content"] if "toolResult" in b}
        if uses != results:
            missing = ", ".join(sorted(uses ^ results))
            raise invalid(f"toolUse and toolResult do not match at messages.{place + 1}.content: {missing}.")


def _check_blocks(body: dict[str, Any]) -> None:
    places = [("system", body.get("system", []))]
    places += [(f"messages.{i}.content", m["content"]) for i, m in enumerate(body["messages"])]
    for where, blocks in places:
        if where != "system" and not blocks:
            raise invalid(f"The content field at {where} is empty.")
        for place, block in enumerate(blocks):
            if "text" in block and not block["text"].strip():
                raise invalid(f"The text field in the ContentBlock object at {where}.{place} is blank.")
    every = [b for _, blocks in places for b in blocks] + body.get("toolConfig", {}).get("tools", [])
    if sum("cachePoint" in b for b in every) > _POINTS:
        raise invalid(f"Too many cache points: at most {_POINTS} are allowed.")
    images = [b["image"] for b in every if "image" in b]
    if len(images) > _IMAGES:
        raise invalid(f"Too many images in the request: {len(images)} exceed the maximum of {_IMAGES}.")
    if any(len(base64.b64decode(i["source"]["bytes"])) > _IMAGE_BYTES for i in images):
        raise invalid("An image is too large: it exceeds the maximum of 3.75 MB.")


def _check_tools(body: dict[str, Any]) -> None:
    config = body.get("toolConfig")
    used = any("toolUse" in b or "toolResult" in b for m in body["messages"] for b in m["content"])
    if config is None:
        if used:
            raise invalid("The toolConfig field must be defined when toolUse or toolResult blocks are used.")
        return
    specs = [t["toolSpec"] for t in config["tools"] if "toolSpec" in t]
    for place, spec in enumerate(specs):
        at = f"toolConfig.tools.{place}.toolSpec"
        if not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", spec["name"]):
            raise invalid(f"The value at {at}.name does not match [a-zA-Z0-9_-]{{1,64}}.")
        schema = spec["inputSchema"]["json"]
        if schema.get("type") != "object":
            raise invalid(f"The value at {at}.inputSchema.json.type must be one of the following: object.")
        for problem in _schema_problems(schema, f"{at}.inputSchema.json"):
            raise invalid(problem)
    forced = config.get("toolChoice", {}).get("tool", {}).get("name")
    if forced and forced not in {s["name"] for s in specs}:
        raise invalid(f"The tool {forced} that toolChoice names is not among the tools.")


def _schema_problems(node: Any, at: str) -> Iterator[str]:
    if not isinstance(node, dict):
        yield f"The JSON schema at {at} is invalid: an object is expected."
        return
    kind = node.get("type")
    if kind is not None and (kind not in _TYPES if isinstance(kind, str) else True):
        yield f"The JSON schema at {at} is invalid: unknown type."
    if "enum" in node and not node["enum"]:
        yield f"The JSON schema at {at} is invalid: the enum is empty."
    for name, part in node.get("properties", {}).items():
        yield from _schema_problems(part, f"{at}.properties.{name}")
    if "items" in node:
        yield from _schema_problems(node["items"], f"{at}.items")
    for option in (*node.get("anyOf", []), *node.get("oneOf", [])):
        yield from _schema_problems(option, f"{at}.anyOf")


def thinking_of(body: dict[str, Any]) -> str:
    """How much the model is to think: "low", "medium", "high", or "" for not at all."""
    fields = body.get("additionalModelRequestFields", {})
    kind = fields.get("thinking", {}).get("type")
    if kind == "adaptive":
        return str(fields.get("output_config", {}).get("effort", "high"))
    if kind == "enabled":
        budget = fields["thinking"]["budget_tokens"]
        return "low" if budget < 4096 else "medium" if budget < 16384 else "high"
    return str(fields.get("reasoningConfig", {}).get("maxReasoningEffort", ""))


def _check_limits(body: dict[str, Any], served: Served) -> None:
    most = body.get("inferenceConfig", {}).get("maxTokens")
    if most is not None and most > served.longest:
        raise invalid(f"The maximum tokens you requested exceeds the model limit of {served.longest}.")
    thinking = body.get("additionalModelRequestFields", {}).get("thinking", {})
    if thinking.get("type") == "enabled":
        budget = thinking["budget_tokens"]
        if budget < _THINKING_LEAST:
            raise invalid("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024")
        if most is not None and budget >= most:
            raise invalid("`max_tokens` must be greater than `thinking.budget_tokens`.")
    choice = body.get("toolConfig", {}).get("toolChoice", {})
    forced = "tool" in choice or "any" in choice
    if forced and thinking.get("type") in {"enabled", "adaptive"} and not served.forces_while_thinking:
        raise invalid("Thinking may not be enabled when tool_choice forces tool use.")


def size_of(body: dict[str, Any]) -> int:
    """All input tokens of a request."""
    blocks = [*body.get("system", []), *(b for m in body.get("messages", []) for b in m["content"])]
    return tokens.of_tools(body.get("toolConfig", {})) + sum(map(tokens.of_block, blocks))
