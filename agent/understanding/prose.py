"""Prose put on the canvas: it adds to what is drawn, and draws only where no diagram does."""

from __future__ import annotations

from collections.abc import Mapping

from agent.catalog.technologies import load_technologies
from agent.catalog.vocabulary import Trait
from agent.domain.system import Element, Flow, SystemFragment
from agent.understanding.canvas import Canvas, listing
from agent.understanding.join import add_flow, alike, enrich, frame, join_flow

_PEOPLE = frozenset({Trait.END_USER, Trait.ADMIN_PERSON, Trait.BROWSER})


def tell(canvas: Canvas, fragment: SystemFragment, *, alone: bool) -> None:
    """Puts on the canvas what a text says.

    Args:
        canvas: with every diagram on it.
        fragment: what prose reading found.
        alone: whether no diagram drew a system of substance, so that the text's own elements count.
    """
    twins = {e.id: found for e in fragment.elements if (found := _drawn(canvas, e))}
    ids = {id_: found[0] for id_, found in twins.items()}
    for element in fragment.elements:
        if element.id in ids:
            enrich(canvas, ids[element.id], element)
    left = [e for e in fragment.elements if e.id not in ids]
    left = left if alone else _joined(canvas, fragment, left, ids)
    for element in left:
        ids[element.id] = canvas.add_element(element.model_copy(update={"assets": (), "zone": ""}))
    earlier = set(canvas.flows)
    for flow in fragment.flows:
        _flow(canvas, flow, ids, twins, earlier)
    frame(canvas, fragment, ids)
    if not alone:
        _say_what_is_new(canvas, fragment, left, ids)
    for assumption in fragment.assumptions:
        canvas.assume(assumption.text)


def _drawn(canvas: Canvas, element: Element) -> list[str]:
    """The elements that a name of the text means, those of its kind first; a diagram may draw one name twice."""
    found = canvas.names.find(element.name)
    return sorted(found, key=lambda i: canvas.elements[i].kind is not element.kind)


def _joined(
    canvas: Canvas, fragment: SystemFragment, left: list[Element], ids: dict[str, str]
) -> list[Element]:
    """The new elements that a stated flow joins to a drawn one; a person that is drawn under another name is taken
    for that one.
    """
    new: list[Element] = []
    for element in left:
        ends = [f for f in fragment.flows if element.id in {f.source, f.target}]
        others = [ids[e] for f in ends for e in (f.source, f.target) if e != element.id and e in ids]
        if not any(o in canvas.drawn for o in others):
            continue
        twin = _same_person(canvas, element, others)
        if twin:
            ids[element.id] = twin
        else:
            new.append(element)
    return new


def _same_person(canvas: Canvas, element: Element, others: list[str]) -> str | None:
    """The one drawn user of what this person uses: "customers" of the text and "User" of the diagram."""
    own = load_technologies().traits_of(element.technologies) & _PEOPLE
    if Trait.END_USER not in own:
        return None
    users = {
        f.source
        for other in others
        for f in canvas.touching(other)
        if f.target == other and Trait.END_USER in canvas.traits(f.source) and canvas.is_outside(f.source)
    }
    return users.pop() if len(users) == 1 else None


def _flow(
    canvas: Canvas,
    flow: Flow,
    ids: Mapping[str, str],
    twins: Mapping[str, list[str]],
    earlier: set[str],
) -> None:
    """Adds a stated flow; where a diagram draws any flow between the two ends, it only adds to that."""
    source, target = ids.get(flow.source), ids.get(flow.target)
    if source is None or target is None or source == target:
        return
    pairs = [(s, t) for s in twins.get(flow.source, [source]) for t in twins.get(flow.target, [target])]
    ahead = [i for s, t in pairs for i in canvas.between(s, t) if i in earlier]
    if not ahead and not any(i in earlier for s, t in pairs for i in canvas.between(t, s)):
        add_flow(canvas, flow, ids, earlier)
        return
    same = [i for i in ahead if flow.label and alike(canvas.flows[i].label, flow.label)] or ahead
    bare = flow.model_copy(update={"label": ""})
    for id_ in same[:1]:
        join_flow(canvas, id_, bare)


def _say_what_is_new(
    canvas: Canvas, fragment: SystemFragment, new: list[Element], ids: Mapping[str, str]
) -> None:
    source = fragment.source
    if new:
        names = listing(e.name for e in new)
        canvas.assume(
            f"The {source} joins {names} to what is drawn, and no diagram shows {_them(new)}; I added {_them(new)}.",
            (ids[e.id] for e in new),
        )
    out = [e for e in fragment.elements if e.id not in ids]
    if out:
        names = listing(e.name for e in out)
        canvas.assume(f"The {source} also names {names}, which no diagram shows; I left {_them(out)} out.")


def _them(found: list[Element]) -> str:
    return "it" if len(found) == 1 else "them"
