"""Mermaid architecture diagrams: groups become boundaries, services elements; junctions only join arrows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from agent.diagrams.labels import mermaid_entities
from agent.diagrams.sketch import Edge, Group, Node, Shape, Sketch

_THING = re.compile(
    r"(?P<what>group|service|junction)\s+(?P<id>[\w-]+)\s*(?:\((?P<icon>[^()]*)\))?\s*"
    r"(?:\[(?P<title>\"[^\"]*\"|[^\]]*)\])?\s*(?:in\s+(?P<parent>[\w-]+))?"
)
_EDGE = re.compile(
    r"(?P<left>[\w-]+?)(?:\{group\})?(?:\s*:\s*[LRTB])?\s*(?P<tail><)?-(?:\[(?P<label>[^\]]*)\])?-(?P<head>>)?\s*"
    r"(?:[LRTB]\s*:\s*)?(?P<right>[\w-]+)(?:\{group\})?"
)
_TITLE = re.compile(r"title\s+(?P<title>.+)")
_CHATTER = re.compile(r"(?:accTitle|accDescr|align)\b")
_STORES = frozenset({"database", "disk"})
_BUILT_IN = frozenset({"cloud", "database", "disk", "internet", "server"})
_MOST_NAMED = 10
_LONGEST_LINE = 4_000
_MOST_JOINED = 20_000


@dataclass
class _Line:
    """One drawn line: both ends, and which of them have a head."""

    ends: tuple[str, str]
    heads: tuple[bool, bool]
    label: str = ""


@dataclass
class _Joint:
    """What junctions that touch each other join: the elements around them, and where data arrive."""

    around: list[str] = field(default_factory=list)
    arriving: set[str] = field(default_factory=set)
    labels: list[str] = field(default_factory=list)


def read_architecture(text: str, at: int, sketch: Sketch) -> None:
    """Draw the architecture diagram whose keyword ends at `at` into the sketch."""
    reader = _Reader(sketch)
    for line in mermaid_entities(text[at:]).split("\n"):
        if line.strip():
            reader.line(line.strip().rstrip(";")[:_LONGEST_LINE])
    reader.end()


class _Reader:
    def __init__(self, sketch: Sketch) -> None:
        self._sketch = sketch
        self._junctions: set[str] = set()
        self._lines: list[_Line] = []
        self._unread = 0

    def line(self, line: str) -> None:
        """One statement."""
        if thing := _THING.fullmatch(line):
            self._thing(thing)
        elif edge := _EDGE.fullmatch(line):
            heads = bool(edge["tail"]), bool(edge["head"])
            self._lines.append(_Line((edge["left"], edge["right"]), heads, edge["label"] or ""))
        elif title := _TITLE.match(line):
            self._sketch.title = self._sketch.title or title["title"].strip()
        elif not _CHATTER.match(line):
            self._unread += 1
            if self._unread <= _MOST_NAMED:
                self._sketch.warn(f'"{line[:60]}" was not understood and left out.')

    def end(self) -> None:
        """The flows: lines between elements, and what meets at junctions."""
        for line in self._lines:
            if not self._junctions.intersection(line.ends):
                self._draw(line.ends, line.heads, line.label)
        for joint in self._joints():
            self._draw_joint(joint)

    def _thing(self, match: re.Match[str]) -> None:
        id_, parent = match["id"], match["parent"]
        title = (match["title"] or "").strip().strip('"')
        if match["what"] == "junction":
            self._junctions.add(id_)
        elif match["what"] == "group":
            self._sketch.group(Group(id_, title or id_, parent))
        else:
            icon = (match["icon"] or "").strip().strip('"')
            shape = Shape.STORE if icon in _STORES else Shape.PLAIN
            icons = (icon,) if icon and icon not in _BUILT_IN else ()
            self._sketch.node(Node(id_, title or id_, shape, icons=icons, group=parent))

    def _draw(self, ends: tuple[str, str], heads: tuple[bool, bool], label: str) -> None:
        at_start, at_end = heads
        source, target = ends[::-1] if at_start and not at_end else ends
        self._sketch.edge(
            Edge(source, target, label=label, both=at_start and at_end, directed=at_start or at_end)
        )

    def _joints(self) -> list[_Joint]:
        """The junctions that touch each other taken together, with what is around them."""
        root = {j: j for j in self._junctions}

        def find(junction: str) -> str:
            while root[junction] != junction:
                root[junction] = root[root[junction]]
                junction = root[junction]
            return junction

        for line in self._lines:
            if self._junctions.issuperset(line.ends):
                root[find(line.ends[0])] = find(line.ends[1])
        joints: dict[str, _Joint] = {}
        for line in self._lines:
            for (junction, end), arrives in zip((line.ends, line.ends[::-1]), line.heads[::-1], strict=True):
                if junction in self._junctions and end not in self._junctions:
                    joint = joints.setdefault(find(junction), _Joint())
                    joint.around.append(end)
                    joint.arriving.update({end} if arrives else ())
                    joint.labels.extend([line.label] if line.label else ())
        return list(joints.values())

    def _draw_joint(self, joint: _Joint) -> None:
        """From all that only send to all that data arrive at; without heads, from the first to the others."""
        around = list(dict.fromkeys(joint.around))
        targets = [a for a in around if a in joint.arriving] or around[1:]
        sources = [a for a in around if a not in targets] or around[:1]
        if len(sources) * len(targets) > _MOST_JOINED:
            self._sketch.warn("a junction joins too many elements and was left out.")
            return
        directed = bool(joint.arriving)
        for source in sources:
            for target in targets:
                if source != target:
                    self._draw((source, target), (False, directed), ", ".join(joint.labels))
