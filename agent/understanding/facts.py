"""Facts of texts brought to the elements and flows that they are about."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto

from agent.catalog.controls import ControlKind, Holder, Reach, load_controls
from agent.catalog.phrases import tokens
from agent.catalog.vocabulary import ControlName, Trait
from agent.diagrams.prose_blocks import plain
from agent.diagrams.prose_words import load_prose_words
from agent.domain.system import Element, ElementKind, Exposure, Fact, Flow, Known
from agent.understanding.canvas import Canvas, listing
from agent.understanding.targets import Finder, Targets

_FILES = frozenset({Trait.OBJECT_STORAGE, Trait.FILE_STORAGE})
_UNPLACED = 5
"""Statements that could not be brought anywhere and are listed one by one."""
_PROPERTIES = {"encrypted": ControlName.TRANSPORT_ENCRYPTION, "authenticated": ControlName.AUTHENTICATION}


class _Weight(Enum):
    """What a statement weighs beside an earlier one."""

    COUNTS = auto()
    PASSED_OVER = auto()
    DISAGREES = auto()


class Facts:
    """Applies facts to one canvas, the particular before the general."""

    def __init__(self, canvas: Canvas, texts: Iterable[str] = ()) -> None:
        self.canvas = canvas
        self.texts = tuple(texts)
        self.finder = Finder(canvas)
        self.unplaced: dict[str, str] = {}
        self.said: dict[tuple[str, str], tuple[int, Fact]] = {}
        self.placed: set[tuple[str, str]] = set()
        """What was stated of something in particular: a sentence that names nothing then says no more."""
        self.sentences: dict[str, str] = {}
        """The sentence that each clause stands in, for statements that name nothing."""
        self.heard: set[str] = set()
        """Sentences of which something counts, though another part of them could not be placed."""

    def apply(self, facts: Iterable[Fact]) -> None:
        """Brings every fact where it belongs, other than those about data."""
        placed = [f for f in facts if not f.fact.startswith("data:")]
        self.sentences = {q: around(q, self.texts) for f in placed if not f.about and (q := f.evidence.quote)}
        exposures = [f for f in placed if f.about and f.fact == "exposure"]
        for fact in (
            *exposures,
            *sorted((f for f in placed if f.about and f.fact != "exposure"), key=self._rank),
        ):
            self._particular(fact)
        for fact in (f for f in placed if not f.about):
            self._general(fact)
        self._report()

    def _particular(self, fact: Fact) -> None:
        targets = Targets() if _is_everywhere(fact) else self._targets(fact)
        if not targets:
            if _is_whole(fact) or _is_everywhere(fact):
                self._general(fact)
            elif fact.fact.startswith("control:") or fact.fact == "exposure":
                self.unplaced.setdefault(fact.evidence.quote, fact.about)
            return
        self.placed.add((fact.fact, fact.value))
        self.heard.add(fact.evidence.quote)
        if fact.fact == "exposure":
            self._expose(targets, fact)
        elif fact.fact in _PROPERTIES:
            for flow in self._flows_of(targets, fact):
                self._property(flow, fact)
        elif fact.fact.startswith("control:"):
            self._control(targets, fact)

    def _targets(self, fact: Fact) -> Targets:
        """What the statement says that it is about; else what its sentence means by it."""
        targets = self.finder.named(fact.about) or self.finder.carrying(fact.about)
        if not targets:
            return self._stores_named(fact)
        return (self._files() if self._receives_a_link(fact, targets) else None) or targets

    def _receives_a_link(self, fact: Fact, targets: Targets) -> bool:
        """Whether it is about a link and about those who get it: "the user gets a link for ten minutes"."""
        link = fact.fact == f"control:{ControlName.SHORT_LIVED_LINKS.value}"
        return link and not targets.flows and all(self.canvas.is_outside(i) for i in targets.elements)

    def _files(self) -> Targets:
        """The one store of files, which a link that somebody gets opens."""
        found = tuple(i for i in self.canvas.elements if not _FILES.isdisjoint(self.canvas.traits(i)))
        return Targets(elements=found if len(found) == 1 else ())

    def _stores_named(self, fact: Fact) -> Targets:
        """The stores that the sentence names, for a statement about stores whose subject is not known."""
        kind = _kind(fact)
        if kind is None or kind.reach is not Reach.STORES:
            return Targets()
        named = self.finder.by_words(fact.evidence.quote).elements
        stores = (i for i in named if self.canvas.elements[i].kind is ElementKind.DATA_STORE)
        return Targets(elements=tuple(stores))

    def _control(self, targets: Targets, fact: Fact) -> None:
        kind = _kind(fact)
        if kind is None:
            return
        if kind.kept is not Holder.FLOW:
            for id_ in targets.elements:
                self._note(id_, fact)
        if kind.kept is not Holder.ELEMENT:
            for flow in self._flows_of(targets, fact):
                self._note(flow.id, fact)
        elif targets.flows and not targets.elements:
            for end in dict.fromkeys(self.canvas.flows[i].target for i in targets.flows):
                self._note(end, fact)

    def _flows_of(self, targets: Targets, fact: Fact) -> list[Flow]:
        """The flows that a statement about these targets speaks of: the named ones, or those that come in.

        Of the latter only those that a word of the sentence names, if it names any: "the webhook's
        signature".
        """
        if targets.flows:
            return [self.canvas.flows[i] for i in targets.flows]
        found: dict[str, Flow] = {}
        for id_ in targets.elements:
            found.update(
                (f.id, f) for f in self.canvas.touching(id_) if self._speaks_of(self.canvas.elements[id_], f)
            )
        worded = set(self.finder.by_words(fact.evidence.quote).flows) & set(found)
        return [f for f in found.values() if f.id in worded or not worded]

    def _speaks_of(self, element: Element, flow: Flow) -> bool:
        """Whether a statement about the element's traffic speaks of this flow."""
        if element.kind is ElementKind.EXTERNAL_ENTITY:
            sends = any(f.source == element.id for f in self.canvas.touching(element.id))
            return flow.source == element.id or not sends
        if element.kind is ElementKind.DATA_STORE or flow.target == element.id:
            return True
        return bool(self.canvas.is_outside(flow.target) and self.canvas.between(flow.target, element.id))

    def _general(self, fact: Fact) -> None:
        kind = _kind(fact)
        if kind is None or ((fact.fact, fact.value) in self.placed and not _is_universal(fact)):
            return
        targets = self.finder.reach(kind.reach, fact.evidence.quote, kind.name) or self._before(kind, fact)
        if not targets:
            if fact.value == Known.YES:
                self.unplaced.setdefault(fact.evidence.quote, "")
            return
        self.heard.add(fact.evidence.quote)
        if fact.fact in _PROPERTIES:
            for id_ in targets.flows:
                if _state(self.canvas.flows[id_], fact.fact) is Known.UNKNOWN:
                    self.canvas.change_flow(id_, **{fact.fact: Known(fact.value)})
            return
        for id_ in targets.elements if kind.kept is not Holder.FLOW else ():
            self.canvas.control(id_, kind.name, Known(fact.value), fact.evidence)
        for id_ in targets.flows if kind.kept is not Holder.ELEMENT else ():
            self.canvas.control(id_, kind.name, Known(fact.value), fact.evidence)

    def _before(self, kind: ControlKind, fact: Fact) -> Targets:
        """What the rest of the sentence names: "… calls us back with a webhook; we verify the signature"."""
        if kind.reach is not Reach.NAMED:
            return Targets()
        return self.finder.best_labelled(self.sentences.get(fact.evidence.quote, ""))

    def _note(self, id_: str, fact: Fact) -> None:
        """Notes a control; when two sentences disagree, neither counts and the person is told."""
        match self._weigh(id_, fact):
            case _Weight.COUNTS:
                self.canvas.control(id_, fact.fact.removeprefix("control:"), Known(fact.value), fact.evidence)
            case _Weight.DISAGREES:
                self._unsay(id_, fact.fact.removeprefix("control:"))
            case _Weight.PASSED_OVER:
                pass

    def _weigh(self, id_: str, fact: Fact) -> _Weight:
        """Whether a statement counts beside an earlier one: the more particular one outweighs."""
        rank = self._rank(fact)
        earlier_rank, earlier = self.said.setdefault((id_, fact.fact), (rank, fact))
        if earlier.value == fact.value:
            return _Weight.COUNTS
        if earlier_rank < rank:
            return _Weight.PASSED_OVER
        self._disagree(id_, earlier, fact)
        return _Weight.DISAGREES

    def _rank(self, fact: Fact) -> int:
        """0 for a flow, 1 for a named element, 2 for a place, a role or several."""
        if " -> " in fact.about:
            return 0
        return 1 if len(self.canvas.names.find(fact.about)) == 1 else 2

    def _disagree(self, id_: str, one: Fact, other: Fact) -> None:
        if one.fact in _PROPERTIES:
            return
        self.canvas.warnings.append(
            f'{other.evidence.source}: "{_short(one.evidence.quote)}" and "{_short(other.evidence.quote)}" '
            f"disagree about {self._name(id_)}; I counted neither."
        )

    def _unsay(self, id_: str, name: str) -> None:
        holder = self.canvas.elements.get(id_) or self.canvas.flows[id_]
        kept = tuple(c for c in holder.controls if c.name != name)
        change = self.canvas.change_element if id_ in self.canvas.elements else self.canvas.change_flow
        change(id_, controls=kept)

    def _property(self, flow: Flow, fact: Fact) -> None:
        """Sets a property; a sentence about this very flow outweighs what its label suggests."""
        own = self.canvas.flows[flow.id]
        weight = self._weigh(flow.id, fact)
        if weight is _Weight.DISAGREES:
            self.canvas.change_flow(flow.id, **{fact.fact: Known.UNKNOWN})
        if weight is not _Weight.COUNTS:
            return
        earlier = _state(own, fact.fact)
        if earlier not in {Known.UNKNOWN, Known(fact.value)}:
            if self._rank(fact) > 0:
                return
            self.canvas.assume(
                f"On {self.canvas.flow_name(own)} the label and the {fact.evidence.source} disagree about "
                f'{_PROPERTIES[fact.fact].replace("_", " ")}; I took "{_short(fact.evidence.quote)}".',
                (flow.id,),
            )
        self.canvas.change_flow(flow.id, **{fact.fact: Known(fact.value)})

    def _expose(self, targets: Targets, fact: Fact) -> None:
        ids = list(targets.elements)
        for id_ in targets.flows:
            flow = self.canvas.flows[id_]
            ends = [e for e in (flow.target, flow.source) if not self.canvas.is_outside(e)]
            ids += ends[:1]
        for id_ in ids:
            if not self.canvas.is_outside(id_) and self.canvas.elements[id_].exposure is Exposure.UNKNOWN:
                self.canvas.change_element(id_, exposure=Exposure(fact.value))

    def _name(self, id_: str) -> str:
        if id_ in self.canvas.elements:
            return self.canvas.elements[id_].name
        return self.canvas.flow_name(self.canvas.flows[id_])

    def _report(self) -> None:
        """Says what was heard and could not be brought anywhere, so that nobody thinks that it counts."""
        for quote in self.heard:
            self.unplaced.pop(quote, None)
        for quote, about in list(self.unplaced.items())[:_UNPLACED]:
            where = f'what "{about}" is' if about else "which part of the system it is about"
            self.canvas.assume(
                f'The text says "{_short(quote)}"; I could not tell {where}, so it changes nothing.'
            )
        left = list(self.unplaced.values())[_UNPLACED:]
        if left:
            names = listing(a for a in left if a) or "parts that it does not name"
            self.canvas.assume(f"{len(left)} more sentences speak of {names}; they change nothing either.")


def _kind(fact: Fact) -> ControlKind | None:
    name = _PROPERTIES.get(fact.fact) or fact.fact.removeprefix("control:")
    kinds = load_controls().kinds
    return kinds.get(ControlName(name)) if name in set(ControlName) else None


def _is_whole(fact: Fact) -> bool:
    """Whether it counts for the whole system, so that it needs no place in it: the vendor signs releases."""
    kind = _kind(fact)
    return kind is not None and kind.reach in {Reach.WHOLE, Reach.BROAD}


def _state(flow: Flow, fact: str) -> Known:
    return flow.encrypted if fact == "encrypted" else flow.authenticated


def around(clause: str, texts: Iterable[str]) -> str:
    """The sentence of the texts that the clause ends; "" where none holds it."""
    for text in texts:
        at = text.find(clause)
        if at >= 0:
            begin = max((text.rfind(mark, 0, at) for mark in _ENDS), default=-1)
            return text[begin + 1 : at + len(clause)]
    return ""


_ENDS = (". ", ".\n", "! ", "? ", "\n")


def _is_everywhere(fact: Fact) -> bool:
    """Whether a statement about traffic says that it holds everywhere: "TLS everywhere"."""
    if fact.fact not in {*_PROPERTIES, *(f"control:{c.value}" for c in _PROPERTIES.values())}:
        return False
    kind = _kind(fact)
    everywhere = any(t.word in {"everywhere", "throughout"} for t in tokens(fact.evidence.quote))
    return everywhere and kind is not None and kind.reach is Reach.FLOWS


def _is_universal(fact: Fact) -> bool:
    """Whether the sentence says "all", "every" or the like."""
    universal = load_prose_words().universal
    return any(t.word in universal for t in tokens(fact.evidence.quote))


def _short(quote: str, most: int = 140) -> str:
    quote = plain(quote)
    return quote if len(quote) <= most else quote[:most].rsplit(" ", 1)[0] + " …"
