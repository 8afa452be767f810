"""How many tokens a Converse request has: an estimate that is the same every time."""

from __future__ import annotations

import base64
import json
import math
import struct
from typing import Any

_CHARACTERS = 3.5
"""Characters a token: careful for English and JSON, where tokenizers reach about 4."""
_TOOL_USE = 340
"""What the provider adds to explain tools to the model, about what Anthropic's documentation states."""
_IMAGE_LARGEST = 1600
_PIXELS = 750
"""Pixels a token, from Anthropic's documentation of vision."""
_PNG = b"\x89PNG\r\n\x1a\n"


def of_text(text: str) -> int:
    """Tokens of a text."""
    return math.ceil(len(text) / _CHARACTERS)


def of_block(block: dict[str, Any]) -> int:
    """Tokens of one content block; a cache point has none."""
    if "cachePoint" in block:
        return 0
    if "text" in block:
        return of_text(block["text"])
    if "image" in block:
        return _of_image(base64.b64decode(block["image"]["source"]["bytes"]))
    return of_text(json.dumps(block, ensure_ascii=False))


def of_tools(config: dict[str, Any]) -> int:
    """Tokens of the tool definitions, with what the provider adds to them."""
    tools = [t for t in config.get("tools", []) if "toolSpec" in t]
    return sum(of_text(json.dumps(t, ensure_ascii=False)) for t in tools) + (_TOOL_USE if tools else 0)


def _of_image(content: bytes) -> int:
    if not content.startswith(_PNG) or len(content) < 24:
        return _IMAGE_LARGEST
    width: int
    height: int
    width, height = struct.unpack("!II", content[16:24])
    return min(_IMAGE_LARGEST, max(1, width * height // _PIXELS))
