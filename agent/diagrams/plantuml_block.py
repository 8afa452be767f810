"""One PlantUML diagram, line by line: declarations, frames, arrows, macros."""

from __future__ import annotations

import re
from typing import NamedTuple

from agent.diagrams.c4 import C4, Call, read_call
from agent.diagrams.labels import lines_of
from agent.diagrams.messages import Messages
from agent.diagrams.sketch import Edge, Node, Shape, Sketch
from agent.diagrams.stereotypes import apply_to_edge, apply_to_node
from agent.errors import UnsupportedFormat

_KEYWORDS = {
    **dict.fromkeys(("actor", "person"), Shape.PERSON),
    **dict.fromkeys(("database", "storage", "stack", "queue", "file"), Shape.STORE),
    **dict.fromkeys(("component", "process", "control", "usecase", "interface", "agent"), Shape.ROUND),
    **dict.fromkeys(("participant", "entity", "collections", "boundary", "rectangle", "card"), Shape.PLAIN),
    **dict.fromkeys(("node", "cloud", "folder", "frame", "package", "artifact", "hexagon"), Shape.PLAIN),
    **dict.fromkeys(("circle", "label"), Shape.PLAIN),
}
_DECLARATION = re.compile(rf"(?P<keyword>{'|'.join(_KEYWORDS)})/?(?=[\s\"\[:])(?P<rest>.*)", re.IGNORECASE)
_SHORT = re.compile(r"(?P<keyword>\[(?![-<=.~])|\(\)|\(|:(?=[^:]+:))")
_SHORT_SHAPES = {"[": Shape.ROUND, "()": Shape.ROUND, "(": Shape.ROUND, ":": Shape.PERSON}
_SEQUENCE = re.compile(r"(?:participant|activate|autonumber|alt|opt|loop|par|return)\b|==", re.IGNORECASE)
_OTHER = re.compile(
    r"(?:(?:abstract\s+)?class|enum|state|object|map|json)\s+[\w\"]|start$|:[^:]+;$|\[\*\]", re.IGNORECASE
)
_CHATTER = re.compile(
    r"(?:skinparam|hide|show|remove|restore|scale|left to right|top to bottom|header|footer|caption|center|"
    r"activate|deactivate|destroy|create|autonumber|autoactivate|alt|else|opt|loop|par|break|critical|group|"
    r"return|ref|newpage|mainframe|sprite|allowmixing|allow_mixing|page|order|set|url|layout|end|note|rnote|"
    r"hnote|legend|together|title|box|detach|split|pragma)\b|[!@=|#]|\.\.\.|--$|\[[-<=.~]|[<>?]",
    re.IGNORECASE,
)
_UNTIL = (
    (
        re.compile(r"(?:note|rnote|hnote)\b(?!.*(?::|\bas\s+\w+\s*$))", re.IGNORECASE),
        re.compile(r"end\s?[rh]?note", re.IGNORECASE),
    ),
    (re.compile(r"legend\b", re.IGNORECASE), re.compile(r"end\s?legend", re.IGNORECASE)),
    (re.compile(r"header\s*$", re.IGNORECASE), re.compile(r"end\s?header", re.IGNORECASE)),
    (re.compile(r"footer\s*$", re.IGNORECASE), re.compile(r"end\s?footer", re.IGNORECASE)),
    (re.compile(r"<style>", re.IGNORECASE), re.compile(r"</style>", re.IGNORECASE)),
    (
        re.compile(r"!(?:procedure|function|unquoted|definelong)\b", re.IGNORECASE),
        re.compile(r"!end", re.IGNORECASE),
    ),
    (re.compile(r"(?:skinparam\b.*|sprite\b.*)\{\s*$", re.IGNORECASE), re.compile(r".*\}\s*$")),
)
_ID = r"[\w@$]++(?:(?=\.[\w@$])\.[\w@$]++)*+"
_END = rf"(?:\[[^\[\]]*\]|\(\)\s*(?:\"[^\"]*\"|{_ID})|\([^()]*\)|:[^:]+:|\"[^\"]*\"|{_ID})"
_TAIL = r"(?:<\|?|<<|[*+#^}()]{1,3}|(?<=\s)[ox0]|\\\\|//)?"
_HEAD = r"(?:\|?>{1,2}(?:[xo](?=\s))?|[*+#^{()]{1,3}|[ox0](?=\s)|\\\\|//)?"
_BODY = r"[-.=~]++(?:\[[^\[\]]*\])?(?:left|right|up|down|le|ri|do|[lrud])?(?:\[[^\[\]]*\])?[-.=~]*+"
_ARROW = re.compile(
    rf"(?P<left>{_END})\s*(?:\"[^\"]*\"\s*)?(?P<tail>{_TAIL})(?P<body>{_BODY})(?P<head>{_HEAD})"
    rf"\s*(?:\"[^\"]*\"\s*)?(?P<right>{_END})\s*(?:(?:\+\+|--|\*\*|!!)\s*)?(?:\#\w+\s*)?"
    r"(?P<stereo>(?:<<[^<>]*>>\s*)*)(?::\s*(?P<label>.*))?"
)
_NAME = re.compile(
    r"\s*(?:(?P<quoted>\"[^\"]*\")|(?P<link>\[\[[^\[\]]*\]\])|(?P<bracket>\[[^\[\]]*\]?)|(?P<round>\([^()]*\))"
    r"|(?P<colons>:[^:]+:)|(?P<stereo><<[^<>]*>>)|(?P<colour>\#[^\s{]+)|(?P<as>as)(?=\s)|(?P<brace>\{)"
    r"|(?P<word>[^\s{\[<\#\"(]+)|.)"
)
_MACRO = re.compile(r"(?P<name>[A-Za-z]\w*)\s*\(")
_NOISE = re.compile(r"(?:Lay|LAYOUT|SHOW|HIDE|Update|Add|Set|Increment|set|Last|Index|Rel_Note|Legend)\w*")
_GROUPS = re.compile(r"\w*(?:Group|Boundary|Cluster)\w*")
_BOX = re.compile(r"box\b\s*(?P<name>\"[^\"]*\"|[^#]*)(?:\#.*)?", re.IGNORECASE)
_TITLE = re.compile(r"title\s+(?P<title>.+)", re.IGNORECASE)
_ICON = re.compile(r"<[$&](?P<icon>[\w/-]+)[^<>]{0,60}>|<img:?[^<>]{0,200}>")
_STEREOTYPE = re.compile(r"<<([^<>]*)>>")
_CREOLE = re.compile(r"\*\*|__|~~|\"\"|(?<!:)//")
_LONGEST_LINE = 4_000
_MOST_NAMED = 5
_LONGEST_MACRO = 12
"""Lines that a macro's call may reach over."""
_LONGEST_BRACKET = 60
"""Lines of text that a component's bracket may hold."""


class _Named(NamedTuple):
    """A declaration taken apart."""

    key: str
    label: str
    stereotypes: tuple[str, ...]
    opens: bool


def draw_block(text: str, sketch: Sketch) -> None:
    """Draw the text between @startuml and @enduml; UnsupportedFormat when it is a class or state diagram."""
    _Block(text, sketch).draw()


class _Block:
    def __init__(self, text: str, sketch: Sketch) -> None:
        self._lines = [line.strip()[:_LONGEST_LINE] for line in text.split("\n")]
        self._at = 0
        self._sketch = sketch
        self._c4 = C4(sketch)
        self._keys: dict[str, str] = {}
        """Aliases and labels → keys."""
        self._shapes: dict[str, Shape] = {}
        self._messages = Messages()
        self._is_sequence = any(_SEQUENCE.match(line) for line in self._lines)
        self._unknown = 0

    def draw(self) -> None:
        """Line after line; then what frames and messages come to."""
        while self._at < len(self._lines):
            line = self._lines[self._at]
            self._at += 1
            if line and not line.startswith("'"):
                self._line(line)
        self._messages.draw(self._sketch)
        self._settle_frames()
        others = [line for line in self._lines if _OTHER.match(line)]
        if others and not self._shapes and not self._c4_drawn():
            raise UnsupportedFormat(
                self._sketch.source,
                "it draws classes, states or activities, which show no data flows",
                "Send a component, deployment, C4 or sequence diagram.",
            )

    def _c4_drawn(self) -> bool:
        return any(n.shape is not Shape.PLAIN for n in self._sketch.nodes.values())

    def _line(self, line: str) -> None:
        if self._skips(line) or "[*]" in line:
            return
        if line.startswith("}"):
            self._c4.close()
        elif arrow := _ARROW.fullmatch(line):
            self._arrow(arrow)
        elif not (self._declares(line) or self._calls(line) or self._frames(line)):
            self._unread(line)

    def _skips(self, line: str) -> bool:
        """Go past blocks of style, notes and legends; take the title."""
        if title := _TITLE.match(line):
            self._sketch.title = self._sketch.title or _text(title["title"])[0]
            return True
        for start, end in _UNTIL:
            if start.match(line):
                while self._at < len(self._lines) and not end.match(self._lines[self._at]):
                    self._at += 1
                self._at += 1
                return True
        return False

    def _unread(self, line: str) -> None:
        if _CHATTER.match(line) or _OTHER.match(line):
            return
        self._unknown += 1
        if self._unknown <= _MOST_NAMED:
            self._sketch.warn(f'line "{line[:60]}" was not understood and left out.')

    # declarations and frames

    def _declares(self, line: str) -> bool:
        match = _DECLARATION.fullmatch(line)
        short = None if match else _SHORT.match(line)
        if match:
            rest, shape = match["rest"], _KEYWORDS[match["keyword"].lower()]
        elif short:
            rest, shape = line, _SHORT_SHAPES[short["keyword"]]
        else:
            return False
        named = self._named(rest)
        if named is None:
            return False
        keyword = match["keyword"].lower() if match else ""
        self._take(named, shape, ("queue",) if keyword == "queue" else ())
        return True

    def _named(self, rest: str) -> _Named | None:
        """The alias, the label and the stereotypes of a declaration."""
        names, stereotypes, alias_at, opens = list[str](), list[str](), 0, False
        for match in _NAME.finditer(rest.strip().removeprefix("()")):
            kind, value = match.lastgroup, match[match.lastgroup or 0]
            if kind == "stereo":
                stereotypes.append(value[2:-2].strip())
            elif kind == "as":
                alias_at = len(names)
            elif kind == "brace":
                opens = True
            elif kind == "bracket" and not value.endswith("]"):
                names.append(self._bracket(value[1:]))
                break
            elif kind in {"quoted", "bracket", "round", "colons", "word"} and value not in {"[", "order"}:
                names.append(value[1:-1] if kind != "word" else value)
        if not any(n.strip() for n in names):
            return None
        label, key = names[0], names[-1]
        if alias_at and alias_at < len(names):
            quoted_alias = f'"{names[alias_at]}"' in rest.split(" as ", 1)[-1]
            label, key = (names[alias_at], names[0]) if quoted_alias else (names[0], names[alias_at])
        elif len(names) > 1:
            label, key = " ".join(names[1:]), names[0]
        return _Named(key.strip(), label.strip() or key, tuple(stereotypes), opens)

    def _bracket(self, first: str) -> str:
        """The text of a component whose bracket closes lines later."""
        told = [first]
        while self._at < len(self._lines) and len(told) < _LONGEST_BRACKET:
            line = self._lines[self._at]
            self._at += 1
            told.append(line.rstrip("]"))
            if line.endswith("]"):
                break
        return "\n".join(told).strip("[]")

    def _take(self, named: _Named, shape: Shape, technologies: tuple[str, ...]) -> None:
        label, icons = _text(named.label)
        self._keys.setdefault(label, named.key)
        self._keys[named.key] = named.key
        self._shapes[named.key] = shape
        if named.opens:
            self._c4.frame(named.key, label)
            self._c4.open(named.key)
            return
        sprites = tuple(s.lstrip("$") for s in named.stereotypes if s.startswith("$"))
        node = self._sketch.node(Node(named.key, label, group=self._c4.innermost))
        node.label, node.shape, node.icons = label, shape, (*icons, *sprites)
        node.group = node.group or self._c4.innermost
        node.stereotypes = technologies
        apply_to_node(self._sketch, node, [s for s in named.stereotypes if not s.startswith("$")])

    def _frames(self, line: str) -> bool:
        """A box of a sequence diagram, or a brace of something that is no frame."""
        box = _BOX.fullmatch(line) if line.lower().startswith("box") else None
        if box:
            name = _text(box["name"])[0]
            key = f"box {len(self._sketch.groups)} {name}"
            self._c4.frame(key, name)
            self._c4.open(key)
        elif re.match(r"end\s?box", line, re.IGNORECASE):
            self._c4.close()
        elif line.endswith("{"):
            self._c4.open(None)
        else:
            return False
        return True

    def _settle_frames(self) -> None:
        """A frame without anything in it was a way to draw a box: it becomes an element."""
        full = {n.group for n in self._sketch.nodes.values()} | {
            g.parent for g in self._sketch.groups.values()
        }
        for key, group in list(self._sketch.groups.items()):
            if key not in full:
                del self._sketch.groups[key]
                self._sketch.node(
                    Node(key, group.label, self._shapes.get(key, Shape.PLAIN), group=group.parent)
                )

    # macros

    def _calls(self, line: str) -> bool:
        """A macro of C4 or of an icon library, which may reach over several lines."""
        match = _MACRO.match(line)
        if match is None:
            return False
        text = line
        found = read_call(text, match.end(), match["name"])
        until = min(len(self._lines), self._at + _LONGEST_MACRO)
        while found is None and self._at < until and len(text) < _LONGEST_LINE:
            text += "\n" + self._lines[self._at]
            self._at += 1
            if ")" in self._lines[self._at - 1]:
                found = read_call(text, match.end(), match["name"])
        if found is None:
            return False
        call, end = found
        self._call(call, opens=text[end:].strip().startswith("{"))
        return True

    def _call(self, call: Call, *, opens: bool) -> None:
        key = call.get(0, "alias")
        self._keys.setdefault(key, key)
        if _NOISE.fullmatch(call.name) and not opens:
            return
        if not self._c4.draws(call):
            self._draw_macro(call, opens=opens)
        if opens:
            self._c4.open(key if key in self._sketch.groups else None)

    def _draw_macro(self, call: Call, *, opens: bool) -> None:
        """A macro of an icon library: LambdaFunction(id, "Label", "technology", "description")."""
        key, label = call.get(0, "alias"), _text(call.get(1, "label"))[0]
        if opens or (_GROUPS.fullmatch(call.name) and key):
            self._c4.frame(key, label or _spaced(call.name))
        elif len(call.arguments) > 1 and re.fullmatch(r"[\w.-]+", key):
            technology = call.get(2, "techn")
            self._sketch.node(
                Node(
                    key,
                    label or key,
                    icons=(call.name,),
                    stereotypes=(technology,) if technology else (),
                    group=self._c4.innermost,
                    description=call.get(3, "descr"),
                )
            )

    # arrows

    def _arrow(self, match: re.Match[str]) -> None:
        left, right = self._end(match["left"]), self._end(match["right"])
        if not left or not right:
            return
        head, tail = ">" in match["head"], "<" in match["tail"]
        said = _STEREOTYPE.findall(match["stereo"] + (match["label"] or ""))
        label = _text(_STEREOTYPE.sub("", match["label"] or ""))[0]
        source, target = (right, left) if tail and not head else (left, right)
        if self._is_sequence:
            dashed = re.sub(r"\[[^\]]*\]", "", match["body"]).count("-") > 1 or "." in match["body"]
            self._messages.add(source, target, " ".join(label.split()), reply=dashed)
            return
        edge = Edge(source, target, label=label, both=head and tail, directed=head or tail)
        apply_to_edge(self._sketch, edge, said, (self._label_of(source), self._label_of(target)))
        self._sketch.edge(edge)

    def _label_of(self, key: str) -> str:
        return self._sketch.nodes[key].label if key in self._sketch.nodes else key

    def _end(self, written: str) -> str:
        """The key of what an arrow's end names, declared now when it is new."""
        shape = Shape.PLAIN
        name = written
        if written[:1] in {"[", "(", ":", '"'}:
            shape = _SHORT_SHAPES.get(written[0], Shape.PLAIN)
            name = written.removeprefix("()").strip()
            name = name[1:-1] if name[:1] in {"[", "(", ":", '"'} else name
        label, icons = _text(name)
        key = self._keys.get(name) or self._keys.get(label)
        if key is None:
            if not label:
                return ""
            key = self._keys[name] = name
            self._sketch.node(Node(key, label, shape, icons=icons, group=self._c4.innermost))
        return key


def _text(label: str) -> tuple[str, tuple[str, ...]]:
    """A label without quotes and Creole, and the icons drawn in it."""
    label = label.strip()
    if len(label) > 1 and label[0] == label[-1] == '"':
        label = label[1:-1]
    icons = tuple(m["icon"] for m in _ICON.finditer(label) if m["icon"])
    return lines_of(_CREOLE.sub("", _ICON.sub("", label))), icons


def _spaced(name: str) -> str:
    """The name of a macro as a label: VPCGroup is a VPC."""
    return re.sub(r"(?:Group|Boundary|Cluster)$", "", name) or name
