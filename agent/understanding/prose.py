"""Prose put on the canvas: it adds to what is drawn, and draws only where no diagram does."""

from __future__ import annotations

import re
from collections.abc import Mapping

from agent.catalog.technologies import load_technologies
from agent.catalog.vocabulary import Trait
from agent.diagrams.prose_anchors import is_bare_role
from agent.domain.system import Element, ElementKind, Flow, SystemFragment
from agent.naming import is_plural, words
from agent.understanding.assumed import worth_showing
from agent.understanding.canvas import Canvas, listing
from agent.understanding.join import add_flow, alike, enrich, frame, join_flow
from agent.understanding.sign_in import heard
from agent.understanding.words import joining_words

_ONE_OF_A_KIND = frozenset(
    {
        Trait.MOBILE_APP,
        Trait.ADMIN_CONSOLE,
        Trait.CDN,
        Trait.WAF,
        Trait.LOAD_BALANCER,
        Trait.IDENTITY_PROVIDER,
        Trait.PAYMENT,
        Trait.EMAIL,
        Trait.SMS,
        Trait.DATA_WAREHOUSE,
        Trait.SECRETS_MANAGER,
    }
)
"""What a system mostly has one of, so that a role word of the text means the drawn one."""
_TOLD_BY_PRODUCT = _ONE_OF_A_KIND | {
    Trait.DATABASE,
    Trait.QUEUE,
    Trait.STREAM,
    Trait.PUBSUB,
    Trait.CACHE,
    Trait.OBJECT_STORAGE,
    Trait.SEARCH_INDEX,
    Trait.GATEWAY,
    Trait.LLM,
    Trait.VECTOR_STORE,
    Trait.LOG_STORE,
}
"""What a product of the text says of a drawn element that names no product: "Kafka" and "Event stream"."""
_CALLED = frozenset({Trait.API, Trait.GATEWAY, Trait.WEB_FRONTEND, Trait.ADMIN_CONSOLE, Trait.GRAPHQL})


_PEOPLE = frozenset({Trait.END_USER, Trait.ADMIN_PERSON})
_STRAIGHT = re.compile(r"\b(direct|directly|straight)\b", re.IGNORECASE)
"""Words of a flow that passes by no application."""


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
    for text in worth_showing(canvas, fragment):
        canvas.assume(text)


def _drawn(canvas: Canvas, element: Element) -> list[str]:
    """The drawn elements that a name of the text means.

    Those of the same name, of its kind first, as a diagram may draw one name twice; else the one that a
    product or a role of the text can only mean: "Kafka" where one stream is drawn, "our mobile app".
    """
    found = canvas.names.find(element.name)
    if _is_person(element):
        found = tuple(i for i in found if canvas.is_outside(i))
    if found:
        return sorted(found, key=lambda i: canvas.elements[i].kind is not element.kind)
    table = load_technologies()
    read = [table.get(t) for t in element.technologies]
    traits = frozenset(t for technology in read for t in technology.traits)
    is_product = any(not t.is_role for t in read)
    wanted = traits & (_TOLD_BY_PRODUCT if is_product else _ONE_OF_A_KIND)
    wanted -= {Trait.QUEUE} if Trait.STREAM in wanted else set()
    fits = [
        i
        for i in canvas.drawn
        if wanted & canvas.traits(i)
        and canvas.elements[i].kind is element.kind
        and not (is_product and _is_product(canvas, i))
    ]
    if len(fits) != 1 or not wanted:
        return []
    canvas.names.alias(fits[0], element.name)
    if is_product:
        canvas.assume(
            f"I took {canvas.elements[fits[0]].name} to be the {element.name} that the text names.", fits
        )
    return fits


def _is_person(element: Element) -> bool:
    """Whether the text speaks of people: "administrators" are not the drawn admin console."""
    if element.kind is not ElementKind.EXTERNAL_ENTITY:
        return False
    return bool({Trait.END_USER, Trait.ADMIN_PERSON} & load_technologies().traits_of(element.technologies))


def _is_staff(element: Element) -> bool:
    """Whether the text speaks of those who run the system, whom diagrams often leave out."""
    return Trait.ADMIN_PERSON in load_technologies().traits_of(element.technologies)


def _is_product(canvas: Canvas, id_: str) -> bool:
    """Whether the diagram itself says which product an element is."""
    table = load_technologies()
    return any(not table.get(t).is_role for t in canvas.elements[id_].technologies)


def _joined(
    canvas: Canvas, fragment: SystemFragment, left: list[Element], ids: dict[str, str]
) -> list[Element]:
    """The new elements that a stated flow joins to a drawn one.

    A user, or a service, that is drawn under another name at the other end of the same drawn flow is taken
    for that one.
    """
    new: list[Element] = []
    for element in left:
        before = [ids[f.source] for f in fragment.flows if f.target == element.id and f.source in ids]
        behind = [ids[f.target] for f in fragment.flows if f.source == element.id and f.target in ids]
        if not any(o in canvas.drawn for o in (*before, *behind)):
            continue
        if (_is_vague(element.name) or _is_one_of_many(canvas, element)) and not _is_staff(element):
            continue
        twin = _same_user(canvas, element, behind) or _same_service(canvas, element, before)
        if twin:
            ids[element.id] = twin
            canvas.names.alias(twin, element.name)
        else:
            new.append(element)
    return new


def _is_vague(name: str) -> bool:
    """Whether a name says no more than "the services": nothing that a diagram could have left out."""
    return is_bare_role(name) and (is_plural(name) or set(words(name)) <= joining_words().vague)


def _is_one_of_many(canvas: Canvas, element: Element) -> bool:
    """Whether a bare role means one of several that are drawn: "the database" beside two of them."""
    if not is_bare_role(element.name) or element.kind is ElementKind.EXTERNAL_ENTITY:
        return False
    wanted = load_technologies().traits_of(element.technologies)
    alike = (i for i in canvas.drawn if wanted and wanted <= canvas.traits(i))
    return sum(canvas.elements[i].kind is element.kind for i in alike) > 1


def _same_user(canvas: Canvas, element: Element, others: list[str]) -> str | None:
    """The one drawn user of what this person uses: "customers" of the text and "User" of the diagram."""
    wanted = load_technologies().traits_of(element.technologies) & {Trait.END_USER, Trait.ADMIN_PERSON}
    if not wanted:
        return None
    flows = [f for o in others for f in canvas.touching(o) if f.target == o and canvas.is_outside(f.source)]
    users = {f.source for f in flows if wanted & canvas.traits(f.source)}
    return users.pop() if len(users) == 1 else None


def _same_service(canvas: Canvas, element: Element, others: list[str]) -> str | None:
    """The one drawn service of the same trade that is called from there: "API gateway" for "the API"."""
    wanted = load_technologies().traits_of(element.technologies) & _CALLED
    flows = [f for o in others for f in canvas.touching(o) if f.source == o]
    called = {f.target for f in flows if wanted & canvas.traits(f.target)}
    return called.pop() if len(called) == 1 and wanted else None


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
        if not _goes_by_way(canvas, flow, (source, target), earlier):
            add_flow(canvas, flow, ids, earlier)
        return
    same = [i for i in ahead if flow.label and alike(canvas.flows[i].label, flow.label)] or ahead
    bare = flow.model_copy(update={"label": ""})
    for id_ in same[:1]:
        join_flow(canvas, id_, bare)


def _goes_by_way(canvas: Canvas, flow: Flow, ends: tuple[str, str], earlier: set[str]) -> bool:
    """Whether the flow is what people do with a store by way of the part that they are drawn to use."""
    people = [i for i in ends if i in canvas.drawn and canvas.traits(i) & _PEOPLE and canvas.is_outside(i)]
    stores = [i for i in ends if i in canvas.drawn and canvas.elements[i].kind is ElementKind.DATA_STORE]
    if len(people) != 1 or len(stores) != 1 or _STRAIGHT.search(flow.evidence.quote):
        return False
    return any(f.id in earlier and not canvas.is_outside(f.target) for f in canvas.touching(people[0]))


def _say_what_is_new(
    canvas: Canvas, fragment: SystemFragment, new: list[Element], ids: Mapping[str, str]
) -> None:
    source = fragment.source
    if new:
        names = listing(e.name for e in new)
        canvas.assume(
            f"The {source} joins {names} to what is drawn, and no diagram shows {_them(new)}; "
            f"I added {_them(new)}.",
            (ids[e.id] for e in new),
        )
    left = [e for e in fragment.elements if e.id not in ids and not is_bare_role(e.name)]
    out = [e for e in left if not heard(e, fragment.facts)]
    if out:
        names = listing(e.name for e in out)
        canvas.assume(f"The {source} also names {names}, which no diagram shows; I left {_them(out)} out.")


def _them(found: list[Element]) -> str:
    return "it" if len(found) == 1 else "them"
