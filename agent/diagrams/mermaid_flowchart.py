"""Mermaid flowcharts: nodes of every shape, arrows of every form, nested subgraphs.

A scanner of our own, made after Mermaid's documented syntax. What it does not understand costs one statement,
named in a warning with its line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from agent.diagrams.labels import mermaid_entities
from agent.diagrams.sketch import MAX_DEPTH, Edge, Group, Node, Shape, Sketch
from agent.errors import TooLarge, UnreadableFile

_BRACKETS: tuple[tuple[str, tuple[str, ...], Shape], ...] = (
    ("(((", (")))",), Shape.ROUND),
    ("((", ("))",), Shape.ROUND),
    ("([", ("])",), Shape.PLAIN),
    ("(-", ("-)",), Shape.ROUND),
    ("[[", ("]]",), Shape.PLAIN),
    ("[(", (")]",), Shape.STORE),
    ("[/", ("/]", "\\]"), Shape.PLAIN),
    ("[\\", ("\\]", "/]"), Shape.PLAIN),
    ("[|", ("|]",), Shape.PLAIN),
    ("{{", ("}}",), Shape.PLAIN),
    ("(", (")",), Shape.ROUND),
    ("[", ("]",), Shape.PLAIN),
    ("{", ("}",), Shape.PLAIN),
    (">", ("]",), Shape.PLAIN),
)
_STORES = (
    "cyl cylinder db database das h-cyl horizontal-cylinder lin-cyl lined-cylinder disk bow-rect stored-data "
    "bow-tie-rectangle win-pane window-pane internal-storage datastore data-store"
)
_ROUNDS = "rounded event circle circ dbl-circ double-circle ellipse"
_NAMED = {
    **dict.fromkeys(_STORES.split(), Shape.STORE),
    **dict.fromkeys(_ROUNDS.split(), Shape.ROUND),
}
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
_LINK = re.compile(
    r"(?:(?P<edge>[\w-]+)@)?(?P<tail>[xo<])?"
    r"(?:--+(?P<solid>[-xo>])|==+(?P<thick>[=xo>])|-\.+-(?P<dotted>[xo>])?|(?P<hidden>~~~+))"
)
_TEXT_LINK = re.compile(r"(?:(?P<edge>[\w-]+)@)?(?P<tail>[xo<])?(?P<start>--|==|-\.)(?![-=.])")
_TEXT_ENDS = {
    "--": re.compile(r"--+(?P<head>[-xo>])"),
    "==": re.compile(r"==+(?P<head>[=xo>])"),
    "-.": re.compile(r"\.+-(?P<head>[xo>])?"),
}
_CLASS_SUFFIX = re.compile(r":::(?P<name>[\w-]+(?:,[\w-]+)*)")
_DATA = re.compile(r"@\{(?P<data>(?:[^{}\"]|\"[^\"]*\")*)\}")
_QUOTED = re.compile(r"\s*\"(?P<text>[^\"]{0,4000})\"\s*")
_PIPED = re.compile(r"\|(?P<text>\s*\"[^\"]{0,4000}\"\s*|[^|\n]{0,4000})\|")
_AND = re.compile(r"\s*&\s*")
_ANY_SPACE = re.compile(r"\s*")
_SUBGRAPH_NAME = re.compile(r"(?P<id>[^\s\[\"]+)\s*\[(?P<title>.*)\]", re.DOTALL)
_EITHER = {"]": re.compile(r"[\[\]]"), ")": re.compile(r"[()]"), "}": re.compile(r"[{}]")}
_PAIR = re.compile(r"(?P<key>[\w-]+)\s*:\s*(?:\"(?P<quoted>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^,\n]*))")
_ICON = re.compile(r"\b(?P<icon>(?:fa[bsrlkt]?|mdi|logos|aws|azure|gcp):[\w-]+)")
_MARKDOWN = re.compile(r"\A`(?P<text>.*)`\Z", re.DOTALL)
_EMPHASIS = re.compile(r"\*\*|__|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)")

_LONGEST_TEXT = 2_000
"""Characters in which a bracket, a quote or an arrow's text must end."""
_MOST_NAMED = 10
"""Statements that are named in warnings; after that only their number counts."""
_MOST_HINTS = 8
"""Style classes and icons of one node that are looked at."""
_MOST_ERRORS = 200
"""Statements that may be unreadable before the whole file is given up."""


@dataclass(frozen=True)
class _Arrow:
    label: str
    tail: bool
    """Whether it points at where it starts."""
    head: bool
    hidden: bool = False


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
        self._sketch.group(Group(key=key, label=_label(title)[0], parent=parent))
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
            return named["id"], _unquoted(named["title"])
        title = _unquoted(said)
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

    def _connect(self, source: str, target: str, drawn: _Arrow) -> None:
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
        start = self._at
        spaces = _SPACE.match(self._text, start)
        opened = spaces.end() if spaces else start
        if opened > start and self._text[opened : opened + 1] not in {"[", "(", "{"}:
            return
        for opener, closers, shape in _BRACKETS:
            if self._text.startswith(opener, opened):
                found = self._bracketed(opened + len(opener), opener, closers)
                if found is not None:
                    self._at, text = found
                    node.label, node.icons = _label(text)
                    node.shape = shape
                    return
        if self._text[opened : opened + 1] in {"[", "(", "{"}:
            raise _Unreadable

    def _bracketed(self, start: int, opener: str, closers: tuple[str, ...]) -> tuple[int, str] | None:
        """Where the bracket ends and the text in it; None when it does not end as this shape does."""
        quoted = _QUOTED.match(self._text, start)
        if quoted:
            closer = next((c for c in closers if self._text.startswith(c, quoted.end())), None)
            if closer:
                return quoted.end() + len(closer), quoted["text"]
        limit = min(len(self._text), start + _LONGEST_TEXT)
        end = self._closing(start, limit, opener, closers)
        if end is None:
            return None
        text = self._text[start : end[0]]
        if "\n" in text and ("[" in text or "--" in text or "subgraph" in text):
            return None
        return end[0] + len(end[1]), text

    def _closing(
        self, start: int, limit: int, opener: str, closers: tuple[str, ...]
    ) -> tuple[int, str] | None:
        if len(opener) == 1:
            return self._balanced(start, limit, opener, closers[0])
        found = [(at, c) for c in closers if (at := self._text.find(c, start, limit)) >= 0]
        nearest = min(found, default=None)
        if nearest is None or any(c in self._text[start : nearest[0]] for c in "[]"):
            return None
        return nearest

    def _balanced(self, start: int, limit: int, opener: str, closer: str) -> tuple[int, str] | None:
        depth = 1
        for match in _EITHER[closer].finditer(self._text, start, limit):
            depth += 1 if match[0] == opener and opener != ">" else -1 if match[0] == closer else 0
            if depth == 0:
                return match.start(), closer
        return None

    def _attributes(self, node: Node, data: str) -> None:
        for pair in _PAIR.finditer(data):
            value = (pair["quoted"] or pair["single"] or pair["bare"] or "").strip()
            if pair["key"] == "label":
                node.label, node.icons = _label(value)
            elif pair["key"] == "shape":
                node.shape = _NAMED.get(value, Shape.PLAIN)
                if value in _COMMENTS:
                    self._remarks.add(node.key)
            elif pair["key"] == "icon":
                node.icons = (value, *node.icons[:_MOST_HINTS])

    def _link(self) -> _Arrow | None:
        start = self._at
        self._skip(_ANY_SPACE)
        broken = "\n" in self._text[start : self._at]
        for pattern in (_LINK, _TEXT_LINK):
            match = pattern.match(self._text, self._at)
            if match and not (broken and match["tail"] in {"x", "o"}):
                arrow = self._arrow(match) if pattern is _LINK else self._text_arrow(match)
                if arrow is not None:
                    if match["edge"]:
                        self._edge_ids.add(match["edge"])
                    return arrow
        self._at = start
        return None

    def _arrow(self, match: re.Match[str]) -> _Arrow:
        self._at = match.end()
        self._skip(_ANY_SPACE)
        label = self._piped()
        head = match["solid"] or match["thick"] or match["dotted"] or ""
        return _Arrow(label, bool(match["tail"]), head in {"x", "o", ">"}, hidden=bool(match["hidden"]))

    def _piped(self) -> str:
        piped = _PIPED.match(self._text, self._at)
        if piped is None:
            return ""
        self._at = piped.end()
        self._skip(_ANY_SPACE)
        return _label(piped["text"])[0]

    def _text_arrow(self, match: re.Match[str]) -> _Arrow | None:
        quoted = _QUOTED.match(self._text, match.end())
        start = quoted.end() if quoted else match.end()
        limit = min(len(self._text), start + _LONGEST_TEXT)
        end = _TEXT_ENDS[match["start"]].search(self._text, start, limit)
        if end is None or "\n" in self._text[start : end.start()]:
            return None
        self._at = end.end()
        self._skip(_ANY_SPACE)
        text = quoted["text"] if quoted else self._text[match.end() : end.start()]
        return _Arrow(_label(text)[0], bool(match["tail"]), (end["head"] or "") in {"x", "o", ">"})

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


def _label(text: str) -> tuple[str, tuple[str, ...]]:
    """A label without Mermaid's own markup, and the icons named in it."""
    text = _unquoted(text.strip())
    markdown = _MARKDOWN.match(text)
    if markdown:
        text = _EMPHASIS.sub("", markdown["text"])
    icons = tuple(m["icon"] for m in _ICON.finditer(text))
    return mermaid_entities(_ICON.sub("", text) if icons else text).strip(), icons


def _unquoted(text: str) -> str:
    text = text.strip()
    return text[1:-1].strip() if len(text) > 1 and text[0] == text[-1] == '"' else text
