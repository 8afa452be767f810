"""The conditions of threat patterns: frozen values that hold, or do not, of an element or a flow.

They are read from YAML by `agent.catalog.grammar` and never evaluated as code. A condition also tells what
it captured: the elements that made it hold, under the names that the pattern gave them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from agent.analysts.graphs import path_to, shortest
from agent.analysts.sight import Sight
from agent.domain.system import Element, Flow

Subject = Element | Flow
Captures = dict[str, tuple[str, ...]]
"""Names given in the pattern to the ids of the elements found."""


class Condition(Protocol):
    """Holds, or does not, of an element or a flow."""

    @property
    def cost(self) -> int:
        """Roughly how much work it is, to ask the cheap ones first."""
        ...

    def holds(self, sight: Sight, subject: Subject) -> bool:
        """Whether it holds of the subject."""
        ...

    def captures(self, sight: Sight, subject: Subject) -> Captures:
        """What it found, where it holds; empty for most."""
        ...


@dataclass(frozen=True, eq=False)
class Test:
    """One predicate with its argument, such as kind = process."""

    name: str
    value: Any
    test: Callable[[Sight, Subject, Any], bool]
    cost: int = 1

    def holds(self, sight: Sight, subject: Subject) -> bool:
        """See Condition."""
        return self.test(sight, subject, self.value)

    def captures(self, sight: Sight, subject: Subject) -> Captures:  # noqa: ARG002 - the protocol's signature
        """See Condition."""
        return {}


@dataclass(frozen=True, eq=False)
class Every:
    """Holds when all parts hold."""

    parts: tuple[Condition, ...]

    @property
    def cost(self) -> int:
        """See Condition."""
        return sum(p.cost for p in self.parts)

    def holds(self, sight: Sight, subject: Subject) -> bool:
        """See Condition."""
        return all(p.holds(sight, subject) for p in self.parts)

    def captures(self, sight: Sight, subject: Subject) -> Captures:
        """See Condition."""
        return _joined(p.captures(sight, subject) for p in self.parts)


@dataclass(frozen=True, eq=False)
class Some:
    """Holds when any part holds."""

    parts: tuple[Condition, ...]

    @property
    def cost(self) -> int:
        """See Condition."""
        return sum(p.cost for p in self.parts)

    def holds(self, sight: Sight, subject: Subject) -> bool:
        """See Condition."""
        return any(p.holds(sight, subject) for p in self.parts)

    def captures(self, sight: Sight, subject: Subject) -> Captures:
        """See Condition."""
        return _joined(p.captures(sight, subject) for p in self.parts if p.holds(sight, subject))


@dataclass(frozen=True, eq=False)
class Not:
    """Holds when its part does not."""

    part: Condition

    @property
    def cost(self) -> int:
        """See Condition."""
        return self.part.cost

    def holds(self, sight: Sight, subject: Subject) -> bool:
        """See Condition."""
        return not self.part.holds(sight, subject)

    def captures(self, sight: Sight, subject: Subject) -> Captures:  # noqa: ARG002 - the protocol's signature
        """See Condition."""
        return {}


@dataclass(frozen=True, eq=False)
class End:
    """Holds of a flow when its source or its target meets a condition."""

    end: Literal["from", "to"]
    other: Condition

    @property
    def cost(self) -> int:
        """See Condition."""
        return self.other.cost + 1

    def holds(self, sight: Sight, subject: Subject) -> bool:
        """See Condition."""
        return self.other.holds(sight, self._element(sight, subject))

    def captures(self, sight: Sight, subject: Subject) -> Captures:
        """See Condition."""
        return self.other.captures(sight, self._element(sight, subject))

    def _element(self, sight: Sight, subject: Subject) -> Element:
        assert isinstance(subject, Flow)  # noqa: S101 - the grammar lets it stand on flows only
        return sight.topology.elements[subject.source if self.end == "from" else subject.target]


@dataclass(frozen=True, eq=False)
class Linked:
    """Holds of an element that has enough flows of a kind to or from enough elements of a kind.

    Attributes:
        way: which flows count: those it receives, those it sends, or both.
        flow: what the flow must meet; None for any.
        other: what the element at the other end must meet; None for any.
        at_least: how many different elements there must be at the other ends.
        at_most: and how many there may be; None for any number.
        name: under which name the others are captured.
    """

    way: Literal["receives", "sends", "linked"]
    flow: Condition | None
    other: Condition | None
    at_least: int
    at_most: int | None
    name: str

    @property
    def cost(self) -> int:
        """See Condition."""
        return 20 + (self.flow.cost if self.flow else 0) + (self.other.cost if self.other else 0)

    def holds(self, sight: Sight, subject: Subject) -> bool:
        """See Condition."""
        found: set[str] = set()
        for other in self._others(sight, subject):
            found.add(other)
            if len(found) >= self.at_least and self.at_most is None:
                return True
        return self.at_least <= len(found) <= (self.at_most if self.at_most is not None else len(found))

    def captures(self, sight: Sight, subject: Subject) -> Captures:
        """See Condition."""
        found = tuple(dict.fromkeys(self._others(sight, subject)))
        inner = _joined(
            self.other.captures(sight, sight.topology.elements[e]) for e in found if self.other is not None
        )
        return {**inner, self.name: found} if self.name else inner

    def _others(self, sight: Sight, subject: Subject) -> Iterator[str]:
        topology = sight.topology
        if self.way != "sends":
            for flow in topology.incoming[subject.id]:
                if self._fits(sight, flow, flow.source):
                    yield flow.source
        if self.way != "receives":
            for flow in topology.outgoing[subject.id]:
                if self._fits(sight, flow, flow.target):
                    yield flow.target

    def _fits(self, sight: Sight, flow: Flow, other: str) -> bool:
        if self.flow is not None and not self.flow.holds(sight, flow):
            return False
        return self.other is None or self.other.holds(sight, sight.topology.elements[other])


@dataclass(frozen=True, eq=False)
class PathFrom:
    """Holds of an element that a way leads to from an element of a kind.

    Attributes:
        start: what the element at the beginning must meet.
        avoiding: what no element between may meet: a way without, say, any queue; None for any way.
        within: how many flows long the way may be; None for any length.
        name: under which name the whole way is captured, its ends included.
    """

    start: Condition
    avoiding: Condition | None
    within: int | None
    name: str

    @property
    def cost(self) -> int:
        """See Condition."""
        return 30

    def holds(self, sight: Sight, subject: Subject) -> bool:
        """See Condition."""
        return bool(self.path(sight, subject.id))

    def captures(self, sight: Sight, subject: Subject) -> Captures:
        """See Condition."""
        return {self.name: self.path(sight, subject.id)} if self.name else {}

    def path(self, sight: Sight, element: str) -> tuple[str, ...]:
        """The shortest such way, as ids, one that a user can go first; empty when there is none."""
        for parents in sight.once(("path", id(self)), lambda: self._walks(sight)):
            path = path_to(parents, element)
            if len(path) > 1 and (self.within is None or len(path) - 1 <= self.within):
                return path
        return ()

    def _walks(self, sight: Sight) -> tuple[dict[str, str], ...]:
        topology = sight.topology
        starts = [e.id for e in topology.elements.values() if self.start.holds(sight, e)]
        shut = frozenset(topology.parties)
        if self.avoiding is not None:
            shut |= frozenset(e.id for e in topology.elements.values() if self.avoiding.holds(sight, e))
        users = [s for s in starts if topology.parties.get(s) == "user"]
        others = [s for s in starts if s not in users]
        return tuple(shortest(topology.reach, group, shut - frozenset(group)) for group in (users, others))


@dataclass(frozen=True, eq=False)
class Anywhere:
    """Holds when the system has enough elements, or flows, of a kind, whatever the subject is.

    Attributes:
        what: whether elements or flows are counted.
        each: what each of them must meet.
        at_least: how many there must be; 0 with at_most 0 says "none".
        at_most: how many there may be; None for any number.
        name: under which name they are captured (elements only).
    """

    what: Literal["elements", "flows"]
    each: Condition
    at_least: int
    at_most: int | None
    name: str

    @property
    def cost(self) -> int:
        """See Condition."""
        return 2

    def holds(self, sight: Sight, subject: Subject) -> bool:  # noqa: ARG002 - the protocol's signature
        """See Condition."""
        count = len(self._found(sight))
        return count >= self.at_least and (self.at_most is None or count <= self.at_most)

    def captures(self, sight: Sight, subject: Subject) -> Captures:  # noqa: ARG002 - the protocol's signature
        """See Condition."""
        return {self.name: self._found(sight)} if self.name else {}

    def _found(self, sight: Sight) -> tuple[str, ...]:
        return sight.once(("anywhere", id(self)), lambda: self._look(sight))

    def _look(self, sight: Sight) -> tuple[str, ...]:
        topology = sight.topology
        all_: tuple[Subject, ...] = (
            tuple(topology.elements.values()) if self.what == "elements" else tuple(topology.flows.values())
        )
        return tuple(s.id for s in all_ if self.each.holds(sight, s))


def _joined(found: Iterable[Captures]) -> Captures:
    joined: Captures = {}
    for captures in found:
        for name, ids in captures.items():
            joined[name] = tuple(dict.fromkeys((*joined.get(name, ()), *ids)))
    return joined
