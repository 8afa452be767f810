"""The system, split into areas that are looked at side by side."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from agent.domain.base import slug
from agent.domain.model import Area
from agent.domain.system import Element, System

LARGEST = 12
"""How many elements an area has at most."""


def split(system: System) -> tuple[Area, ...]:
    """Areas by trust boundary and neighbourhood; every element and every flow stands in exactly one.

    A flow stands with its target. The same system gives the same areas, in the order of its elements.
    """
    zones: dict[str, list[Element]] = {}
    for element in system.elements:
        zones.setdefault(element.zone, []).append(element)
    neighbours = _neighbours(system)
    areas = [
        (zone, part)
        for zone, members in zones.items()
        for part in _parts([e.id for e in members], neighbours)
    ]
    return _named(system, areas)


def _neighbours(system: System) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {e.id: [] for e in system.elements}
    for flow in system.flows:
        if flow.source in found and flow.target in found:
            found[flow.source].append(flow.target)
            found[flow.target].append(flow.source)
    return found


def _parts(members: Sequence[str], neighbours: dict[str, list[str]]) -> Iterable[list[str]]:
    """The members in the order of a walk along flows, cut into pieces of at most LARGEST."""
    inside = set(members)
    walked: dict[str, None] = {}
    for start in members:
        waiting = deque([start] if start not in walked else [])
        walked.setdefault(start)
        while waiting:
            for there in neighbours[waiting.popleft()]:
                if there in inside and there not in walked:
                    walked[there] = None
                    waiting.append(there)
    order = list(walked)
    for at in range(0, len(order), LARGEST):
        yield order[at : at + LARGEST]


def _named(system: System, areas: Sequence[tuple[str, list[str]]]) -> tuple[Area, ...]:
    area_of = {e: i for i, (_, part) in enumerate(areas) for e in part}
    flows: dict[int, list[str]] = {}
    for flow in system.flows:
        at = area_of.get(flow.target, area_of.get(flow.source, 0))
        flows.setdefault(at, []).append(flow.id)
    names = {e.id: e.name for e in system.elements}
    made: list[Area] = []
    for i, (zone, part) in enumerate(areas):
        name = zone or names[part[0]]
        made.append(
            Area(
                id=f"{i + 1:02d}-{slug(name)}",
                name=name if len(part) == 1 or zone else f"{name} and {len(part) - 1} more",
                elements=tuple(part),
                flows=tuple(flows.get(i, ())),
            )
        )
    return tuple(made)
