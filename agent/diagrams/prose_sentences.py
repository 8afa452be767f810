"""The prose part of a description: sentences become elements, flows, boundaries, facts, assumptions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from agent.diagrams.prose_about import Context
from agent.diagrams.prose_blocks import Section
from agent.diagrams.prose_brackets import without_brackets
from agent.diagrams.prose_draft import Draft
from agent.diagrams.prose_drafted import DraftElement
from agent.diagrams.prose_facts import FactReader
from agent.diagrams.prose_flows import read_flows
from agent.diagrams.prose_intro import introduced, is_trade
from agent.diagrams.prose_items import Prose
from agent.diagrams.prose_lines import Line, lines_of
from agent.diagrams.prose_mentions import Mention, Sentence, kind_of, read_sentence
from agent.diagrams.prose_parts import (
    described,
    meaning,
    named_often,
)
from agent.diagrams.prose_places import read_places
from agent.diagrams.prose_said import Reading
from agent.diagrams.prose_settings import settings
from agent.diagrams.prose_stance import planned
from agent.diagrams.prose_stated import Stated
from agent.diagrams.prose_terms import Term
from agent.diagrams.prose_terse import as_people, codes, definite, is_terse, met, people_of
from agent.domain.system import ElementKind
from agent.naming import key, words

_ENOUGH_LISTED = 3
"""Components that a list must name so that sentences need not name new ones."""
_ENOUGH_OURS = 2
"""Of these, at least so many are no people and no other outsiders."""
_FEW = 12
"""Parts and people that a list names at most beside which sentences of a short text name others."""
_NEAR_START = 3
"""Words from the start of a sentence in which "we" stands."""
_IS_A = (["is", "a"], ["is", "an"])
_OUTSIDE = ElementKind.EXTERNAL_ENTITY


class SentenceReader(Stated):
    """Reads sentences into the draft.

    Args:
        draft: what lists have said already.
        known: names that diagrams give.
        short: whether every part that a sentence names counts, or only those that flows join.
        flowing: whether no heading parts the paragraphs, so that one goes on where the other ended.
        terms: short names that the text introduces.
        title: the first heading.
    """

    def __init__(
        self,
        draft: Draft,
        known: Sequence[str],
        *,
        short: bool,
        flowing: bool = False,
        terms: Sequence[Term] = (),
        title: str = "",
    ) -> None:
        listed = _is_closed(draft.elements.values())
        super().__init__(draft, known, short=short, listed=listed, terms=terms, title=title)
        self.flowing = flowing
        named = (*known, *(e.name for e in draft.elements.values()))
        self.kept = frozenset(w for name in named for w in name.lower().split())
        """Words of names, which are no misspellings."""
        draft.closed = self.listed
        self.complete = self.listed and len(draft.flows) >= _ENOUGH_LISTED
        self.sink: Mention | None = None
        """The store into which the sentence before put something."""
        self.worker: Mention | None = None
        """The program that has at hand what the text speaks of."""
        self.giver: tuple[Mention, ...] = ()
        """People who handed something over, and nothing has said to whom."""

    def read(self, rest: Sequence[Prose]) -> None:
        """All sentences, in the order of the text."""
        lines = [line for piece in rest for line in lines_of(piece, self.kept)]
        heard = [line.text for line in lines if not line.silent]
        lexicon = self.names.lexicon(heard, [line.text for line in lines], (line.quote for line in lines))
        read = [(line, read_sentence(line.text, lexicon)) for line in lines if not line.silent]
        if self.short:
            nouns = codes(heard) | met(sentence for _, sentence in read)
            if nouns and self.names.meet(nouns):
                lexicon = self.names.lexicon(
                    heard, [line.text for line in lines], (line.quote for line in lines)
                )
                read = [(line, read_sentence(line.text, lexicon)) for line, _ in read]
            people = people_of(sentence for _, sentence in read)
            read = [(line, as_people(sentence, people)) for line, sentence in read]
            if is_terse(heard):
                read = [(line, definite(sentence)) for line, sentence in read]
        if self.short and not self.draft.flows and self.names.whole and len(self.draft.elements) <= _FEW:
            # a short list without the program that the page is about leaves parts to the sentences
            whole = self.draft.elements.get(key(self.names.whole))
            self.listed = self.draft.closed = self.listed and whole is not None and whole.listed
        self.often = named_often(sentence for _, sentence in read)
        topic: Mention | None = None
        place: Prose | None = None
        for line, sentence in read:
            if line.prose is not place:
                listed = place is not None and place.item and line.prose.item
                topic, place = (topic if line.prose.follows else None), line.prose
                self.sink = self.sink if listed else None
                self.worker, self.giver = (self.worker, self.giver) if self.flowing else (None, ())
            topic = self._line(line, sentence, topic)
        self._wrap()

    def _line(self, line: Line, sentence: Sentence, topic: Mention | None) -> Mention | None:
        section = line.prose.section
        if self._assumed(line):
            return None
        written = sentence
        about = line.prose.about if " -> " not in line.prose.about else ""
        sentence = meaning(introduced(sentence), {words(about)[-1]: about} if about else self.names.ends)
        listed = Mention(0, 0, about, known=True) if about else None
        if about and not line.prose.names:
            sentence = described(sentence, about)
        places = read_places(sentence)
        sentence, used = without_brackets(sentence)
        worker = self._backend() or self.worker if _is_ours(sentence) else self.worker
        reading = read_flows(sentence, topic, listed, self.sink, listed or worker, self.giver)
        self.worker, self.giver = (reading.worker, reading.giver) if self.short else (None, ())
        self.sink = next(
            (f.target for f in reading.flows[-1:] if f.target.kind is ElementKind.DATA_STORE), None
        )
        context = Context(line.quote, line.prose.about, loose=not self.short)
        if line.prose.held:
            FactReader(sentence, Reading(), context, self.draft).read_listed()
            return None
        if section is Section.DATA:
            FactReader(sentence, Reading(doers=reading.doers), context, self.draft).read_held()
            return None
        ahead = planned(sentence)
        if not ahead and not self.complete and line.prose.names:
            self._introduced(line)
            self._flows(sentence, reading, line)
            self._used(used, line)
            self._places(places, line)
            self._parts(sentence, reading, places, line)
        elif not ahead and not self.complete:
            self._flows(sentence, reading, line)
        self._defined(written)
        FactReader(sentence, reading, context, self.draft).read()
        self._settings(sentence, line)
        return reading.subject

    def _settings(self, sentence: Sentence, line: Line) -> None:
        """What settings written as code say of the part that the sentence names."""
        for control, value in settings(line.quote):
            named = (m for m in sentence.mentions if not m.person and self._named(m))
            about = line.prose.about or next((self.draft.name_of(self.draft.means(m)) for m in named), "")
            if about:
                self.draft.add_fact(about, f"control:{control}", value.value, line.quote)

    def _defined(self, sentence: Sentence) -> None:
        """What "a client is an application that …" says of an element that is called so."""
        for mention, what in pairwise(sentence.mentions):
            between = [t.word for t in sentence.found[mention.end : what.start]]
            thing = not mention.person or is_trade(sentence, mention)
            own = self.draft.find(mention.name) if mention.person else self.draft.means(mention)
            own = own if between in _IS_A and thing else ""
            element = self.draft.elements.get(own)
            if element is None or what.kind is not ElementKind.PROCESS:
                continue
            if (element.kind or kind_of(element.name)) is _OUTSIDE and not element.person:
                element.kind = ElementKind.PROCESS

    def _assumed(self, line: Line) -> bool:
        """Takes up the assumption that the sentence is; whether it is one, and so states nothing."""
        if line.assumes or line.prose.section is Section.ASSUMPTION:
            self.draft.assume(line.text)
            return True
        return False


def _is_closed(elements: Iterable[DraftElement]) -> bool:
    """Whether lists name the components; a list of people or of clients alone is not all there is."""
    listed = [e for e in elements if e.listed and not e.aside]
    ours = [e for e in listed if (e.kind or kind_of(e.name)) is not _OUTSIDE]
    return len(listed) >= _ENOUGH_LISTED and len(ours) >= _ENOUGH_OURS


def _is_ours(sentence: Sentence) -> bool:
    """Whether the sentence says what "we" do, that is, the system."""
    return any(t.word == "we" for t in sentence.found[:_NEAR_START])
