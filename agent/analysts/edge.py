"""Where strangers come in when the input draws no way in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.catalog.vocabulary import Trait
from agent.domain.system import Element, ElementKind, Evidence, EvidenceKind, Flow

_NOT_DRAWN = Evidence(kind=EvidenceKind.ABSENCE, quote="no way in from outside is drawn")

SOMEBODY = Element(
    id="~internet-user",
    name="Internet user",
    kind=ElementKind.EXTERNAL_ENTITY,
    source=_NOT_DRAWN,
    assumed=True,
)
"""Who comes in where the input draws nobody; stands in the topology only, never in the system."""

_OUTER = frozenset({Trait.CDN, Trait.WAF, Trait.GATEWAY, Trait.LOAD_BALANCER, Trait.REVERSE_PROXY})
_FRONT = frozenset({Trait.WEB_FRONTEND, Trait.WEB_SERVER, Trait.API, Trait.GRAPHQL})
_UNATTENDED = frozenset(
    {Trait.WORKER, Trait.BATCH_JOB, Trait.SCHEDULER, Trait.WORKFLOW, Trait.CI_CD, Trait.MONITORING}
    | {Trait.ADMIN_CONSOLE, Trait.TRAINING, Trait.SERVICE_DISCOVERY, Trait.CONFIG_SERVER}
)
_MACHINERY = frozenset({Trait.KUBERNETES, Trait.CI_CD, Trait.TRAINING, Trait.IOT_DEVICE})
"""Where one of these stands, people are not assumed to meet the system at any process at all."""


def edge(heads: Sequence[str], busy: frozenset[str], traits: Mapping[str, frozenset[Trait]]) -> list[str]:
    """The heads at the edge by their nature, else any that a person may use.

    Args:
        heads: processes of ours that no other process calls.
        busy: those that call something themselves.
        traits: of every element of the system.
    """
    heads = [e for e in heads if Trait.KUBERNETES not in traits[e]]
    outer = [e for e in heads if not _OUTER.isdisjoint(traits[e])]
    front = [e for e in heads if not _FRONT.isdisjoint(traits[e]) and e in busy]
    joined = [e for e in outer if e in busy] or front
    found = list(dict.fromkeys((*joined, *outer)))
    if found or any(not _MACHINERY.isdisjoint(t) for t in traits.values()):
        return found
    return [e for e in heads if e in busy and _UNATTENDED.isdisjoint(traits[e])]


def supposed(user: str, place: str) -> Flow:
    """The flow by which the user is supposed to come in at the place."""
    return Flow(id=f"~{user}~{place}", source=user, target=place, evidence=_NOT_DRAWN, assumed=True)
