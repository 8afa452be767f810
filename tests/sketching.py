"""Small systems written in a line each, for tests of the catalog and of what judges with it.

One line an element or a flow::

    (Payment provider: payment)                       an external entity with the trait "payment"
    [Booking API: api | in: AWS | yes: rate_limit]    a process inside a boundary, with a control stated
    {Patients DB: sql | data: health | no: backup}    a data store; "data:" gives it an asset of that kind
    Payment provider -> Booking API: webhook          a flow with its label
    Booking API -> Patients DB: SQL | protocol: tls | data: health | encrypted: yes | yes: audit_log

    > Bookings are kept for ten years.                a sentence, about the elements that it names

Traits stand where technologies would. An element that only a flow names is a process without traits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.catalog.data_kinds import load_data_kinds
from agent.catalog.vocabulary import DataTag, Trait
from agent.domain.base import slug
from agent.domain.system import (
    Asset,
    Boundary,
    Control,
    Element,
    ElementKind,
    Evidence,
    EvidenceKind,
    Exposure,
    Flow,
    Known,
    Remark,
    System,
)

_KINDS = {"(": ElementKind.EXTERNAL_ENTITY, "[": ElementKind.PROCESS, "{": ElementKind.DATA_STORE}


def traits_of(technologies: Sequence[str]) -> frozenset[Trait]:
    """Technologies of a sketch are the names of traits."""
    return frozenset(Trait(t) for t in technologies)


def sketch(text: str, name: str = "Sketch") -> System:
    """The system that the lines say."""
    elements: dict[str, Element] = {}
    flows: list[Flow] = []
    said: list[str] = []
    for line in filter(None, (raw.strip() for raw in text.splitlines())):
        if line.startswith(">"):
            said.append(line[1:].strip())
            continue
        if line[0] in _KINDS:
            element = _element(line)
            elements[element.name] = element
            continue
        flow, ends = _flow(line, len(flows))
        for end in ends:
            elements.setdefault(end, _element(f"[{end}]"))
        flows.append(flow)
    members: dict[str, list[str]] = {}
    for element in elements.values():
        if element.zone:
            members.setdefault(element.zone, []).append(element.id)
    return System(
        name=name,
        elements=tuple(elements.values()),
        flows=tuple(flows),
        boundaries=tuple(Boundary(id=slug(z), name=z, members=tuple(m)) for z, m in members.items()),
        assets=tuple(_asset(tag) for tag in DataTag),
        remarks=tuple(_remark(sentence, elements) for sentence in said),
    )


def _remark(sentence: str, elements: Mapping[str, Element]) -> Remark:
    named = (e.id for e in elements.values() if e.name.lower() in sentence.lower())
    return Remark(quote=sentence, source="sketch", about=tuple(named))


def _element(line: str) -> Element:
    head, options = _options(line[1:-1])
    name, _, traits = (part.strip() for part in head.partition(":"))
    return Element(
        id=slug(name),
        name=name,
        kind=_KINDS[line[0]],
        technologies=tuple(traits.split()),
        zone=options.get("in", ""),
        source=_quote(line),
        exposure=Exposure(options.get("exposure", "unknown")),
        assumed="assumed" in options,
        controls=_controls(options),
        assets=tuple(options.get("data", "").split()),
    )


def _flow(line: str, number: int) -> tuple[Flow, tuple[str, str]]:
    head, options = _options(line)
    ends, _, label = (part.strip() for part in head.partition(":"))
    source, _, target = (part.strip() for part in ends.partition("->"))
    return Flow(
        id=f"f{number}-{slug(source)}-{slug(target)}",
        source=slug(source),
        target=slug(target),
        label=label,
        protocol=options.get("protocol", ""),
        encrypted=Known(options.get("encrypted", "unknown")),
        authenticated=Known(options.get("authenticated", "unknown")),
        evidence=_quote(line),
        controls=_controls(options),
        assets=tuple(options.get("data", "").split()),
    ), (source, target)


def _options(text: str) -> tuple[str, dict[str, str]]:
    head, *rest = (part.strip() for part in text.split("|"))
    pairs = (part.partition(":") for part in rest)
    return head, {key.strip(): value.strip() for key, _, value in pairs}


def _controls(options: dict[str, str]) -> tuple[Control, ...]:
    return tuple(
        Control(name=name, state=state, evidence=_quote(f"{name}: {state.value}"))
        for state in (Known.YES, Known.NO)
        for name in options.get(state.value, "").split()
    )


def _asset(tag: DataTag) -> Asset:
    kind = load_data_kinds().kinds[tag]
    return Asset(id=tag.value, name=kind.name.lower(), classification=kind.classification, tag=tag.value)


def _quote(text: str) -> Evidence:
    return Evidence(kind=EvidenceKind.DIAGRAM, quote=text, source="sketch")
