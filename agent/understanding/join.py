"""Diagrams put on one canvas: what two of them draw under one name is one element."""

from __future__ import annotations

from collections.abc import Mapping

from agent.diagrams.prose_drafted import zone_key
from agent.domain.system import Boundary, Element, Flow, Known, SystemFragment
from agent.naming import core, key, words
from agent.understanding.canvas import Canvas, unique

_ALIKE = 0.6
"""Share of words that two labels between the same ends must have in common to be one flow."""


def draw(canvas: Canvas, fragment: SystemFragment) -> None:
    """Puts what a diagram shows on the canvas; two elements of one diagram stay two, whatever their names."""
    before = dict.fromkeys(canvas.elements)
    ids = {e.id: _place(canvas, e, before) for e in fragment.elements}
    canvas.drawn.update(ids.values())
    earlier = set(canvas.flows)
    for flow in fragment.flows:
        add_flow(canvas, flow, ids, earlier)
    frame(canvas, fragment, ids)
    assets = {a.id: canvas.add_asset(a) for a in fragment.assets}
    _link(canvas, fragment, ids, assets)
    for assumption in fragment.assumptions:
        canvas.assume(assumption.text, (ids.get(t, t) for t in assumption.targets))


def _place(canvas: Canvas, element: Element, before: Mapping[str, None]) -> str:
    """The id that an element of a diagram gets: that of its twin in an earlier diagram, or its own."""
    twin = _twin(canvas, element, before)
    if twin is None:
        return canvas.add_element(element.model_copy(update={"assets": (), "zone": ""}))
    enrich(canvas, twin, element)
    return twin


def _twin(canvas: Canvas, element: Element, before: Mapping[str, None]) -> str | None:
    """The one element of an earlier diagram with this name, or with the same carrying words and kind."""
    exact = [i for i in canvas.names.exact(element.name) if i in before]
    if exact:
        return exact[0]
    near = [i for i in canvas.names.inside(element.name) if i in before]
    fits = [
        i
        for i in near
        if canvas.elements[i].kind is element.kind and core(canvas.elements[i].name) == core(element.name)
    ]
    return fits[0] if len(fits) == 1 else None


def enrich(canvas: Canvas, id_: str, other: Element) -> None:
    """Adds to an element what another source says of it; what is drawn outweighs what is assumed."""
    own = canvas.elements[id_]
    description = own.description
    if other.description and other.description not in description:
        description = f"{description} {other.description}".strip()
    changes: dict[str, object] = {
        "technologies": tuple(dict.fromkeys((*own.technologies, *other.technologies))),
        "description": description,
    }
    if own.assumed and not other.assumed:
        changes |= {"kind": other.kind, "assumed": False, "source": other.source, "name": other.name}
    canvas.change_element(id_, **changes)
    for control in other.controls:
        canvas.control(id_, control.name, control.state, control.evidence)


def add_flow(canvas: Canvas, flow: Flow, ids: Mapping[str, str], earlier: set[str]) -> str | None:
    """Puts a flow on the canvas, or joins it to one of `earlier` that says the same; its id there."""
    source, target = ids.get(flow.source), ids.get(flow.target)
    if source is None or target is None:
        return None
    moved = flow.model_copy(update={"source": source, "target": target, "assets": ()})
    for id_ in canvas.between(source, target):
        if id_ in earlier and alike(canvas.flows[id_].label, flow.label):
            join_flow(canvas, id_, moved)
            return id_
    return canvas.add_flow(moved)


def alike(one: str, other: str) -> bool:
    """Whether two labels between the same ends say the same; an empty label says nothing else."""
    if not one or not other or key(one) == key(other):
        return True
    first, second = set(words(one)), set(words(other))
    return bool(first | second) and len(first & second) / len(first | second) >= _ALIKE


def join_flow(canvas: Canvas, id_: str, other: Flow) -> None:
    """Adds to a flow what another source says of it."""
    own = canvas.flows[id_]
    canvas.change_flow(
        id_,
        label=own.label or other.label,
        protocol=own.protocol or other.protocol,
        data=tuple(dict.fromkeys((*own.data, *other.data))),
        encrypted=other.encrypted if own.encrypted is Known.UNKNOWN else own.encrypted,
        authenticated=other.authenticated if own.authenticated is Known.UNKNOWN else own.authenticated,
    )
    for control in other.controls:
        canvas.control(id_, control.name, control.state, control.evidence)


def frame(canvas: Canvas, fragment: SystemFragment, ids: Mapping[str, str]) -> None:
    """Puts the fragment's boundaries on the canvas; those of one name are one."""
    given: dict[str, str] = {}
    for boundary in fragment.boundaries:
        members = tuple(dict.fromkeys(ids[m] for m in boundary.members if m in ids))
        twin = _same_zone(canvas, boundary)
        if twin is None:
            id_ = unique(boundary.id, canvas.boundaries)
            canvas.boundaries[id_] = boundary.model_copy(update={"id": id_, "members": members})
        else:
            id_ = twin.id
            joined = tuple(dict.fromkeys((*twin.members, *members)))
            canvas.boundaries[id_] = twin.model_copy(update={"members": joined})
        given[boundary.id] = id_
    for boundary in fragment.boundaries:
        own = canvas.boundaries[given[boundary.id]]
        parent = given.get(boundary.parent or "")
        if own.parent is None and parent and parent != own.id and not _inside(canvas, parent, own.id):
            canvas.boundaries[own.id] = own.model_copy(update={"parent": parent})


def _same_zone(canvas: Canvas, boundary: Boundary) -> Boundary | None:
    if not boundary.name:
        return None
    wanted = zone_key(boundary.name)
    return next((b for b in canvas.boundaries.values() if b.name and zone_key(b.name) == wanted), None)


def _inside(canvas: Canvas, inner: str, outer: str) -> bool:
    """Whether the one boundary lies inside the other, at any depth."""
    seen: set[str] = set()
    at: str | None = inner
    while at is not None and at not in seen:
        if at == outer:
            return True
        seen.add(at)
        at = canvas.boundaries[at].parent
    return False


def _link(
    canvas: Canvas, fragment: SystemFragment, ids: Mapping[str, str], assets: Mapping[str, str]
) -> None:
    """Keeps the links that a diagram itself draws from elements and flows to assets."""
    for element in fragment.elements:
        for asset in element.assets:
            if asset in assets:
                canvas.hold(ids[element.id], assets[asset])
    for flow in fragment.flows:
        for id_ in canvas.between(ids.get(flow.source, ""), ids.get(flow.target, "")) if flow.assets else ():
            for asset in flow.assets:
                if asset in assets and alike(canvas.flows[id_].label, flow.label):
                    canvas.hold(id_, assets[asset])
