"""The C4 macros that PlantUML and Mermaid share: Person(…), Container(…), Rel(…), System_Boundary(…) {…}."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.diagrams.sketch import MAX_DEPTH, Edge, Group, Node, Shape, Sketch
from agent.errors import TooLarge

_ELEMENT = re.compile(r"(?P<level>Person|System|Container|Component)(?P<form>Db|Queue)?(?P<outside>_Ext)?")
_FRAME = re.compile(
    r"(?:(?:Enterprise|System|Container)_?)?Boundary|Deployment_Node(?:_[LR])?|Node(?:_[LR])?"
)
_RELATION = re.compile(r"(?P<both>Bi)?Rel(?P<back>_Back)?(?:_(?:Neighbor|Up|Down|Left|Right|[UDLR]))?")
_NUMBERED = "RelIndex"
_NAMED = re.compile(r"\$(?P<key>\w+)\s*=\s*(?P<value>.*)", re.DOTALL)
_PIECES = re.compile(r"\"(?:[^\"\\]|\\.)*\"|[,()]|[^,()\"]+")
_LONGEST_CALL = 4_000
_MOST_LINES = 12
_WITHOUT_TECHNOLOGY = frozenset({"Person", "System"})


@dataclass(frozen=True)
class Call:
    """One macro call."""

    name: str
    arguments: tuple[str, ...]
    """Positional arguments without quotes."""
    named: dict[str, str]
    """Arguments given as $key=value."""

    def get(self, at: int, key: str) -> str:
        """An argument by its name, or by its place; empty when it is not given."""
        return self.named.get(key) or (self.arguments[at] if at < len(self.arguments) else "")


def read_call(text: str, at: int, name: str) -> tuple[Call, int] | None:
    """The call whose parenthesis opens right before `at`, and where it ends; None when it does not."""
    depth, arguments = 1, [""]
    for match in _PIECES.finditer(text, at, _limit(text, at)):
        piece = match[0]
        depth += {"(": 1, ")": -1}.get(piece, 0)
        if depth == 0:
            return _call(name, arguments), match.end()
        if piece == "," and depth == 1:
            arguments.append("")
        else:
            arguments[-1] += piece
    return None


def _limit(text: str, at: int) -> int:
    """Where a call that starts here must have ended: so many characters or lines on."""
    end = min(len(text), at + _LONGEST_CALL)
    line = at
    for _ in range(_MOST_LINES):
        line = text.find("\n", line, end) + 1
        if not line:
            return end
    return line


def _call(name: str, arguments: Sequence[str]) -> Call:
    placed, named = list[str](), dict[str, str]()
    for argument in (a.strip() for a in arguments):
        match = _NAMED.fullmatch(argument)
        if match:
            named[match["key"]] = _unquoted(match["value"].strip())
        else:
            placed.append(_unquoted(argument))
    return Call(name, tuple(placed), named)


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    return text.replace('\\"', '"')


class C4:
    """Draws calls into a sketch, frames nesting as they open and close."""

    def __init__(self, sketch: Sketch) -> None:
        self._sketch = sketch
        self.frames: list[str | None] = []
        """Open frames, the innermost last; None for a brace that is no frame."""

    def draws(self, call: Call) -> bool:
        """Draw what the call stands for; False when it is none of C4's."""
        if element := _ELEMENT.fullmatch(call.name):
            self._element(call, element)
        elif _FRAME.fullmatch(call.name):
            self.frame(call.get(0, "alias"), call.get(1, "label"))
        elif relation := _RELATION.fullmatch(call.name):
            self._relation(call, relation)
        elif call.name == _NUMBERED:
            shifted = Call(call.name, call.arguments[1:], call.named)
            self._relation(shifted, _RELATION.fullmatch("Rel"))
        else:
            return False
        return True

    @property
    def innermost(self) -> str | None:
        """The key of the innermost open frame."""
        return next((f for f in reversed(self.frames) if f is not None), None)

    def frame(self, key: str, label: str) -> None:
        """A frame whose brace opens next; `open` must follow."""
        self._sketch.group(Group(key or f"frame {len(self._sketch.groups)}", label or key, self.innermost))

    def open(self, key: str | None) -> None:
        """A brace opens; `key` is the frame that it belongs to."""
        self.frames.append(key)
        if len(self.frames) > MAX_DEPTH:
            raise TooLarge(
                self._sketch.source,
                f"its frames nest deeper than {MAX_DEPTH} levels",
                "Send a diagram with fewer levels.",
            )

    def close(self) -> None:
        """A brace closes."""
        if self.frames:
            self.frames.pop()

    def _element(self, call: Call, match: re.Match[str]) -> None:
        technical = match["level"] not in _WITHOUT_TECHNOLOGY
        technology = call.get(2, "techn") if technical else ""
        sprite = call.get(4 if technical else 3, "sprite")
        key = call.get(0, "alias") or f"element {len(self._sketch.nodes)}"
        self._sketch.node(
            Node(
                key=key,
                label=call.get(1, "label") or key,
                shape=_shape(match),
                icons=(sprite,) if sprite else (),
                stereotypes=tuple(_said(match, technology)),
                group=self.innermost,
                description=call.get(3 if technical else 2, "descr"),
            )
        )

    def _relation(self, call: Call, match: re.Match[str] | None) -> None:
        source, target = call.get(0, "from"), call.get(1, "to")
        if match and match["back"]:
            source, target = target, source
        label, technology = call.get(2, "label"), call.get(3, "techn")
        text = f"{label} ({technology})" if label and technology else label or technology
        self._sketch.edge(Edge(source, target, label=text, both=bool(match and match["both"])))


def _shape(match: re.Match[str]) -> Shape:
    if match["level"] == "Person":
        return Shape.PERSON
    if match["outside"]:
        return Shape.OUTSIDE
    return Shape.STORE if match["form"] else Shape.ROUND


def _said(match: re.Match[str], technology: str) -> Iterator[str]:
    if technology:
        yield technology
    if match["form"] == "Queue":
        yield "queue"
