"""What a list must beat: the categories that apply to each element and flow, and nothing else."""

from __future__ import annotations

import random

from agent.catalog.methodologies import load_methods
from agent.domain.request import Methodology
from agent.domain.system import System
from agent.domain.threat import Stride
from agent.evaluation.compared import Compared

_PER_FLOW = (Stride.TAMPERING, Stride.INFORMATION_DISCLOSURE, Stride.DENIAL_OF_SERVICE)
"""What can befall a flow (Hernan, Lambert, Ostwald and Shostack, 2006)."""


def naive(system: System, budget: int, seed: str) -> tuple[Compared, ...]:
    """STRIDE per element: "<category> of <element>", `budget` of them drawn by the seed.

    The same system, budget and seed give the same list.
    """
    categories = load_methods()[Methodology.STRIDE].categories
    every = [
        _of(e.name, (e.name,), Stride(c.id)) for e in system.elements for c in categories if e.kind in c.kinds
    ]
    for flow in system.flows:
        ends = (system.name_of(flow.source), system.name_of(flow.target))
        every += [_of(system.name_of(flow.id), ends, s) for s in _PER_FLOW]
    drawn = random.Random(seed).sample(every, min(budget, len(every)))  # noqa: S311 - a draw that can be repeated, no secret
    return tuple(c.model_copy(update={"id": f"N-{i:03d}"}) for i, c in enumerate(drawn, start=1))


def _of(name: str, elements: tuple[str, ...], stride: Stride) -> Compared:
    said = f"{stride.label} of {name}"
    return Compared(id="", title=said, statement=said, stride=(stride,), component=name, elements=elements)
