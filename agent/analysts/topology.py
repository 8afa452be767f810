"""The system with everything that conditions ask for, worked out once: traits, data, exposure, paths."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from agent.analysts import wire_words
from agent.analysts.data_words import CLASSES, kind_of, tags_in, tags_of_asset, tags_of_name
from agent.analysts.edge import SOMEBODY, edge, supposed
from agent.analysts.graphs import dominated, path_to, shortest
from agent.analysts.places import in_hands, inner_systems, outer_systems
from agent.analysts.roles import client_traits, is_workforce, party_of, traits_for
from agent.catalog.grams import grams, stated, words
from agent.catalog.spelling import mended
from agent.catalog.vocabulary import ControlName, DataTag, Trait
from agent.domain.system import (
    Asset,
    Boundary,
    Classification,
    Element,
    ElementKind,
    Exposure,
    Flow,
    Known,
    Remark,
    System,
)

TraitsOf = Callable[[Sequence[str]], frozenset[Trait]]
"""Technologies' identifiers to what they are."""

_QUEUES = frozenset({Trait.QUEUE, Trait.STREAM, Trait.PUBSUB})
_GATES = frozenset({Trait.GATEWAY, Trait.WEBSOCKET, Trait.GRAPHQL, Trait.LOAD_BALANCER})
"""What clients call."""
_FILES = frozenset({Trait.OBJECT_STORAGE, Trait.FILE_STORAGE})


_ACCOUNTS = frozenset({"account"})
"""Words of a service that may sign people in, or keep their balances."""


class Party(StrEnum):
    """Who stands outside."""

    USER = "user"
    """A person whom anybody may become, or the client in that person's hand."""
    STAFF = "staff"
    PARTNER = "partner"
    """Somebody else's system."""


class Crossing(StrEnum):
    """How a flow meets the trust boundaries."""

    INWARD = "in"
    OUTWARD = "out"
    NONE = "none"


class Drawn(NamedTuple):
    """What the system itself holds, without what the topology supposes."""

    elements: tuple[Element, ...]
    flows: tuple[Flow, ...]


class Topology:
    """Indexes over one system; everything is worked out at most once and in near-linear time."""

    def __init__(self, system: System, traits_of: TraitsOf) -> None:
        self.system = system
        self.elements: dict[str, Element] = {e.id: e for e in system.elements}
        self.flows: dict[str, Flow] = {}
        self.traits: dict[str, frozenset[Trait]] = {
            e.id: traits_for(e, traits_of(e.technologies)) for e in system.elements
        }
        self._accounts_of_money()
        self._read_boundaries()
        self.incoming: dict[str, list[Flow]] = {e: [] for e in self.elements}
        self.outgoing: dict[str, list[Flow]] = {e: [] for e in self.elements}
        for flow in system.flows:
            if flow.source in self.elements and flow.target in self.elements:
                self._add(flow)
        self.drawn = Drawn(tuple(self.elements.values()), tuple(self.flows.values()))
        self.assets: dict[str, Asset] = {a.id: a for a in system.assets}
        self._suppose_entries()

    def _accounts_of_money(self) -> None:
        """An accounts service beside what signs people in keeps accounts of another kind, as a bank does."""
        who = [e for e, t in self.traits.items() if Trait.IDENTITY_PROVIDER in t]
        accounts = [e for e in who if self.grams(self.elements[e]) >= _ACCOUNTS]
        if len(accounts) < len(who):
            for element in accounts:
                self.traits[element] -= {Trait.IDENTITY_PROVIDER}

    def _read_boundaries(self) -> None:
        """What a boundary puts on a phone is an app, and what stands among our own parts is one of them."""
        for element, trait in in_hands(self.system).items():
            self.traits[element] = self.traits[element] - {Trait.WEB_FRONTEND} | {trait}
        for element in inner_systems(self.system, self.traits):
            self.elements[element] = self.elements[element].model_copy(update={"kind": ElementKind.PROCESS})
            self.traits[element] -= {Trait.THIRD_PARTY}

    def _add(self, flow: Flow) -> None:
        self.flows[flow.id] = flow
        self.outgoing[flow.source].append(flow)
        self.incoming[flow.target].append(flow)

    def _suppose_entries(self) -> None:
        """Where no way in is drawn at all, users come in at the edge: those drawn apart, or some user.

        Where some way in is drawn, a page that nobody is drawn at is still opened by the users there are,
        and a gateway that nobody is drawn to call is called by the page.
        """
        if any(self._entry(e) for e in self.elements if e not in self.parties):
            self._suppose_readers()
            return
        edge = [e for e in self._edge() if not self._used_by_staff(e)]
        if not edge:
            return
        apart = [e for e, p in self.parties.items() if p is Party.USER and not self.outgoing[e]]
        if not apart:
            apart = [SOMEBODY.id]
            self.elements[SOMEBODY.id] = SOMEBODY
            self.traits[SOMEBODY.id] = frozenset({Trait.END_USER})
            self.incoming[SOMEBODY.id], self.outgoing[SOMEBODY.id] = [], []
        for user in apart:
            for place in edge:
                self._add(supposed(user, place))
        del self.parties

    def _suppose_readers(self) -> None:
        user = next(iter(self._of_party(Party.USER)), "")
        if not user:
            return
        pages = [e for e in self.elements if self._is_ours(e) and Trait.WEB_FRONTEND in self.traits[e]]
        lonely = [e for e in self.elements if self._is_ours(e) and self._is_lonely(e)]
        for place in lonely:
            if place in pages:
                self._add(supposed(user, place))
            elif not _GATES.isdisjoint(self.traits[place]):
                self._add(supposed(next(iter(pages), user), place))

    def _is_ours(self, element: str) -> bool:
        return element not in self.parties and self.is_process(element)

    def _is_lonely(self, element: str) -> bool:
        """Whether it calls others and nobody is drawn to call it."""
        machinery = Trait.KUBERNETES in self.traits[element]
        return not self.incoming[element] and bool(self.outgoing[element]) and not machinery

    def _used_by_staff(self, element: str) -> bool:
        """Whether staff come in there: a way in of theirs is no sign that strangers have one."""
        return any(self.parties.get(f.source) is Party.STAFF for f in self.incoming[element])

    # who and where

    @cached_property
    def parties(self) -> dict[str, Party]:
        """Every element that stands outside of what we run: people, their devices, other people's systems."""
        found: dict[str, Party] = {}
        outer = outer_systems(self.system, self.traits)
        for element in self.elements.values():
            traits = self.traits[element.id]
            if element.id in outer:
                found[element.id] = Party.PARTNER
            elif element.kind is ElementKind.EXTERNAL_ENTITY:
                found[element.id] = Party(party_of(traits, has_outgoing=bool(self.outgoing[element.id])))
            elif element.kind is ElementKind.PROCESS and client_traits(traits):
                found[element.id] = Party.USER
        if not any(p is Party.USER and self._is_person(e) for e, p in found.items()):
            found |= {e: Party.USER for e, p in found.items() if p is Party.STAFF and self._at_work(e)}
        return found

    def _is_person(self, element: str) -> bool:
        """Whether a user may be a person, and not a program that calls: "SCIM client"."""
        said = words(self.elements[element].name)
        return len(said) == 1 or said[-1] not in {"client", "sdk", "integration"}

    def _at_work(self, element: str) -> bool:
        """Whether these are the users of a system that nobody else uses: the employees of its company."""
        return is_workforce(self.elements[element].name) and bool(self.outgoing[element])

    @cached_property
    def around(self) -> dict[str, frozenset[str]]:
        """The ids of every boundary around each element, outer ones included."""
        boundaries = {b.id: b for b in self.system.boundaries}
        found: dict[str, set[str]] = {e: set() for e in self.elements}
        for boundary in boundaries.values():
            for member in boundary.members:
                if member in found:
                    found[member].update(_chain(boundary, boundaries))
        return {e: frozenset(ids) for e, ids in found.items()}

    @cached_property
    def crossings(self) -> dict[str, Crossing]:
        """How each flow meets the boundaries; between outside and inside counts where none is drawn."""
        return {f.id: self._crossing(f) for f in self.flows.values()}

    def _crossing(self, flow: Flow) -> Crossing:
        came, went = self.around[flow.source], self.around[flow.target]
        outside_from, outside_to = flow.source in self.parties, flow.target in self.parties
        if outside_from and not outside_to:
            return Crossing.INWARD
        if outside_to and not outside_from:
            return Crossing.OUTWARD
        if went - came:
            return Crossing.INWARD
        if came - went:
            return Crossing.OUTWARD
        return Crossing.NONE

    def over_private_network(self, flow: Flow) -> bool:
        """Whether the flow says that it goes over a VPN or the like, or one of its ends is one."""
        if wire_words.private(self.grams(flow)):
            return True
        return Trait.VPN in self.traits[flow.source] or Trait.VPN in self.traits[flow.target]

    # exposure and reach

    @cached_property
    def exposed(self) -> dict[str, Flow | None]:
        """What anybody on the internet can talk to, with the flow that shows it (None: the input says so)."""
        found: dict[str, Flow | None] = {}
        for element in self.elements.values():
            if element.id in self.parties or element.exposure in {Exposure.INTERNAL, Exposure.LOCAL}:
                continue
            if element.exposure is Exposure.INTERNET:
                found[element.id] = None
                continue
            entry = self._entry(element.id)
            if entry is not None:
                found[element.id] = entry
        return found

    def _entry(self, element: str) -> Flow | None:
        for flow in self.incoming[element]:
            party = self.parties.get(flow.source)
            if party in {Party.USER, Party.PARTNER} and not self.over_private_network(flow):
                if party is Party.PARTNER and self._is_answer(flow):
                    continue
                return flow
        for flow in self.outgoing[element]:
            if self.parties.get(flow.target) is Party.USER and self.is_process(element):
                return flow
        return None

    def _is_answer(self, flow: Flow) -> bool:
        """Whether the flow is what somebody answers whom we call, drawn as an arrow of its own."""
        asked = any(f.target == flow.source for f in self.outgoing[flow.target])
        return asked and wire_words.answers(self.grams(flow))

    def _edge(self) -> list[str]:
        ours = [e for e in self.elements if self.is_process(e) and e not in self.parties]
        heads = [e for e in ours if not any(self.is_process(f.source) for f in self.incoming[e])]
        return edge(heads, frozenset(e for e in heads if self.outgoing[e]), self.traits)

    def is_process(self, element: str) -> bool:
        """Whether the element is a process."""
        return self.elements[element].kind is ElementKind.PROCESS

    def is_queue(self, element: str) -> bool:
        """Whether the element passes messages on."""
        return not _QUEUES.isdisjoint(self.traits[element])

    @cached_property
    def reach(self) -> dict[str, tuple[str, ...]]:
        """Who can act on whom: along flows, and from a process to a store that it only reads.

        What lies in file or object storage acts on whoever reads it; rows of a database do not.
        """
        found: dict[str, dict[str, None]] = {e: {} for e in self.elements}
        for flow in self.flows.values():
            source, target = flow.source, flow.target
            from_store = self.elements[source].kind is ElementKind.DATA_STORE and not self.is_queue(source)
            if from_store and self.elements[target].kind is not ElementKind.DATA_STORE:
                found[target][source] = None
                if _FILES.isdisjoint(self.traits[source]):
                    continue
            found[source][target] = None
            if self.parties.get(target) is Party.USER and self.is_process(source):
                found[target][source] = None
        return {e: tuple(there) for e, there in found.items()}

    @cached_property
    def _ways_in(self) -> tuple[dict[str, str], ...]:
        """Shortest ways from users, then from partners and silent entries, then from staff."""
        silent = [e for e, flow in self.exposed.items() if flow is None]
        starts = (
            self._of_party(Party.USER),
            [*silent, *self._of_party(Party.PARTNER)],
            self._of_party(Party.STAFF),
        )
        return tuple(shortest(self._inner_reach, s) for s in starts)

    def _of_party(self, wanted: Party) -> list[str]:
        return [e for e, party in self.parties.items() if party is wanted]

    @cached_property
    def _inner_reach(self) -> dict[str, tuple[str, ...]]:
        """`reach` without ways that lead out to somebody else's system and back in."""
        return {e: tuple(t for t in there if self._passable(t)) for e, there in self.reach.items()}

    def _passable(self, element: str) -> bool:
        return self.parties.get(element) is not Party.PARTNER

    def entry_path(self, element: str) -> tuple[str, ...]:
        """The shortest way from outside to the element, as ids, both ends included; empty when none.

        A way that a user can go comes before one that only a partner or staff can.
        """
        return next(filter(None, (path_to(parents, element) for parents in self._ways_in)), ())

    def hops(self, element: str) -> int | None:
        """How many flows lie between the outside and the element; None when no way is drawn."""
        path = self.entry_path(element)
        if not path:
            return None
        return len(path) - (1 if path[0] in self.parties else 0)

    @cached_property
    def gates(self) -> dict[str, int]:
        """For each element: how many others nobody from outside can reach without it."""
        outside = [e for e, p in self.parties.items() if p is not Party.PARTNER]
        entries = [t for e in outside for t in self.reach[e] if t not in self.parties]
        starts = tuple(dict.fromkeys((*self.exposed, *entries)))
        return dominated(self._inside_reach, starts)

    @cached_property
    def _inside_reach(self) -> dict[str, tuple[str, ...]]:
        return {
            e: tuple(t for t in there if t not in self.parties)
            for e, there in self.reach.items()
            if e not in self.parties
        }

    # data

    @cached_property
    def flow_tags(self) -> dict[str, frozenset[DataTag]]:
        """The kinds of data on each flow: its assets, its named data and its label."""
        return {f.id: self._tags(f.assets, (f.label, *f.data)) for f in self.flows.values()}

    @cached_property
    def tags(self) -> dict[str, frozenset[DataTag]]:
        """The kinds of data that each element holds or handles: its assets, its name, its flows."""
        found: dict[str, frozenset[DataTag]] = {}
        for element in self.elements.values():
            own = self._named_tags(element)
            for flow in (*self.incoming[element.id], *self.outgoing[element.id]):
                own |= self.flow_tags[flow.id]
            found[element.id] = own
        return found

    @cached_property
    def own_tags(self) -> dict[str, frozenset[DataTag]]:
        """The kinds of data that each element is said or named to hold, and what flows into it."""
        found: dict[str, frozenset[DataTag]] = {}
        for element in self.elements.values():
            own = self._named_tags(element)
            for flow in self.incoming[element.id]:
                own |= self.flow_tags[flow.id]
            found[element.id] = own
        return found

    def _named_tags(self, element: Element) -> frozenset[DataTag]:
        stated = self._tags(element.assets, ())
        if element.id in self.parties:
            return stated
        named = tags_of_name(element.name)
        if element.kind is ElementKind.PROCESS:
            named -= {DataTag.PUBLIC}
        return stated | named

    def _tags(self, assets: Sequence[str], texts: Sequence[str]) -> frozenset[DataTag]:
        found: frozenset[DataTag] = frozenset()
        for text in texts:
            found |= tags_in(text)
        for asset in (self.assets[a] for a in assets if a in self.assets):
            found |= tags_of_asset(asset)
        return found

    def classification(self, subject: Element | Flow) -> Classification:
        """The worst class of what the element holds or the flow carries; internal when nothing says."""
        own = self.own_tags if isinstance(subject, Element) else self.flow_tags
        tags = own[subject.id] - {DataTag.TOKENS}
        classes = [kind_of(t).classification for t in tags]
        classes += [self.assets[a].classification for a in subject.assets if a in self.assets]
        return max(classes, key=CLASSES.index, default=Classification.INTERNAL)

    # what texts say

    @cached_property
    def _remarks(self) -> dict[str, list[tuple[frozenset[str], Remark]]]:
        """Each remark with its words, under every element that it is about and under "" for all."""
        found: dict[str, list[tuple[frozenset[str], Remark]]] = {"": []}
        for remark in self.system.remarks:
            said = (stated(remark.quote), remark)
            for about in ("", *remark.about):
                found.setdefault(about, []).append(said)
        return found

    def told(self, wanted: frozenset[frozenset[str]]) -> bool:
        """Whether a sentence of the texts holds all phrases of one of the sets."""
        return any(True for _ in self._saying("", wanted))

    def described(self, element: str, wanted: frozenset[frozenset[str]]) -> bool:
        """Whether the element's name, its description or a sentence about it holds all of one of the sets."""
        own = self.elements[element]
        name = grams(mended(own.name))
        if any(w <= name for w in wanted):
            return True
        if own.description:
            described = stated(own.description) | name
            if any(w <= described for w in wanted):
                return True
        return any(True for _ in self._saying(element, wanted))

    def quotes(self, about: str, wanted: frozenset[frozenset[str]]) -> tuple[Remark, ...]:
        """The remarks about an element, or all of them for "", that hold all phrases of one of the sets."""
        return tuple(self._saying(about, wanted))

    def stating(self, controls: frozenset[ControlName]) -> frozenset[str]:
        """The sentences that state one of these controls to be there."""
        names = {c.value for c in controls}
        return frozenset(r.quote for r in self.system.remarks if not names.isdisjoint(r.controls))

    def _saying(self, about: str, wanted: frozenset[frozenset[str]]) -> Iterator[Remark]:
        for said, remark in self._remarks.get(about, ()):
            if any(w <= said for w in wanted):
                yield remark

    # transport

    def encrypted(self, flow: Flow) -> Known:
        """Whether the flow is encrypted: as stated, else as its protocol or label says."""
        stated = flow.encrypted is not Known.UNKNOWN
        return flow.encrypted if stated else wire_words.encrypted(self.grams(flow))

    def authenticated(self, flow: Flow) -> Known:
        """Whether the sender proves who it is: as stated, else as the label says."""
        stated = flow.authenticated is not Known.UNKNOWN
        return flow.authenticated if stated else wire_words.authenticated(self.grams(flow))

    def grams(self, subject: Element | Flow) -> frozenset[str]:
        """The words and phrases of an element's name, or of a flow's label, protocol and data."""
        if isinstance(subject, Element):
            return grams(mended(subject.name))
        return grams(" / ".join((subject.label, subject.protocol, *subject.data)))


def _chain(boundary: Boundary, boundaries: dict[str, Boundary]) -> list[str]:
    """The boundary and those around it, each once even where parents run in a circle."""
    chain = [boundary.id]
    while boundary.parent and boundary.parent in boundaries and boundary.parent not in chain:
        boundary = boundaries[boundary.parent]
        chain.append(boundary.id)
    return chain
