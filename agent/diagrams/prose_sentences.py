"""The prose part of a description: sentences become elements, flows, boundaries, facts, assumptions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from agent.catalog.phrases import tokens
from agent.catalog.technologies import load_technologies
from agent.catalog.vocabulary import Trait
from agent.diagrams.prose_about import Context
from agent.diagrams.prose_anchors import is_bare_role
from agent.diagrams.prose_blocks import Section, plain, sentences
from agent.diagrams.prose_draft import Draft
from agent.diagrams.prose_drafted import DraftElement, DraftFlow
from agent.diagrams.prose_facts import FactReader
from agent.diagrams.prose_fetches import fetches
from agent.diagrams.prose_flows import Reading, Said, read_flows
from agent.diagrams.prose_intro import introduced, is_trade
from agent.diagrams.prose_items import Prose
from agent.diagrams.prose_mentions import Mention, Sentence, kind_of, read_sentence
from agent.diagrams.prose_names import Names
from agent.diagrams.prose_parts import (
    introduces,
    is_any,
    is_distinct,
    is_example,
    is_owned_role,
    is_predicate,
    is_vague,
    meaning,
    named_often,
    parts_of_whole,
)
from agent.diagrams.prose_places import Placed, read_places
from agent.diagrams.prose_settings import settings, without_settings
from agent.diagrams.prose_stance import planned, stance
from agent.diagrams.prose_terms import Term
from agent.diagrams.prose_words import load_prose_words, protocol_of
from agent.diagrams.wire import read_wire
from agent.domain.system import ElementKind, Known
from agent.naming import key, words

_ENOUGH_LISTED = 3
"""Components that a list must name so that sentences need not name new ones."""
_ENOUGH_OURS = 2
"""Of these, at least so many are no people and no other outsiders."""
_FEW = 12
"""Parts and people that a list names at most beside which sentences of a short text name others."""
_CLAUSE = 4
"""Words of a clause of its own."""
_IS_A = (["is", "a"], ["is", "an"])
_OUTSIDE = ElementKind.EXTERNAL_ENTITY
_ARTICLES = frozenset({"the", "a", "an", "each", "every", "all"})
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
        title: the first heading.
    """

    def __init__(
        self, draft: Draft, known: Sequence[str], *, short: bool, terms: Sequence[Term] = (), title: str = ""
    ) -> None:
        self.draft = draft
        self.drawn = tuple(known)
        self.short = short
        self.listed = _is_closed(draft.elements.values())
        draft.closed = self.listed
        self.complete = self.listed and len(draft.flows) >= _ENOUGH_LISTED
        self.often: frozenset[str] = frozenset()
        self.names = Names(draft, known, terms, title)
        self.everything: list[Placed] = []
        self.fetches: list[tuple[Mention, str, _Line]] = []
        self.sink: Mention | None = None
        """The store into which the sentence before put something."""
        self.frameworks: set[str] = set()

    def read(self, rest: Sequence[Prose]) -> None:
        """All sentences, in the order of the text."""
        lines = [line for piece in rest for line in _lines(piece)]
        heard = [line.text for line in lines if not _is_silent(line)]
        lexicon = self.names.lexicon(heard, [line.text for line in lines], (line.quote for line in lines))
        read = [(line, read_sentence(line.text, lexicon)) for line in lines if not _is_silent(line)]
        if self.short and not self.draft.flows and self.names.whole and len(self.draft.elements) <= _FEW:
            # a short list without the program that the page is about leaves parts to the sentences
            whole = self.draft.elements.get(key(self.names.whole))
            self.listed = self.draft.closed = self.listed and whole is not None and whole.listed
        self.often = named_often(sentence for _, sentence in read)
        topic: Mention | None = None
        place: Prose | None = None
        for line, sentence in read:
            if line.prose is not place:
                topic, place = None, line.prose
                self.sink = None
            topic = self._line(line, sentence, topic)
        self._wrap()

    def _line(self, line: _Line, sentence: Sentence, topic: Mention | None) -> Mention | None:
        section = line.prose.section
        if self._assumed(line):
            return None
        written = sentence
        about = line.prose.about if " -> " not in line.prose.about else ""
        sentence = meaning(introduced(sentence), {words(about)[-1]: about} if about else self.names.ends)
        listed = Mention(0, 0, about, known=True) if about else None
        places = read_places(sentence)
        reading = read_flows(sentence, topic, listed, self.sink)
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
            self._places(places, line)
            self._parts(sentence, reading, places, line)
        elif not ahead and not self.complete:
            self._flows(sentence, reading, line)
        self._defined(written)
        FactReader(sentence, reading, context, self.draft).read()
        self._settings(sentence, line)
        return reading.subject

    def _settings(self, sentence: Sentence, line: _Line) -> None:
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
            if not self._counts(said) or any(
                m in {said.source, said.target} and is_any(sentence, m) and not self._named(m)
                for m in sentence.mentions
            ):
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
        for mention, label in fetches(sentence, reading):
            if self._sure(mention):
                self.fetches.append((mention, label, line))

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
        term = self.names.terms.get(name)
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
            name = self.draft.name_of(own) if self.draft.name_of(own) in self.names.terms else placed.name
            if keys:
                self.draft.add_boundary(_title(name), keys)

    def _fetched(self) -> None:
        """Downloads without a source come from the one part that hands out software, when there is one."""
        sources = self.draft.of_trait(Trait.REGISTRY)
        for mention, label, line in self.fetches if len(sources) == 1 else ():
            for target in self._elements(mention, line):
                self.draft.add_flow(DraftFlow(sources[0], target, label, line.quote))

    def _wrap(self) -> None:
        """All that is ours stands inside when "everything runs in one account"."""
        self._fetched()
        table = load_technologies()
        for placed in self.everything:
            inside = [
                k
                for k, e in self.draft.elements.items()
                if (e.kind or table.read(e.name).kind) is not ElementKind.EXTERNAL_ENTITY
            ]
            if inside:
                self.draft.add_boundary(_title(placed.name), inside)

    def _introduced(self, line: _Line) -> None:
        """The part that the sentence introduces by saying what it is."""
        for name in self.names.introduced(line.text):
            term = self.names.terms.get(name)
            if term is not None:
                known = load_technologies().read(term.full).technologies
                self.draft.add(
                    name,
                    line.quote,
                    kind=term.kind,
                    technologies=(t.id for t in known),
                    description=term.full if term.full != name else "",
                    exact=True,
                )

    def _parts(self, sentence: Sentence, reading: Reading, places: Sequence[Placed], line: _Line) -> None:
        """Parts that the sentence names although no flow ends there."""
        if self.listed:
            return
        for mention in parts_of_whole(sentence):
            if not self.draft.several(mention):
                self.draft.add(
                    mention.name,
                    line.quote,
                    kind=mention.kind,
                    technologies=mention.technologies,
                    exact=True,
                )
        taken = {i for p in places for i in range(*p.place)}
        for mention in introduces(sentence) if line.prose.item else ():
            self._element(mention, line)
        for mention in sentence.mentions:
            if mention.name in self.frameworks or self._named(mention):
                continue
            typed = f"`{mention.name.lower()}" in line.quote.lower()
            if typed or taken & set(range(mention.start, mention.end)):
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
        if is_any(sentence, mention) or is_owned_role(mention):
            return False
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


def _is_framework(sentence: Sentence, said: Said) -> bool:
    """Whether a part only uses a library for agents, so that it is one itself: "It uses LangGraph"."""
    traits = load_technologies().traits_of(said.target.technologies)
    verb = sentence.verbs[said.verb].form.base if said.verb in sentence.verbs else ""
    return verb in _BUILT_WITH and Trait.AGENT in traits and said.target.kind is ElementKind.PROCESS


def _lines(piece: Prose) -> list[_Line]:
    """The sentences of a piece; an assumption stays whole, and a clause after "assuming …," is one more."""
    if piece.section is Section.ASSUMPTION:
        return [_Line(plain(piece.text), piece.text, piece)]
    return [line for s in sentences(piece.text) for line in _cut(plain(without_settings(s)), s, piece)]


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
