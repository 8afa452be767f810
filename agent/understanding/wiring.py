"""Flows that a text leaves out: when it names the parts and no flow at all, the usual ones are assumed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from agent.catalog.vocabulary import Trait
from agent.domain.system import Element, ElementKind, Evidence, EvidenceKind, Flow
from agent.naming import core
from agent.understanding.canvas import Canvas, listing
from agent.understanding.words import joining_words

_EDGE = (Trait.CDN, Trait.LOAD_BALANCER, Trait.REVERSE_PROXY, Trait.GATEWAY)
_PEOPLE = frozenset({Trait.END_USER, Trait.ADMIN_PERSON, Trait.BROWSER})
_WATCHERS = frozenset({Trait.MONITORING, Trait.LOG_STORE})
_FRONTS = frozenset({Trait.WEB_FRONTEND, Trait.MOBILE_APP, Trait.ADMIN_CONSOLE})
_LEAST = 3
"""Elements that a text must name before flows between them are assumed."""


def wire(canvas: Canvas) -> None:
    """Assumes the usual flows where a text names at least three elements and no flow.

    People reach the edge, the edge the front, the front the services, and the services the stores and third
    parties. Nothing is assumed beside a flow that is stated, and no element is made up.
    """
    if canvas.flows or len(canvas.elements) < _LEAST:
        return
    chain = _chain(canvas)
    steps: list[tuple[Sequence[str], Sequence[str]]] = list(pairwise(chain))
    workers = chain[-1] if chain else []
    hub = _hub(canvas, canvas.elements)
    steps += [(_users_of(canvas, store, workers, hub), [store]) for store in _ends(canvas)]
    made = [
        canvas.add_flow(_flow(canvas.elements[s], canvas.elements[t]))
        for a, b in steps
        for s in a
        for t in b
        if s != t
    ]
    if made:
        drawn = listing((canvas.flow_name(canvas.flows[i]) for i in made), most=8)
        canvas.assume(
            f"The text names the parts and no flow between them; I assumed the usual ones: {drawn}. "
            "Say who sends what to whom and I will take that instead.",
            made,
        )


def _chain(canvas: Canvas) -> list[list[str]]:
    """The layers from people to services that the system has, outermost first."""
    people = [i for i in canvas.elements if _is_person(canvas, i)]
    processes = [i for i, e in canvas.elements.items() if e.kind is ElementKind.PROCESS]
    edges = [[i for i in processes if t in canvas.traits(i)] for t in _EDGE]
    edge_ids = {i for layer in edges for i in layer}
    fronts = [i for i in processes if canvas.traits(i) & _FRONTS and i not in edge_ids]
    taken = {*edge_ids, *fronts}
    services = [i for i in processes if i not in taken and not canvas.traits(i) & _WATCHERS]
    hub = _hub(canvas, services)
    inner = [[hub], [i for i in services if i != hub]] if hub else [services]
    return [layer for layer in (people, *edges, fronts, *inner) if layer]


def _is_person(canvas: Canvas, id_: str) -> bool:
    """Whether an external entity is someone who comes to the system, not something that it calls."""
    return canvas.is_outside(id_) and (not canvas.traits(id_) or bool(canvas.traits(id_) & _PEOPLE))


def _hub(canvas: Canvas, services: Iterable[str]) -> str:
    """The one backend that stands for all of them; empty when there is none or more than one."""
    named = [i for i in services if joining_words().hubs & set(core(canvas.elements[i].name))]
    return named[0] if len(named) == 1 else ""


def _ends(canvas: Canvas) -> list[str]:
    """Stores, third parties and what watches."""
    return [
        i
        for i, e in canvas.elements.items()
        if e.kind is ElementKind.DATA_STORE
        or canvas.traits(i) & _WATCHERS
        or (canvas.is_outside(i) and not _is_person(canvas, i))
    ]


def _users_of(canvas: Canvas, end: str, workers: Sequence[str], hub: str) -> list[str]:
    """The services that use a store or a third party: those that share a word or a trade, else all."""
    own = canvas.elements[end]
    alike = [i for i in workers if _shares(canvas, canvas.elements[i], own)]
    if alike:
        return alike
    return [hub] if hub else list(workers)


def _shares(canvas: Canvas, service: Element, end: Element) -> bool:
    telling = {Trait.PAYMENT, Trait.EMAIL, Trait.SMS, Trait.IDENTITY_PROVIDER}
    trades = canvas.traits(end.id) & telling
    if trades & canvas.traits(service.id):
        return True
    words = set(core(service.name))
    return bool(words & set(core(end.name))) or any(t.value.split("_")[0] in words for t in trades)


def _flow(source: Element, target: Element) -> Flow:
    return Flow(
        id=f"{source.id}--{target.id}",
        source=source.id,
        target=target.id,
        evidence=Evidence(
            kind=EvidenceKind.DESCRIPTION, quote=target.source.quote, source=target.source.source
        ),
        assumed=True,
    )
