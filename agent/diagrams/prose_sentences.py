"""The prose part of a description: sentences become elements, flows, boundaries, facts, assumptions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from agent.catalog.phrases import tokens
from agent.catalog.technologies import load_technologies
from agent.catalog.vocabulary import Trait
from agent.diagrams.prose_about import Context
from agent.diagrams.prose_anchors import Lexicon, is_bare_role, make_lexicon
from agent.diagrams.prose_blocks import Section, plain, sentences
from agent.diagrams.prose_draft import Draft, DraftElement, DraftFlow
from agent.diagrams.prose_facts import FactReader
from agent.diagrams.prose_flows import Reading, Said, read_flows
from agent.diagrams.prose_intro import introduced
from agent.diagrams.prose_mentions import Mention, Sentence, kind_of, read_sentence
from agent.diagrams.prose_parts import (
    introduces,
    is_distinct,
    is_example,
    is_predicate,
    is_vague,
    meaning,
    named_often,
    parts_of_whole,
)
from agent.diagrams.prose_places import Placed, read_places
from agent.diagrams.prose_stance import planned, stance
from agent.diagrams.prose_structure import Prose
from agent.diagrams.prose_terms import Term
from agent.diagrams.prose_words import load_prose_words, protocol_of
from agent.diagrams.wire import read_wire
from agent.domain.system import ElementKind, Known
from agent.naming import key, words

_ENOUGH_LISTED = 3
"""Components that a list must name so that sentences need not name new ones."""
_ENOUGH_OURS = 2
"""Of these, at least so many are no people and no other outsiders."""
_CLAUSE = 4
"""Words of a clause of its own."""
_IS_A = (["is", "a"], ["is", "an"])
_OUTSIDE = ElementKind.EXTERNAL_ENTITY
_ARTICLES = frozenset({"the", "a", "an", "each", "every", "all"})
_CODE_WORD = re.compile(r"`([A-Za-z][A-Za-z0-9]{2,30})`")
_BUILT_WITH = frozenset({"use", "employ", "utilize", "utilise", "leverage"})


@dataclass(frozen=True)
class _Line:
    """One sentence on its way."""

    text: str
    quote: str
    prose: Prose
    assumes: bool = False
    """Whether it takes something for granted."""


class SentenceReader:
    """Reads sentences into the draft.

    Args:
        draft: what lists have said already.
        known: names that diagrams give.
        short: whether every part that a sentence names counts, or only those that flows join.
        terms: short names that the text introduces.
    """

    def __init__(
        self, draft: Draft, known: Sequence[str], *, short: bool, terms: Sequence[Term] = ()
    ) -> None:
        self.draft = draft
        self.drawn = tuple(known)
        self.short = short
        self.listed = _is_closed(draft.elements.values())
        draft.closed = self.listed
        self.complete = self.listed and len(draft.flows) >= _ENOUGH_LISTED
        self.often: frozenset[str] = frozenset()
        self.introduced = terms
        self.terms: dict[str, Term] = {}
        self.ends: dict[str, str] = {}
        """The last words of introduced names, by which the text means them."""
        self.everything: list[Placed] = []
        self.frameworks: set[str] = set()

    def read(self, rest: Sequence[Prose]) -> None:
        """All sentences, in the order of the text."""
        lines = [line for piece in rest for line in _lines(piece)]
        lexicon = self._lexicon(lines)
        read = [(line, read_sentence(line.text, lexicon)) for line in lines if not _is_silent(line)]
        self.often = named_often(sentence for _, sentence in read)
        topic: Mention | None = None
        place: Prose | None = None
        for line, sentence in read:
            if line.prose is not place:
                topic, place = None, line.prose
            topic = self._line(line, sentence, topic)
        self._wrap()

    def _lexicon(self, lines: Iterable[_Line]) -> Lexicon:
        names: dict[str, ElementKind | None] = dict.fromkeys(self.drawn)
        names.update({e.name: e.kind for e in self.draft.elements.values() if e.listed})
        spellings: dict[str, str] = {}
        for term in self.introduced:
            name = self.draft.alias(term.short, term.full)
            self.terms[name] = term
            names.setdefault(name, term.kind)
            spellings |= {term.short: name, term.full: name}
        last = Counter(words(t.full)[-1] for t in self.terms.values())
        self.ends = {words(t.full)[-1]: n for n, t in self.terms.items() if last[words(t.full)[-1]] == 1}
        texts = (line.text for line in lines)
        return make_lexicon(names, texts, _codes(line.quote for line in lines), spellings)

    def _line(self, line: _Line, sentence: Sentence, topic: Mention | None) -> Mention | None:
        section = line.prose.section
        if self._assumed(line):
            return None
        written = sentence
        about = line.prose.about if " -> " not in line.prose.about else ""
        sentence = meaning(introduced(sentence), {words(about)[-1]: about} if about else self.ends)
        listed = Mention(0, 0, about, known=True) if about else None
        places = read_places(sentence)
        reading = read_flows(sentence, topic, listed)
        context = Context(line.quote, line.prose.about, loose=not self.short)
        if line.prose.held:
            FactReader(sentence, Reading(), context, self.draft).read_listed()
            return None
        if section is Section.DATA:
            FactReader(sentence, Reading(doers=reading.doers), context, self.draft).read_held()
            return None
        ahead = planned(sentence)
        if not ahead and not self.complete and line.prose.names:
            self._flows(sentence, reading, line)
            self._places(places, line)
            self._parts(sentence, reading, places, line)
        elif not ahead and not self.complete:
            self._flows(sentence, reading, line)
        self._defined(written)
        FactReader(sentence, reading, context, self.draft).read()
        return reading.subject

    def _defined(self, sentence: Sentence) -> None:
        """What "a client is an application that …" says of an element that is called so."""
        for mention, what in pairwise(sentence.mentions):
            between = [t.word for t in sentence.found[mention.end : what.start]]
            own = self.draft.means(mention) if between in _IS_A and not mention.person else ""
            element = self.draft.elements.get(own)
            if element is None or what.kind is not ElementKind.PROCESS:
                continue
            if (element.kind or kind_of(element.name)) is _OUTSIDE and not element.person:
                element.kind = ElementKind.PROCESS

    def _assumed(self, line: _Line) -> bool:
        """Takes up the assumption that the sentence is; whether it is one, and so states nothing."""
        if line.assumes or line.prose.section is Section.ASSUMPTION:
            self.draft.assume(line.text)
            return True
        return False

    def _flows(self, sentence: Sentence, reading: Reading, line: _Line) -> None:
        for said in reading.flows:
            if stance(sentence, said.verb, said.verb + 1) is Known.NO:
                continue
            if not self._counts(said):
                continue
            for source in self._elements(said.source, line):
                if _is_framework(sentence, said):
                    self.draft.add(
                        self.draft.name_of(source), line.quote, technologies=said.target.technologies
                    )
                    self.frameworks.add(said.target.name)
                    continue
                for target in self._elements(said.target, line):
                    self.draft.add_flow(self._flow(sentence, source, target, said, line))

    @staticmethod
    def _flow(sentence: Sentence, source: str, target: str, said: Said, line: _Line) -> DraftFlow:
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

    def _counts(self, said: Said) -> bool:
        """Whether both ends are parts of the system and not figures of speech."""
        ends = (said.source, said.target)
        sure = [self._sure(m) for m in ends]
        if all(sure):
            return True
        if self.listed:
            return any(self._named(m) for m in ends) and all(self._named(m) or is_distinct(m) for m in ends)
        return any(sure) and all(s or self._likely(m) for s, m in zip(sure, ends, strict=True))

    def _named(self, mention: Mention) -> bool:
        return mention.known or bool(self.draft.means(mention) or self.draft.several(mention))

    def _sure(self, mention: Mention) -> bool:
        if self._named(mention):
            return True
        return (
            not self.listed
            and mention.kind is not None
            and not mention.weak
            and not self._says_nothing(mention)
        )

    def _says_nothing(self, mention: Mention) -> bool:
        """Whether a long text only says "the server" of some server."""
        told = self.short or mention.person or mention.technologies or mention.kind is not ElementKind.PROCESS
        return not told and is_vague(mention)

    def _likely(self, mention: Mention) -> bool:
        """A proper name, a weak one with a word before it ("leader node"), or in short texts any noun."""
        if mention.guess:
            return self.short
        return mention.proper or (mention.weak and mention.end - mention.start > 1)

    def _elements(self, mention: Mention, line: _Line) -> list[str]:
        """The keys of what a mention means: several listed elements, or one that may be new."""
        own = [] if mention.known else self.draft.several(mention)
        return own or [k for k in (self._element(mention, line),) if k]

    def _element(self, mention: Mention, line: _Line) -> str:
        kind = mention.kind
        own = self.draft.means(mention)
        name = self.draft.name_of(own) if own else mention.name
        technologies = mention.technologies
        term = self.terms.get(name)
        if term is not None:
            technologies = tuple(t.id for t in load_technologies().read(term.full).technologies)
        return self.draft.add(
            name,
            line.quote,
            kind=kind,
            technologies=technologies,
            description=term.full if term is not None and term.full != name else "",
            exact=True,
        )

    def _places(self, places: Iterable[Placed], line: _Line) -> None:
        for placed in places:
            if placed.everything:
                self.everything.append(placed)
            keys = [self._element(m, line) for m in placed.members if m.known or self._sure(m)]
            own = self.draft.find(placed.name)
            name = self.draft.name_of(own) if self.draft.name_of(own) in self.terms else placed.name
            if keys:
                self.draft.add_boundary(_title(name), keys)

    def _wrap(self) -> None:
        """All that is ours stands inside when "everything runs in one account"."""
        table = load_technologies()
        for placed in self.everything:
            inside = [
                k
                for k, e in self.draft.elements.items()
                if (e.kind or table.read(e.name).kind) is not ElementKind.EXTERNAL_ENTITY
            ]
            if inside:
                self.draft.add_boundary(_title(placed.name), inside)

    def _parts(self, sentence: Sentence, reading: Reading, places: Sequence[Placed], line: _Line) -> None:
        """Parts that the sentence names although no flow ends there."""
        if self.listed:
            return
        for mention in parts_of_whole(sentence):
            self._element(mention, line)
        taken = {i for p in places for i in range(*p.place)}
        for mention in introduces(sentence) if line.prose.item else ():
            self._element(mention, line)
        for mention in sentence.mentions:
            if mention.name in self.frameworks or self._named(mention):
                continue
            if taken & set(range(mention.start, mention.end)):
                continue
            if self._stands_alone(sentence, mention, reading):
                self._element(mention, line)

    def _stands_alone(self, sentence: Sentence, mention: Mention, reading: Reading) -> bool:
        if (
            mention.kind is None
            or mention.weak
            or (is_vague(mention) and bool(self.draft.elements))
            or mention.owner
            or stance(sentence, mention.start, mention.end) is not Known.YES
        ):
            return False
        if mention.person:
            return self.short and mention in reading.actors
        if is_predicate(sentence, mention) or (mention.definite and self.draft.has_such(mention)):
            return False
        traits = load_technologies().traits_of(mention.technologies)
        if Trait.WAF in traits or Trait.VPN in traits:
            return False
        last = sentence.found[mention.end - 1]
        product = bool(mention.technologies) and last.text[:1].isupper()
        plural = last.stem != last.word and not product
        counts = self.short or bool(mention.technologies) or self._is_told(mention)
        return not plural and counts and not is_example(sentence, mention)

    def _is_told(self, mention: Mention) -> bool:
        """Whether a long text speaks of the part again and again, by a name of its own."""
        return key(mention.name) in self.often and not is_bare_role(mention.name)


def _is_closed(elements: Iterable[DraftElement]) -> bool:
    """Whether lists name the components; a list of people or of clients alone is not all there is."""
    listed = [e for e in elements if e.listed and not e.aside]
    ours = [e for e in listed if (e.kind or kind_of(e.name)) is not _OUTSIDE]
    return len(listed) >= _ENOUGH_LISTED and len(ours) >= _ENOUGH_OURS


def _codes(quotes: Iterable[str]) -> frozenset[str]:
    """Words that the text writes as code at least twice, as it does with the names of programs."""
    counted = Counter(m.group(1).lower() for quote in quotes for m in _CODE_WORD.finditer(quote))
    return frozenset(word for word, times in counted.items() if times > 1)


def _is_framework(sentence: Sentence, said: Said) -> bool:
    """Whether a part only uses a library for agents, so that it is one itself: "It uses LangGraph"."""
    traits = load_technologies().traits_of(said.target.technologies)
    verb = sentence.verbs[said.verb].form.base if said.verb in sentence.verbs else ""
    return verb in _BUILT_WITH and Trait.AGENT in traits and said.target.kind is ElementKind.PROCESS


def _lines(piece: Prose) -> list[_Line]:
    """The sentences of a piece; an assumption stays whole, and a clause after "assuming …," is one more."""
    if piece.section is Section.ASSUMPTION:
        return [_Line(plain(piece.text), piece.text, piece)]
    return [line for s in sentences(piece.text) for line in _cut(plain(s), s, piece)]


def _cut(text: str, quote: str, piece: Prose) -> list[_Line]:
    starts = load_prose_words().assumes.all(tokens(text[:80]))
    if not any(m.start <= 1 for m in starts):
        return [_Line(text, quote, piece)]
    assumed, comma, rest = text.partition(", ")
    if text.lower().startswith("assuming") and comma and len(rest.split()) >= _CLAUSE:
        rest = rest[:1].upper() + rest[1:] if rest.split()[0].lower() in _ARTICLES else rest
        return [_Line(assumed, quote, piece, assumes=True), _Line(rest, quote, piece)]
    return [_Line(text, quote, piece, assumes=True)]


def _is_silent(line: _Line) -> bool:
    return line.prose.section is Section.SILENT


def _title(name: str) -> str:
    return name[:1].upper() + name[1:]
