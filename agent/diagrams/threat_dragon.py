"""OWASP Threat Dragon, versions 1 and 2: kinds are drawn, and boxes and flags say more than any label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from agent.catalog.vocabulary import ControlName, DataTag
from agent.diagrams.base import SourceFile
from agent.diagrams.boxes import Box
from agent.diagrams.sketch import Edge, Group, Node, Shape, Sketch
from agent.diagrams.sketch_pages import merge
from agent.diagrams.trees import Tree, flag, json_of, looks_like_json, mapping, mappings, number, text_at
from agent.diagrams.wire import Wire, read_wire
from agent.domain.base import slug
from agent.domain.system import Assumption, Control, Fact, Known, SystemFragment
from agent.errors import UnreadableFile

_SHAPES = {"actor": Shape.OUTSIDE, "process": Shape.PROCESS, "store": Shape.STORE}
_BOXES = frozenset({"boundarybox", "trust-boundary-box"})
_CURVES = frozenset({"boundary", "trust-boundary-curve", "trust-broundary-curve"})
_STORE_CONTROLS = (("isEncrypted", ControlName.ENCRYPTION_AT_REST), ("isSigned", ControlName.SIGNATURE))
_DATA = (
    ("storesCredentials", DataTag.CREDENTIALS, "stores credentials"),
    ("handlesCardPayment", DataTag.PAYMENT, "handles card payment"),
)
_STEREOTYPES = (("isALog", "log store"), ("isWebApplication", "web application"))
_PLACEHOLDER_NAMES = frozenset({"data flow", "dataflow"})
_TOLERANCE = 20.0
_MOST_PAIRS = 400_000
_MOST_DIAGRAMS = 100


class ThreatDragon:
    """Reads the JSON that Threat Dragon saves."""

    name = "threat-dragon"

    def recognises(self, file: SourceFile) -> bool:
        """Whether it is JSON with the summary and the diagrams of Threat Dragon."""
        if not looks_like_json(file) or '"diagrams"' not in file.text or '"summary"' not in file.text:
            return False
        try:
            tree = json_of(file)
        except UnreadableFile:
            return False
        return bool(mapping(tree, "summary")) and isinstance(mapping(tree, "detail").get("diagrams"), list)

    def read(self, file: SourceFile) -> SystemFragment:
        """All diagrams as one system: what bears the same name in two of them is the same element."""
        tree = json_of(file)
        title = text_at(tree, "summary", "title")
        first = Sketch(file.name, self.name, title=title, text=text_at(tree, "summary", "description"))
        sketches = [first]
        for number_, diagram in enumerate(mappings(tree.get("detail"), "diagrams")):
            if number_ >= _MOST_DIAGRAMS:
                first.warn(f"only its first {_MOST_DIAGRAMS} diagrams were read.")
                break
            sketch = Sketch(file.name, self.name, title=title)
            _Diagram(diagram, sketch).draw()
            sketches.append(sketch)
        return merge(sketches).fragment()


class _Cell(NamedTuple):
    """One cell, whichever version wrote it."""

    id: str
    type: str
    """"actor", "process", "store", "flow", or one of the boundaries."""
    name: str
    raw: Mapping[str, Tree]
    data: Mapping[str, Tree]

    @property
    def box(self) -> Box:
        """Its place on the page."""
        size = mapping(self.raw, "size")
        place = mapping(self.raw, "position")
        return Box(number(place, "x"), number(place, "y"), number(size, "width"), number(size, "height"))


class _Diagram:
    def __init__(self, diagram: Mapping[str, Tree], sketch: Sketch) -> None:
        self._sketch = sketch
        holder = diagram if isinstance(diagram.get("cells"), list) else mapping(diagram, "diagramJson")
        self._cells = list(_cells(holder))
        self._by_id = {c.id: c for c in self._cells}
        self._frames: list[tuple[Box, str]] = []
        self._boxes: dict[str, Box] = {}

    def draw(self) -> None:
        """Boundary boxes, then elements, then flows."""
        for cell in self._cells:
            if cell.type in _BOXES:
                self._frames.append((cell.box, cell.id))
        for cell in self._cells:
            if cell.type in _BOXES:
                self._sketch.group(Group(cell.id, cell.name, parent=self._around(cell.box, cell.id)))
        for cell in self._cells:
            if cell.type in _SHAPES:
                self._add_element(cell)
        for cell in self._cells:
            if cell.type == "flow":
                self._add_flow(cell)
        curves = sum(1 for c in self._cells if c.type in _CURVES)
        if curves:
            self._sketch.warn(
                f"{curves} trust boundary curves enclose nothing and were left out; boundary boxes are read."
            )

    def _around(self, box: Box, own: str = "") -> str | None:
        """The smallest boundary box that the middle lies in; for a boundary, that it lies in as a whole."""
        if len(self._frames) * len(self._cells) > _MOST_PAIRS:
            return None
        around = [
            (frame.area, key)
            for frame, key in self._frames
            if key != own
            and ((frame.holds(box) and frame.area > box.area) if own else frame.distance(*box.middle) == 0)
        ]
        return min(around)[1] if around else None

    def _add_element(self, cell: _Cell) -> None:
        self._boxes[cell.id] = cell.box
        self._sketch.node(
            Node(
                key=cell.id,
                label=cell.name or cell.type,
                shape=_SHAPES[cell.type],
                stereotypes=tuple(name for key, name in _STEREOTYPES if flag(cell.data, key)),
                group=self._around(cell.box),
                description=text_at(cell.data, "description"),
                controls=tuple(self._controls(cell)),
            )
        )
        self._note_data(cell)
        if flag(cell.data, "outOfScope"):
            self._note_scope(cell)

    def _controls(self, cell: _Cell) -> Iterator[Control]:
        for key, control in _STORE_CONTROLS:
            if cell.type == "store" and flag(cell.data, key):
                quote = self._sketch.quote(f"{cell.name}: {key}")
                yield Control(name=control.value, state=Known.YES, evidence=quote)

    def _note_data(self, cell: _Cell) -> None:
        for key, tag, words in _DATA:
            if flag(cell.data, key):
                quote = self._sketch.quote(f"{cell.name}: {words}")
                self._sketch.facts.append(
                    Fact(about=cell.name, fact=f"data:{tag.value}", value=Known.YES.value, evidence=quote)
                )

    def _note_scope(self, cell: _Cell) -> None:
        reason = text_at(cell.data, "reasonOutOfScope")
        self._sketch.assumptions.append(
            Assumption(
                id=f"out-of-scope-{slug(cell.name or cell.id)}",
                text=f"{cell.name} is out of scope" + (f": {reason}" if reason else "") + ".",
                targets=(cell.id,),
            )
        )

    def _add_flow(self, cell: _Cell) -> None:
        source, target = self._end(cell, "source"), self._end(cell, "target")
        label = "" if cell.name.casefold() in _PLACEHOLDER_NAMES else cell.name
        sender = self._by_id.get(source)
        trusted = sender is not None and flag(sender.data, "providesAuthentication")
        self._sketch.edge(
            Edge(
                source,
                target,
                label=label,
                both=flag(cell.data, "isBidirectional"),
                wire=_wire(cell, label, authenticated=trusted),
                public=flag(cell.data, "isPublicNetwork"),
            )
        )

    def _end(self, cell: _Cell, which: str) -> str:
        """The element that an end is tied to, or that it touches."""
        end = mapping(cell.raw, which)
        tied = text_at(end, "cell") or text_at(end, "id")
        if tied or "x" not in end or len(self._boxes) * len(self._cells) > _MOST_PAIRS:
            return tied
        point = number(end, "x"), number(end, "y")
        near = [(box.distance(*point), box.area, key) for key, box in self._boxes.items()]
        best = min(near, default=None)
        return best[2] if best is not None and best[0] <= _TOLERANCE else ""


def _cells(holder: Mapping[str, Tree]) -> Iterator[_Cell]:
    for order, raw in enumerate(mappings(holder, "cells")):
        data = mapping(raw, "data") or raw
        type_ = (text_at(data, "type") or text_at(raw, "shape")).lower().removeprefix("tm.")
        yield _Cell(text_at(raw, "id") or f"cell {order}", type_, _name(raw, data), raw, data)


def _name(raw: Mapping[str, Tree], data: Mapping[str, Tree]) -> str:
    """The name, which older versions keep in the drawing's attributes."""
    for tree, path in (
        (data, ("name",)),
        (raw, ("attrs", "text", "text")),
        (raw, ("attrs", "label", "text")),
        (raw, ("attrs", ".label", "text")),
    ):
        if name := text_at(tree, *path):
            return " ".join(name.split())
    labels = list(mappings(raw, "labels"))
    found = [text_at(lb, "attrs", "text", "text") or text_at(lb, "attrs", "label", "text") for lb in labels]
    return " ".join(" ".join(found).split())


def _wire(cell: _Cell, label: str, *, authenticated: bool) -> Wire:
    """The protocol field and the flags, over what the label says; a flag that is not set says nothing."""
    field = text_at(cell.data, "protocol")
    stated = read_wire(field)
    return Wire(
        protocol=stated.protocol or (slug(field) if field else read_wire(label).protocol),
        encrypted=Known.YES if flag(cell.data, "isEncrypted") else stated.encrypted,
        authenticated=Known.YES if authenticated else stated.authenticated,
    )
