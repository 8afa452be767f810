"""What a draw.io page means: which boxes are elements or frames, where arrows end, whose label a text is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from agent.diagrams.boxes import Box
from agent.diagrams.drawio_cells import Cell
from agent.diagrams.sketch import Edge, Group, Node, Shape, Sketch

_STORES = re.compile(
    r"(?:cylinder\d?|datastore|dataStorage|partialRectangle|internalStorage|tape"
    r"|mxgraph\.(?:flowchart\.(?:database|stored_data|direct_data)|dfd\.dataStore\w*|er\.\w*table\w*))",
    re.IGNORECASE,
)
_PEOPLE = re.compile(r"(?:umlActor|actor|mxgraph\.c4\.person\w*|mxgraph\.bpmn\.user_task)", re.IGNORECASE)
_OUTSIDE = re.compile(r"mxgraph\.dfd\.externalEntity", re.IGNORECASE)
_PROCESSES = re.compile(r"mxgraph\.dfd\.(?:process|multiProcess)\w*", re.IGNORECASE)
_ROUND = ("ellipse", "doubleEllipse")
_GROUP = re.compile(r"mxgraph\.\w+\.group\w*", re.IGNORECASE)
_DECOR = re.compile(
    r"mxgraph\.arrows\d?\..*|line|flexArrow|singleArrow|doubleArrow|curlyBracket|waypoint", re.IGNORECASE
)
_C4_KINDS = {"person": Shape.PERSON}
_GENERIC_ICON = re.compile(r"mxgraph\.\w+\.(?:resourceIcon|productIcon|icon|group\w*|card\w*)", re.IGNORECASE)
_TOLERANCE = 20.0
"""Pixels from an arrow's loose end to the box that it means."""
_CAPTION = 60.0
"""Pixels from an icon to the text that names it."""
_MOST_FRAMES = 400
"""Boxes that are looked at as frames around others, the largest first."""
_MOST_PAIRS = 400_000
"""Comparisons of places in one step; a page with more is read by its cells' parents alone."""
_MAX_DEPTH = 200
_LARGER = 1.5


def draw_page(cells: Sequence[Cell], sketch: Sketch) -> None:
    """Draw the page's cells into the sketch."""
    _Page(cells, sketch).draw()


class _Page:
    def __init__(self, cells: Sequence[Cell], sketch: Sketch) -> None:
        self._sketch = sketch
        self._by_id = {c.id: c for c in cells}
        self._edges = [c for c in cells if c.edge]
        edge_ids = {c.id for c in self._edges}
        vertices = [c for c in cells if not c.edge]
        self._edge_labels = [c for c in vertices if c.parent in edge_ids]
        vertices = [c for c in vertices if c.parent not in edge_ids and not _matches(_DECOR, c)]
        self._ends = {end for e in self._edges for end in (e.source, e.target) if end}
        self._texts = [c for c in vertices if _is_text(c) and c.id not in self._ends]
        held = {c.id for c in self._texts}
        self._boxes = [c for c in vertices if c.id not in held]
        self._frames: dict[str, Cell] = {}
        self._label_for: dict[str, str] = {}
        self._pictures: dict[str, list[str]] = {}
        """Icons that lie in a box, by the box."""
        self._by_place = True
        self._parents = {c.parent for c in self._boxes}
        self._same: dict[str, str] = {}
        """A cell that is part of another's drawing → that other."""

    def draw(self) -> None:
        """Frames first, then elements, then arrows."""
        self._absorb_icons()
        self._find_frames()
        self._absorb_texts()
        for frame in self._frames.values():
            if not self._is_bare(frame):
                self._add_frame(frame)
        for cell in self._boxes:
            if cell.id not in self._frames and cell.id not in self._same:
                self._add_element(cell)
        self._tie_groups()
        self._add_edges()
        self._sketch.text = "\n".join(t.label for t in self._texts if t.id not in self._same and t.label)

    # frames

    def _absorb_icons(self) -> None:
        """A nameless picture inside a named box is part of that box's drawing."""
        named = [c for c in self._boxes if c.label and c.box.area]
        bare = [c for c in self._boxes if not c.label and _icons(c) and c.id not in self._parents]
        if len(named) * len(bare) > _MOST_PAIRS:
            return
        for icon in bare:
            around = [c for c in named if c.box.holds(icon.box) and c.box.area > icon.box.area]
            if not around:
                continue
            nearest = min(around, key=lambda c: c.box.area)
            inside = [c for c in self._boxes if c is not nearest and nearest.box.holds(c.box)]
            if all(not c.label for c in inside):
                self._same[icon.id] = nearest.id
                self._pictures.setdefault(nearest.id, []).extend(_icons(icon))

    def _find_frames(self) -> None:
        boxes = [c for c in self._boxes if c.id not in self._same]
        most = min(_MOST_FRAMES, _MOST_PAIRS // max(len(boxes), 1))
        largest = sorted((c for c in boxes if c.box.area), key=lambda c: -c.box.area)[:most]
        children: dict[str, list[Cell]] = {}
        for cell in boxes:
            children.setdefault(cell.parent, []).append(cell)
        around = {c.id for c in largest if _may_frame(c) and self._encloses(c, boxes)}
        empty = {c.id for c in boxes if _is_group(c) and c.id not in self._ends}
        for cell in boxes:
            if cell.id in children or cell.id in around or cell.id in empty:
                self._frames[cell.id] = cell
        self._by_place = len(self._frames) * len(boxes) <= _MOST_PAIRS

    @staticmethod
    def _encloses(cell: Cell, boxes: Iterable[Cell]) -> bool:
        return any(
            c is not cell
            and c.box.area
            and cell.box.area > _LARGER * c.box.area
            and cell.box.holds(c.box, slack=0)
            for c in boxes
        )

    def _frame_of(self, cell: Cell) -> str | None:
        """The innermost frame around it, by place on the page or by parent; bare groups do not count."""
        parents = [c for c in self._line(cell.parent) if c.id in self._frames]
        placed = [
            f
            for f in (self._frames.values() if self._by_place and cell.box.area else ())
            if f.box.area > cell.box.area and f.box.holds(cell.box)
        ]
        around = [f for f in (*placed, *parents) if f.id != cell.id and not self._is_bare(f)]
        return min(around, key=lambda f: f.box.area).id if around else None

    def _line(self, id_: str) -> Iterator[Cell]:
        """The cell with this id and its ancestors."""
        for _ in range(_MAX_DEPTH):
            cell = self._by_id.get(id_)
            if cell is None:
                return
            yield cell
            id_ = cell.parent

    def _add_frame(self, frame: Cell) -> None:
        self._sketch.group(Group(key=frame.id, label=self._frame_label(frame), parent=self._frame_of(frame)))

    def _tie_groups(self) -> None:
        """An arrow to a bare group of one element means that element."""
        bare = {f.id: list[str]() for f in self._frames.values() if f.id not in self._sketch.groups}
        for key in self._sketch.nodes:
            for cell in self._line(self._by_id[key].parent):
                if cell.id in bare:
                    bare[cell.id].append(key)
        self._same.update({group: keys[0] for group, keys in bare.items() if len(keys) == 1})

    def _is_bare(self, frame: Cell) -> bool:
        """Whether it is a mere group of the editor: nothing drawn, no name."""
        return not self._frame_label(frame) and (
            frame.has("group") or frame.style.get("strokeColor") == "none"
        )

    def _frame_label(self, frame: Cell) -> str:
        return frame.label or self._label_for.get(frame.id, "")

    # texts

    def _absorb_texts(self) -> None:
        """A text under a nameless picture, or in the head of a nameless frame, is its name."""
        nameless = [c for c in self._boxes if not c.label and c.id not in self._same]
        if len(nameless) * len(self._texts) > _MOST_PAIRS:
            return
        for text in self._texts:
            found = self._named_by(text, nameless)
            if found is not None and text.label:
                known = self._label_for.get(found.id)
                self._label_for[found.id] = f"{known}\n{text.label}" if known else text.label
                self._same[text.id] = found.id

    def _named_by(self, text: Cell, nameless: Sequence[Cell]) -> Cell | None:
        siblings = [c for c in nameless if c.parent == text.parent and c.id not in self._frames]
        group = self._by_id.get(text.parent)
        if group is not None and group.has("group") and len(siblings) == 1:
            return siblings[0]
        near = [
            (
                c.box.distance(*text.box.middle) if c.id not in self._frames else _from_top(c.box, text.box),
                c.box.area,
                i,
            )
            for i, c in enumerate(nameless)
        ]
        best = min(near, default=None)
        return nameless[best[2]] if best is not None and best[0] <= _CAPTION else None

    # elements

    def _add_element(self, cell: Cell) -> None:
        label = cell.label or self._label_for.get(cell.id, "")
        icons = (*_icons(cell), *self._pictures.get(cell.id, ()))
        if not label and cell.id not in self._ends:
            if not icons:
                return
            label = _icon_name(icons[0])
        name = label or (_icon_name(icons[0]) if icons else "Unnamed element")
        technology = cell.facts.get("c4Technology", "")
        self._sketch.node(
            Node(
                key=cell.id,
                label=name,
                shape=_shape(cell),
                icons=icons,
                stereotypes=(technology,) if technology else (),
                group=self._frame_of(cell),
                description=cell.facts.get("c4Description", ""),
            )
        )

    # arrows

    def _add_edges(self) -> None:
        labels: dict[str, list[Cell]] = {}
        for cell in self._edge_labels:
            labels.setdefault(cell.parent, []).append(cell)
        loose = sum(1 for e in self._edges if not (e.source and e.target))
        snapping = loose * len(self._sketch.nodes) <= _MOST_PAIRS
        for edge in self._edges:
            if _is_line(edge):
                self._sketch.warn(
                    f'the line "{edge.label}" joins nothing and was left out.'
                    if edge.label
                    else "lines that join nothing were left out."
                )
                continue
            texts = [edge.label, *(c.label for c in labels.get(edge.id, ()))]
            self._sketch.edge(self._edge(edge, ", ".join(t for t in texts if t), snapping=snapping))

    def _edge(self, cell: Cell, label: str, *, snapping: bool) -> Edge:
        source = self._end(cell.source, cell.start if snapping else None)
        target = self._end(cell.target, cell.end if snapping else None)
        tail = cell.style.get("startArrow", "none") not in {"none", ""}
        head = cell.style.get("endArrow", "classic") not in {"none", ""}
        if tail and not head:
            source, target = target, source
        both = tail and head and not cell.style.get("endArrow", "").startswith("ER")
        return Edge(source, target, label, both=both, directed=(tail or head))

    def _end(self, id_: str, point: tuple[float, float] | None) -> str:
        """The element or frame that an end means: the cell it is tied to, what holds that, or the nearest."""
        for cell in self._line(id_):
            key = self._same.get(cell.id, cell.id)
            if key in self._sketch.nodes or key in self._sketch.groups:
                return key
        if point is None or id_:
            return ""
        near = [
            (c.box.distance(*point), c.box.area, c.id)
            for key in self._sketch.nodes
            if (c := self._by_id[key]).box.area
        ]
        best = min(near, default=None)
        return best[2] if best is not None and best[0] <= _TOLERANCE else ""


def _matches(pattern: re.Pattern[str], cell: Cell) -> bool:
    if pattern.fullmatch(cell.shape):
        return True
    return any(not value and pattern.fullmatch(name) for name, value in cell.style.items())


def _is_text(cell: Cell) -> bool:
    """Whether it is a mere text or a note on the page."""
    if cell.has("text", "edgeLabel", "note", "note2", "label") and not _icons(cell):
        return True
    unseen = cell.style.get("strokeColor") == "none" and cell.style.get("fillColor") == "none"
    return unseen and not cell.shape and not _icons(cell) and not cell.has("group", "swimlane")


def _is_group(cell: Cell) -> bool:
    return _GROUP.fullmatch(cell.shape) is not None


def _is_line(cell: Cell) -> bool:
    """Whether an edge is a mere line: tied to nothing, without a head, such as a drawn trust boundary."""
    headless = (
        cell.style.get("endArrow", "classic") == "none" and cell.style.get("startArrow", "none") == "none"
    )
    return headless and not cell.source and not cell.target


def _may_frame(cell: Cell) -> bool:
    """Whether boxes may lie in it: a picture, a cylinder or a person holds nothing."""
    return not _icons(cell) and _shape(cell) not in {Shape.STORE, Shape.PERSON}


def _from_top(frame: Box, text: Box) -> float:
    """Pixels from the frame's upper edge down to the text; far when the text is not in the frame."""
    return abs(text.y - frame.y) if frame.holds(text, slack=20) else 1e9


def _shape(cell: Cell) -> Shape:
    c4 = _C4_KINDS.get(cell.facts.get("c4Type", "").lower())
    if c4 is not None:
        return c4
    for pattern, shape in (
        (_STORES, Shape.STORE),
        (_PEOPLE, Shape.PERSON),
        (_OUTSIDE, Shape.OUTSIDE),
        (_PROCESSES, Shape.PROCESS),
    ):
        if _matches(pattern, cell):
            return shape
    return Shape.ROUND if cell.has(*_ROUND) else Shape.PLAIN


def _icons(cell: Cell) -> tuple[str, ...]:
    """The names of the icons that the style draws, the most specific first."""
    shape = cell.shape
    library = ".".join(shape.split(".")[:2])
    found = []
    for key in ("resIcon", "prIcon", "image"):
        icon = cell.style.get(key, "")
        if icon and not icon.startswith("data:"):
            found.append(icon if "." in icon or not library else f"{library}.{icon}")
    known = any(p.fullmatch(shape) for p in (_STORES, _PEOPLE, _OUTSIDE, _PROCESSES, _GENERIC_ICON))
    if shape.startswith("mxgraph.") and not known:
        found.append(shape)
    return tuple(found)


def _icon_name(icon: str) -> str:
    last = re.split(r"[./]", re.sub(r"\.(?:svg|png)$", "", icon))[-1]
    return " ".join(last.replace("_", " ").split()).capitalize()
