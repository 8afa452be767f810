"""What a model saw becomes fragments, one a source, by the same sketch that every reader draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.analysts.filled.aliases import Aliases
from agent.analysts.filled.plain import Plain
from agent.analysts.filled.quotes import Sources
from agent.analysts.filled.stated import stated
from agent.catalog.controls import load_controls
from agent.catalog.vocabulary import ControlName
from agent.diagrams.sketch import Edge, Group, Node, Shape, Sketch
from agent.domain.base import slug
from agent.domain.system import (
    ElementKind,
    Evidence,
    EvidenceKind,
    Fact,
    Known,
    SystemFragment,
)
from agent.understanding.guard import speaks_to_a_model, warnings_of

FORMAT = "language model"
_NAME, _LABEL = 80, 120
_SHAPES = {
    ElementKind.EXTERNAL_ENTITY: Shape.OUTSIDE,
    ElementKind.PROCESS: Shape.PROCESS,
    ElementKind.DATA_STORE: Shape.STORE,
}


@dataclass(frozen=True)
class Seen:
    """A source as the model was shown it."""

    name: str
    picture: bool


@dataclass
class Drawing:
    """Takes what a model saw and checks it: a text must hold the quote, a picture must have been sent."""

    aliases: Aliases
    sources: Sources
    names: Mapping[str, Seen]
    plain: Plain
    dropped: int = 0
    warnings: list[str] = field(default_factory=list)
    """What reads like an instruction to a language model."""
    _sketches: dict[str, Sketch] = field(default_factory=dict)
    _nodes: dict[str, Node] = field(default_factory=dict)
    _quotes: dict[tuple[str, str], Evidence] = field(default_factory=dict)
    _texts: set[str] = field(default_factory=set)

    def take(self, answer: Any) -> None:
        """Everything in the answer that stands in the input."""
        for element in answer.elements:
            self._element(element)
        for flow in answer.flows:
            self._flow(flow)
        for fact in answer.facts:
            self._fact(fact)

    def fragments(self) -> tuple[SystemFragment, ...]:
        """One fragment a source, in the order in which they were first named."""
        return tuple(self._fragment(sketch) for sketch in self._sketches.values())

    def _element(self, said: Any) -> None:
        name = self.plain.line(said.name, _NAME)
        sketch = self._place(said, name)
        if speaks_to_a_model(name):
            sketch = None
            source = self.names[said.seen_in].name if said.seen_in in self.names else said.seen_in
            self.warnings += warnings_of({source: [name]})
        if sketch is None or not name or said.id in self._nodes:
            self.dropped += 1
            return
        zone = self._written(sketch, self.plain.line(said.zone, _NAME))
        group = sketch.group(Group(key=f"zone {slug(zone)}", label=zone)).key if zone else None
        node = Node(key=said.id, label=name, shape=_SHAPES[ElementKind(said.kind)], group=group)
        self._nodes[said.id] = sketch.node(node)

    def _flow(self, said: Any) -> None:
        label = self.plain.line(said.label, _LABEL)
        sketch = self._place(said, "")
        ends = [self._end(sketch, end) for end in (said.source, said.target)] if sketch else []
        if sketch is None or None in ends or said.source == said.target:
            self.dropped += 1
            return
        quiet = "" if speaks_to_a_model(label) else self._written(sketch, label)
        sketch.edge(Edge(source=said.source, target=said.target, label=quiet))

    def _written(self, sketch: Sketch, words: str) -> str:
        """The words, when they stand in the text; a picture's cannot be looked up and are taken."""
        return words if sketch.source not in self._texts or self.sources.hold(sketch.source, words) else ""

    def _end(self, sketch: Sketch, alias: str) -> Node | None:
        """The element at one end, known in this sketch: a new one, or one that was read exactly."""
        if alias in self._nodes:
            return sketch.node(self._nodes[alias])
        id_ = self.aliases.ids.get(alias)
        if id_ is None:
            return None
        known = self.aliases.system.element(id_)
        return sketch.node(Node(key=alias, label=known.name, shape=_SHAPES[known.kind]))

    def _fact(self, said: Any) -> None:
        """A control, at its part, when the quoted sentence itself states it."""
        id_ = self.aliases.ids.get(said.about)
        evidence = self.sources.find(said.quote)
        state = stated(said.control, evidence)
        wanted = Known.YES if said.state == "present" else Known.NO
        if id_ is None or evidence is None or state is not wanted:
            self.dropped += 1
            return
        sketch = self._sketch(evidence.source)
        sketch.facts.append(
            Fact(about=self._about(id_), fact=_fact_of(said.control), value=state.value, evidence=evidence)
        )

    def _about(self, id_: str) -> str:
        return self.aliases.system.name_of(id_).replace(" → ", " -> ")

    def _place(self, said: Any, name: str) -> Sketch | None:
        """The sketch of the source that it was seen in; None when a text does not hold it."""
        seen = self.names.get(said.seen_in)
        if seen is None:
            return None
        if not seen.picture:
            evidence = self.sources.find(said.quote)
            if evidence is None or evidence.source != seen.name or not self.sources.hold(seen.name, name):
                return None
            if name:
                self._quotes[seen.name, name] = evidence
            self._texts.add(seen.name)
        return self._sketch(seen.name)

    def _sketch(self, source: str) -> Sketch:
        return self._sketches.setdefault(source, Sketch(source=source, format=FORMAT))

    def _fragment(self, sketch: Sketch) -> SystemFragment:
        """The sketch's fragment; all of it assumed, so that what was read exactly outweighs it."""
        made = sketch.fragment()
        elements = tuple(
            e.model_copy(update={"assumed": True, "source": self._evidence(sketch.source, e.name, e.source)})
            for e in made.elements
        )
        flows = tuple(
            f.model_copy(
                update={"assumed": True, "evidence": self._evidence(sketch.source, f.label, f.evidence)}
            )
            for f in made.flows
        )
        return made.model_copy(update={"elements": elements, "flows": flows})

    def _evidence(self, source: str, name: str, drawn: Evidence) -> Evidence:
        kind = EvidenceKind.DESCRIPTION if source in self._texts else EvidenceKind.DIAGRAM
        return self._quotes.get((source, name), drawn.model_copy(update={"kind": kind}))


def _fact_of(control: str) -> str:
    return load_controls().kinds[ControlName(control)].sets or f"control:{control}"
