"""Graphviz DOT: a tokenizer and a parser of our own for its published grammar.

Clusters become boundaries, records are taken apart, `->` gives the direction.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.diagrams.base import SourceFile
from agent.diagrams.records import read_record
from agent.diagrams.sketch import MAX_DEPTH, MAX_ELEMENTS, MAX_FLOWS, Edge, Group, Node, Shape, Sketch
from agent.diagrams.stereotypes import apply_to_edge, apply_to_node
from agent.domain.system import SystemFragment
from agent.errors import TooLarge, UnreadableFile

_GAP = r"(?:\s++|(?=//|\#)[^\n]++|(?=/\*)/\*(?:[^*]|(?!\*/)\*)*+(?:\*/)?)*+"
_STRING = r"\"[^\"\\]*+(?:(?=\\.)\\.[^\"\\]*+)*+\""
START = re.compile(
    _GAP + r"(?:strict\s+)?(?:di)?graph\b\s*+(?:" + _STRING + r"|[\w.-]++)?\s*+\{",
    re.IGNORECASE | re.DOTALL,
)
_TOKEN = re.compile(
    _GAP + r"(?:(?P<quoted>" + _STRING + r")|(?P<word>-?(?:\.\d+|\d+(?:\.\d*)?)(?![\w.])|\w[\w.]*)"
    r"|(?P<mark>->|--|[{}\[\];,=:+])|(?P<html><))",
    re.DOTALL,
)
_REST = re.compile(_GAP, re.DOTALL)
_ANGLE = re.compile(r"[<>]")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_FIELD = re.compile(r"(?:\\.|[^|{}\\])+", re.DOTALL)
_PORT = re.compile(r"(?<!\\)<[^<>|]*>")
_SHAPES = {
    **dict.fromkeys(("cylinder", "database"), Shape.STORE),
    **dict.fromkeys(("circle", "doublecircle", "oval"), Shape.ROUND),
    "person": Shape.PERSON,
}
_LINKS = {"->", "--"}
_HEARD = frozenset({"label", "xlabel", "taillabel", "headlabel", "shape", "style", "dir", "image"})
"""Attributes that say something about a system; the rest is looks."""
_HEAD = 8_192
_AGAIN = "Check it with Graphviz (dot -Tsvg) and send it again."
Attributes = dict[str, str]


class Dot:
    """Reads .dot and .gv files."""

    name = "dot"

    def recognises(self, file: SourceFile) -> bool:
        """Whether it starts with graph or digraph, an optional name and a brace."""
        return START.match(file.text[:_HEAD]) is not None

    def read(self, file: SourceFile) -> SystemFragment:
        """The graph; UnreadableFile when it breaks the grammar."""
        return self.sketch(file).fragment()

    def sketch(self, file: SourceFile) -> Sketch:
        """The graph as a sketch, for those that hold several."""
        sketch = Sketch(file.name, self.name)
        draw_dot(file.text, sketch)
        return sketch


def draw_dot(text: str, sketch: Sketch) -> None:
    """Draw the first graph in the text into the sketch."""
    start = START.match(text)
    if start is None:
        raise UnreadableFile(sketch.source, "it holds no graph", _AGAIN)
    graph = _Parser(text, start.end(), sketch.source).graph()
    _draw(graph, sketch)


@dataclass
class _Cluster:
    key: str
    parent: str | None
    attributes: Attributes = field(default_factory=dict)


@dataclass
class _Scope:
    """What holds inside one pair of braces."""

    cluster: str | None
    attributes: Attributes
    node: Attributes
    edge: Attributes
    members: list[str] = field(default_factory=list)


@dataclass
class _Graph:
    attributes: Attributes = field(default_factory=dict)
    nodes: dict[str, Attributes] = field(default_factory=dict)
    place: dict[str, str | None] = field(default_factory=dict)
    edges: list[tuple[str, str, str, Attributes]] = field(default_factory=list)
    clusters: dict[str, _Cluster] = field(default_factory=dict)


class _Parser:
    def __init__(self, text: str, at: int, source: str) -> None:
        self._source = source
        self._text = text
        self._tokens, self._places = _tokens(text, at, source)
        self._at = 0
        self._graph = _Graph()
        self._scopes = [_Scope(None, self._graph.attributes, {}, {})]

    def graph(self) -> _Graph:
        """Everything up to the brace that closes the graph, or to the end of a file that breaks off."""
        self._statements()
        return self._graph

    def _statements(self) -> None:
        while self._peek() not in {"}", ""}:
            if self._peek() in {";", ","}:
                self._at += 1
            else:
                self._statement()

    def _statement(self) -> None:
        scope = self._scopes[-1]
        word = self._peek().lower()
        defaults = {"node": scope.node, "edge": scope.edge, "graph": scope.attributes}
        if word in defaults and self._peek(1) == "[":
            self._at += 1
            defaults[word].update(self._attributes())
            return
        if self._peek(1) == "=" and self._peek() not in {"{", "}"}:
            key, value = self._word(), self._after_equals()
            if key.lower() in _HEARD:
                scope.attributes[key.lower()] = value
            return
        self._chain(scope)

    def _chain(self, scope: _Scope) -> None:
        """A node, a subgraph, or either of them joined by arrows."""
        groups, marks = [self._operand()], list[str]()
        while self._peek() in _LINKS:
            marks.append(self._peek())
            self._at += 1
            groups.append(self._operand())
        attributes = self._attributes()
        if not marks:
            for node in groups[0] if attributes else ():
                self._graph.nodes[node].update(attributes)
            return
        edge = {**scope.edge, **attributes}
        for sources, mark, targets in zip(groups, marks, groups[1:], strict=False):
            self._join(sources, mark, targets, edge)

    def _join(self, sources: Sequence[str], mark: str, targets: Sequence[str], edge: Attributes) -> None:
        if len(sources) * len(targets) + len(self._graph.edges) > MAX_FLOWS:
            raise TooLarge(self._source, f"it shows more than {MAX_FLOWS:,} arrows", "Send a smaller graph.")
        self._graph.edges.extend((s, mark, t, edge) for s in sources for t in targets)

    def _operand(self) -> list[str]:
        word = self._peek()
        if word == "{" or (word.lower() == "subgraph" and self._peek(1) not in _LINKS):
            return self._subgraph()
        name = self._word()
        while self._peek() == ":":
            self._at += 1
            self._word()
        self._mention(name)
        return [name]

    def _mention(self, name: str) -> None:
        scope = self._scopes[-1]
        if name not in self._graph.nodes:
            self._graph.nodes[name] = dict(scope.node)
            if len(self._graph.nodes) > MAX_ELEMENTS:
                raise TooLarge(
                    self._source, f"it shows more than {MAX_ELEMENTS:,} nodes", "Send a smaller graph."
                )
        if self._graph.place.get(name) is None:
            self._graph.place[name] = scope.cluster
        for open_ in self._scopes[1:]:
            open_.members.append(name)

    def _subgraph(self) -> list[str]:
        name = ""
        if self._peek().lower() == "subgraph":
            self._at += 1
            name = self._word() if self._peek() != "{" else ""
        if self._peek() != "{":
            return []
        self._at += 1
        outer = self._scopes[-1]
        if len(self._scopes) > MAX_DEPTH:
            raise TooLarge(self._source, f"its subgraphs nest deeper than {MAX_DEPTH} levels", _AGAIN)
        scope = _Scope(outer.cluster, {}, dict(outer.node), dict(outer.edge))
        if name.lower().startswith("cluster"):
            cluster = self._graph.clusters.setdefault(name, _Cluster(name, outer.cluster))
            scope.cluster, scope.attributes = name, cluster.attributes
        self._scopes.append(scope)
        self._statements()
        self._scopes.pop()
        if self._peek() == "}":
            self._at += 1
        return list(dict.fromkeys(scope.members))

    def _attributes(self) -> Attributes:
        found: Attributes = {}
        while self._peek() == "[":
            self._at += 1
            while self._peek() not in {"]", "", "}"}:
                if self._peek() in {",", ";"}:
                    self._at += 1
                    continue
                key = self._word().lower()
                value = self._after_equals() if self._peek() == "=" else "true"
                if key in _HEARD:
                    found[key] = value
            self._at += self._peek() == "]"
        return found

    def _after_equals(self) -> str:
        self._at += 1
        return self._word()

    def _word(self) -> str:
        """An identifier or a text; texts joined by "+" are one."""
        token = self._peek()
        if not token or token in _MARKS:
            place = self._places[self._at] if self._at < len(self._places) else len(self._text)
            raise _broken(self._source, self._text, place)
        self._at += 1
        word = _plain(token)
        while self._peek() == "+":
            self._at += 1
            word += _plain(self._peek())
            self._at += 1
        return word

    def _peek(self, ahead: int = 0) -> str:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else ""


_MARKS = frozenset({"{", "}", "[", "]", ";", ",", "=", ":", "+", "->", "--"})


def _tokens(text: str, at: int, source: str) -> tuple[list[str], list[int]]:
    """The tokens and where each stands; texts keep their quotes, so that they are told from words."""
    tokens, places = list[str](), list[int]()
    while (match := _TOKEN.match(text, at)) is not None:
        start, at = match.span(match.lastgroup or 0)
        if match.lastgroup == "html":
            at = _html_end(text, start)
        tokens.append(text[start:at])
        places.append(start)
    rest = _REST.match(text, at)
    if rest and rest.end() < len(text):
        raise _broken(source, text, rest.end())
    return tokens, places


def _broken(source: str, text: str, at: int) -> UnreadableFile:
    line = text.count("\n", 0, at) + 1
    shown = " ".join(text[at : at + 20].split())
    return UnreadableFile(source, f'it is no DOT at line {line}, before "{shown}"', _AGAIN)


def _html_end(text: str, at: int) -> int:
    """Where the text in angle brackets that starts here ends."""
    depth = 0
    for match in _ANGLE.finditer(text, at):
        depth += 1 if match[0] == "<" else -1
        if depth == 0:
            return match.end()
    return len(text)


def _plain(token: str) -> str:
    if token.startswith('"'):
        return token[1:-1].replace('\\"', '"').replace("\\\n", "")
    return token[1:-1] if token.startswith("<") else token


def _draw(graph: _Graph, sketch: Sketch) -> None:
    sketch.title = _name_of(graph.attributes.get("label", ""), "")
    for cluster in graph.clusters.values():
        label = _name_of(cluster.attributes.get("label", ""), cluster.key)
        sketch.group(Group(cluster.key, label or cluster.key.removeprefix("cluster_"), cluster.parent))
    hidden = {name for name, attributes in graph.nodes.items() if "invis" in attributes.get("style", "")}
    for name, attributes in graph.nodes.items():
        if name not in hidden:
            _draw_node(sketch, name, attributes, graph.place[name])
    for source, mark, target, attributes in graph.edges:
        if source not in hidden and target not in hidden and "invis" not in attributes.get("style", ""):
            _draw_edge(sketch, source, target, mark, attributes)


def _draw_node(sketch: Sketch, name: str, attributes: Attributes, group: str | None) -> None:
    record = read_record(*_fields(attributes.get("label", "\\N"), name, attributes.get("shape", "")))
    image = attributes.get("image", "")
    node = Node(
        key=name,
        label=record.name or name,
        shape=record.shape or _SHAPES.get(attributes.get("shape", "").lower(), Shape.PLAIN),
        icons=(image,) if image else (),
        stereotypes=record.technologies,
        group=group,
        description=record.rest,
    )
    apply_to_node(sketch, node, record.stereotypes)
    sketch.node(node)


def _draw_edge(sketch: Sketch, source: str, target: str, mark: str, attributes: Attributes) -> None:
    texts = [attributes.get(key, "") for key in ("label", "xlabel", "taillabel", "headlabel")]
    record = read_record("\n".join(_unescaped(t, "") for t in texts if t))
    pointing = attributes.get("dir", "forward" if mark == "->" else "none").lower()
    ends = (target, source) if pointing == "back" else (source, target)
    edge = Edge(
        *ends,
        label=", ".join(t for t in (record.name, record.rest.replace("\n", ", ")) if t),
        both=pointing == "both",
        directed=pointing != "none",
    )
    names = [sketch.nodes[end].label if end in sketch.nodes else end for end in ends]
    apply_to_edge(sketch, edge, record.stereotypes, (names[0], names[1]))
    sketch.edge(edge)


def _fields(label: str, name: str, shape: str) -> tuple[str, str]:
    """The label, and of a record its first field and the others as lines."""
    if "record" not in shape.lower() and not re.match(r"\s*\|?\s*\{", label):
        return _unescaped(label, name), ""
    fields = [_unescaped(f, name).strip() for f in _FIELD.findall(_PORT.sub("", label))]
    fields = [f for f in fields if f]
    return (fields[0], "\n".join(fields[1:])) if fields else (name, "")


def _name_of(label: str, name: str) -> str:
    return " ".join(_unescaped(label, name).split())


def _unescaped(label: str, name: str) -> str:
    r"""Without DOT's escapes: \n, \l and \r break lines, \N is the node's own name."""
    if "\\" not in label:
        return label
    broken = {"n": "\n", "l": "\n", "r": "\n", "N": name, "G": "", "E": "", "L": "", "H": "", "T": ""}
    return _ESCAPE.sub(lambda m: broken.get(m[1], m[1]), label)
