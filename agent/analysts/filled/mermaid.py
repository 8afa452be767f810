"""Elements and flows as a Mermaid flowchart that a person can correct and send back."""

from __future__ import annotations

from collections.abc import Sequence

from agent.domain.system import Boundary, Element, ElementKind, Flow
from agent.domain.text import one_line

_SHAPES = {
    ElementKind.EXTERNAL_ENTITY: ("([", "])"),
    ElementKind.PROCESS: ("[", "]"),
    ElementKind.DATA_STORE: ("[(", ")]"),
}
_ENTITIES = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "`": "#96;"}


def mermaid(elements: Sequence[Element], flows: Sequence[Flow], boundaries: Sequence[Boundary] = ()) -> str:
    """The flowchart, made from domain values alone; a boundary inside another is drawn inside it."""
    nodes = {e.id: f"n{i}" for i, e in enumerate(elements, 1)}
    home = _homes(boundaries)
    lines = ["flowchart LR"]
    lines += [f"  {_node(nodes, e)}" for e in elements if e.id not in home]
    children: dict[str | None, list[Boundary]] = {}
    known = {b.id for b in boundaries}
    for boundary in boundaries:
        children.setdefault(boundary.parent if boundary.parent in known else None, []).append(boundary)
    frames = _Frames({e.id: _node(nodes, e) for e in elements}, home, children, list(boundaries))
    lines += frames.lines(None, "  ")
    for flow in flows:
        if flow.source in nodes and flow.target in nodes:
            label = f'|"{_label(flow.label)}"|' if flow.label else ""
            lines.append(f"  {nodes[flow.source]} -->{label} {nodes[flow.target]}")
    return "\n".join(lines) + "\n"


class _Frames:
    def __init__(
        self,
        nodes: dict[str, str],
        home: dict[str, str],
        children: dict[str | None, list[Boundary]],
        order: list[Boundary],
    ) -> None:
        self._nodes = nodes
        self._home = home
        self._children = children
        self._order = order

    def lines(self, parent: str | None, indent: str) -> list[str]:
        """The frames within one frame, and what stands in them."""
        found: list[str] = []
        for boundary in self._children.get(parent, []):
            name = f'g{self._order.index(boundary) + 1}["{_label(boundary.name)}"]'
            inside = [m for m in boundary.members if self._home.get(m) == boundary.id and m in self._nodes]
            found.append(f"{indent}subgraph {name}")
            found += [f"{indent}  {self._nodes[m]}" for m in inside]
            found += self.lines(boundary.id, f"{indent}  ")
            found.append(f"{indent}end")
        return found


def _homes(boundaries: Sequence[Boundary]) -> dict[str, str]:
    """The innermost boundary of each element: the one with the fewest members."""
    home: dict[str, str] = {}
    for boundary in sorted(boundaries, key=lambda b: -len(b.members)):
        home.update(dict.fromkeys(boundary.members, boundary.id))
    return home


def _node(nodes: dict[str, str], element: Element) -> str:
    opened, closed = _SHAPES[element.kind]
    return f'{nodes[element.id]}{opened}"{_label(element.name)}"{closed}'


def _label(text: str) -> str:
    return "".join(_ENTITIES.get(c, c) for c in one_line(text))
