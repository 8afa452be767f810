"""The prose part of a description: sentences become elements, flows, boundaries, facts, assumptions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent.catalog.phrases import tokens
from agent.catalog.technologies import load_technologies
from agent.catalog.vocabulary import Trait
from agent.diagrams.prose_about import Context
from agent.diagrams.prose_anchors import Lexicon, make_lexicon
from agent.diagrams.prose_blocks import Section, plain, sentences
from agent.diagrams.prose_draft import Draft, DraftFlow
from agent.diagrams.prose_facts import FactReader
from agent.diagrams.prose_flows import Reading, Said, read_flows
from agent.diagrams.prose_intro import introduced
from agent.diagrams.prose_mentions import Mention, Sentence, read_sentence
from agent.diagrams.prose_places import Placed, read_places
from agent.diagrams.prose_stance import planned, stance
from agent.diagrams.prose_structure import Prose
from agent.diagrams.prose_words import load_prose_words, protocol_of
from agent.diagrams.wire import read_wire
from agent.domain.system import ElementKind, Known
from agent.naming import is_plural

_ENOUGH_LISTED = 3
"""Components that a list must name so that sentences need not name new ones."""
_CODE_WORD = re.compile(r"`([A-Za-z][A-Za-z0-9]{2,30})`")
_BUILT_WITH = frozenset({"use", "employ", "utilize", "utilise", "leverage"})
_PREDICATES = frozenset({"is", "are", "as", "like", "was", "be", "becomes", "called"})


@dataclass(frozen=True)
class _Line:
    """One sentence on its way."""

    text: str
    quote: str
    prose: Prose


class SentenceReader:
    """Reads sentences into the draft.

    Args:
        draft: what lists have said already.
        known: names that diagrams give.
        short: whether every part that a sentence names counts, or only those that flows join.
    """

    def __init__(self, draft: Draft, known: Sequence[str], *, short: bool) -> None:
        self.draft = draft
        self.drawn = tuple(known)
        self.short = short
        self.listed = sum(1 for e in draft.elements.values() if e.listed) >= _ENOUGH_LISTED
        draft.closed = self.listed
        self.complete = self.listed and len(draft.flows) >= _ENOUGH_LISTED
        self.everything: list[Placed] = []
        self.frameworks: set[str] = set()

    def read(self, rest: Sequence[Prose]) -> None:
        """All sentences, in the order of the text."""
        lines = [line for piece in rest for line in _lines(piece)]
        lexicon = self._lexicon(lines)
        topic: Mention | None = None
        place: Prose | None = None
        for line in lines:
            if line.prose is not place:
                topic, place = None, line.prose
            topic = self._line(line, lexicon, topic)
        self._wrap()

    def _lexicon(self, lines: Iterable[_Line]) -> Lexicon:
        names: dict[str, ElementKind | None] = dict.fromkeys(self.drawn)
        names.update({e.name: e.kind for e in self.draft.elements.values() if e.listed})
        return make_lexicon(names, (line.text for line in lines), _codes(line.quote for line in lines))

    def _line(self, line: _Line, lexicon: Lexicon, topic: Mention | None) -> Mention | None:
        section = line.prose.section
        if section is Section.SILENT:
            return None
        assumption = self._assumption(line)
        if assumption:
            self.draft.assume(assumption)
            return None
        sentence = introduced(read_sentence(line.text, lexicon))
        listed = (
            Mention(0, 0, line.prose.about, known=True)
            if line.prose.about and " -> " not in line.prose.about
            else None
        )
        places = read_places(sentence)
        reading = read_flows(sentence, topic, listed)
        context = Context(line.quote, line.prose.about, loose=not self.short)
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
        FactReader(sentence, reading, context, self.draft).read()
        return reading.subject

    def _assumption(self, line: _Line) -> str:
        """The assumption that the sentence is; empty when it is none."""
        if line.prose.section is Section.ASSUMPTION:
            return line.text
        words = load_prose_words()
        starts = words.assumes.all(tokens(line.text[:80]))
        return line.text if any(m.start <= 1 for m in starts) else ""

    def _flows(self, sentence: Sentence, reading: Reading, line: _Line) -> None:
        for said in reading.flows:
            if stance(sentence, said.verb, said.verb + 1) is Known.NO:
                continue
            if not self._counts(said):
                continue
            source = self._element(said.source, line)
            if source and _is_framework(sentence, said):
                self.draft.add(self.draft.name_of(source), line.quote, technologies=said.target.technologies)
                self.frameworks.add(said.target.name)
                continue
            target = self._element(said.target, line)
            if source and target:
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
            return any(self._named(m) for m in ends) and all(self._named(m) or _distinct(m) for m in ends)
        return any(sure) and all(s or self._likely(m) for s, m in zip(sure, ends, strict=True))

    def _named(self, mention: Mention) -> bool:
        return mention.known or bool(self.draft.means(mention))

    def _sure(self, mention: Mention) -> bool:
        if self._named(mention):
            return True
        return not self.listed and mention.kind is not None and not mention.weak

    def _likely(self, mention: Mention) -> bool:
        """A proper name, a weak one with a word before it ("leader node"), or in short texts any noun."""
        if mention.guess:
            return self.short
        return mention.proper or (mention.weak and mention.end - mention.start > 1)

    def _element(self, mention: Mention, line: _Line) -> str:
        kind = None if mention.known else mention.kind
        own = self.draft.means(mention)
        name = self.draft.name_of(own) if own else mention.name
        return self.draft.add(
            name, line.quote, kind=kind, technologies=mention.technologies, exact=bool(own) or mention.proper
        )

    def _places(self, places: Iterable[Placed], line: _Line) -> None:
        for placed in places:
            if placed.everything:
                self.everything.append(placed)
            keys = [self._element(m, line) for m in placed.members if m.known or self._sure(m)]
            if keys:
                self.draft.add_boundary(_title(placed.name), keys)

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
        taken = {i for p in places for i in range(*p.place)}
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
            or mention.owner
            or stance(sentence, mention.start, mention.end) is not Known.YES
        ):
            return False
        if mention.person:
            return self.short and mention in reading.actors
        if _predicate(sentence, mention):
            return False
        traits = load_technologies().traits_of(mention.technologies)
        if Trait.WAF in traits or Trait.VPN in traits:
            return False
        plural = sentence.found[mention.end - 1].stem != sentence.found[mention.end - 1].word
        return not plural and (self.short or bool(mention.technologies)) and not _example(sentence, mention)


def _codes(quotes: Iterable[str]) -> frozenset[str]:
    """Words that the text writes as code at least twice, as it does with the names of programs."""
    counted = Counter(m.group(1).lower() for quote in quotes for m in _CODE_WORD.finditer(quote))
    return frozenset(word for word, times in counted.items() if times > 1)


def _distinct(mention: Mention) -> bool:
    """Whether a mention that no list has is still one part: not "other services", not "the system"."""
    if mention.weak or (mention.proper and not mention.code):
        return False
    return (
        bool(mention.technologies)
        or mention.person
        or mention.code
        or not is_plural(mention.name)
        or (mention.kind is not ElementKind.PROCESS and mention.kind is not None)
    )


def _is_framework(sentence: Sentence, said: Said) -> bool:
    """Whether a part only uses a library for agents, so that it is one itself: "It uses LangGraph"."""
    traits = load_technologies().traits_of(said.target.technologies)
    verb = sentence.verbs[said.verb].form.base if said.verb in sentence.verbs else ""
    return verb in _BUILT_WITH and Trait.AGENT in traits and said.target.kind is ElementKind.PROCESS


def _lines(piece: Prose) -> list[_Line]:
    """The sentences of a piece; an assumption stays whole."""
    if piece.section is Section.ASSUMPTION:
        return [_Line(plain(piece.text), piece.text, piece)]
    return [_Line(plain(s), s, piece) for s in sentences(piece.text)]


def _example(sentence: Sentence, mention: Mention) -> bool:
    """Whether the mention only serves as an example: "(e.g. by using git)", "such as Redis"."""
    before = sentence.words(max(0, mention.start - 6), mention.start).lower()
    return any(
        mark in before for mark in ("e.g", "such as", "like ", "for example", "similar to", "instead of")
    )


def _predicate(sentence: Sentence, mention: Mention) -> bool:
    """Whether the mention only says what something is: "the ledger is a database"."""
    at = mention.start - 1
    while at >= 0 and sentence.found[at].word in load_prose_words().articles:
        at -= 1
    return at >= 0 and sentence.found[at].word in _PREDICATES


def _title(name: str) -> str:
    return name[:1].upper() + name[1:]
