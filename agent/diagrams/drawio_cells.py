"""The cells of a draw.io page: styles, places on the page, layers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from agent.diagrams.boxes import NOWHERE, Box
from agent.diagrams.labels import lines_of

_WRAPPERS = frozenset({"UserObject", "object"})
_PLACEHOLDER = re.compile(r"%([A-Za-z][\w-]*)%")
_MAX_DEPTH = 200


@dataclass
class Cell:
    """One vertex or edge."""

    id: str
    label: str
    """Lines of text, free of HTML."""
    style: Mapping[str, str]
    parent: str
    edge: bool
    source: str = ""
    target: str = ""
    box: Box = NOWHERE
    """Absolute on the page; of an edge nothing."""
    start: tuple[float, float] | None = None
    """Where an edge without a source starts, absolute."""
    end: tuple[float, float] | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    """Attributes of the object around it: c4Type, c4Technology, link …"""

    def has(self, *names: str) -> bool:
        """Whether the style has one of these bare words, or one of them as its shape."""
        return any(n in self.style and self.style[n] == "" for n in names) or self.shape in names

    @property
    def shape(self) -> str:
        """The style's shape, or empty."""
        return self.style.get("shape", "")


def cells_of(model: Element) -> list[Cell]:
    """The visible vertices and edges in the order of the file; what lies on hidden layers is left out."""
    root = model.find("root")
    raw = list(_raw(root if root is not None else model))
    by_id = {r.id: r for r in raw}
    places = _Places(by_id)
    return [places.cell(r) for r in raw if (r.vertex or r.edge) and not places.hidden(r)]


@dataclass
class _Raw:
    id: str
    parent: str
    vertex: bool
    edge: bool
    visible: bool
    mx: Element
    facts: Mapping[str, str]


def _raw(root: Element) -> Iterator[_Raw]:
    for number, tag in enumerate(root):
        facts: Mapping[str, str] = {}
        mx: Element | None = tag
        if tag.tag in _WRAPPERS:
            facts, mx = tag.attrib, tag.find("mxCell")
        elif tag.tag != "mxCell":
            continue
        if mx is None:
            continue
        yield _Raw(
            id=facts.get("id") or mx.get("id") or f"cell {number}",
            parent=mx.get("parent", ""),
            vertex=mx.get("vertex") == "1",
            edge=mx.get("edge") == "1",
            visible=mx.get("visible", "1") != "0",
            mx=mx,
            facts=facts,
        )


class _Places:
    """Where cells lie, their parents' places added up; and which are hidden."""

    def __init__(self, by_id: Mapping[str, _Raw]) -> None:
        self._by_id = by_id
        self._origin: dict[str, tuple[float, float]] = {}

    def hidden(self, raw: _Raw) -> bool:
        return not all(r.visible for r in self._line(raw))

    def cell(self, raw: _Raw) -> Cell:
        x, y = self._at(raw.parent)
        geometry = raw.mx.find("mxGeometry")
        return Cell(
            id=raw.id,
            label=lines_of(_label(raw)),
            style=_style(raw.mx.get("style", "")),
            parent=raw.parent,
            edge=raw.edge,
            source=raw.mx.get("source", ""),
            target=raw.mx.get("target", ""),
            box=self._box(raw, geometry),
            start=_point(geometry, "sourcePoint", x, y),
            end=_point(geometry, "targetPoint", x, y),
            facts=raw.facts,
        )

    def _line(self, raw: _Raw) -> Iterable[_Raw]:
        """The cell and its ancestors."""
        at: _Raw | None = raw
        for _ in range(_MAX_DEPTH):
            if at is None:
                return
            yield at
            at = self._by_id.get(at.parent)

    def _box(self, raw: _Raw, geometry: Element | None) -> Box:
        if geometry is None or raw.edge:
            return NOWHERE
        x, y = self._at(raw.parent)
        width, height = _number(geometry, "width"), _number(geometry, "height")
        left, top = _number(geometry, "x"), _number(geometry, "y")
        if geometry.get("relative") == "1":
            around = self._by_id.get(raw.parent)
            outer = around.mx.find("mxGeometry") if around is not None else None
            left *= _number(outer, "width")
            top *= _number(outer, "height")
        return Box(x + left, y + top, width, height)

    def _at(self, id_: str) -> tuple[float, float]:
        """The upper left corner of the cell with this id."""
        if id_ not in self._origin:
            self._origin[id_] = (0.0, 0.0)
            x = y = 0.0
            raw = self._by_id.get(id_)
            for cell in self._line(raw) if raw else ():
                geometry = cell.mx.find("mxGeometry") if cell.vertex else None
                if geometry is not None and geometry.get("relative") != "1":
                    x += _number(geometry, "x")
                    y += _number(geometry, "y")
            self._origin[id_] = (x, y)
        return self._origin[id_]


def _label(raw: _Raw) -> str:
    """The label, with draw.io's placeholders filled from the object's attributes."""
    label = raw.facts.get("label") or raw.mx.get("value") or ""
    if raw.facts.get("c4Type") == "Relationship":
        technology = raw.facts.get("c4Technology")
        return raw.facts.get("c4Description", "") + (f" ({technology})" if technology else "")
    if raw.facts.get("placeholders") == "1" or raw.mx.get("placeholders") == "1":
        label = raw.facts.get("c4Name") or raw.facts.get("c4Description") or label
        label = _PLACEHOLDER.sub(lambda m: raw.facts.get(m[1], ""), label[:4_000])
    return label


def _style(text: str) -> dict[str, str]:
    style: dict[str, str] = {}
    for part in text.split(";"):
        key, _, value = part.partition("=")
        if key.strip():
            style[key.strip()] = value.strip()
    return style


def _number(tag: Element | None, name: str) -> float:
    try:
        value = float(tag.get(name, "0")) if tag is not None else 0.0
    except ValueError:
        return 0.0
    return value if abs(value) < 1e9 else 0.0  # noqa: PLR2004 - no page is wider; NaN fails the comparison, too


def _point(geometry: Element | None, which: str, x: float, y: float) -> tuple[float, float] | None:
    for point in geometry.findall("mxPoint") if geometry is not None else ():
        if point.get("as") == which:
            return (x + _number(point, "x"), y + _number(point, "y"))
    return None
