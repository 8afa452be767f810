"""What a statement is about: from its words to elements and flows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent.catalog.controls import Reach
from agent.catalog.phrases import singular, tokens
from agent.catalog.technologies import load_technologies
from agent.catalog.vocabulary import DataTag, Trait
from agent.diagrams.prose_draft import zone_key
from agent.domain.system import ElementKind, Exposure, Flow
from agent.naming import core, is_plural, words
from agent.understanding.canvas import Canvas

_QUEUES = frozenset({Trait.QUEUE, Trait.STREAM, Trait.PUBSUB})
_PEOPLE = frozenset({Trait.END_USER, Trait.ADMIN_PERSON, Trait.BROWSER, Trait.MOBILE_APP, Trait.DESKTOP_APP})
_EVERY_PROCESS = frozenset(
    {"service", "microservice", "component", "pod", "container", "system", "everything", "part"}
)
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
_COMMON = frozenset(
    "data request response message service user users access with from that this have been only each every when "
    "after before over through between into stored store send sends sent call calls read reads write writes result "
    "results information check checks checked verified encrypted authenticated traffic system".split()
)


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
        for flow in canvas.flows.values():
            for word in dict.fromkeys(words(f"{flow.label} {flow.protocol} {' '.join(flow.data)}")):
                self._labels.setdefault(word, []).append(flow.id)
        self._zones = {zone_key(b.name): b.id for b in canvas.boundaries.values() if b.name}

    def named(self, about: str) -> Targets:
        """What a name, "A -> B", a boundary or a role such as "the databases" means; empty when it is not clear."""
        if " -> " in about:
            source, _, target = about.partition(" -> ")
            return self._flows(self.elements(source), self.elements(target))
        found = self.canvas.names.find(about)
        if found:
            return Targets(elements=found)
        inside = self.members(about)
        if inside:
            return self._within(inside)
        return Targets(elements=self.by_role(about))

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
        if set(words(place)) & {"cluster", "vpc", "kubernetes", "mesh", "premise", "datacenter", "intranet"}:
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
        """The elements that a role word means: the one database, or all of them when the text says "databases"."""
        last = words(name)[-1:]
        if last and last[0] in _EVERY_PROCESS and is_plural(name):
            return tuple(i for i in self._kinds(Reach.PROCESSES) if not self.canvas.traits(i) & _NO_SERVICE)
        read = load_technologies().recognise(name)
        for technology in read:
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

    def reach(self, reach: Reach, quote: str) -> Targets:
        """What a statement that names nothing speaks of."""
        canvas = self.canvas
        match reach:
            case Reach.FLOWS:
                return Targets(flows=tuple(canvas.flows))
            case Reach.INNER:
                return Targets(flows=tuple(f.id for f in canvas.flows.values() if self._is_inner(f)))
            case Reach.ENTRIES:
                return self._entries(people=False)
            case Reach.PEOPLE:
                return Targets(flows=self._entries(people=True).flows)
            case Reach.QUEUES:
                return Targets(elements=tuple(i for i in canvas.elements if canvas.traits(i) & _QUEUES))
            case Reach.HOLDERS:
                return Targets(elements=self.holders(DataTag.CREDENTIALS))
            case Reach.NAMED:
                return self.by_words(quote)
            case _:
                return Targets(elements=self._kinds(reach))

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

    def by_words(self, quote: str) -> Targets:
        """The flows whose label, and the elements whose role, a word of the sentence names: "webhook", "upload"."""
        said = [
            t.stem for t in tokens(quote) if t.is_word and len(t.stem) >= _SHORTEST and t.word not in _COMMON
        ]
        flows = [i for w in dict.fromkeys(said) for i in self._labels.get(w, ())]
        roles = frozenset(t for w in dict.fromkeys(said) for t in _role_traits(w)) - _VAGUE
        elements = [
            i for i in self.canvas.elements if self.canvas.traits(i) & roles and not self.canvas.is_outside(i)
        ]
        return Targets(tuple(elements), tuple(dict.fromkeys(flows)))


def _role_traits(word: str) -> Iterable[Trait]:
    return (t for tech in load_technologies().recognise(singular(word)) if tech.is_role for t in tech.traits)
