"""The system while it is being put together: elements, flows and the rest by id, changed by replacement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from agent.catalog.technologies import load_technologies
from agent.catalog.vocabulary import Trait
from agent.domain.base import digest
from agent.domain.system import (
    Asset,
    Assumption,
    Boundary,
    Control,
    Element,
    ElementKind,
    Evidence,
    Flow,
    Known,
)
from agent.naming import NameIndex, key


@dataclass
class Canvas:
    """Everything by id, in the order it came."""

    elements: dict[str, Element] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    boundaries: dict[str, Boundary] = field(default_factory=dict)
    assets: dict[str, Asset] = field(default_factory=dict)
    assumptions: dict[str, Assumption] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    drawn: set[str] = field(default_factory=set)
    """Ids of the elements that a diagram shows."""
    names: NameIndex = field(default_factory=NameIndex)
    _ends: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    _touching: dict[str, list[str]] = field(default_factory=dict)
    _assets: dict[tuple[str, str], str] = field(default_factory=dict)

    def add_element(self, element: Element) -> str:
        """Adds the element under its own id, or with "-2" and so on when that is taken; the id it got."""
        id_ = unique(element.id, self.elements)
        self.elements[id_] = element.model_copy(update={"id": id_})
        self.names.add(id_, element.name)
        return id_

    def add_flow(self, flow: Flow) -> str:
        """Adds the flow under its own id, made unique; the id it got."""
        id_ = unique(flow.id, self.flows)
        self.flows[id_] = flow.model_copy(update={"id": id_})
        self._ends.setdefault((flow.source, flow.target), []).append(id_)
        for end in dict.fromkeys((flow.source, flow.target)):
            self._touching.setdefault(end, []).append(id_)
        return id_

    def add_asset(self, asset: Asset) -> str:
        """Adds an asset, joined with one of the same name and tag; the id it got."""
        own = (key(asset.name), asset.tag)
        if own not in self._assets:
            id_ = unique(asset.id, self.assets)
            self.assets[id_] = asset.model_copy(update={"id": id_})
            self._assets[own] = id_
        return self._assets[own]

    def hold(self, id_: str, asset: str) -> None:
        """Notes that an element holds, or a flow carries, an asset."""
        holder: Element | Flow = self.elements[id_] if id_ in self.elements else self.flows[id_]
        if asset in holder.assets:
            return
        change = self.change_element if id_ in self.elements else self.change_flow
        change(id_, assets=(*holder.assets, asset))

    def between(self, source: str, target: str) -> list[str]:
        """Ids of the flows from the one element to the other."""
        return self._ends.get((source, target), [])

    def touching(self, element: str) -> list[Flow]:
        """The flows that begin or end at the element."""
        return [self.flows[i] for i in self._touching.get(element, ())]

    def change_element(self, id_: str, **changes: object) -> None:
        """Replaces fields of an element."""
        self.elements[id_] = self.elements[id_].model_copy(update=changes)

    def change_flow(self, id_: str, **changes: object) -> None:
        """Replaces fields of a flow."""
        self.flows[id_] = self.flows[id_].model_copy(update=changes)

    def control(self, id_: str, name: str, state: Known, evidence: Evidence) -> None:
        """Notes a control on an element or a flow; one that is noted already stays."""
        holder: Element | Flow = self.elements[id_] if id_ in self.elements else self.flows[id_]
        if any(c.name == name for c in holder.controls):
            return
        controls = (*holder.controls, Control(name=name, state=state, evidence=evidence))
        if id_ in self.elements:
            self.change_element(id_, controls=controls)
        else:
            self.change_flow(id_, controls=controls)

    def assume(self, text: str, targets: Iterable[str] = ()) -> None:
        """Notes something that nobody said, once."""
        id_ = f"a-{digest(key(text) or text)}"
        self.assumptions.setdefault(id_, Assumption(id=id_, text=text, targets=tuple(targets)))

    def traits(self, id_: str) -> frozenset[Trait]:
        """What an element's technologies are."""
        return load_technologies().traits_of(self.elements[id_].technologies)

    def is_outside(self, id_: str) -> bool:
        """Whether the element is an external entity."""
        return self.elements[id_].kind is ElementKind.EXTERNAL_ENTITY

    def flow_name(self, flow: Flow) -> str:
        """A flow as people name it."""
        return f"{self.elements[flow.source].name} → {self.elements[flow.target].name}"


def unique(wanted: str, taken: Iterable[str]) -> str:
    """The id, or with "-2", "-3" and so on when it is taken."""
    known = taken if isinstance(taken, dict | set) else set(taken)
    id_, n = wanted, 1
    while id_ in known:
        n += 1
        id_ = f"{wanted}-{n}"
    return id_


def listing(names: Iterable[str], most: int = 6) -> str:
    """Names as a clause: "A, B and C"; past `most` of them, how many more."""
    found = list(dict.fromkeys(names))
    if len(found) > most:
        return f"{', '.join(found[:most])} and {len(found) - most} more"
    return f"{', '.join(found[:-1])} and {found[-1]}" if len(found) > 1 else "".join(found)
