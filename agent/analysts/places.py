"""What the boundary around an element, or the lack of one, says of whose it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from agent.analysts.roles import client_traits, is_driven
from agent.catalog.grams import words
from agent.catalog.vocabulary import Trait
from agent.domain.system import Element, ElementKind, EvidenceKind, System

Traits = Mapping[str, frozenset[Trait]]

_HANDS = frozenset({"phone", "smartphone", "mobile", "handset", "tablet"})
"""Words of a boundary that stands for the device in a user's hand."""
_DESKS = frozenset({"laptop", "pc", "desktop"})
"""Words of one that stands for the computer on a user's desk."""
_SERVING = frozenset(
    {"backend", "server", "cloud", "service", "platform", "network", "office", "core", "system"}
    | {"operator", "farm", "fleet", "store", "management", "testing", "provider", "ci", "build", "team"}
)
"""Words beside which it stands for something else: "mobile backend", "phone network"."""
_NOT_OURS = frozenset(
    {"partner", "external", "third", "vendor", "supplier", "provider", "saas", "internet", "outside"}
    | {"customer", "client", "public"}
)
"""Words of a boundary around somebody else's systems."""
_IN_FRONT = frozenset(
    {Trait.CDN, Trait.WAF, Trait.DNS, Trait.VPN, Trait.LOAD_BALANCER, Trait.GATEWAY, Trait.REVERSE_PROXY}
    | {Trait.WEB_FRONTEND, Trait.CI_CD, Trait.MONITORING, Trait.IDENTITY_PROVIDER, Trait.SCHEDULER}
    | {Trait.KUBERNETES, Trait.AGENT, Trait.AGENT_TOOL}
)
"""What is ours and yet often drawn outside of the boundary that it stands in front of or beside."""
_SERVED = frozenset({"api", "portal", "gateway", "backend", "endpoint", "console"})
"""Last words of what we offer to others: "Partner API"."""
_FEW = 3
"""Processes that a system must have inside its boundaries before those outside count as somebody else's."""


def in_hands(system: System) -> dict[str, Trait]:
    """What a boundary makes of processes: on a user's phone or computer they are clients, not services."""
    return {e.id: trait for e in _processes(system) if (trait := _hand(e.zone)) is not None}


def outer_systems(system: System, traits: Traits) -> frozenset[str]:
    """Processes drawn outside of every boundary, where ours are drawn inside one: somebody else's systems.

    Only where boundaries hold most processes; never what people use, and never what stands in front of a
    boundary, such as a CDN.
    """
    drawn = [e for e in _processes(system) if not client_traits(traits[e.id])]
    without = [e for e in drawn if not e.zone]
    if len(drawn) - len(without) < max(_FEW, 2 * len(without)):
        return frozenset()
    people = {e.id for e in system.elements if e.kind is ElementKind.EXTERNAL_ENTITY}
    stores = {e.id for e in system.elements if e.kind is ElementKind.DATA_STORE and not e.zone}
    used = {f.target for f in system.flows if f.source in people}
    used |= {f.source for f in system.flows if f.target in people | stores}
    return frozenset(e.id for e in without if e.id not in used and _IN_FRONT.isdisjoint(traits[e.id]))


def inner_systems(system: System, traits: Traits) -> frozenset[str]:
    """External entities that are drawn among our own processes and stores: products that we run ourselves."""
    ours = {b.name for b in system.boundaries if _NOT_OURS.isdisjoint(words(b.name))}
    company = {e.zone for e in _processes(system)} & ours
    company &= {e.zone for e in system.elements if e.kind is ElementKind.DATA_STORE}
    return frozenset(
        e.id
        for e in system.elements
        if e.kind is ElementKind.EXTERNAL_ENTITY and e.zone in company and _is_product(e, traits[e.id])
    )


def _is_product(element: Element, traits: frozenset[Trait]) -> bool:
    """Whether it is a loader or the like, or what we offer to others; no person, device or provider."""
    people = {Trait.ADMIN_PERSON, Trait.END_USER, Trait.IOT_DEVICE, Trait.MOBILE_APP, Trait.BROWSER}
    batch = {Trait.BATCH_JOB, Trait.WORKFLOW, Trait.STREAM}
    served = not _SERVED.isdisjoint(words(element.name)[-1:]) or is_driven(element.name)
    return people.isdisjoint(traits) and (served or not batch.isdisjoint(traits))


def _processes(system: System) -> Iterator[Element]:
    for element in system.elements:
        if element.kind is ElementKind.PROCESS and element.source.kind is EvidenceKind.DIAGRAM:
            yield element


def _hand(boundary: str) -> Trait | None:
    said = set(words(boundary))
    if not _SERVING.isdisjoint(said):
        return None
    if not _HANDS.isdisjoint(said):
        return Trait.MOBILE_APP
    return None if _DESKS.isdisjoint(said) else Trait.DESKTOP_APP
