"""What a statement is about: from its words to elements and flows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent.catalog.controls import Reach, load_controls
from agent.catalog.data_kinds import load_data_kinds
from agent.catalog.phrases import singular, tokens
from agent.catalog.technologies import load_technologies
from agent.catalog.vocabulary import ControlName, DataTag, Trait
from agent.diagrams.prose_anchors import is_bare_role
from agent.diagrams.prose_drafted import zone_key
from agent.domain.system import ElementKind, Exposure, Flow
from agent.naming import core, is_plural, words
from agent.understanding.canvas import Canvas
from agent.understanding.words import joining_words

_QUEUES = frozenset({Trait.QUEUE, Trait.STREAM, Trait.PUBSUB})
_PEOPLE = frozenset({Trait.END_USER, Trait.ADMIN_PERSON, Trait.BROWSER, Trait.MOBILE_APP, Trait.DESKTOP_APP})
_VAGUE = frozenset(
    {
        Trait.SERVICE,
        Trait.API,
        Trait.WEB_FRONTEND,
        Trait.END_USER,
        Trait.DATABASE,
        Trait.THIRD_PARTY,
        Trait.CONTAINER,
    }
)
"""What too many elements are for a word of a sentence to single them out."""
_NO_SERVICE = frozenset(
    {
        Trait.LOAD_BALANCER,
        Trait.CDN,
        Trait.WEB_FRONTEND,
        Trait.BROWSER,
        Trait.MOBILE_APP,
        Trait.DESKTOP_APP,
        Trait.DNS,
        Trait.WAF,
        Trait.MONITORING,
    }
)
"""What nobody means by "the services"."""
_SHORTEST = 4
"""Letters of a word that can single out a flow by its label."""


@dataclass(frozen=True)
class Targets:
    """The elements and flows that a statement is about."""

    elements: tuple[str, ...] = ()
    flows: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.elements or self.flows)


class Finder:
    """Resolves the names of statements on one canvas."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self._labels: dict[str, list[str]] = {}
        drawn = any(not f.assumed for f in canvas.flows.values())
        for flow in canvas.flows.values():
            if flow.assumed and drawn:
                continue
            for word in dict.fromkeys(words(f"{flow.label} {flow.protocol}")):
                self._labels.setdefault(word, []).append(flow.id)
        self._zones = {zone_key(b.name): b.id for b in canvas.boundaries.values() if b.name}

    def named(self, about: str) -> Targets:
        """What a name, "A -> B", a boundary or a role such as "the databases" means; empty when unclear."""
        if " -> " in about:
            source, _, target = about.partition(" -> ")
            return self._flows(self.elements(source), self.elements(target)) or self._sides(source, target)
        found = self.canvas.names.find(about)
        if found:
            return Targets(elements=found)
        if about and set(words(about)) <= joining_words().outside:
            return Targets(flows=self._entries(people=False).flows)
        inside = self.members(about)
        if inside:
            return self._within(inside)
        return Targets(elements=self.by_role(about))

    def _sides(self, source: str, target: str) -> Targets:
        """What "between devices and servers" means where nothing is called so: what comes in or goes out."""
        said = (set(words(source)), set(words(target)))
        near, far = joining_words().near, joining_words().far
        if not ((said[0] <= near and said[1] <= far) or (said[0] <= far and said[1] <= near)):
            return Targets()
        outside = self.canvas.is_outside
        crossing = (f.id for f in self.canvas.flows.values() if outside(f.source) != outside(f.target))
        return Targets(flows=tuple(crossing))

    def elements(self, name: str) -> tuple[str, ...]:
        """The elements of a name or a role."""
        return self.canvas.names.find(name) or self.by_role(name)

    def _flows(self, sources: Sequence[str], targets: Sequence[str]) -> Targets:
        """The flows from the ones to the others; those back when there are none ahead."""
        ahead = [i for s in sources for t in targets for i in self.canvas.between(s, t)]
        back = [i for s in sources for t in targets for i in self.canvas.between(t, s)]
        return Targets(flows=tuple(dict.fromkeys(ahead or back)))

    def members(self, place: str) -> tuple[str, ...]:
        """The elements inside a place: a boundary of this name, or all that is ours when it names none."""
        boundary = self._zones.get(zone_key(place)) or self._like(place)
        if boundary:
            return self.canvas.boundaries[boundary].members
        if set(words(place)) & joining_words().ours:
            return tuple(i for i in self.canvas.elements if not self.canvas.is_outside(i))
        return ()

    def _like(self, place: str) -> str:
        """The one boundary that has a word of the place in its name."""
        sought = set(core(place))
        hits = [i for zone, i in self._zones.items() if sought & set(zone.split())]
        return hits[0] if len(hits) == 1 else ""

    def _within(self, members: Sequence[str]) -> Targets:
        inside = set(members)
        flows = (f.id for f in self.canvas.flows.values() if f.source in inside and f.target in inside)
        return Targets(tuple(members), tuple(flows))

    def by_role(self, name: str) -> tuple[str, ...]:
        """The elements that a role word means: the one database, or all for "databases"."""
        last = words(name)[-1:]
        if last and last[0] in joining_words().every_process and is_plural(name):
            return tuple(i for i in self._kinds(Reach.PROCESSES) if not self.canvas.traits(i) & _NO_SERVICE)
        read = load_technologies().recognise(name)
        for technology in (
            read if is_bare_role(name) or is_plural(name) else [t for t in read if not t.is_role]
        ):
            fits = self._of_technology(
                technology.id, technology.traits if technology.is_role else frozenset()
            )
            if fits:
                return fits if len(fits) == 1 or is_plural(name) else ()
        return ()

    def _of_technology(self, id_: str, traits: frozenset[Trait]) -> tuple[str, ...]:
        exact = tuple(i for i, e in self.canvas.elements.items() if id_ in e.technologies)
        if exact or not traits:
            return exact
        return tuple(i for i in self.canvas.elements if traits <= self.canvas.traits(i))

    def reach(self, reach: Reach, quote: str, control: ControlName) -> Targets:
        """What a statement that names nothing speaks of."""
        if reach in {Reach.FLOWS, Reach.INNER}:
            flows = self.canvas.flows.values()
            return Targets(flows=tuple(f.id for f in flows if reach is Reach.FLOWS or self._is_inner(f)))
        if reach in {Reach.ENTRIES, Reach.PEOPLE}:
            entries = self._entries(people=reach is Reach.PEOPLE)
            return entries if reach is Reach.ENTRIES else Targets(flows=entries.flows)
        if reach in {Reach.NAMED, Reach.WHOLE, Reach.BROAD}:
            found = self.by_words(_words_of(quote, control)) or self.by_words(quote)
            return found if found or reach is Reach.NAMED else Targets(elements=self._kinds(Reach.ALL))
        return Targets(elements=self._elements_of(reach))

    def _elements_of(self, reach: Reach) -> tuple[str, ...]:
        if reach is Reach.QUEUES:
            return tuple(i for i in self.canvas.elements if self.canvas.traits(i) & _QUEUES)
        if reach is Reach.HOLDERS:
            return self.holders(DataTag.CREDENTIALS) or self._one_database()
        return self._kinds(reach)

    def _kinds(self, reach: Reach) -> tuple[str, ...]:
        if reach is Reach.STORES:
            stores = (i for i, e in self.canvas.elements.items() if e.kind is ElementKind.DATA_STORE)
            return tuple(i for i in stores if not self.canvas.traits(i) & _QUEUES)
        outside = ElementKind.EXTERNAL_ENTITY if reach is Reach.ALL else ElementKind.DATA_STORE
        return tuple(
            i for i, e in self.canvas.elements.items() if e.kind not in {outside, ElementKind.EXTERNAL_ENTITY}
        )

    def _is_inner(self, flow: Flow) -> bool:
        return not self.canvas.is_outside(flow.source) and not self.canvas.is_outside(flow.target)

    def _entries(self, *, people: bool) -> Targets:
        """The flows from outside to what is ours, and where they end."""
        flows = [
            f
            for f in self.canvas.flows.values()
            if self.canvas.is_outside(f.source)
            and not self.canvas.is_outside(f.target)
            and (not people or self.canvas.traits(f.source) & _PEOPLE)
        ]
        ends = tuple(dict.fromkeys(f.target for f in flows))
        return Targets(ends or self._faces(), tuple(f.id for f in flows))

    def _faces(self) -> tuple[str, ...]:
        """Where outsiders come in when no flow from outside is known: what is said to face the internet."""
        return tuple(i for i, e in self.canvas.elements.items() if e.exposure is Exposure.INTERNET)

    def holders(self, tag: DataTag) -> tuple[str, ...]:
        """The elements of ours that hold data of this kind."""
        assets = {a.id for a in self.canvas.assets.values() if a.tag == tag}
        return tuple(
            i
            for i, e in self.canvas.elements.items()
            if assets & set(e.assets) and not self.canvas.is_outside(i)
        )

    def carrying(self, thing: str) -> Targets:
        """The flows whose label names the thing, and the one store there is when it is data.

        "Switch commands" are what "sends switch commands" carries; only a label with its last word counts.
        """
        said = words(thing)
        if " -> " in thing or not said or len(said[-1]) < _SHORTEST or said[-1] in joining_words().common:
            return Targets()
        labelled = [i for i in self._labels.get(said[-1], ()) if not self._is_else(i, said)]
        stores = self._kinds(Reach.STORES) if load_data_kinds().of_text(tokens(thing)) else ()
        return Targets(stores if len(stores) == 1 else (), tuple(dict.fromkeys(labelled)))

    def _is_else(self, flow: str, said: Sequence[str]) -> bool:
        """Whether a label puts another word before the last: "open commands" are no "switch commands"."""
        label = words(self.canvas.flows[flow].label)
        at = label.index(said[-1]) if said[-1] in label else 0
        return len(said) > 1 and at > 1 and label[at - 1] != said[-2]

    def _one_database(self) -> tuple[str, ...]:
        """The database, when there is one only."""
        found = tuple(i for i in self.canvas.elements if Trait.DATABASE in self.canvas.traits(i))
        return found if len(found) == 1 else ()

    def by_words(self, quote: str) -> Targets:
        """The flows by their labels and the elements by role or name that words of a sentence name."""
        said = [
            t.stem
            for t in tokens(quote)
            if t.is_word and len(t.stem) >= _SHORTEST and t.stem not in joining_words().common
        ]
        flows = [i for w in dict.fromkeys(said) for i in self._labels.get(w, ())]
        roles = frozenset(t for w in dict.fromkeys(said) for t in _role_traits(w)) - _VAGUE
        ours = [i for i in self.canvas.elements if not self.canvas.is_outside(i)]
        elements = [i for i in ours if self.canvas.traits(i) & roles or self._is_said(i, said)]
        return Targets(tuple(elements), tuple(dict.fromkeys(flows)))

    def best_labelled(self, sentence: str) -> Targets:
        """The flows whose labels share most words with a sentence, among those that share any."""
        said = {t.stem for t in tokens(sentence) if t.is_word and len(t.stem) >= _SHORTEST}
        hits: dict[str, int] = {}
        for word in said - joining_words().common:
            for flow in self._labels.get(word, ()):
                hits[flow] = hits.get(flow, 0) + 1
        most = max(hits.values(), default=0)
        return Targets(flows=tuple(i for i in self.canvas.flows if most and hits.get(i) == most))

    def _is_said(self, id_: str, said: Sequence[str]) -> bool:
        """Whether all words that carry an element's name are said: "payouts" for "Payout service"."""
        carrying = set(core(self.canvas.elements[id_].name))
        return bool(carrying) and carrying <= set(said) and not carrying & joining_words().common


def _words_of(quote: str, control: ControlName) -> str:
    """The words of the sentence that state the control: "webhooks are signed"."""
    found = tokens(quote)
    spans = [
        found[m.start : m.end]
        for m in load_controls().book.longest(found)
        if m.payload.control is not None and m.payload.control.name is control
    ]
    return " ".join(t.text for span in spans for t in span if t.is_word)


def _role_traits(word: str) -> Iterable[Trait]:
    return (t for tech in load_technologies().recognise(singular(word)) if tech.is_role for t in tech.traits)
