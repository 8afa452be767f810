"""Who does what a verb says: the mention before it, what "it" means, or whose goods go somewhere."""

from __future__ import annotations

import re

from agent.diagrams.prose_clauses import BOTH, ENDS, GAP, LINKS, Clause
from agent.diagrams.prose_forms import Tense
from agent.diagrams.prose_goods import is_program
from agent.diagrams.prose_mentions import Mention
from agent.domain.system import ElementKind
from agent.naming import is_plural

_WHERE = frozenset({"in", "on", "at", "from"})
_WHICH = frozenset({"second", "first", "third", "other", "separate", "dedicated", "new", "old", "another"})
"""Words that tell which one of several: "on a second topic"."""
_HOW = frozenset({"long", "short", "bulk", "batch", "auto", "hot", "live", "async", "sync", "straight"})
"""Words that tell how something is done: "long polls the queue"."""
_LEADS = frozenset({"so", "basically", "then", "also", "only", "when", "once", "now", "if", "and"})
"""Words before a clause that has no article."""


_PEOPLE = re.compile(r"\w{3}(?:er|or|ist|ian)s$")
"""Plural nouns of those who do something, as no table can list them all: "growers", "archivists"."""


class Subjects(Clause):
    """Finds the subjects of the verbs of one sentence."""

    worker: Mention | None = None
    """The program that has at hand what the text speaks of."""

    def subjects(  # noqa: C901, PLR0911, PLR0912 - one return a case
        self, at: int, current: tuple[Mention, ...]
    ) -> tuple[Mention, ...]:
        """Who does what the verb at this place says; `current` did what the verb before said."""
        if (inner := self._bracketed(at)) is not None:
            return (inner,)
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
            if word == "it" and place == 0 and topic is not None and topic.person:
                return (self.worker,) if self.worker is not None else ()
            if word in {"she", "he"} and topic is not None and not topic.person:
                return ()
            return current if place > 0 and current else ((topic,) if topic else ())
        if word == "to":
            return self._infinitive(place) or current
        if word in {"both", "them"} and (two := self._both(place)):
            return two
        if word == "both" and (near := self.ending.get(place)) is not None:
            return self._whole_subject(near, at)
        owner = self._owner_of_goods(place, current)
        if owner:
            return owner
        near = self.ending.get(place + 1)
        if near is not None:
            return self._whole_subject(near, at)
        if self.verbs[at].form.tense is Tense.GERUND or word in self.grammar.joining or not word:
            part = () if word else self._used_before(at, place, current)
            return part or current or self._told_of(at, place) or self._who_is(at)
        return self._bare(at, place) or self._earlier(at, current) or self._noun(place)

    def _bracketed(self, at: int) -> Mention | None:
        """The program behind which brackets tell what it does: "staff client (Windows, reads the store)"."""
        opened = next((i for i in range(at - 1, -1, -1) if self.found[i].stem in {"(", ")"}), -1)
        if opened < 0 or self.found[opened].stem != "(" or self.verbs[at].form.tense is not Tense.THIRD:
            return None
        near = self.ending.get(opened)
        between = any(opened < m.start < at and m.end >= at - 1 for m in self.mentions)
        return None if near is None or near.person or between else near

    def _bare(self, at: int, place: int) -> tuple[Mention, ...]:
        """A noun of no table that begins a clause without an article: "so cron picks up"."""
        start = place + 1
        while start > 0 and place - start < GAP and (self._is_noun(start - 1) or self._is_hyphen(start - 1)):
            start -= 1
        before = self.found[start - 1] if start > 0 else None
        begins = before is None or before.stem in ENDS | {","} or before.word in self.words.grammar.joining
        begins = begins or (before is not None and before.word in _LEADS)
        if start > place or not begins or not self.found[start].is_word:
            return ()
        tagged, last = self.verbs[at], self.found[place]
        several = last.stem != last.word
        fits = {Tense.THIRD: not several, Tense.BASE: several}.get(tagged.form.tense, False)
        dull = last.stem in self.words.wholly or last.word in _HOW
        if tagged.form.verb is None or not fits or dull:
            return ()
        name = self.sentence.words(start, place + 1)
        if several and _PEOPLE.search(last.word):
            return (Mention(start, place + 1, name, kind=ElementKind.EXTERNAL_ENTITY, person=True),)
        return (Mention(start, place + 1, name, weak=True, guess=True),)

    def _is_hyphen(self, at: int) -> bool:
        """Whether a mark joins the words around it: "scan-ingest"."""
        found = self.found
        inside = 0 < at < len(found) - 1 and found[at].stem in {"-", "_"}
        return inside and found[at - 1].end == found[at].start == found[at + 1].start - 1

    def _used_before(self, at: int, place: int, current: tuple[Mention, ...]) -> tuple[Mention, ...]:
        """The part that people use and that goes on: "parents see marks in the portal, reads from …"."""
        near = self.ending.get(place)
        several = bool(current) and all(m.person and is_plural(m.name) for m in current)
        third = self.verbs[at].form.tense is Tense.THIRD
        return (near,) if several and third and near is not None and is_program(near) else ()

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
        if gap and gap[0].word in _WHERE and len(gap) <= GAP + 1 and self._begins(last):
            gap = ()
        broken = any(not t.is_word or t.word in self.grammar.prepositions for t in gap)
        if broken or any(i in self.verbs for i in range(last.end, at)):
            return current if any(t.stem == "," for t in gap) else ()
        return self._whole_subject(last, at) if len(gap) <= GAP else ()

    def _begins(self, mention: Mention) -> bool:
        """Whether a clause begins with the mention, so that it is who acts: "sensors in the barn publish"."""
        at = mention.start - 1
        while at >= 0 and self.found[at].word in self.between_of_names:
            at -= 1
        return at < 0 or self.found[at].stem in ENDS | {","}

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
            while place > 0 and self.found[place].word in _WHICH:
                place = self._place_at(place - 1)
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
