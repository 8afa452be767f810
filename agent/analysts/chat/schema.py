"""Pydantic schemas as tools: made for a model to fill, and read back from what it wrote."""

from __future__ import annotations

import json
import re
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

Answer = TypeVar("Answer", bound=BaseModel)

_ERRORS = 12
"""Errors shown to the model: the rest are mostly the same again."""
_LENGTH = 300
"""Characters of one error: an enumeration of all names can be long, and the model has it already."""


class Broken(Exception):
    """A reply that does not keep to its schema; the text says how, for the model. Stays in this package."""


def tool(name: str, description: str, schema: type[BaseModel]) -> dict[str, Any]:
    """The schema as a tool, the way langchain's bind_tools takes it from any provider.

    References are written out in place and titles left out: fewer tokens, and small servers do not follow
    references.
    """
    whole = schema.model_json_schema()
    parameters = _plain(whole, whole.get("$defs", {}))
    parameters.pop("$defs", None)
    parameters.pop("description", None)
    return {
        "type": "function",
        "function": {"name": name, "description": description, "parameters": parameters},
    }


def tool_for(schema: type[BaseModel]) -> dict[str, Any]:
    """The tool that a reply is forced into: named and described as the schema class is."""
    name = re.sub(r"[^A-Za-z0-9_]", "_", schema.__name__)[:64]
    return tool(name, (schema.__doc__ or "").strip() or f"Give the {name}.", schema)


def read(schema: type[Answer], written: dict[str, Any] | str) -> Answer:
    """The answer in what a model wrote: the tool's arguments, or text with one JSON object in it.

    A field that holds its JSON as a string is read as what the string says: models do that with long
    lists. Broken when it does not keep to the schema.
    """
    data = _object_in(written) if isinstance(written, str) else written
    try:
        return schema.model_validate(data)
    except ValidationError as error:
        unpacked = {key: _unpacked(value) for key, value in data.items()}
        if unpacked == data:
            raise Broken(_problems(error)) from None
    try:
        return schema.model_validate(unpacked)
    except ValidationError as error:
        raise Broken(_problems(error)) from None


def _plain(node: Any, defs: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_plain(item, defs) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target = defs[str(node["$ref"]).rpartition("/")[2]]
        beside = {k: v for k, v in node.items() if k != "$ref"}
        return _plain({**target, **beside}, defs)
    kept = {k: v for k, v in node.items() if not (k == "title" and isinstance(v, str))}
    return {k: v if k in {"enum", "const", "default"} else _plain(v, defs) for k, v in kept.items()}


def _object_in(text: str) -> dict[str, Any]:
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        raise Broken("there is no JSON object in it")
    try:
        data = json.loads(text[start : end + 1], strict=False)
    except json.JSONDecodeError as error:
        raise Broken(f"it is not JSON: {error}") from None
    if not isinstance(data, dict):
        raise Broken("it is not a JSON object")
    return data


def _unpacked(value: Any) -> Any:
    if not isinstance(value, str) or value.lstrip()[:1] not in {"[", "{"}:
        return value
    try:
        return json.loads(value, strict=False)
    except json.JSONDecodeError:
        return value


def _problems(error: ValidationError) -> str:
    errors = error.errors(include_url=False, include_input=False, include_context=False)
    lines = [f"{'.'.join(str(p) for p in e['loc']) or 'the whole'}: {e['msg']}"[:_LENGTH] for e in errors]
    more = [f"and {len(lines) - _ERRORS} more"] if len(lines) > _ERRORS else []
    return "\n".join([*lines[:_ERRORS], *more])
