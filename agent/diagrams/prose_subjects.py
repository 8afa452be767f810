"""Who does what a verb says: the mention before it, what "it" means, or whose goods go somewhere."""

from __future__ import annotations

from agent.diagrams.prose_clauses import BOTH, GAP, LINKS, Clause
from agent.diagrams.prose_forms import Tense
from agent.diagrams.prose_goods import is_program
from agent.diagrams.prose_mentions import Mention
from agent.domain.system import ElementKind


class Subjects(Clause):
    """Finds the subjects of the verbs of one sentence."""

    def subjects(  # noqa: C901, PLR0911 - one return a case
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
        if word in {"both", "them"} and (two := self._both(place)):
            return two
        owner = self._owner_of_goods(place, current)
        if owner:
            return owner
        near = self.ending.get(place + 1)
        if near is not None:
            return self._whole_subject(near, at)
        if self.verbs[at].form.tense is Tense.GERUND or word in self.grammar.joining or not word:
            return current or self._told_of(at, place) or self._who_is(at)
        return self._earlier(at, current) or self._noun(place)

    def _both(self, place: int) -> tuple[Mention, ...]:
        """Whom "both", "both of them" or "they both" means: the last two programs of the sentence."""
        near = {t.word for t in self.found[max(0, place - GAP + 1) : place + 1]}
        programs = [m for m in self.mentions if m.end <= place and is_program(m)]
        return tuple(programs[-BOTH:]) if "both" in near and len(programs) >= BOTH else ()

    def _owner_of_goods(self, place: int, current: tuple[Mention, ...]) -> tuple[Mention, ...]:
        """Whose goods go somewhere: "users log in, their files go to the store"."""
        near = self.ending.get(place + 1)
        if near is not None and not (near.weak and near.kind is ElementKind.DATA_STORE):
            return ()
        near_words = range(place - 1, max(-1, place - GAP - 1), -1)
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
        if gap and gap[0].word == "of" and len(gap) <= GAP + 1:
            gap = ()
        broken = any(not t.is_word or t.word in self.grammar.prepositions for t in gap)
        if broken or any(i in self.verbs for i in range(last.end, at)):
            return current if any(t.stem == "," for t in gap) else ()
        return self._whole_subject(last, at) if len(gap) <= GAP else ()

    def _noun(self, place: int) -> tuple[Mention, ...]:
        """A noun of no table with its article, as the part of the system that it may be."""
        start = place
        while start > 0 and place - start < GAP and self._is_noun(start):
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
            if token.word not in self.grammar.lists and token.stem not in LINKS:
                return tuple(group)
            if (
                len(group) == 1
                and self._is_aside(earlier)
                and (token.stem == "," or self._alone(at, earlier))
            ):
                return tuple(group)
            group.insert(0, earlier)

    def _alone(self, at: int, earlier: Mention) -> bool:
        """Whether one alone acts, beside a clause that is over: "in the app and the API stores"."""
        third = self.verbs[at].form.tense is Tense.THIRD
        return third and any(place < earlier.start for place in self.verbs)

    def _is_aside(self, mention: Mention) -> bool:
        """Whether the mention belongs to words before the clause: "on old hubs, the till sends …"."""
        at = mention.start - 1
        while at >= 0 and self.found[at].word in self.between_of_names:
            at -= 1
        return at >= 0 and self.found[at].word in self.grammar.prepositions - {"of"}
