"""Flows that sentences state, put into the draft between the elements that their ends mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from agent.catalog.technologies import load_technologies
from agent.catalog.vocabulary import Trait
from agent.diagrams.prose_alone import Alone
from agent.diagrams.prose_draft import Draft
from agent.diagrams.prose_drafted import DraftFlow
from agent.diagrams.prose_fetches import fetches
from agent.diagrams.prose_hooks import callers, equipment, kept_outside
from agent.diagrams.prose_lines import Line
from agent.diagrams.prose_mentions import Mention, Sentence
from agent.diagrams.prose_parts import is_any
from agent.diagrams.prose_places import Placed
from agent.diagrams.prose_said import Reading, Said
from agent.diagrams.prose_stance import stance
from agent.diagrams.prose_terms import Term
from agent.diagrams.prose_words import protocol_of
from agent.diagrams.wire import read_wire
from agent.domain.system import ElementKind, Known
from agent.naming import words

_OUTSIDE = ElementKind.EXTERNAL_ENTITY
_KEEPING = frozenset({"store", "save", "persist", "keep", "archive", "insert", "upsert", "load", "record"})
"""Verbs after which a store is named."""
_BUILT_WITH = frozenset({"use", "employ", "utilize", "utilise", "leverage"})


class Stated(Alone):
    """Takes over stated flows and boundaries; those with an end that only the whole text tells come last."""

    def __init__(
        self,
        draft: Draft,
        known: Sequence[str],
        *,
        short: bool,
        listed: bool,
        terms: Sequence[Term],
        title: str,
    ) -> None:
        super().__init__(draft, known, short=short, listed=listed, terms=terms, title=title)
        self.everything: list[Placed] = []
        self.fetches: list[tuple[Mention, str, Line]] = []
        self.hooks: list[tuple[Mention, str, Line]] = []

    def _flows(self, sentence: Sentence, reading: Reading, line: Line) -> None:
        for said in reading.flows:
            if self._is_stated(sentence, said):
                self._state(sentence, said, line)
        for owner, store in equipment(sentence):
            if self._sure(owner) and self._sure(store):
                for source in self._elements(owner, line):
                    self._uses(source, store, line)
        for mention in kept_outside(sentence, reading):
            element = self.draft.elements.get(self.draft.means(mention))
            if element is None and not self.listed and self._sure(mention):
                self._element(replace(mention, kind=_OUTSIDE), line)
            if element is not None and not element.listed:
                element.kind = _OUTSIDE
        self.hooks += [(m, label, line) for m, label in callers(sentence, reading) if self._sure(m)]
        self.fetches += [(m, label, line) for m, label in fetches(sentence, reading) if self._sure(m)]

    def _is_stated(self, sentence: Sentence, said: Said) -> bool:
        """Whether the sentence states the flow, between parts of the system."""
        if stance(sentence, said.verb, said.verb + 1) is Known.NO or (
            said.unsaid and not self._is_sure(said)
        ):
            return False
        ends = {said.source, said.target}
        any_of_a_kind = (m in ends and is_any(sentence, m) and not self._named(m) for m in sentence.mentions)
        return self._counts(said) and not any(any_of_a_kind)

    def _state(self, sentence: Sentence, said: Said, line: Line) -> None:
        """Takes the flow over, between all elements that its ends mean."""
        for source in self._elements(said.source, line):
            if _is_framework(sentence, said):
                self.draft.add(self.draft.name_of(source), line.quote, technologies=said.target.technologies)
                self.frameworks |= {said.target.name}
                continue
            for target in self._elements(_kept_in(sentence, said), line):
                self.draft.add_flow(self._flow(sentence, source, target, said, line))

    @staticmethod
    def _flow(sentence: Sentence, source: str, target: str, said: Said, line: Line) -> DraftFlow:
        following = next((v for v in sorted(sentence.verbs) if v > said.verb), len(sentence.found))
        protocol = protocol_of(sentence.words(said.verb, following))
        return DraftFlow(
            source,
            target,
            said.label,
            line.quote,
            protocol=protocol.id if protocol else "",
            encrypted=Known.YES if protocol and protocol.encrypted is Known.YES else Known.UNKNOWN,
            data=read_wire(said.label.partition(" ")[2]).data,
        )

    def _used(self, used: Iterable[tuple[Mention, Mention]], line: Line) -> None:
        """A program uses the store that stands in brackets after it."""
        for owner, store in used if not self.listed else ():
            if self._sure(owner):
                self._uses(self._element(owner, line), store, line)

    def _uses(self, source: str, store: Mention, line: Line) -> None:
        self.draft.add_flow(DraftFlow(source, self._element(store, line), "", line.quote))

    def _places(self, places: Iterable[Placed], line: Line) -> None:
        for placed in places:
            if placed.everything:
                self.everything.append(placed)
            keys = [self._element(m, line) for m in placed.members if m.known or self._sure(m)]
            own = self.draft.find(placed.name)
            name = self.draft.name_of(own) if self.draft.name_of(own) in self.names.terms else placed.name
            if keys:
                self.draft.add_boundary(_title(name), keys)

    def _fetched(self) -> None:
        """Downloads without a source come from the one part that hands out software, when there is one."""
        sources = self.draft.of_trait(Trait.REGISTRY)
        for mention, label, line in self.fetches if len(sources) == 1 else ():
            for target in self._elements(mention, line):
                self.draft.add_flow(DraftFlow(sources[0], target, label, line.quote))

    def _backend(self) -> Mention | None:
        """The one backend, or else the one API, that the text has named so far."""
        apis = self.draft.of_trait(Trait.API)
        backends = [k for k, e in self.draft.elements.items() if words(e.name)[-1:] == ("backend",)]
        one = next((found[0] for found in (backends, apis) if len(found) == 1), "")
        kind = self.draft.elements[one].kind if one else None
        return Mention(0, 0, self.draft.name_of(one), kind=kind, known=True) if one else None

    def _called_back(self) -> None:
        """Whoever calls "our webhook" calls the one backend there is, or else the one API."""
        goal = self._backend()
        own = self.draft.find(goal.name) if goal is not None else ""
        for mention, label, line in self.hooks if own else ():
            for source in self._elements(mention, line):
                self.draft.add_flow(DraftFlow(source, own, label, line.quote))

    def _wrap(self) -> None:
        """All that is ours stands inside when "everything runs in one account"."""
        self._fetched()
        self._called_back()
        table = load_technologies()
        for placed in self.everything:
            inside = [
                k
                for k, e in self.draft.elements.items()
                if (e.kind or table.read(e.name).kind) is not ElementKind.EXTERNAL_ENTITY
            ]
            if inside:
                self.draft.add_boundary(_title(placed.name), inside)


def _is_framework(sentence: Sentence, said: Said) -> bool:
    """Whether a part only uses a library for agents, so that it is one itself: "It uses LangGraph"."""
    traits = load_technologies().traits_of(said.target.technologies)
    verb = sentence.verbs[said.verb].form.base if said.verb in sentence.verbs else ""
    return verb in _BUILT_WITH and Trait.AGENT in traits and said.target.kind is ElementKind.PROCESS


def _kept_in(sentence: Sentence, said: Said) -> Mention:
    """The flow's target; a name of no table in which something is stored is a data store."""
    target = said.target
    verb = sentence.verbs.get(said.verb)
    if verb is None or verb.form.base not in _KEEPING or target.kind is not None or target.known:
        return target
    before = sentence.found[target.start - 1].word if target.start else ""
    return replace(target, kind=ElementKind.DATA_STORE) if before in {"in", "into"} else target


def _title(name: str) -> str:
    return name[:1].upper() + name[1:]
