"""Mermaid sequence diagrams: participants become elements, messages flows, boxes boundaries."""

from __future__ import annotations

import re

from agent.diagrams.labels import mermaid_entities
from agent.diagrams.messages import Messages
from agent.diagrams.sketch import Group, Node, Shape, Sketch

_PARTICIPANT = re.compile(
    r"(?:create\s+)?(?P<keyword>participant|actor)\s+(?P<id>[^\s@{]+(?:\s+(?!as\s)[^\s@{]+)*)"
    r"\s*(?:@\s*\{(?P<data>[^{}]*)\})?(?:\s+as\s+(?P<label>.+))?"
)
_TYPE = re.compile(r"[\"']?type[\"']?\s*:\s*[\"']?(?P<type>\w+)")
_MESSAGE = re.compile(
    r"(?P<left>[^<>:;]+?)\s*(?P<arrow><<--?>>|--?(?:>>|>|\)|x(?=[\s+\-A-Z])|\|?[\\/]{1,2}))\s*[+-]?\s*"
    r"(?P<right>[^<>:;]+?)\s*(?::\s*(?P<text>.*))?"
)
_BLOCK = re.compile(r"(?:loop|alt|opt|par|par_over|critical|break|rect)\b")
_BOX = re.compile(r"box\b\s*(?:(?P<colour>rgba?\([^)]*\)|#\w+|transparent)\s*)?(?P<name>.*)")
_TITLE = re.compile(r"title\s*:?\s*(?P<title>.+)")
_CHATTER = re.compile(
    r"(?:activate|deactivate|destroy|note|autonumber|and|else|option|links?|properties|details|accTitle|accDescr)\b",
    re.IGNORECASE,
)
_SHAPES = {"actor": Shape.PERSON, "database": Shape.STORE, "queue": Shape.STORE, "control": Shape.ROUND}
_COLOURS = frozenset(
    {"aqua", "black", "blue", "brown", "cyan", "gold", "gray", "green", "grey", "lightblue", "lightgreen"}
    | {"lightgray", "lightgrey", "lightyellow", "orange", "pink", "purple", "red", "silver", "teal", "white"}
    | {"yellow", "violet", "beige", "coral", "lavender"}
)
_MOST_NAMED = 10
_LONGEST_LINE = 4_000


def read_sequence(text: str, at: int, sketch: Sketch) -> None:
    """Draw the sequence diagram whose keyword ends at `at` into the sketch."""
    reader = _Reader(sketch)
    for line in re.split(r"[\n;]", mermaid_entities(text[at:])):
        if line.strip():
            reader.line(line.strip()[:_LONGEST_LINE])
    reader.end()


class _Reader:
    def __init__(self, sketch: Sketch) -> None:
        self._sketch = sketch
        self._messages = Messages()
        self._blocks: list[str | None] = []
        """Open blocks: a box's key, or None for a loop and its like."""
        self._unread = 0

    def line(self, line: str) -> None:
        """One statement."""
        if title := _TITLE.match(line):
            self._sketch.title = self._sketch.title or title["title"].strip()
        elif participant := _PARTICIPANT.fullmatch(line):
            self._participant(participant)
        elif line == "end":
            self._blocks[-1:] = []
        elif box := _BOX.fullmatch(line):
            self._box(box["name"].strip())
        elif _BLOCK.match(line):
            self._blocks.append(None)
        elif _CHATTER.match(line):
            return
        elif message := _MESSAGE.fullmatch(line):
            self._message(message)
        else:
            self._name_unread(line)

    def end(self) -> None:
        """The flows, after the last message."""
        self._messages.draw(self._sketch)

    def _participant(self, match: re.Match[str]) -> None:
        type_ = _TYPE.search(match["data"] or "")
        word = type_["type"].lower() if type_ else match["keyword"]
        node = self._node(match["id"])
        node.label = match["label"] or match["id"]
        node.shape = _SHAPES.get(word, Shape.PLAIN)
        if word == "queue":
            node.stereotypes = ("queue",)

    def _box(self, name: str) -> None:
        first, _, rest = name.partition(" ")
        label = rest.strip() if first.lower() in _COLOURS and rest else name
        key = f"box {len(self._sketch.groups)} {label}"
        self._sketch.group(Group(key, label))
        self._blocks.append(key)

    def _message(self, match: re.Match[str]) -> None:
        source, target = self._node(match["left"]).key, self._node(match["right"]).key
        text = " ".join((match["text"] or "").split())
        self._messages.add(source, target, text, reply=match["arrow"].startswith("--"))
        if match["arrow"].startswith("<<"):
            self._messages.add(target, source, text)

    def _node(self, id_: str) -> Node:
        node = self._sketch.node(Node(id_.strip(), id_.strip()))
        node.group = node.group or next((b for b in reversed(self._blocks) if b is not None), None)
        return node

    def _name_unread(self, line: str) -> None:
        self._unread += 1
        if self._unread <= _MOST_NAMED:
            self._sketch.warn(f'"{line[:60]}" is no statement of a sequence diagram and was left out.')
