"""Where data about people are: what a methodology of privacy asks about, and leaves the rest alone."""

from __future__ import annotations

from agent.analysts.topology import Party, Topology
from agent.catalog.vocabulary import DataTag
from agent.domain.system import ElementKind
from agent.domain.threat import Threat

_PERSONAL = frozenset(
    {DataTag.PERSONAL, DataTag.HEALTH, DataTag.CHILDREN, DataTag.LOCATION, DataTag.MESSAGES, DataTag.PAYMENT}
    | {DataTag.FINANCIAL, DataTag.CREDENTIALS, DataTag.MODEL_PROMPTS, DataTag.DOCUMENTS}
)
"""Data that are mostly about somebody."""


def about_people(topology: Topology, element: str) -> bool:
    """Whether the element is a person, or keeps or handles data about people."""
    person = topology.parties.get(element) in {Party.USER, Party.STAFF}
    return person or not _PERSONAL.isdisjoint(topology.tags.get(element, frozenset()))


def touches_people(topology: Topology, threat: Threat) -> bool:
    """Whether data about people may be at stake: not where only stores of something else are concerned."""
    stores = [
        e for t in threat.targets if (e := topology.elements.get(t)) and e.kind is ElementKind.DATA_STORE
    ]
    return len(stores) < len(threat.targets) or any(about_people(topology, e.id) for e in stores)
