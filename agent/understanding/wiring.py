"""Flows that a text leaves out: when it names the parts and no flow at all, the usual ones are assumed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from agent.catalog.vocabulary import Trait
from agent.diagrams.prose_anchors import is_bare_role
from agent.domain.system import Element, ElementKind, Evidence, EvidenceKind, Flow
from agent.naming import core, is_plural
from agent.understanding.canvas import Canvas, listing
from agent.understanding.words import joining_words

_EDGE = (Trait.CDN, Trait.LOAD_BALANCER, Trait.REVERSE_PROXY, Trait.GATEWAY)
_PEOPLE = frozenset({Trait.END_USER, Trait.ADMIN_PERSON, Trait.BROWSER})
_WHO = frozenset({"end-user", "staff", "administrator"})
"""Technologies that are people, and no machine of theirs."""
_WATCHERS = frozenset({Trait.MONITORING, Trait.LOG_STORE})
_QUEUES = frozenset({Trait.QUEUE, Trait.STREAM, Trait.PUBSUB})
_WORKERS = frozenset({Trait.WORKER, Trait.BATCH_JOB, Trait.SERVERLESS})
_CALLED = frozenset({Trait.PAYMENT, Trait.EMAIL, Trait.SMS, Trait.LLM, Trait.THIRD_PARTY})
"""Trades of what others run, and a backend calls."""
_FRONTS = frozenset({Trait.WEB_FRONTEND, Trait.MOBILE_APP, Trait.ADMIN_CONSOLE})
_BESIDE = frozenset(
    {Trait.CI_CD, Trait.SOURCE_CONTROL, Trait.REGISTRY, Trait.PACKAGE_MANAGER, Trait.VPN}
    | {Trait.SECRETS_MANAGER, Trait.KEY_MANAGEMENT, Trait.IDENTITY_PROVIDER, Trait.DIRECTORY, Trait.DNS}
)
"""What no request passes through on its way from people to stores."""
_MACHINERY = frozenset({Trait.KUBERNETES, Trait.CONTAINER, Trait.SERVICE_MESH, Trait.CONFIG_STORE})
"""What runs services and keeps their state, and does no work for a request of its own."""
_DELIVERY = frozenset({Trait.CI_CD, Trait.SOURCE_CONTROL, Trait.REGISTRY, Trait.PACKAGE_MANAGER})
_BACK_DOORS = frozenset({"bastion", "jump"})
"""Words of hosts through which those who run the system come in."""
_KEPT_APART = _BACK_DOORS | {"terraform", "cloudformation", "cdk", "stack", "pulumi"}
"""Words of what those who run the system use or write, and no request passes through."""
_FEW = 3
"""Services that are assumed to be what a pipeline delivers."""
_ARROWS = ("->", "→", "=>")
_LEAST = 3
"""Elements that a text must name before flows between them are assumed."""


def wire(canvas: Canvas) -> None:
    """Assumes the usual flows where a text names at least three elements and no flow.

    People reach the edge, the edge the front, the front the services, and the services the stores and third
    parties. Where some flow is stated, only what delivers code, keeps keys or watches, and has no flow at
    all, is joined to the services. No element is made up.
    """
    if len(canvas.elements) < _LEAST:
        return
    if _says_who(canvas):
        if not _lists_flows(canvas):
            _join_unsaid(canvas)
        _join_lonely(canvas)
        _join_people(canvas)
        return
    chain = _chain(canvas)
    steps: list[tuple[Sequence[str], Sequence[str]]] = list(pairwise(chain))
    workers = chain[-1] if chain else []
    hub = _hub(canvas, canvas.elements)
    steps += [(_users_of(canvas, store, workers, hub), [store]) for store in _ends(canvas)]
    steps += _delivery(canvas, workers)
    steps.append(([i for i in canvas.elements if _is_back_door(canvas, i)], workers[:_FEW]))
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


def _says_who(canvas: Canvas) -> bool:
    """Whether some flow is stated that a part of ours sends or receives, and not outsiders alone."""
    ends = {e for f in canvas.flows.values() for e in (f.source, f.target)}
    return any(not canvas.is_outside(e) for e in ends)


def _join_unsaid(canvas: Canvas) -> None:
    """Assumes the way from a front to the backend and from services to a store that prose leaves unsaid."""
    services = [i for i in canvas.elements if _is_service(canvas, i)]
    fronts = [i for i in services if canvas.traits(i) & _FRONTS]
    inner = [i for i in services if i not in fronts and not canvas.traits(i) & _MACHINERY]
    backend = _backend(canvas, inner)
    behind = _gate(canvas) or backend
    pairs = [(i, behind) for i in fronts if behind and not _calls_inward(canvas, i)]
    pairs += [
        (s, i) for i in canvas.elements if _is_unused(canvas, i) for s in _owners(canvas, i, inner, backend)
    ]
    pairs += _readers(canvas, inner)
    pairs += [(backend, i) for i in canvas.elements if backend and _is_uncalled(canvas, i)]
    made = [canvas.add_flow(_flow(canvas.elements[s], canvas.elements[t])) for s, t in pairs]
    if made:
        drawn = listing((canvas.flow_name(canvas.flows[i]) for i in made), most=8)
        canvas.assume(f"The text does not say who uses some parts; I assumed the usual: {drawn}.", made)


def _readers(canvas: Canvas, inner: Sequence[str]) -> list[tuple[str, str]]:
    """A queue that something is put into and nobody reads, with the one worker that nothing comes to."""
    queues = [i for i in canvas.elements if canvas.traits(i) & _QUEUES and canvas.touching(i)]
    unread = [i for i in queues if not any(f.source == i for f in canvas.touching(i))]
    idle = [i for i in inner if canvas.traits(i) & _WORKERS]
    idle = [i for i in idle if not any(f.target == i for f in canvas.touching(i))]
    idle = [i for i in idle if not any(f.target in unread for f in canvas.touching(i))]
    return [(unread[0], idle[0])] if len(unread) == len(idle) == 1 else []


def _is_uncalled(canvas: Canvas, id_: str) -> bool:
    """Whether it is a service of somebody else that a sentence names and nothing is said to use."""
    calls = canvas.traits(id_) & _CALLED
    beside = canvas.traits(id_) & _BESIDE
    told = not is_bare_role(canvas.elements[id_].name)
    return bool(calls) and told and not beside and canvas.is_outside(id_) and not canvas.touching(id_)


def _gate(canvas: Canvas) -> str:
    """The one gateway that requests are said to pass; empty when there is none or more than one."""
    gates = [i for i in canvas.elements if Trait.GATEWAY in canvas.traits(i) and canvas.touching(i)]
    return gates[0] if len(gates) == 1 else ""


def _backend(canvas: Canvas, inner: Sequence[str]) -> str:
    """What requests are worked on by: the one backend by name, the one API, or the one service there is."""
    return _hub(canvas, inner) or _api(canvas, inner) or (inner[0] if len(inner) == 1 else "")


def _api(canvas: Canvas, services: Iterable[str]) -> str:
    """The one API among the services, which requests come to first; empty when there is none or more."""
    apis = [i for i in services if Trait.API in canvas.traits(i)]
    return apis[0] if len(apis) == 1 else ""


def _calls_inward(canvas: Canvas, front: str) -> bool:
    """Whether something of ours is said to lie behind the front, beside another front."""
    others = [canvas.elements[f.target].id for f in canvas.touching(front) if f.source == front]
    return any(not canvas.is_outside(i) and not canvas.traits(i) & _FRONTS for i in others)


def _is_unused(canvas: Canvas, id_: str) -> bool:
    """Whether it is a store of the system's own data that no part of ours is said to use."""
    if canvas.elements[id_].kind is not ElementKind.DATA_STORE:
        return False
    ends = {e for f in canvas.touching(id_) for e in (f.source, f.target)} - {id_}
    beside = canvas.traits(id_) & (_WATCHERS | _BESIDE | _MACHINERY)
    return not beside and all(canvas.is_outside(e) for e in ends)


def _owners(canvas: Canvas, store: str, inner: Sequence[str], backend: str) -> list[str]:
    """The services whose names share most words with the store's, such as "orders"; else the backend."""
    own = set(core(canvas.elements[store].name))
    shared = {i: len(own & set(core(canvas.elements[i].name))) for i in inner}
    most = max(shared.values(), default=0)
    alike = [i for i, count in shared.items() if count == most] if most else []
    return alike[:_FEW] or ([backend] if backend else [])


def _join_lonely(canvas: Canvas) -> None:
    """Assumes the one flow that a pipeline, a key store or a log without any flow is there for."""
    linked = {end for f in canvas.flows.values() for end in (f.source, f.target)}
    services = [i for i in canvas.elements if i in linked and _is_service(canvas, i)][:_FEW]
    pairs = [(s, i) for i in canvas.elements if _serves_all(canvas, i) for s in services]
    pairs += [(s, t) for a, b in _delivery(canvas, services) for s in a for t in b]
    made = [
        canvas.add_flow(_flow(canvas.elements[s], canvas.elements[t]))
        for s, t in pairs
        if s != t and (s not in linked or t not in linked)
    ]
    if made:
        drawn = listing((canvas.flow_name(canvas.flows[i]) for i in made), most=8)
        canvas.assume(f"The text names parts and not what uses them; I assumed the usual: {drawn}.", made)


def _join_people(canvas: Canvas) -> None:
    """Assumes that people whom a list names, and whom no flow joins to a process, use the front one."""
    ours = {i for i, e in canvas.elements.items() if e.kind is ElementKind.PROCESS}
    ours |= {f.source for f in canvas.flows.values() if f.target in ours and not _is_who(canvas, f.source)}
    lonely = [
        i
        for i in canvas.elements
        if _is_who(canvas, i) and not any({f.source, f.target} & ours for f in canvas.touching(i))
    ]
    front = _front(canvas)
    if not lonely or not front or _lists_flows(canvas):
        return
    made = [canvas.add_flow(_flow(canvas.elements[i], canvas.elements[front])) for i in lonely]
    names = listing(canvas.elements[i].name for i in lonely)
    one = len(lonely) == 1 and not is_plural(canvas.elements[lonely[0]].name)
    uses = "uses" if one else "use"
    canvas.assume(
        f"The text does not say what {names} {uses}; I assumed {canvas.elements[front].name}.", made
    )


def _is_who(canvas: Canvas, id_: str) -> bool:
    return bool(_WHO & set(canvas.elements[id_].technologies)) and canvas.is_outside(id_)


def _lists_flows(canvas: Canvas) -> bool:
    """Whether the text draws its flows as arrows, and so leaves none out."""
    quotes = (f.evidence.quote for f in canvas.flows.values())
    return any(arrow in quote for quote in quotes for arrow in _ARROWS)


def _front(canvas: Canvas) -> str:
    """The process that people come to: a front, else an API, else the service with most flows; or empty."""
    linked = [i for i in canvas.elements if canvas.touching(i) and _is_service(canvas, i)]
    for wanted in (_FRONTS, frozenset({Trait.API}), frozenset({Trait.SERVICE, Trait.WEB_SERVER})):
        fits = [i for i in linked if canvas.traits(i) & wanted]
        if fits:
            return max(fits, key=lambda i: len(canvas.touching(i)))
    return ""


def _is_service(canvas: Canvas, id_: str) -> bool:
    edges = canvas.traits(id_) & frozenset(_EDGE)
    ours = canvas.elements[id_].kind is ElementKind.PROCESS
    return ours and not edges and not _is_beside(canvas, id_)


def _serves_all(canvas: Canvas, id_: str) -> bool:
    """Whether it is there for the services: logs, monitoring, secrets, keys; and nothing is joined to it."""
    wanted = _WATCHERS | {Trait.SECRETS_MANAGER, Trait.KEY_MANAGEMENT}
    return bool(canvas.traits(id_) & wanted) and not canvas.touching(id_)


def _chain(canvas: Canvas) -> list[list[str]]:
    """The layers from people to services that the system has, outermost first."""
    people = [i for i in canvas.elements if _is_person(canvas, i)]
    processes = [i for i, e in canvas.elements.items() if e.kind is ElementKind.PROCESS]
    edges = [[i for i in processes if t in canvas.traits(i)] for t in _EDGE]
    edge_ids = {i for layer in edges for i in layer}
    fronts = [i for i in processes if canvas.traits(i) & _FRONTS and not _is_beside(canvas, i)]
    fronts = [i for i in fronts if i not in edge_ids]
    taken = {*edge_ids, *fronts}
    services = [i for i in processes if i not in taken and not _is_beside(canvas, i)]
    hub = _hub(canvas, services) or ("" if fronts else _api(canvas, services))
    inner = [[hub], [i for i in services if i != hub]] if hub else [services]
    return [layer for layer in (people, *edges, fronts, *inner) if layer]


def _is_beside(canvas: Canvas, id_: str) -> bool:
    """Whether a process stands beside the way of requests: what watches, builds, keeps keys or signs in."""
    own = set(core(canvas.elements[id_].name))
    return bool(canvas.traits(id_) & (_WATCHERS | _BESIDE)) or bool(own & _KEPT_APART)


def _is_back_door(canvas: Canvas, id_: str) -> bool:
    return bool(set(core(canvas.elements[id_].name)) & _BACK_DOORS)


def _delivery(canvas: Canvas, workers: Sequence[str]) -> list[tuple[Sequence[str], Sequence[str]]]:
    """How code comes to the services: source to pipeline, pipeline to registry, or else to the services."""
    found = {t: [i for i in canvas.elements if t in canvas.traits(i)] for t in _DELIVERY}
    pipelines = [i for i in found[Trait.CI_CD] if not set(core(canvas.elements[i].name)) & _KEPT_APART]
    pipelines = [i for i in pipelines if i not in found[Trait.SOURCE_CONTROL]] or pipelines
    sources, registries = found[Trait.SOURCE_CONTROL], found[Trait.REGISTRY]
    sources = [i for i in sources if i not in pipelines and i not in registries]
    goal = registries or workers[:_FEW]
    return [(sources, pipelines), (pipelines, goal), (registries, workers[:_FEW])]


def _is_person(canvas: Canvas, id_: str) -> bool:
    """Whether an external entity is someone who comes to the system, not something that it calls."""
    return canvas.is_outside(id_) and (not canvas.traits(id_) or bool(canvas.traits(id_) & _PEOPLE))


def _hub(canvas: Canvas, services: Iterable[str]) -> str:
    """The one backend that stands for all of them; empty when there is none or more than one."""
    named = [i for i in services if joining_words().hubs & set(core(canvas.elements[i].name))]
    return named[0] if len(named) == 1 else ""


def _ends(canvas: Canvas) -> list[str]:
    """Stores, third parties, and what watches, keeps keys or signs people in."""
    return [
        i
        for i, e in canvas.elements.items()
        if not canvas.traits(i) & _DELIVERY
        and (
            e.kind is ElementKind.DATA_STORE
            or canvas.traits(i) & (_WATCHERS | _BESIDE)
            or (canvas.is_outside(i) and not _is_person(canvas, i))
        )
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
