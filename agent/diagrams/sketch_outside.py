"""Who stands outside in a sketch, where no shape and no name of a technology says so."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from agent.catalog.grams import words
from agent.catalog.technologies import Recognition, load_technologies
from agent.catalog.vocabulary import Trait
from agent.diagrams.sketch import Node, Shape, Sketch, one_line
from agent.domain.system import ElementKind

_CLIENTS = frozenset({Trait.MOBILE_APP, Trait.DESKTOP_APP, Trait.CLI})
_PEOPLE = frozenset({Trait.END_USER, Trait.ADMIN_PERSON, Trait.BROWSER})
_PLAIN = frozenset({Shape.PLAIN, Shape.TERMINAL})
_ABROAD = frozenset({"internet", "external", "externals", "outside", "outsiders", "untrusted", "party"})
"""Words of a frame around what is not ours."""
_PERSONS = frozenset({"user", "customer", "actor", "people", "person", "persona", "partner", "world"})
"""Words of a frame around people, in the singular."""
_FACING = frozenset({"subnet", "facing", "network", "cloud", "dmz", "vpc", "gateway", "interface", "side"})
"""Words beside which such a frame is ours after all: "internet-facing"."""
_ABOUT = frozenset(
    {"service", "management", "domain", "context", "module", "team", "account", "data", "space", "land"}
    | {"experience"}
)
"""Words beside which people are what the frame is about: "user service", "customer data"."""
_FEW = 3
"""Elements that frames must hold before what is drawn beside them counts as outside."""


class Outsiders:
    """Tells who stands outside.

    Args:
        sketch: what was drawn.
        recognise: what a node's label, icons and stereotypes say.
    """

    def __init__(self, sketch: Sketch, recognise: Callable[[Node], Recognition]) -> None:
        self._sketch = sketch
        self._recognise = recognise

    def holds(self, node: Node, said: Recognition, *, origin: bool) -> bool:
        """Whether the node stands outside.

        Args:
            node: one of the sketch.
            said: what its label, icons and stereotypes say.
            origin: whether it only sends.
        """
        if node.shape not in _PLAIN:
            return False
        if origin and self._is_client(node, said):
            return True
        if said.kind is not None or said.technologies:
            return False
        ends = node.shape is Shape.TERMINAL and (origin or (self._ends_are_outside and node.group is None))
        return ends or self._is_abroad(node) or (origin and node.group is None and self._ours_is_framed)

    def _is_client(self, node: Node, said: Recognition) -> bool:
        """Whether it is an app on a device, or named for a person."""
        if said.technologies:
            return bool(said.technologies[0].traits & _CLIENTS)
        return any(
            technology.traits & _PEOPLE
            for word in one_line(node.label).split()
            for technology in load_technologies().recognise(word)
        )

    def _is_abroad(self, node: Node) -> bool:
        """Whether the frame around it is named for those who are not ours."""
        if node.group is None:
            return False
        named = frozenset(words(self._sketch.groups[node.group].label))
        if not _FACING.isdisjoint(named):
            return False
        return not _ABROAD.isdisjoint(named) or not (_PERSONS.isdisjoint(named) or named & _ABOUT)

    @cached_property
    def _ends_are_outside(self) -> bool:
        """Whether this diagram draws outsiders as ends, and what is ours in frames and otherwise."""
        ends = [n for n in self._sketch.nodes.values() if n.shape is Shape.TERMINAL]
        kinds = {self._recognise(n).kind for n in ends}
        framed = any(n.group for n in self._sketch.nodes.values()) and not any(n.group for n in ends)
        return framed and ElementKind.EXTERNAL_ENTITY in kinds and ElementKind.DATA_STORE not in kinds

    @cached_property
    def _ours_is_framed(self) -> bool:
        """Whether most of what is drawn stands in frames."""
        nodes = self._sketch.nodes.values()
        framed = sum(1 for n in nodes if n.group is not None)
        return framed >= max(_FEW, 2 * (len(nodes) - framed))
