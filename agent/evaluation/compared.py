"""A threat as the protocol sees it, produced or of a reference; and what of a system it may name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agent.domain.base import Value
from agent.domain.system import System
from agent.domain.threat import Severity, Stride, Threat
from agent.evaluation.names import same_name

_NAMED = 3
"""How many targets stand in the text that is embedded: a reference names one to three."""


class Place(Value):
    """An element or a flow, by name."""

    name: str
    """An element's name; a flow's label, or "A → B" where it has none."""
    elements: tuple[str, ...]
    """The element's name, or the names of the flow's ends."""


class Compared(Value):
    """What is compared of one threat."""

    id: str
    title: str = ""
    statement: str
    stride: tuple[Stride, ...] = ()
    component: str = ""
    """What it is about, as written; empty where nothing is said."""
    elements: tuple[str, ...] = ()
    """Names of the elements that it is about, ends of flows included; empty where it names none."""
    severity: Severity | None = None
    pattern: str = ""
    """The catalog pattern that proposed it, where one did."""

    @property
    def whole(self) -> str:
        """The text "STRIDE. component. statement", without the parts that are not given."""
        stride = ", ".join(s.label for s in self.stride)
        return ". ".join(part for part in (stride, self.component, self.statement) if part)


def places(system: System) -> tuple[Place, ...]:
    """Every element and flow of the system."""
    elements = [Place(name=e.name, elements=(e.name,)) for e in system.elements]
    flows = [
        Place(
            name=f.label or system.name_of(f.id),
            elements=(system.name_of(f.source), system.name_of(f.target)),
        )
        for f in system.flows
    ]
    return (*elements, *flows)


def produced(threat: Threat, system: System) -> Compared:
    """A threat of a threat model on this system."""
    flows = {f.id: (system.name_of(f.source), system.name_of(f.target)) for f in system.flows}
    elements = [name for t in threat.targets for name in flows.get(t, (system.name_of(t),))]
    return Compared(
        id=threat.id or threat.key,
        title=threat.title,
        statement=threat.statement.text(),
        stride=threat.stride,
        component=", ".join(system.name_of(t) for t in threat.targets[:_NAMED]),
        elements=tuple(dict.fromkeys(elements)),
        severity=threat.effective_severity,
        pattern=threat.pattern,
    )


def placed(references: Iterable[Compared], known: Sequence[Place]) -> tuple[Compared, ...]:
    """The references with the elements that their component names among the known places.

    A component that is none of them (an asset, a property, a component that nobody listed) names none.
    """
    return tuple(r.model_copy(update={"elements": _elements(r.component, known)}) for r in references)


def _elements(component: str, known: Sequence[Place]) -> tuple[str, ...]:
    parts = dict.fromkeys((*component.split(","), component))
    found = (p for part in parts if part.strip() for p in known if same_name(part, p.name))
    return tuple(dict.fromkeys(name for place in found for name in place.elements))
