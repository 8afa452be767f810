"""JSON and YAML from strangers as plain trees: dicts, lists and scalars, bounded in depth and size."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import yaml

from agent.diagrams.base import SourceFile
from agent.errors import TooLarge, UnreadableFile

Tree = Any
"""dict[str, Tree], list[Tree], str, int, float, bool or None."""

MAX_DEPTH = 100
MAX_NODES = 400_000
_AGAIN = "Check it with the editor that it comes from and send it again."
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_JSON = re.compile(r"\s*[\[{]\s*[\"\]{}\[]")
_TRUTH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def looks_like_json(file: SourceFile) -> bool:
    """Whether the text starts as a JSON object or list does."""
    return _JSON.match(file.text[:1000]) is not None


@lru_cache(maxsize=1)
def json_of(file: SourceFile) -> Tree:
    """The JSON in the file; UnreadableFile when it is none or nests too deep. Kept for the next who asks."""
    try:
        return json.loads(file.text)
    except RecursionError:
        raise TooLarge(file.name, "its JSON nests too deep", _AGAIN) from None
    except ValueError as error:
        raise UnreadableFile(file.name, f"its JSON is broken ({error})", _AGAIN) from None


def yaml_of(file: SourceFile) -> Tree:
    """The first YAML document of the file; UnreadableFile when it is none, TooLarge when it is out of bounds.

    Built event by event: loaders that call themselves for every level can be made to crash by deep nesting.
    """
    builder = _Builder(file.name)
    try:
        for event in yaml.parse(file.text, _LOADER):
            if isinstance(event, yaml.DocumentEndEvent):
                break
            builder.take(event)
    except (yaml.YAMLError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UnreadableFile(file.name, f"its YAML is broken ({reason})", _AGAIN) from None
    return builder.root


class _Builder:
    def __init__(self, name: str) -> None:
        self.root: Tree = None
        self._name = name
        self._open: list[tuple[Tree, str | None]] = []
        """Open collections, each with the anchor that names it when it closes."""
        self._keys: list[str | None] = []
        """For each open collection, the mapping key that waits for its value."""
        self._anchors: dict[str, Tree] = {}
        self._count = 0

    def take(self, event: Any) -> None:
        """One event of the YAML parser."""
        if isinstance(event, yaml.ScalarEvent):
            value = _scalar(event)
            if event.anchor:
                self._anchors[event.anchor] = value
            self._put(value)
        elif isinstance(event, yaml.AliasEvent):
            self._put(self._anchors.get(event.anchor or ""))
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._start({} if isinstance(event, yaml.MappingStartEvent) else [], event.anchor)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._end()

    def _start(self, value: Tree, anchor: str | None) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise TooLarge(self._name, f"its YAML nests deeper than {MAX_DEPTH} levels", _AGAIN)
        self._open.append((value, anchor))
        self._keys.append(None)

    def _end(self) -> None:
        value, anchor = self._open.pop()
        self._keys.pop()
        if anchor:
            self._anchors[anchor] = value
        self._put(value)

    def _put(self, value: Tree) -> None:
        self._count += 1
        if self._count > MAX_NODES:
            raise TooLarge(
                self._name, f"its YAML holds more than {MAX_NODES:,} values", "Send a smaller file."
            )
        if not self._open:
            self.root = value
            return
        holder = self._open[-1][0]
        if isinstance(holder, list):
            holder.append(value)
        elif self._keys[-1] is None:
            self._keys[-1] = str(value)
        else:
            holder[self._keys[-1]] = value
            self._keys[-1] = None


def _scalar(event: Any) -> Tree:
    text: str = event.value
    if event.style in {"'", '"'} or not event.implicit[0]:
        return text
    if text.lower() in _TRUTH:
        return _TRUTH[text.lower()]
    return None if text in {"", "~", "null", "Null", "NULL"} else text


def mapping(tree: Tree, *path: str) -> Mapping[str, Tree]:
    """The mapping at the end of the path; an empty one when there is none."""
    for key in path:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree if isinstance(tree, dict) else {}


def mappings(tree: Tree, key: str) -> Iterator[Mapping[str, Tree]]:
    """The mappings in the list under the key; what else stands there is passed over."""
    listed = tree.get(key) if isinstance(tree, dict) else None
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, dict):
            yield item


def text_at(tree: Tree, *path: str) -> str:
    """The text or number at the end of the path, stripped; empty when there is none."""
    holder = mapping(tree, *path[:-1])
    value = holder.get(path[-1])
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).strip()


def flag(tree: Tree, *path: str) -> bool:
    """Whether the value at the end of the path is true."""
    return mapping(tree, *path[:-1]).get(path[-1]) is True


def number(tree: Tree, *path: str) -> float:
    """The number at the end of the path; 0 when there is none that a page could hold."""
    value = mapping(tree, *path[:-1]).get(path[-1])
    try:
        found = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else 0.0
    except (ValueError, OverflowError):
        return 0.0
    return found if abs(found) < 1e9 else 0.0  # noqa: PLR2004 - NaN fails the comparison, too
