"""Mermaid flowcharts: nodes of every shape, arrows of every form, nested subgraphs.

A scanner of our own, made after Mermaid's documented syntax. What it does not understand costs one statement,
named in a warning with its line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from agent.diagrams.mermaid_marks import Arrow, read_arrow, read_bracket, read_label, shape_named, unquoted
from agent.diagrams.sketch import MAX_DEPTH, Edge, Group, Node, Sketch
from agent.errors import TooLarge, UnreadableFile

_COMMENTS = frozenset({"brace", "brace-l", "brace-r", "braces", "comment", "text"})
"""Shapes that hold a remark, not an element."""

_ID = re.compile(r"(?:[^\W]|[!#$%'*+.`?\\/]|-(?![->.])|=(?!=)|(?<=\S)&(?=\S)|:(?!::))+")
_SPACE = re.compile(r"[^\S\n]*")
_SEPARATORS = re.compile(r"[\s;]*")
_REST = re.compile(r"[^\n;]*")
_LINE = re.compile(r"(?:\"[^\"\n]*\"|[^\n;\"])*\"?")
_IGNORED = re.compile(r"(?:classDef|class|style|linkStyle|click|direction|accTitle|accDescr)\b")
_CLASS = re.compile(r"class\s+(?P<ids>\S+(?:\s*,\s*\S+)*)\s+(?P<name>[\w-]+)")
_DESCRIPTION = re.compile(r"accDescr\s*\{[^}]*\}")
_SUBGRAPH = re.compile(r"subgraph\b[^\S\n]*")
_END = re.compile(r"end(?=[\s;]|$)")
_CLASS_SUFFIX = re.compile(r":::(?P<name>[\w-]+(?:,[\w-]+)*)")
_DATA = re.compile(r"@\{(?P<data>(?:[^{}\"]|\"[^\"]*\")*)\}")
_AND = re.compile(r"\s*&\s*")
_SUBGRAPH_NAME = re.compile(r"(?P<id>[^\s\[\"]+)\s*\[(?P<title>.*)\]", re.DOTALL)
_PAIR = re.compile(r"(?P<key>[\w-]+)\s*:\s*(?:\"(?P<quoted>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^,\n]*))")

_MOST_NAMED = 10
"""Statements that are named in warnings; after that only their number counts."""
_MOST_HINTS = 8
"""Style classes and icons of one node that are looked at."""
_MOST_ERRORS = 200
"""Statements that may be unreadable before the whole file is given up."""


@dataclass
class _Frame:
    """An open subgraph: its key and the nodes and subgraphs that its statements mention."""

    key: str
    mentioned: list[str] = field(default_factory=list)


class _Unreadable(Exception):
    """The statement at hand is not one of a flowchart."""


def read_flowchart(text: str, at: int, sketch: Sketch) -> None:
    """Draw the flowchart whose keyword ends at `at` into the sketch."""
    _Flowchart(text, at, sketch).read()


class _Flowchart:
    def __init__(self, text: str, at: int, sketch: Sketch) -> None:
        self._text = text
        self._sketch = sketch
        self._at = at
        self._frames: list[_Frame] = []
        self._owner: dict[str, str] = {}
        self._edge_ids: set[str] = set()
        self._remarks: set[str] = set()
        self._errors = 0

    def read(self) -> None:
        """Statement after statement, to the end."""
        self._skip(_REST)
        while self._skip(_SEPARATORS) or self._at < len(self._text):
            if self._at >= len(self._text):
                break
            start = self._at
            try:
                self._statement()
            except _Unreadable:
                self._give_up(start)
        while self._frames:
            self._close()
        self._settle()

    # statements

    def _statement(self) -> None:
        if self._skip(_DESCRIPTION):
            return
        if (match := _SUBGRAPH.match(self._text, self._at)) and self._is_word(match.end()):
            self._at = match.end()
            self._open()
        elif _END.match(self._text, self._at) and self._frames:
            self._at += len("end")
            self._close()
        elif (match := _IGNORED.match(self._text, self._at)) and self._is_keyword(match.end()):
            self._styling()
        else:
            self._chain()

    def _is_word(self, end: int) -> bool:
        """Whether the keyword that ends here stands alone, and is not the start of an arrow or a label."""
        return end >= len(self._text) or self._text[end] not in "([{>-=@:"

    def _is_keyword(self, end: int) -> bool:
        """Whether what follows is an argument of the keyword and not an arrow ("style --> x")."""
        following = self._text[end : end + 3]
        return not following or following[0] == ":" or (following[0].isspace() and "-" not in following[1:2])

    def _styling(self) -> None:
        line = _LINE.match(self._text, self._at)
        if line is None:
            raise _Unreadable
        self._at = line.end()
        named = _CLASS.match(line[0])
        for id_ in re.split(r"[\s,]+", named["ids"]) if named else ():
            if named and id_ in self._sketch.nodes:
                self._hint(self._sketch.nodes[id_], (named["name"],))

    def _give_up(self, start: int) -> None:
        rest = _LINE.match(self._text, max(self._at, start))
        self._at = max(rest.end() if rest else start, start + 1)
        self._errors += 1
        if self._errors <= _MOST_NAMED:
            line = self._text.count("\n", 0, start) + 1
            shown = " ".join(self._text[start : start + 60].split("\n")[0].split())
            self._sketch.warn(f'line {line} is no statement of a flowchart and was left out: "{shown}".')
        if self._errors > _MOST_ERRORS:
            raise UnreadableFile(
                self._sketch.source,
                f"more than {_MOST_ERRORS} of its statements are not those of a Mermaid flowchart",
                "Check that it opens in a Mermaid editor and send it again.",
            )

    # subgraphs

    def _open(self) -> None:
        line = _LINE.match(self._text, self._at)
        said = line[0].strip() if line else ""
        self._at = line.end() if line else self._at
        key, title = self._subgraph_name(said)
        parent = self._frames[-1].key if self._frames else None
        self._sketch.group(Group(key=key, label=read_label(title).text, parent=parent))
        self._frames.append(_Frame(key))
        if len(self._frames) > MAX_DEPTH:
            raise TooLarge(
                self._sketch.source,
                f"its subgraphs nest deeper than {MAX_DEPTH} levels",
                "Send a diagram with fewer levels.",
            )

    def _subgraph_name(self, said: str) -> tuple[str, str]:
        named = _SUBGRAPH_NAME.fullmatch(said)
        if named:
            return named["id"], unquoted(named["title"])
        title = unquoted(said)
        if title and not any(c.isspace() for c in title):
            return title, title
        return f"subgraph {len(self._sketch.groups)} {title}", title

    def _close(self) -> None:
        """The nodes that its statements mention belong to it, unless an earlier closed one has them."""
        frame = self._frames.pop()
        for key in frame.mentioned:
            if key != frame.key:
                self._owner.setdefault(key, frame.key)

    # nodes and arrows

    def _chain(self) -> None:
        sources = self._node_group()
        while (edge := self._link()) is not None:
            targets = self._node_group()
            for source in sources:
                for target in targets:
                    self._connect(source, target, edge)
            sources = targets
        self._skip(_SPACE)
        if self._at < len(self._text) and self._text[self._at] not in "\n;":
            raise _Unreadable

    def _connect(self, source: str, target: str, drawn: Arrow) -> None:
        if drawn.hidden:
            return
        backward = drawn.tail and not drawn.head
        ends = (target, source) if backward else (source, target)
        self._sketch.edge(
            Edge(
                source=ends[0],
                target=ends[1],
                label=drawn.label,
                both=drawn.tail and drawn.head,
                directed=drawn.tail or drawn.head,
            )
        )

    def _node_group(self) -> list[str]:
        nodes = [self._node()]
        while self._skip(_AND):
            nodes.append(self._node())
        return nodes

    def _node(self) -> str:
        match = _ID.match(self._text, self._at)
        if match is None:
            raise _Unreadable
        self._at = match.end()
        id_ = match[0].rstrip(".,") or match[0]
        data = self._skip(_DATA)
        if data and id_ in self._edge_ids:
            return id_
        node = self._sketch.node(Node(key=id_, label=id_))
        if self._frames:
            self._frames[-1].mentioned.append(id_)
        if not data:
            self._bracket(node)
            data = self._skip(_DATA)
        if data:
            self._attributes(node, data["data"])
        if suffix := self._skip(_CLASS_SUFFIX):
            self._hint(node, tuple(suffix["name"].split(",")))
        return id_

    @staticmethod
    def _hint(node: Node, names: tuple[str, ...]) -> None:
        node.hints = (*node.hints, *names)[:_MOST_HINTS]

    def _bracket(self, node: Node) -> None:
        try:
            bracket = read_bracket(self._text, self._at)
        except ValueError:
            raise _Unreadable from None
        if bracket is not None:
            self._at = bracket.end
            node.label, node.icons, node.shape = bracket.label.text, bracket.label.icons, bracket.shape

    def _attributes(self, node: Node, data: str) -> None:
        for pair in _PAIR.finditer(data):
            value = (pair["quoted"] or pair["single"] or pair["bare"] or "").strip()
            if pair["key"] == "label":
                label = read_label(value)
                node.label, node.icons = label.text, label.icons
            elif pair["key"] == "shape":
                node.shape = shape_named(value)
                if value in _COMMENTS:
                    self._remarks.add(node.key)
            elif pair["key"] == "icon":
                node.icons = (value, *node.icons[:_MOST_HINTS])

    def _link(self) -> Arrow | None:
        arrow = read_arrow(self._text, self._at)
        if arrow is not None:
            self._at = arrow.end
            if arrow.id:
                self._edge_ids.add(arrow.id)
        return arrow

    # the end

    def _settle(self) -> None:
        """Give nodes and subgraphs their frames; drop what turned out to be a subgraph or a remark."""
        connected = {key for e in self._sketch.edges for key in (e.source, e.target)}
        for key in list(self._sketch.nodes):
            if key in self._remarks and key not in connected:
                self._sketch.text += self._sketch.nodes.pop(key).label + "\n"
            elif key in self._sketch.groups:
                del self._sketch.nodes[key]
        for key, frame in self._owner.items():
            if key in self._sketch.groups:
                self._sketch.groups[key].parent = self._sketch.groups[key].parent or frame
            elif key in self._sketch.nodes:
                self._sketch.nodes[key].group = frame

    def _skip(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Go past the pattern; what was matched, or None when it stands not here."""
        match = pattern.match(self._text, self._at)
        if match:
            self._at = match.end()
        return match
