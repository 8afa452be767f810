"""How a sketch becomes a SystemFragment: kinds, technologies, identifiers, boundaries, flows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from agent.catalog.technologies import Recognition, load_technologies
from agent.catalog.vocabulary import Trait
from agent.diagrams.labels import lines_of
from agent.diagrams.sketch import MAX_DEPTH, SMALLER, Edge, Group, Node, Shape, Sketch, one_line
from agent.diagrams.sketch_outside import Outsiders
from agent.diagrams.wire import Wire, joined, read_wire, signs_in
from agent.domain.base import slug
from agent.domain.system import (
    Assumption,
    Boundary,
    Element,
    ElementKind,
    Fact,
    Flow,
    Known,
    SystemFragment,
)
from agent.errors import TooLarge

_DRAWN = {
    Shape.PROCESS: ElementKind.PROCESS,
    Shape.STORE: ElementKind.DATA_STORE,
    Shape.PERSON: ElementKind.EXTERNAL_ENTITY,
    Shape.OUTSIDE: ElementKind.EXTERNAL_ENTITY,
}


def fragment_of(sketch: Sketch) -> SystemFragment:
    """Elements, flows and boundaries as the sketch means them; TooLarge when its frames nest too deep."""
    return _Builder(sketch).build()


class Names:
    """Gives out identifiers, each once: the second "db" is "db-2"."""

    def __init__(self) -> None:
        self._given: dict[str, int] = {}

    def give(self, wanted: str) -> str:
        """The wanted identifier, or the first free one after it."""
        count = self._given.get(wanted, 0) + 1
        name = wanted if count == 1 else f"{wanted}-{count}"
        while count > 1 and name in self._given:
            count += 1
            name = f"{wanted}-{count}"
        self._given[wanted] = count
        self._given.setdefault(name, 1)
        return name


class _Builder:
    def __init__(self, sketch: Sketch) -> None:
        self._sketch = sketch
        self._table = load_technologies()
        self._outsiders = Outsiders(sketch, self._recognise)
        self._names = Names()
        self._ids: dict[str, str] = {}
        self._providers: set[str] = set()
        """Keys of nodes that people sign in at."""

    def build(self) -> SystemFragment:
        self._settle_groups()
        self._stand_in()
        edges = [e for e in self._sketch.edges if self._connects(e)]
        elements = self._elements(edges)
        boundaries = self._boundaries()
        flows = tuple(self._flows(edges))
        facts = (*self._sketch.facts, *self._exposed(edges))
        return SystemFragment(
            source=self._sketch.source,
            format=self._sketch.format,
            title=lines_of(self._sketch.title).replace("\n", " "),
            elements=elements,
            flows=flows,
            boundaries=boundaries,
            assets=tuple({a.id: a for a in self._sketch.assets}.values()),
            assumptions=tuple(self._assumptions()),
            facts=facts,
            warnings=tuple(self._sketch.warnings),
            text=self._sketch.text,
        )

    # frames

    def _settle_groups(self) -> None:
        """Cut parents that are unknown, that loop or that nest too deep; name the nameless."""
        groups = self._sketch.groups
        nameless = 0
        for group in groups.values():
            if group.parent not in groups or group.parent == group.key:
                group.parent = None
            group.label = " ".join(lines_of(group.label).split())
            if not group.label:
                nameless += 1
                group.label = "Unnamed boundary" if nameless == 1 else f"Unnamed boundary {nameless}"
        for group in groups.values():
            self._check_depth(group)
        for node in self._sketch.nodes.values():
            if node.group not in groups:
                node.group = None

    def _check_depth(self, group: Group) -> None:
        seen = {group.key}
        at = group
        while at.parent is not None:
            if at.parent in seen:
                at.parent = None
                return
            seen.add(at.parent)
            at = self._sketch.groups[at.parent]
            if len(seen) > MAX_DEPTH:
                raise TooLarge(
                    self._sketch.source, f"its frames nest deeper than {MAX_DEPTH} levels", SMALLER
                )

    def _around(self, key: str | None) -> Iterable[Group]:
        """The frame with this key and those around it, inside out."""
        while key is not None:
            group = self._sketch.groups[key]
            yield group
            key = group.parent

    def _stand_in(self) -> None:
        """Arrows that end at a frame go to the one process in it, or to an element that stands for it."""
        ends = {key for e in self._sketch.edges for key in (e.source, e.target)}
        framed = [k for k in self._sketch.groups if k in ends and k not in self._sketch.nodes]
        if not framed:
            return
        members: dict[str, list[Node]] = {}
        for node in self._sketch.nodes.values():
            for group in self._around(node.group):
                members.setdefault(group.key, []).append(node)
        stand = {key: self._stand_for(key, members.get(key, [])) for key in framed}
        for edge in self._sketch.edges:
            edge.source = stand.get(edge.source, edge.source)
            edge.target = stand.get(edge.target, edge.target)

    def _stand_for(self, key: str, members: Sequence[Node]) -> str:
        name = self._sketch.groups[key].label
        said = [(m, self._recognise(m)) for m in members]
        processes = [m for m, heard in said if self._kind(m, heard) is ElementKind.PROCESS]
        named = [m for m, heard in said if m in processes and heard.kind is not None]
        chosen = next((c for c in (members, processes, named) if len(c) == 1), [])
        if chosen:
            self._sketch.warn(
                f'arrows to or from the frame "{name}" were read as arrows to or from '
                f'"{one_line(chosen[0].label)}", the only process in it.'
            )
            return chosen[0].key
        self._sketch.node(Node(key=key, label=name, shape=Shape.ROUND, group=key, quote=f"frame {name}"))
        self._sketch.warn(
            f'arrows end at the frame "{name}" as a whole: I read it as one process that stands for it.'
        )
        return key

    # elements

    def _recognise(self, node: Node) -> Recognition:
        said = self._table.read(lines_of(node.label), node.icons, node.stereotypes)
        if said.kind is None and node.hints and node.shape in {Shape.PLAIN, Shape.ROUND, Shape.TERMINAL}:
            return self._table.read("", stereotypes=node.hints)
        return said

    @staticmethod
    def _kind(node: Node, said: Recognition) -> ElementKind:
        return _DRAWN.get(node.shape) or said.kind or ElementKind.PROCESS

    def _elements(self, edges: Sequence[Edge]) -> tuple[Element, ...]:
        sends = {e.source for e in edges} | {e.target for e in edges if e.both}
        receives = {e.target for e in edges} | {e.source for e in edges if e.both}
        elements = []
        for node in self._sketch.nodes.values():
            origin = node.key in sends and node.key not in receives
            elements.append(self._element(node, origin=origin))
        return tuple(elements)

    def _element(self, node: Node, *, origin: bool) -> Element:
        name = one_line(node.label) or one_line(node.key) or "Unnamed element"
        said = self._recognise(node)
        kind = self._kind(node, said)
        plain = node.shape in {Shape.PLAIN, Shape.TERMINAL}
        assumed = plain and said.kind is None
        if self._outsiders.holds(node, said, origin=origin):
            kind, assumed = ElementKind.EXTERNAL_ENTITY, True
        self._ids[node.key] = self._names.give(slug(name))
        if any(Trait.IDENTITY_PROVIDER in t.traits for t in said.technologies):
            self._providers.add(node.key)
        zone = self._sketch.groups[node.group].label if node.group else ""
        return Element(
            id=self._ids[node.key],
            name=name,
            kind=kind,
            technologies=tuple(t.id for t in said.technologies),
            zone=zone,
            description=node.description,
            source=self._sketch.quote(node.quote or name),
            assumed=assumed,
            controls=node.controls,
            exposure=node.exposure,
            assets=node.assets,
        )

    # boundaries

    def _boundaries(self) -> tuple[Boundary, ...]:
        members: dict[str, list[str]] = {key: [] for key in self._sketch.groups}
        for node in self._sketch.nodes.values():
            for group in self._around(node.group):
                members[group.key].append(self._ids[node.key])
        kept = {key: group for key, group in self._sketch.groups.items() if members[key]}
        for key, group in self._sketch.groups.items():
            if key not in kept:
                self._sketch.warn(f'the frame "{group.label}" holds no element and was left out.')
        ids = {key: self._names.give(slug(group.label)) for key, group in kept.items()}
        return tuple(
            Boundary(
                id=ids[key],
                name=group.label,
                members=tuple(members[key]),
                parent=ids.get(group.parent) if group.parent else None,
            )
            for key, group in kept.items()
        )

    # flows

    def _connects(self, edge: Edge) -> bool:
        ends = [self._sketch.nodes.get(edge.source), self._sketch.nodes.get(edge.target)]
        if ends[0] is None or ends[1] is None:
            label = f' "{one_line(edge.label)}"' if edge.label else ""
            self._sketch.warn(f"an arrow{label} has an end that touches no element and was left out.")
            return False
        if edge.source == edge.target:
            self._sketch.warn(
                f'an arrow from "{one_line(ends[0].label)}" to itself moves no data and was left out.'
            )
            return False
        return True

    def _flows(self, edges: Iterable[Edge]) -> Iterable[Flow]:
        for edge in edges:
            yield self._flow(edge, edge.source, edge.target)
            if edge.both:
                yield self._flow(edge, edge.target, edge.source)

    def _flow(self, edge: Edge, source: str, target: str) -> Flow:
        label = one_line(edge.label)
        wire = joined(edge.wire, self._heard(edge, target))
        ends = f"{self._ids[source]}--{self._ids[target]}"
        names = [one_line(self._sketch.nodes[key].label) or key for key in (source, target)]
        return Flow(
            id=self._names.give(f"{ends}--{slug(label)}" if label else ends),
            source=self._ids[source],
            target=self._ids[target],
            label=label,
            protocol=wire.protocol,
            data=wire.data,
            encrypted=wire.encrypted,
            authenticated=wire.authenticated,
            evidence=self._sketch.quote(label or " → ".join(names)),
            assumed=not edge.directed,
            controls=edge.controls,
            assets=edge.assets,
        )

    def _heard(self, edge: Edge, target: str) -> Wire:
        """What the label says. On the way to an identity provider, OIDC and its like sign in nobody yet."""
        wire = read_wire(lines_of(edge.label))
        if wire.authenticated is Known.YES and target in self._providers and signs_in(edge.label):
            return replace(wire, authenticated=Known.UNKNOWN)
        return wire

    def _assumptions(self) -> Iterable[Assumption]:
        for assumption in self._sketch.assumptions:
            targets = tuple(self._ids[t] for t in assumption.targets if t in self._ids)
            yield assumption.model_copy(update={"targets": targets})

    def _exposed(self, edges: Iterable[Edge]) -> Iterable[Fact]:
        for edge in edges:
            if edge.public:
                names = [one_line(self._sketch.nodes[key].label) or key for key in (edge.source, edge.target)]
                yield Fact(
                    about=" -> ".join(names),
                    fact="exposure",
                    value="internet",
                    evidence=self._sketch.quote(one_line(edge.label) or " → ".join(names)),
                )
