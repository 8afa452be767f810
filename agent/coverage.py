"""What was looked at: categories × elements, and what the input does not show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from agent.analysts.people import about_people
from agent.analysts.topology import Topology, TraitsOf
from agent.catalog.control_words import load_control_words
from agent.catalog.methodologies import Category, load_methods
from agent.catalog.vocabulary import ControlName, Trait
from agent.domain.model import Coverage, CoverageCell
from agent.domain.request import Methodology
from agent.domain.system import Element, ElementKind, Flow, Known, System
from agent.domain.threat import Stride, Threat

_KINDS = {
    ElementKind.EXTERNAL_ENTITY: "an external entity",
    ElementKind.PROCESS: "a process",
    ElementKind.DATA_STORE: "a data store",
}


def coverage(
    system: System,
    threats: Iterable[Threat],
    traits_of: TraitsOf | None = None,
    *,
    methodology: Methodology = Methodology.STRIDE,
) -> Coverage:
    """Each element's cells, one a category, with the threats there, or why there are none; what is not shown.

    A threat on a flow counts at both ends of it. A cell without threats and without a reason is a gap.
    """
    topology = Topology(system, traits_of or _packaged_traits())
    method = load_methods()[methodology]
    at = _threats_at(topology, threats)
    cells = tuple(
        CoverageCell(
            element=element.id,
            **_named(methodology, category),
            threats=(ids := tuple(at.get((element.id, category.label), ()))),
            reason="" if ids else _reason(topology, element, category),
        )
        for element in system.elements
        for category in method.categories
    )
    return Coverage(methodology=method.title, cells=cells, not_looked_at=not_looked_at(topology))


def _named(methodology: Methodology, category: Category) -> dict[str, Any]:
    if methodology is Methodology.STRIDE:
        return {"stride": Stride(category.id)}
    return {"category": category.label}


def _threats_at(topology: Topology, threats: Iterable[Threat]) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], dict[str, None]] = {}
    for threat in threats:
        for target in threat.targets:
            flow = topology.flows.get(target)
            for end in (flow.source, flow.target) if flow else (target,):
                for kind in threat.kinds:
                    found.setdefault((end, kind), {})[threat.id or threat.key] = None
    return {place: list(ids) for place, ids in found.items()}


def _reason(topology: Topology, element: Element, category: Category) -> str:
    asked = _not_asked(topology, element, category)
    if asked:
        return asked
    if not topology.incoming[element.id] and not topology.outgoing[element.id]:
        return "no flow to or from it is drawn"
    stated = _stated(element, topology, category)
    if stated:
        return f"stated: {stated}"
    if element.kind is ElementKind.EXTERNAL_ENTITY:
        return "" if topology.outgoing[element.id] else "it only receives"
    if not topology.entry_path(element.id):
        return "no way from outside to it is drawn"
    return ""


def _not_asked(topology: Topology, element: Element, category: Category) -> str:
    """Why the category is no question to the element; empty when it is one."""
    if element.kind not in category.kinds:
        return f"{category.label} does not apply to {_KINDS[element.kind]}"
    if category.traits and category.traits.isdisjoint(topology.traits[element.id]):
        return f"{category.label}: nothing of that layer is seen here"
    if category.personal and not about_people(topology, element.id):
        return "no data about people is seen here"
    return ""


def _stated(element: Element, topology: Topology, category: Category) -> str:
    """What the input names against the category, at the element or on every flow there."""
    wanted = {c.value for c in category.answered_by}
    for control in element.controls:
        if control.name in wanted and control.state is Known.YES:
            return load_control_words()[ControlName(control.name)].label
    flows = (*topology.incoming[element.id], *topology.outgoing[element.id])
    lies = element.kind is ElementKind.DATA_STORE  # what lies there is not guarded by how it came
    if category.flows == "encrypted" and not lies and all(topology.encrypted(f) is Known.YES for f in flows):
        return "every flow here is encrypted"
    if category.flows == "authenticated" and all(topology.authenticated(f) is Known.YES for f in flows):
        return "every flow here is authenticated"
    return ""


def not_looked_at(topology: Topology) -> tuple[str, ...]:
    """What a review should have and the input does not show, as noun phrases."""
    if not topology.system.elements:
        return ()
    shown = frozenset().union(*topology.traits.values())
    places: tuple[Element | Flow, ...] = (*topology.system.elements, *topology.system.flows)
    stated = {c.name for place in places for c in place.controls if c.state is not Known.UNKNOWN}
    missing = [
        text for text, traits, controls in _TOPICS if shown.isdisjoint(traits) and stated.isdisjoint(controls)
    ]
    if not topology.system.boundaries:
        missing.append("trust boundaries: none is drawn, so only outside and inside are told apart")
    loose = [e.name for e in topology.system.elements if not _linked(topology, e.id)]
    if loose:
        missing.append(f"what these exchange and with whom: {', '.join(loose[:5])}")
    return tuple(missing)


def _linked(topology: Topology, element: str) -> bool:
    return bool(topology.incoming[element] or topology.outgoing[element])


_TOPICS: Sequence[tuple[str, frozenset[Trait], frozenset[str]]] = (
    (
        "how the code is built and deployed (repository, pipeline, registry)",
        frozenset({Trait.CI_CD, Trait.SOURCE_CONTROL, Trait.REGISTRY}),
        frozenset({"dependency_scan", "image_signing", "change_review"}),
    ),
    ("backups and how they are restored", frozenset({Trait.BACKUP}), frozenset({"backup"})),
    (
        "logs, monitoring and who gets the alerts",
        frozenset({Trait.LOG_STORE, Trait.MONITORING}),
        frozenset({"audit_log", "monitoring"}),
    ),
    (
        "how people sign in",
        frozenset({Trait.IDENTITY_PROVIDER, Trait.DIRECTORY}),
        frozenset({"authentication", "mfa"}),
    ),
    (
        "where secrets and keys are kept",
        frozenset({Trait.SECRETS_MANAGER, Trait.KEY_MANAGEMENT}),
        frozenset({"secrets_management", "key_rotation"}),
    ),
    (
        "how administrators get in",
        frozenset({Trait.ADMIN_PERSON, Trait.ADMIN_CONSOLE, Trait.VPN}),
        frozenset(),
    ),
)


def _packaged_traits() -> TraitsOf:
    from agent.catalog.technologies import load_technologies

    return load_technologies().traits_of
