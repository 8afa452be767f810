"""What was looked at: the STRIDE × element matrix, and what the input does not show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agent.analysts.topology import Topology, TraitsOf
from agent.catalog.control_words import load_control_words
from agent.catalog.vocabulary import ControlName, Trait
from agent.domain.model import Coverage, CoverageCell
from agent.domain.system import Element, ElementKind, Flow, Known, System
from agent.domain.threat import Stride, Threat
from agent.stride import PER_FLOW, applies

_ANSWERS: dict[Stride, tuple[ControlName, ...]] = {
    Stride.SPOOFING: (
        ControlName.AUTHENTICATION,
        ControlName.MFA,
        ControlName.MUTUAL_TLS,
        ControlName.SIGNATURE,
    ),
    Stride.TAMPERING: (
        ControlName.SIGNATURE,
        ControlName.INPUT_VALIDATION,
        ControlName.PARAMETERIZED_QUERIES,
        ControlName.MESSAGE_VALIDATION,
    ),
    Stride.REPUDIATION: (ControlName.AUDIT_LOG,),
    Stride.INFORMATION_DISCLOSURE: (
        ControlName.ENCRYPTION_AT_REST,
        ControlName.TRANSPORT_ENCRYPTION,
        ControlName.AUTHORIZATION,
    ),
    Stride.DENIAL_OF_SERVICE: (
        ControlName.RATE_LIMIT,
        ControlName.REDUNDANCY,
        ControlName.BACKUP,
        ControlName.WAF,
    ),
    Stride.ELEVATION_OF_PRIVILEGE: (
        ControlName.LEAST_PRIVILEGE,
        ControlName.AUTHORIZATION,
        ControlName.SANDBOX,
    ),
}
_KINDS = {
    ElementKind.EXTERNAL_ENTITY: "an external entity",
    ElementKind.PROCESS: "a process",
    ElementKind.DATA_STORE: "a data store",
}


def coverage(system: System, threats: Iterable[Threat], traits_of: TraitsOf | None = None) -> Coverage:
    """Each element's six cells, with the threats there, or why there are none; and what is not shown.

    A threat on a flow counts at both ends of it. A cell without threats and without a reason is a gap.
    """
    topology = Topology(system, traits_of or _packaged_traits())
    at = _threats_at(topology, threats)
    cells = tuple(
        CoverageCell(
            element=element.id,
            stride=stride,
            threats=(ids := tuple(at.get((element.id, stride), ()))),
            reason="" if ids else _reason(topology, element, stride),
        )
        for element in system.elements
        for stride in Stride
    )
    return Coverage(cells=cells, not_looked_at=not_looked_at(topology))


def _threats_at(topology: Topology, threats: Iterable[Threat]) -> dict[tuple[str, Stride], list[str]]:
    found: dict[tuple[str, Stride], dict[str, None]] = {}
    for threat in threats:
        for target in threat.targets:
            flow = topology.flows.get(target)
            for end in (flow.source, flow.target) if flow else (target,):
                for stride in threat.stride:
                    found.setdefault((end, stride), {})[threat.id or threat.key] = None
    return {place: list(ids) for place, ids in found.items()}


def _reason(topology: Topology, element: Element, stride: Stride) -> str:
    if not applies(element.kind, stride):
        return f"{stride.label} does not apply to {_KINDS[element.kind]}"
    if not topology.incoming[element.id] and not topology.outgoing[element.id]:
        return "no flow to or from it is drawn"
    stated = _stated(element, topology, stride)
    if stated:
        return f"stated: {stated}"
    if element.kind is ElementKind.EXTERNAL_ENTITY:
        return "" if topology.outgoing[element.id] else "it only receives"
    if not topology.entry_path(element.id):
        return "no way from outside to it is drawn"
    return ""


def _stated(element: Element, topology: Topology, stride: Stride) -> str:
    """What the input names against the category, at the element or on every flow there."""
    wanted = {c.value for c in _ANSWERS[stride]}
    for control in element.controls:
        if control.name in wanted and control.state is Known.YES:
            return load_control_words()[ControlName(control.name)].label
    flows = (*topology.incoming[element.id], *topology.outgoing[element.id])
    encrypted = all(topology.encrypted(f) is Known.YES for f in flows)
    if (
        stride in PER_FLOW - {Stride.DENIAL_OF_SERVICE}
        and element.kind is not ElementKind.DATA_STORE
        and encrypted
    ):
        return "every flow here is encrypted"
    if stride is Stride.SPOOFING and all(topology.authenticated(f) is Known.YES for f in flows):
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
