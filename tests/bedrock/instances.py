"""A valid instance of a JSON schema: for replies that nobody wrote by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zlib import crc32

_WORDS = ("orders", "reach", "the", "ledger", "without", "a", "check", "of", "their", "origin")


class Generator:
    """Makes instances; the same schema and seed give the same instance.

    Args:
        seed: another seed, another instance.
        items: how many items an array gets where its bounds allow it.
        overrides: values by property name, wherever the property stands.
    """

    def __init__(self, seed: int = 0, items: int = 2, overrides: dict[str, Any] | None = None) -> None:
        self._seed = seed
        self._items = items
        self._overrides = overrides or {}

    def instance(self, schema: dict[str, Any], path: str = "") -> Any:
        """A value that the schema accepts, as far as it uses what pydantic writes."""
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._pick(path, schema["enum"])
        options = schema.get("anyOf") or schema.get("oneOf")
        if options:
            return self.instance(next((o for o in options if o.get("type") != "null"), options[0]), path)
        kind = schema.get("type", "object" if "properties" in schema else "string")
        make = {
            "object": self._object,
            "array": self._array,
            "integer": self._number,
            "number": self._number,
            "boolean": self._boolean,
        }
        return make.get(kind, self._string)(schema, path)

    def _object(self, schema: dict[str, Any], path: str) -> dict[str, Any]:
        properties: dict[str, Any] = schema.get("properties", {})
        return {
            name: self._overrides[name] if name in self._overrides else self.instance(part, f"{path}.{name}")
            for name, part in properties.items()
        }

    def _array(self, schema: dict[str, Any], path: str) -> list[Any]:
        least, most = schema.get("minItems", 0), schema.get("maxItems", self._items)
        items = schema.get("items", {"type": "string"})
        if schema.get("uniqueItems") or "enum" in items:
            most = min(most, len(items["enum"])) if "enum" in items else most
        count = max(least, min(most, self._items))
        if "enum" in items:
            start = self._hash(path)
            return [items["enum"][(start + i) % len(items["enum"])] for i in range(count)]
        return [self.instance(items, f"{path}[{i}]") for i in range(count)]

    def _number(self, schema: dict[str, Any], path: str) -> int:
        least = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
        most = schema.get("maximum", schema.get("exclusiveMaximum", least + 10) - 1)
        return int(least) + self._hash(path) % max(1, int(most) - int(least) + 1)

    def _boolean(self, _: dict[str, Any], path: str) -> bool:
        return bool(self._hash(path) % 2)

    def _string(self, schema: dict[str, Any], path: str) -> str:
        most = schema.get("maxLength", 80)
        start = self._hash(path)
        words = " ".join(_WORDS[(start + i) % len(_WORDS)] for i in range(8))
        text = f"{words} {start % 1000}"[:most].strip() or "x"
        return text.ljust(schema.get("minLength", 0), "x")

    def _pick(self, path: str, options: Sequence[Any]) -> Any:
        return options[self._hash(path) % len(options)]

    def _hash(self, path: str) -> int:
        return crc32(f"{self._seed}{path}".encode())
