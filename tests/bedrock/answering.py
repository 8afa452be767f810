"""An Output as Converse and ConverseStream carry it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.bedrock.cache import Counted
from tests.bedrock.replies import Output
from tests.bedrock.tokens import of_text

_SIGNATURE = "c2lnbmVkIGJ5IHRoZSBkb3VibGU="
_PIECES = 8
"""Into how many pieces a block is cut in a stream."""
_CHARACTERS = 3.5


def cut(output: Output, most: int | None) -> Output:
    """The output, ended where the most tokens are reached."""
    if most is None or output.tokens <= most:
        return output
    room = int(max(0, most - of_text(output.thought)) * _CHARACTERS)
    text = output.text[:room]
    raw = None
    if output.uses:
        whole = output.raw if output.raw is not None else json.dumps(output.uses[0][1], ensure_ascii=False)
        raw = whole[: max(0, room - len(output.text))]
    return Output(text, output.uses[:1], output.thought, "max_tokens", raw, output.first_token)


def usage(counted: Counted, output: int) -> dict[str, Any]:
    """The usage as Bedrock counts it: inputTokens are those outside of the cache."""
    return {
        "inputTokens": counted.fresh,
        "outputTokens": output,
        "totalTokens": counted.total + output,
        "cacheReadInputTokens": counted.read,
        "cacheWriteInputTokens": counted.written,
    }


def whole(output: Output, counted: Counted, milliseconds: int) -> dict[str, Any]:
    """The body of a Converse answer."""
    content: list[dict[str, Any]] = []
    if output.thought:
        thought = {"text": output.thought, "signature": _SIGNATURE}
        content.append({"reasoningContent": {"reasoningText": thought}})
    if output.text:
        content.append({"text": output.text})
    for place, (name, given) in enumerate(output.uses):
        # a whole answer can carry only parsed input: what broke off is empty here
        parsed = {} if output.raw is not None and place == 0 else given
        content.append({"toolUse": {"toolUseId": _id(place), "name": name, "input": parsed}})
    return {
        "output": {"message": {"role": "assistant", "content": content or [{"text": " "}]}},
        "stopReason": output.reason,
        "usage": usage(counted, output.tokens),
        "metrics": {"latencyMs": milliseconds},
    }


def events(output: Output) -> Iterator[tuple[str, dict[str, Any], int]]:
    """The events of a ConverseStream answer before its metadata, with the tokens that each one brings."""
    yield "messageStart", {"role": "assistant"}, 0
    index = 0
    if output.thought:
        for piece in _pieces(output.thought):
            yield "contentBlockDelta", _delta(index, {"reasoningContent": {"text": piece}}), of_text(piece)
        yield "contentBlockDelta", _delta(index, {"reasoningContent": {"signature": _SIGNATURE}}), 0
        yield "contentBlockStop", {"contentBlockIndex": index}, 0
        index += 1
    if output.text:
        for piece in _pieces(output.text):
            yield "contentBlockDelta", _delta(index, {"text": piece}), of_text(piece)
        yield "contentBlockStop", {"contentBlockIndex": index}, 0
        index += 1
    for place, (name, given) in enumerate(output.uses):
        start = {"toolUse": {"toolUseId": _id(place), "name": name}}
        yield "contentBlockStart", {"start": start, "contentBlockIndex": index}, 0
        text = output.raw if output.raw is not None and place == 0 else json.dumps(given, ensure_ascii=False)
        for piece in _pieces(text):
            yield "contentBlockDelta", _delta(index, {"toolUse": {"input": piece}}), of_text(piece)
        yield "contentBlockStop", {"contentBlockIndex": index}, 0
        index += 1
    yield "messageStop", {"stopReason": output.reason}, 0


def _delta(index: int, delta: dict[str, Any]) -> dict[str, Any]:
    return {"delta": delta, "contentBlockIndex": index}


def _pieces(text: str) -> Iterator[str]:
    step = max(1, -(-len(text) // _PIECES))
    for start in range(0, len(text), step):
        yield text[start : start + step]


def _id(place: int) -> str:
    return f"tooluse_{place + 1:04d}"
