"""What a statement in a sentence is about: an element, a flow "A -> B", a place, or the whole system."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent.catalog.controls import Reach
from agent.catalog.technologies import load_technologies
from agent.catalog.vocabulary import Trait
from agent.diagrams.prose_anchors import is_bare_role
from agent.diagrams.prose_draft import Draft
from agent.diagrams.prose_mentions import Mention, Sentence
from agent.diagrams.prose_places import place_start
from agent.diagrams.prose_said import Reading, Said
from agent.diagrams.prose_words import load_prose_words
from agent.naming import is_plural

_FILLERS = 4
"""Words between a statement and the preposition after it."""
_SHORT_PHRASE = 3
"""Words of a phrase in which a name is part of the phrase: "client" in "client certificate"."""
_LONGEST_SUBJECT = 4
"""Words of a noun that a sentence can begin with."""
_NEAR_BETWEEN = 3
"""Words between "between" and the first name: "between all of the shops"."""


@dataclass(frozen=True)
class Context:
    """What a sentence stands under."""

    quote: str
    """The sentence as written."""
    about: str = ""
    """The element, or the flow "A -> B", that a list item describes."""
    loose: bool = False
    """Whether the text is long, so that a sentence about nothing in particular says little."""


@dataclass(frozen=True)
class Place:
    """A statement at tokens `start` to `end` (exclusive)."""

    start: int
    end: int

    def holds(self, mention: Mention) -> bool:
        """Whether the mention lies inside."""
        return self.start <= mention.start and mention.end <= self.end

    def is_in(self, mention: Mention) -> bool:
        """Whether the statement lies inside the mention: the control is named, as in "AWS WAF"."""
        return mention.start <= self.start and self.end <= mention.end

    def touches(self, mention: Mention) -> bool:
        """Whether they share a word."""
        return mention.start < self.end and self.start < mention.end


class About:
    """Finds what statements of one sentence are about."""

    def __init__(self, sentence: Sentence, reading: Reading, context: Context, draft: Draft) -> None:
        self.sentence = sentence
        self.reading = reading
        self.context = context
        self.draft = draft
        self.grammar = load_prose_words().grammar
        self.nameable = [m for m in sentence.mentions if self._can_be_meant(m)]

    def of(self, place: Place, *, on_flow: bool, reach: Reach = Reach.ALL) -> tuple[str, ...]:
        """What a statement is about: names, "A -> B", or "" for the whole system; empty when unclear.

        Args:
            place: where it stands.
            on_flow: whether it can be about a flow.
            reach: what it speaks of when it names nothing.
        """
        governing = self.governing(place.start)
        flows = [f for f in self.reading.flows if f.verb == governing >= 0]
        if on_flow:
            between = self._between()
            said = (between,) if between else tuple(dict.fromkeys(self._flow(f) for f in flows))
            if said:
                return said
        near = self._near(place, governing, flows)
        return near or self._subject(place, governing, reach)

    def exposed(self, place: Place) -> tuple[str, ...]:
        """What a statement about exposure is about; it may stand inside the name, as in "public API"."""
        named = next((m for m in self.sentence.mentions if place.is_in(m)), None)
        return (self.name(named),) if named else self.of(place, on_flow=False)

    def governing(self, start: int) -> int:
        """The place of the verb that a word belongs to: the last one up to it in its clause, or -1."""
        found = self.sentence.found
        for at in range(start, -1, -1):
            if at in self.sentence.verbs:
                return at
            if at < start and (found[at].stem in {";", ":", "."} or found[at].word in self.grammar.parting):
                return -1
        return -1

    def name(self, mention: Mention) -> str:
        """The element's own name; what the item describes when the mention is no element's name."""
        if is_plural(mention.name) and is_bare_role(mention.name) and not mention.known:
            return mention.name
        own = self.draft.means(mention)
        if own:
            return self.draft.name_of(own)
        if self.context.about and not mention.known:
            return self.context.about
        return mention.name

    def _can_be_meant(self, mention: Mention) -> bool:
        """Whether a statement can be about it: not "the process", unless an element is called so."""
        if mention.known or self.draft.means(mention):
            return True
        if (mention.weak and not mention.guess) or mention.proper:
            return False
        return not self.draft.closed or is_plural(mention.name)

    def _flow(self, flow: Said) -> str:
        if flow.source.person and _identifies(flow.target):
            return self.name(flow.source)
        source, target = self.name(flow.source), self.name(flow.target)
        return f"{source} -> {target if target != source else flow.target.name}"

    def _near(self, place: Place, governing: int, flows: Sequence[Said]) -> tuple[str, ...]:
        """The name that stands beside the statement, or that does what its verb says."""
        if flows and governing < place.start:
            return self._names(f.source for f in flows)
        after = self._object_after(place.end)
        if after and self._can_be_meant(after):
            return (self.name(after),)
        where = self._where()
        if where:
            return (where,)
        doers = self._doers(place.start)
        if doers and not self.sentence.verbs[place.start].passive:
            return self._names(doers)
        inside = [m for m in self.nameable if place.holds(m) and m.end < place.end]
        if inside and place.end - place.start > _SHORT_PHRASE:
            return (self.name(inside[0]),)
        return self._names(f.target for f in flows)

    def _subject(self, place: Place, governing: int, reach: Reach) -> tuple[str, ...]:  # noqa: PLR0911 - one return a case
        doers = [m for m in self._doers(governing) if not place.is_in(m)]
        if doers:
            return self._names(doers)
        before = [m for m in self.nameable if m.end <= place.start]
        if before and not self._parted(before[-1], place.start, governing):
            return (self.name(before[-1]),)
        if self.context.about:
            return (self.context.about,)
        kept = self.holder(place.start) if reach is Reach.STORES else ""
        if kept:
            return (kept,)
        if self.reading.subject and not self.sentence.mentions:
            return (self.name(self.reading.subject),)
        if reach in {Reach.WHOLE, Reach.BROAD}:
            return ("",)
        others = [m for m in self.nameable if not place.touches(m) and not self._is_agent(m)]
        universal = any(t.word in load_prose_words().universal for t in self.sentence.found)
        if self.context.loose and not universal:
            return ()
        foreign = "" if reach is Reach.NAMED else self._foreign(place)
        if foreign:
            return (foreign,)
        return ("",) if not others or universal or reach is Reach.NAMED else ()

    def holder(self, start: int) -> str:
        """The element whose name begins with the noun before a verb: "orders are kept for a year"."""
        found = self.sentence.found
        at = self.governing(start) - 1
        while at >= 0 and found[at].word in self.grammar.be:
            at -= 1
        if at < 0:
            at = start - 1
            while at >= 0 and found[at].word in self.grammar.be:
                at -= 1
        if at < 0 or not found[at].is_word or found[at].word in load_prose_words().function_words:
            return ""
        own = self.draft.find(found[at].text)
        return self.draft.name_of(own) if own else ""

    def _foreign(self, place: Place) -> str:
        """The sentence's subject when it is neither a part nor a word for the whole: "Telegrams are signed".

        Whoever states a control of it says nothing of other parts of the system.
        """
        found, table = self.sentence.found, load_prose_words()
        start = 0
        while start < len(found) and found[start].word in table.articles:
            start += 1
        end = start
        while end < len(found) and found[end].is_word and end not in self.sentence.verbs:
            if found[end].word in table.function_words:
                break
            end += 1
        following = found[end].word if end < len(found) else ""
        acts = end in self.sentence.verbs or following in self.grammar.be
        if not acts or not start < end <= min(place.start, start + _LONGEST_SUBJECT):
            return ""
        if {t.stem for t in found[start:end]} & table.wholly or found[end - 1].stem.endswith("ing"):
            return ""
        return self.sentence.words(start, end)

    def _doers(self, governing: int) -> list[Mention]:
        """Who does what a verb says, as far as they can be meant; they may stand in the sentence before."""
        return [m for m in self.reading.doers.get(governing, ()) if self._can_be_meant(m)]

    def _names(self, mentions: Iterable[Mention]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.name(m) for m in mentions))

    def _parted(self, mention: Mention, start: int, governing: int) -> bool:
        """Whether a clause ends between a name and a statement, or somebody else's verb stands between."""
        between = self.sentence.found[mention.end : start]
        if any(t.stem in {";", ":", ".", "—", "–"} or t.word in self.grammar.parting for t in between):
            return True
        spoken = self.grammar.backward | self.grammar.speakers
        pronoun = any(t.word in spoken for t in self.sentence.found[: max(governing, 0)])
        return pronoun and mention.end <= governing and mention not in self.reading.doers.get(governing, ())

    def _between(self) -> str:
        """Both names of "between A and B" as a flow; the one name of "between the services"."""
        found = self.sentence.found
        place = next((i for i, t in enumerate(found) if t.word == "between"), -1)
        ends = [m for m in self.sentence.mentions if m.start > place][:2] if place >= 0 else []
        if not ends or ends[0].start - place > _NEAR_BETWEEN:
            return ""
        joined = len(ends) > 1 and any(t.word == "and" for t in found[ends[0].end : ends[1].start])
        if joined:
            return f"{self._plain_name(ends[0])} -> {self._plain_name(ends[1])}"
        return ends[0].name

    def _plain_name(self, mention: Mention) -> str:
        own = self.draft.means(mention)
        return self.draft.name_of(own) if own else mention.name

    def _object_after(self, end: int) -> Mention | None:
        """The mention that follows: "a WAF in front of the shop", "TLS ends at the gateway"."""
        words = load_prose_words()
        found = self.sentence.found
        at = self._past_bracket(end)
        direct = at
        for _ in range(_FILLERS):
            if at < len(found) and (found[at].word in words.fillers or self._moves_nothing(at)):
                at += 1
        ahead = [t.word for t in found[at : at + 3]]
        if ahead == ["in", "front", "of"]:
            at += 3
        elif ahead[:1] and (ahead[0] in words.at_words or (ahead[0] == "by" and at > direct)):
            at += 1
        elif at > direct:
            return None
        while at < len(found) and found[at].word in words.articles:
            at += 1
        return next((m for m in self.sentence.mentions if m.start == at), None)

    def _past_bracket(self, end: int) -> int:
        """The place after an aside in brackets that begins here."""
        found = self.sentence.found
        if end < len(found) and found[end].stem == "(":
            return next((i for i in range(end, len(found)) if found[i].stem == ")"), end - 1) + 1
        return end

    def _moves_nothing(self, at: int) -> bool:
        """Whether a verb stands here that moves no data: "is enforced", "terminates"."""
        tagged = self.sentence.verbs.get(at)
        return tagged is not None and (tagged.form.verb is None or tagged.passive)

    def _is_agent(self, mention: Mention) -> bool:
        """Whether the mention only does what is said: "scanned by the gatekeeper"."""
        return self.before(mention.start) == "by"

    def before(self, at: int) -> str:
        """The word before this place, articles passed over."""
        articles = load_prose_words().articles
        at -= 1
        while at >= 0 and self.sentence.found[at].word in articles:
            at -= 1
        return self.sentence.found[at].word if at >= 0 else ""

    def _where(self) -> str:
        """The place that a statement is about: "inside the cluster"; empty when none is."""
        words = load_prose_words()
        if words.inner.all(self.sentence.found):
            return "services"
        for match in words.places.longest(self.sentence.found):
            start = place_start(self.sentence, match.start)
            if self.before(start) in {"inside", "within"}:
                return self.sentence.words(start, match.end)
        return ""


def preposed(about: About, mentions: Iterable[Mention], words: frozenset[str]) -> list[Mention]:
    """The mentions that stand right after one of these words."""
    return [m for m in mentions if about.before(m.start) in words]


def _identifies(mention: Mention) -> bool:
    """Whether who talks to this is told apart by it: an identity provider."""
    table = load_technologies()
    named = (t.id for t in table.read(mention.name).technologies) if mention.known else mention.technologies
    return Trait.IDENTITY_PROVIDER in table.traits_of(named)
