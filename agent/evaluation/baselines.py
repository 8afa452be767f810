"""What a list must beat: the categories that apply to each element and flow, and nothing else."""

from __future__ import annotations

import random

from agent.domain.system import System
from agent.domain.threat import Stride
from agent.evaluation.compared import Compared
from agent.stride import PER_FLOW, PER_KIND


def naive(system: System, budget: int, seed: str) -> tuple[Compared, ...]:
    """STRIDE per element: "<category> of <element>", `budget` of them drawn by the seed.

    The same system, budget and seed give the same list.
    """
    every = [_of(e.name, (e.name,), s) for e in system.elements for s in Stride if s in PER_KIND[e.kind]]
    for flow in system.flows:
        ends = (system.name_of(flow.source), system.name_of(flow.target))
        every += [_of(system.name_of(flow.id), ends, s) for s in Stride if s in PER_FLOW]
    drawn = random.Random(seed).sample(every, min(budget, len(every)))  # noqa: S311 - a draw that can be repeated, no secret
    return tuple(c.model_copy(update={"id": f"N-{i:03d}"}) for i, c in enumerate(drawn, start=1))


def _of(name: str, elements: tuple[str, ...], stride: Stride) -> Compared:
    said = f"{stride.label} of {name}"
    return Compared(id="", title=said, statement=said, stride=(stride,), component=name, elements=elements)
