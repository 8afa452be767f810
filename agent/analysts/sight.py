"""What a condition may look at: the topology, the controls, and what earlier conditions worked out."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from agent.analysts.protection import Protection
from agent.analysts.topology import Topology

Found = TypeVar("Found")


@dataclass
class Sight:
    """One system as conditions see it."""

    topology: Topology
    protection: Protection
    _memo: dict[Hashable, Any] = field(default_factory=dict)

    def once(self, key: Hashable, work: Callable[[], Found]) -> Found:
        """What `work` gives, worked out the first time only."""
        if key not in self._memo:
            self._memo[key] = work()
        found: Found = self._memo[key]
        return found
