"""Flows that a sentence states: "the shop sends orders to the warehouse over HTTPS"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agent.diagrams.prose_anchors import is_bare_role
from agent.diagrams.prose_mentions import Mention, Sentence, kind_of
from agent.diagrams.prose_words import Tense, Words, load_prose_words
from agent.domain.system import ElementKind
from agent.naming import is_plural

_REACH = 22
"""Words between a verb and the preposition that its other end stands after."""
_GAP = 3
"""Words of no table that may stand between a subject and its verb."""
_NEAR_NOT = 3
_FAR_NOT = 7
"""Words before a verb in which "not", and in which "prevents", denies it."""
_NOT = frozenset({"not", "never", "cannot"})
_SHORTEST_ADVERB = 5
"""Letters of a word in -ly that is an adverb: not "fly" or "only"."""
_ENDS = frozenset({";", ":", ".", "?", "!", "—", "–"})
_QUOTES = frozenset({'"', "'", "`", "*", "-"})
_BRACKETS = {"(": 1, "[": 1, ")": -1, "]": -1}
_LINKS = frozenset({",", "and", "or", "/", "+", "&"})
_MAX_LABEL = 60
_BOTH = 2


@dataclass(frozen=True)
class Said:
    """A flow as a sentence states it."""

    source: Mention
    target: Mention
    label: str
    verb: int
    """The place of its verb in the sentence."""


@dataclass(frozen=True)
class Reading:
    """What a sentence says moves, and who acts in it."""

    flows: tuple[Said, ...] = ()
    subject: Mention | None = None
    """Who "it" in the next sentence means."""
    actors: tuple[Mention, ...] = ()
    """Mentions that do something, or that something is done to by name."""
    doers: Mapping[int, tuple[Mention, ...]] = field(default_factory=dict)
    """Who does what each verb says, by the verb's place."""


def read_flows(
    sentence: Sentence,
    topic: Mention | None = None,
    listed: Mention | None = None,
    sink: Mention | None = None,
) -> Reading:
    """The flows of one sentence.

    Args:
        sentence: cut and tagged.
        topic: who the sentence before spoke of; what "it" means.
        listed: the element that the sentence describes, as in a list of components; who acts in a sentence
            without a subject.
        sink: the store that the sentence before left something in; where "picks them up" takes from.
    """
    return _FlowReader(sentence, topic, listed, sink).read()


class _FlowReader:
    def __init__(
        self, sentence: Sentence, topic: Mention | None, listed: Mention | None, sink: Mention | None
    ) -> None:
        self.sentence = sentence
        self.found = sentence.found
        self.verbs = sentence.verbs
        self.topic = topic
        self.listed = listed
        self.sink = sink
        self.words = load_prose_words()
        self.grammar = self.words.grammar
        self.mentions = tuple(m for m in sentence.mentions if not m.owner)
        self.ending = {m.end: m for m in self.mentions}
        self._between_of_names = self.words.function_words - self.grammar.prepositions

    def read(self) -> Reading:
        flows: list[Said] = []
        actors: dict[Mention, None] = {}
        doers: dict[int, tuple[Mention, ...]] = {}
        current: tuple[Mention, ...] = (self.listed,) if self.listed else ()
        for at in sorted(self.verbs):
            doers[at] = self.subjects(at, current)
            current = doers[at] or current
            actors.update(dict.fromkeys(doers[at]))
            flows.extend(self.flows(at, doers[at]))
        flows.extend(self.positions())
        flows.extend(self.reached())
        flows.extend(self.served())
        flows.extend(self.betweens())
        return Reading(tuple(flows), self._next_topic(tuple(actors)), tuple(actors), doers)

    def _next_topic(self, actors: Sequence[Mention]) -> Mention | None:
        if actors or self.listed:
            return actors[0] if actors else self.listed
        if self.found and self.found[0].word in self.grammar.backward:
            return self.topic
        first = self.mentions[0] if self.mentions else None
        return first if first and self._place_at(first.start - 1) < 0 else None

    # who

    def subjects(  # noqa: PLR0911 - one return a case
        self, at: int, current: tuple[Mention, ...]
    ) -> tuple[Mention, ...]:
        """Who does what the verb at this place says; `current` did what the verb before said."""
        place = self._word_before(at)
        if place < 0:
            return current
        word = self.found[place].word
        if word in self.grammar.speakers:
            return ()
        if word in self.grammar.relative:
            return self._related(place) or current
        if word in self.grammar.backward:
            topic = self.topic or self.listed
            if word in {"she", "he"} and topic is not None and not topic.person:
                return ()
            return current if place > 0 and current else ((topic,) if topic else ())
        if word == "to":
            return self._infinitive(place) or current
        owner = self._owner_of_goods(place, current)
        if owner:
            return owner
        near = self.ending.get(place + 1)
        if near is not None:
            return self._whole_subject(near, at)
        if self.verbs[at].form.tense is Tense.GERUND or word in self.grammar.joining or not word:
            return current or self._told_of(at, place) or self._who_is(at)
        return self._earlier(at, current) or self._noun(place)

    def _owner_of_goods(self, place: int, current: tuple[Mention, ...]) -> tuple[Mention, ...]:
        """Whose goods go somewhere: "users log in, their files go to the store"."""
        near = self.ending.get(place + 1)
        if near is not None and not (near.weak and near.kind is ElementKind.DATA_STORE):
            return ()
        near_words = range(place - 1, max(-1, place - _GAP - 1), -1)
        start = next((i for i in near_words if self.found[i].word in self.words.function_words), -1)
        if start < 0 or self.found[start].word not in self.words.goods_of:
            return ()
        return current or ((self.topic,) if self.topic else ())

    def _related(self, place: int) -> tuple[Mention, ...]:
        """What "which" belongs to."""
        comma = place > 0 and self.found[place - 1].stem == ","
        near = self.ending.get(place - comma)
        return (near,) if near else self._noun(place - comma - 1)

    def _told_of(self, at: int, place: int) -> tuple[Mention, ...]:
        """What stands before the comma: "refund service, called by admins"."""
        near = self.ending.get(place) if self.verbs[at].passive and self.found[place].stem == "," else None
        return (near,) if near and not near.weak else ()

    def _who_is(self, at: int) -> tuple[Mention, ...]:
        """The subject of "is" before: "phones are handhelds and talk to the server"."""
        copula = next((i for i in range(at) if self.found[i].word in self.grammar.be), 0)
        near = self.ending.get(copula)
        return (near,) if near and not near.weak else ()

    def _infinitive(self, place: int) -> tuple[Mention, ...]:
        """Who is let do something: "lets customers upload", "allows the job to read"."""
        near = self.ending.get(place)
        return (near,) if near and self._word_at(near.start - 1) in self.grammar.lets else ()

    def _earlier(self, at: int, current: tuple[Mention, ...]) -> tuple[Mention, ...]:
        """The last mention before the verb in its clause, when only words of no table stand between."""
        last = next((m for m in reversed(self.mentions) if m.end <= at), None)
        if last is None:
            return ()
        gap = self.found[last.end : at]
        if gap and gap[0].word == "of" and len(gap) <= _GAP + 1:
            gap = ()
        broken = any(not t.is_word or t.word in self.grammar.prepositions for t in gap)
        if broken or any(i in self.verbs for i in range(last.end, at)):
            return current if any(t.stem == "," for t in gap) else ()
        return self._whole_subject(last, at) if len(gap) <= _GAP else ()

    def _noun(self, place: int) -> tuple[Mention, ...]:
        """A noun of no table with its article, as the part of the system that it may be."""
        start = place
        while start > 0 and place - start < _GAP and self._is_noun(start):
            start -= 1
        if start == place or self.found[start].word not in self.grammar.determiners - {"no", "of"}:
            return ()
        name = self.sentence.words(start + 1, place + 1)
        return (Mention(start + 1, place + 1, name, weak=True, guess=True, definite=True),)

    def _is_noun(self, at: int) -> bool:
        token = self.found[at]
        dull = self.words.function_words | self.words.never | self.words.tails
        return token.is_word and at not in self.verbs and token.stem not in dull and token.word not in dull

    def _whole_subject(self, near: Mention, at: int) -> tuple[Mention, ...]:
        """The mention, or what it belongs to: "customers of the shop order" are customers; "A and B send"."""
        group = [near]
        while True:
            place = self._place_at(group[0].start - 1)
            earlier = self.ending.get(place) if place >= 0 else None
            if earlier is None:
                return tuple(group)
            token = self.found[place]
            if token.word in self.grammar.owners and not any(earlier.end <= i < at for i in self.verbs):
                return self._whole_subject(earlier, at)
            if token.word not in self.grammar.lists and token.stem not in _LINKS:
                return tuple(group)
            if token.stem == "," and len(group) == 1 and self._is_aside(earlier):
                return tuple(group)
            group.insert(0, earlier)

    def _is_aside(self, mention: Mention) -> bool:
        """Whether the mention belongs to words before the clause: "on old hubs, the till sends …"."""
        at = mention.start - 1
        while at >= 0 and self.found[at].word in self._between_of_names:
            at -= 1
        return at >= 0 and self.found[at].word in self.grammar.prepositions - {"of"}

    def _place_at(self, at: int) -> int:
        """This place, or the first before it that holds no article."""
        while at >= 0 and self.found[at].word in self.words.articles:
            at -= 1
        return at

    def _word_at(self, at: int) -> str:
        at = self._place_at(at)
        return self.found[at].word if at >= 0 else ""

    def _word_before(self, at: int) -> int:
        """The place before the verb, auxiliaries and asides passed over; -1 where a clause starts."""
        at -= 1
        while at >= 0:
            token = self.found[at]
            if token.stem == ")":
                at = next((i for i in range(at, -1, -1) if self.found[i].stem == "("), 0) - 1
            elif self._is_auxiliary(at) or token.stem in _QUOTES:
                at -= 1
            else:
                return -1 if token.stem in _ENDS else at
        return -1

    def _is_auxiliary(self, at: int) -> bool:
        word = self.found[at].word
        adverb = word.endswith("ly") and len(word) >= _SHORTEST_ADVERB
        return bool(word) and (word in self.grammar.before_verbs or adverb)

    # what

    def flows(self, at: int, subjects: Sequence[Mention]) -> Iterator[Said]:
        """The flows that the verb at this place states."""
        tagged = self.verbs[at]
        if self._denied(at):
            return
        limit = self._limit(at)
        others, inward = self._other_ends(at, limit)
        if tagged.form.verb is not None and tagged.passive:
            agents = self._after(at, limit, ("by",))
            if agents:
                yield from self._pairs(agents, others or subjects, at, limit)
                if others and self._goes_through(at, others[0]):
                    yield from self._pairs(others, subjects, at, limit)
                return
        if subjects and not tagged.passive and all(m.weak and not self._told(m) for m in others):
            through = list(self._hands_on(at, limit, subjects))
            if through:
                yield from through
                return
        if not others and self.sink is not None and self._takes_up(at):
            yield from self._pairs([self.sink], subjects, at, at + 1)
        elif others:
            inward = inward or self._goes_through(at, others[0])
            ends = (others, subjects) if inward else (subjects, others)
            yield from self._pairs(ends[0], ends[1], at, others[0].start)
        elif not tagged.passive:
            yield from self._hands_on(at, limit, subjects)

    def _takes_up(self, at: int) -> bool:
        """Whether something takes what the clause before left in a store: "a worker picks them up"."""
        tagged, after = self.verbs[at], self.found[at + 1 : at + 2]
        takes = tagged.form.verb is not None and bool(tagged.form.verb.source) and not tagged.passive
        return takes and any(t.word in self.grammar.objects for t in after)

    def _other_ends(self, at: int, limit: int) -> tuple[list[Mention], bool]:
        """The mentions at the verb's other end, and whether data comes from there."""
        verb = self.verbs[at].form.verb
        if verb is None:
            return [], False
        vague: tuple[list[Mention], bool] = ([], False)
        for prepositions, inward in ((verb.source, True), (verb.to, False)):
            for words in sorted(prepositions, key=len, reverse=True):
                found = [] if not words and self.verbs[at].passive else self._after(at, limit, words)
                if found and all(m.weak and not self._told(m) for m in found):
                    vague = vague if vague[0] else (found, inward)
                elif found:
                    return [*found, *self._again(found[-1].end, limit, words)], inward
        return vague

    def _goes_through(self, at: int, other: Mention) -> bool:
        """Whether something is done to the subject through another part: "is administered through"."""
        tagged = self.verbs[at]
        direct = tagged.form.verb is not None and () in tagged.form.verb.to
        return tagged.passive and direct and self._word_at(other.start - 1) in {"through", "via", "of"}

    def _after(self, at: int, limit: int, words: Words) -> list[Mention]:
        """The mentions right after these words, which follow the verb; with no words, its direct object."""
        if not words:
            return self._object(at + 1, limit)
        for place in range(at + 1, min(limit, at + 1 + _REACH)):
            if tuple(t.word for t in self.found[place : place + len(words)]) == words:
                found = self._object(place + len(words), limit)
                if found:
                    return found
        return []

    def _told(self, mention: Mention) -> bool:
        """Whether a name that says little has at least a second word: "the system" has none."""
        return mention.known or mention.guess or mention.end - mention.start > 1

    def _again(self, start: int, limit: int, words: Words) -> Iterator[Mention]:
        """What follows the same preposition once more: "orders to the oven and invoices to the bank"."""
        if not words:
            return
        joined = False
        for place in range(start, min(limit, start + _FAR_NOT)):
            token = self.found[place]
            if token.word == "and" or token.stem == ",":
                joined = True
            elif joined and tuple(t.word for t in self.found[place : place + len(words)]) == words:
                found = self._object(place + len(words), limit)
                yield from found
                if found:
                    yield from self._again(found[-1].end, limit, words)
                return
            elif token.word in self.grammar.prepositions or not token.is_word:
                return

    def _object(self, start: int, limit: int) -> list[Mention]:
        """The first mention from here and those listed with it; nothing past a preposition."""
        first = next((m for m in self.mentions if start <= m.start < limit), None)
        if first is None:
            return []
        stop = self.grammar.prepositions | self.grammar.examples | self.grammar.relative | self.grammar.lists
        for token in self.found[start : first.start]:
            if token.word in stop or (not token.is_word and token.stem not in _QUOTES):
                return []
        return [first, *self._joined(first, limit)]

    def _joined(self, first: Mention, limit: int) -> Iterator[Mention]:
        end = first.end
        passed = self.words.articles | {"also"}
        for mention in self.mentions:
            if mention.start <= first.start or mention.start >= limit:
                continue
            between = [t.word or t.stem for t in self.found[end : mention.start] if t.stem not in _QUOTES]
            links = [w for w in between if w not in passed]
            if not links or any(w not in _LINKS for w in links) or self._acts(mention, links):
                return
            yield mention
            end = mention.end

    def _acts(self, mention: Mention, links: Sequence[str]) -> bool:
        """Whether a clause of its own begins with the mention: "to the hub, the keeper agrees"."""
        tagged = self.verbs.get(mention.end)
        return links == [","] and tagged is not None and not tagged.passive

    def _limit(self, at: int) -> int:
        """Where what belongs to the verb ends: the next verb of a clause of its own, or the clause."""
        depth = 0
        for place in range(at + 1, len(self.found)):
            stem = self.found[place].stem
            depth += _BRACKETS.get(stem, 0)
            if not depth and (stem in _ENDS or (place in self.verbs and not self._only_tells(place))):
                return place
        return len(self.found)

    def _only_tells(self, place: int) -> bool:
        """Whether the verb only tells more of a noun: "messages coming from"."""
        gerund = self.verbs[place].form.tense is Tense.GERUND
        return gerund and self.found[place - 1].stem not in {"and", ","}

    def _hands_on(self, at: int, limit: int, subjects: Sequence[Mention]) -> Iterator[Said]:
        """People who do something "through" or "in" a part of the system use it."""
        people = [m for m in subjects if m.person]
        for word in sorted(self.words.hands_on) if people else ():
            for mention in self._after(at, limit, (word,)):
                kind = mention.kind or (kind_of(mention.name) if mention.known else None)
                if kind is ElementKind.PROCESS and not mention.weak:
                    yield from self._pairs(people, [mention], at, mention.start)
                    return

    def positions(self) -> Iterator[Said]:
        """What "the shop sits behind the load balancer" says: requests to the one pass the other."""
        for match in self.words.behind.longest(self.found):
            first = [m for m in self.mentions if m.end <= match.start]
            second = self._object(match.end, len(self.found))
            if not first or not second:
                continue
            if any(t.stem in _ENDS for t in self.found[first[-1].end : match.start]):
                continue
            inner, outer = (first[-1], second[0]) if match.payload else (second[0], first[-1])
            process = outer.kind is ElementKind.PROCESS and not outer.weak
            if process and inner.kind is not ElementKind.EXTERNAL_ENTITY and inner != outer:
                yield Said(outer, inner, "", match.start)

    def reached(self) -> Iterator[Said]:
        """What "clerks have access to the ledger" says: they call on it."""
        for match in self.words.reaches.longest(self.found):
            near = self.ending.get(self._word_before(match.start) + 1)
            others = self._object(match.end, len(self.found))
            if near is not None and not self._denied(match.start):
                for source in self._whole_subject(near, match.start):
                    yield from (Said(source, other, "", match.start) for other in others if other != source)

    def betweens(self) -> Iterator[Said]:
        """What "traffic between the shop and the ledger" says: the one talks to the other."""
        for at, token in enumerate(self.found):
            if token.word != "between":
                continue
            ends = self._object(at + 1, len(self.found))
            if len(ends) == _BOTH and (at == 0 or self._is_moved(at)):
                source, target = ends
                kinds = all(is_plural(m.name) and is_bare_role(m.name) for m in ends)
                if not kinds and not self._denied(at):
                    yield Said(source, target, "", at)

    def _is_moved(self, at: int) -> bool:
        """Whether the words before "between" are of what moves."""
        before = self.found[max(0, at - _GAP) : at]
        return any(m.end >= len(before) - 1 for m in self.words.moved.all(before))

    def served(self) -> Iterator[Said]:
        """What "portal for clerks and auditors" says, where no verb says it: they use it."""
        for mention in () if self.verbs else self.mentions:
            if mention.kind is ElementKind.PROCESS and not mention.weak and mention.end < len(self.found):
                if self.found[mention.end].word != "for":
                    continue
                people = [m for m in self._object(mention.end + 1, len(self.found)) if m.person]
                yield from (Said(person, mention, "", mention.start) for person in people)

    def _denied(self, at: int) -> bool:
        """Whether the verb is denied: "does not call", "never stores"."""
        near = [t.word for t in self.found[max(0, at - _NEAR_NOT) : at]]
        far = (t.word for t in self.found[max(0, at - _FAR_NOT) : at])
        return any(w in _NOT or w.endswith("n't") for w in near) or any(w in self.words.denials for w in far)

    def _pairs(
        self, sources: Iterable[Mention], targets: Sequence[Mention], at: int, end: int
    ) -> Iterator[Said]:
        label = self._label(at, end)
        for source in sources:
            for target in targets:
                if source != target:
                    yield Said(source, target, label, at)

    def _label(self, at: int, end: int) -> str:
        """What the verb says moves: the words from the verb up to the other end's preposition."""
        place = end
        dull = self.words.function_words
        while place > at + 1 and (
            self.found[place - 1].word in dull or self.found[place - 1].stem in _QUOTES
        ):
            place -= 1
        text = self.sentence.words(at, at + 1 if self.verbs[at].passive else max(place, at + 1))
        text = text.rstrip("\"'` ")
        return text if len(text) <= _MAX_LABEL else text[:_MAX_LABEL].rsplit(" ", 1)[0] + "…"
