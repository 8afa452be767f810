"""Which words of a sentence are verbs. English marks few of them, so their neighbours decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.catalog.phrases import Token
from agent.diagrams.prose_forms import Tense, VerbForm
from agent.diagrams.prose_words import load_prose_words

_PASSED = frozenset({",", ")", '"', "'", "`", "/"})
"""Marks that may stand between a subject and its verb."""
_NAME_MARKS = frozenset({".", "_"})
"""Marks inside of names such as "order.returned"."""
_PEOPLE = frozenset({"staff", "people", "ops", "devops", "it", "helpdesk", "finance", "marketing", "hr"})
"""Nouns that are plural without an ending."""
_PLACED = frozenset({"on", "in", "at", "from"})
"""Words before where those are who do it: "sensors in the greenhouse publish"."""
_NEAR = 3
_OWNED = 5
"""Words back to the "of" in "members of a sailing club"."""


@dataclass(frozen=True)
class Tagged:
    """A verb at a place of the sentence."""

    form: VerbForm
    passive: bool
    """Whether the subject suffers it: "is stored", "uploaded to"."""


def tag_verbs(found: Sequence[Token], nouns: Mapping[int, int]) -> dict[int, Tagged]:
    """The verbs among the tokens, by place; `nouns` maps the places of known nouns to their ends."""
    tagger = _Tagger(found, nouns)
    for at, token in enumerate(found):
        form = load_prose_words().verbs.get(token.word) if token.is_word else None
        if form is None and tagger.is_said_of_people(at):
            tagger.tagged[at] = Tagged(VerbForm(None, Tense.BASE, token.word), passive=False)
        elif form is not None and tagger.is_verb(at, form):
            tagger.tagged[at] = Tagged(form, form.tense is Tense.PAST and tagger.is_passive(at))
    return tagger.tagged


class _Tagger:
    """Goes through one sentence from its start."""

    def __init__(self, found: Sequence[Token], nouns: Mapping[int, int]) -> None:
        self.found = found
        self.nouns = nouns
        self.words = load_prose_words()
        self.grammar = self.words.grammar
        self.tagged: dict[int, Tagged] = {}

    def before(self, at: int) -> int:
        """The place of the word before, adverbs passed over; -1 at the start or after a mark that parts."""
        at -= 1
        while at >= 0:
            token = self.found[at]
            adverb = token.is_word and (token.word in self.grammar.adverbs or token.word.endswith("ly"))
            if adverb and at > 0:
                at -= 1
                continue
            if token.stem == ")" and (opened := self._opening(at)) > 0:
                at = opened - 1
                continue
            return at if token.is_word or token.stem in _PASSED else -1
        return -1

    def _opening(self, at: int) -> int:
        """The place of the bracket that this one closes, when there is no verb between; else -1."""
        opened = next((i for i in range(at, -1, -1) if self.found[i].stem == "("), -1)
        return -1 if any(i in self.tagged for i in range(opened, at)) else opened

    def after(self, at: int) -> Token | None:
        return self.found[at + 1] if at + 1 < len(self.found) else None

    def is_said_of_people(self, at: int) -> bool:
        """Whether an unknown word right after people at the start is what they do: "Riders unlock …"."""
        token = self.found[at]
        if at == 0 or at > _NEAR or not token.is_word or at in self.nouns or not token.text.islower():
            return False
        known = self.words.function_words | self.words.tails
        if token.word in known or token.word.endswith("ly") or at - 1 not in self.nouns:
            return False
        if token.word.endswith("s"):
            return at == 1 and self._is_person(0) and not self._is_plural(0) and self._goes_on(at)
        return self._is_person(at - 1) and self._is_plural(at - 1)

    def _goes_on(self, at: int) -> bool:
        """Whether the next word is no verb, so that this one may be one: "lawyer drags files into"."""
        after = self.after(at)
        form = self.words.verbs.get(after.word) if after is not None else None
        plain = form is None or form.tense is not Tense.BASE or at + 2 < len(self.found)
        return after is not None and after.is_word and plain

    def is_verb(self, at: int, form: VerbForm) -> bool:
        """Whether the form stands as a verb here."""
        if self.found[at].text in self.grammar.methods:
            return True
        if self.found[at].word == "including" or self._is_tight(at):
            return False
        if at in self.nouns and not self._is_one_word(at):
            return False
        before = self.before(at)
        if form.tense is Tense.GERUND:
            return not (before >= 0 and at + 1 in self.nouns and self._is_determiner(before))
        if before < 0:
            return self._opens(at, form)
        return self._stands_after(at, before, form)

    def _is_tight(self, at: int) -> bool:
        """Whether the word is one piece of a dotted or underlined name: "order.returned"."""
        found = self.found
        after = at + 1 < len(found) - 1 and found[at + 1].stem in _NAME_MARKS
        headed = at + 2 in self.nouns and found[at + 1 : at + 2] and found[at + 1].stem == "-"
        after = after or bool(headed)
        before = at > 1 and found[at - 1].stem in _NAME_MARKS | {"-"}
        return (after and found[at].end == found[at + 1].start == found[at + 2].start - 1) or (
            before and found[at].start == found[at - 1].end == found[at - 2].end + 1
        )

    def _stands_after(self, at: int, before: int, form: VerbForm) -> bool:  # noqa: PLR0911 - one return a case
        word = self.found[before].word
        if before in self.tagged and form.tense in {Tense.BASE, Tense.THIRD}:
            return False
        if word in self.grammar.objects and before - 1 in self.tagged and form.tense is Tense.PAST:
            return False  # as in "stores it encrypted in"
        if word in self.grammar.pronouns or (word in self.grammar.modals and form.tense is not Tense.THIRD):
            return not (word == "that" and form.tense is Tense.BASE)
        if word in self.grammar.be:
            return form.tense is Tense.PAST
        if self._is_determiner(before):
            return False
        if not word or word in self.grammar.joining:
            return self._continues(at, form) or (not word and self._tells_of(at, before, form))
        if word in self.words.function_words:
            return form.tense is Tense.PAST and at + 1 not in self.nouns
        return self._follows_noun(at, before, form)

    def _is_one_word(self, at: int) -> bool:
        """Whether the noun at this place is the one word: "stores" may be a verb, "data store" not."""
        return self.nouns.get(at) == at + 1 and self.nouns.get(at - 1) != at + 1

    def _is_determiner(self, at: int) -> bool:
        return self.found[at].word in self.grammar.determiners

    def _opens(self, at: int, form: VerbForm) -> bool:
        """At the start of a sentence: "Validates tokens", not "Order service"."""
        after = self.after(at)
        if after is None or not after.is_word or after.word in self.grammar.after_nouns:
            return False
        if at + 1 in self.nouns and form.tense in {Tense.BASE, Tense.PAST}:
            return False
        next_form = self.words.verbs.get(after.word)
        goods = form.tense is Tense.THIRD and (after.word in self.words.nounish or at + 1 in self.nouns)
        if next_form is not None and next_form.tense in {Tense.BASE, Tense.THIRD} and not goods:
            return False
        return not (form.tense is Tense.BASE and after.text[0].isupper())

    def _continues(self, at: int, form: VerbForm) -> bool:
        """After a comma or "and": one more verb of the same subject."""
        after = self.after(at)
        if form.tense is Tense.THIRD and self.tagged and (after is None or after.stem == "."):
            return True
        if form.tense is Tense.PAST and after is not None and after.word == "by":
            return True
        spoken = self.tagged or any(t.word in self.grammar.be for t in self.found[:at])
        spoken = spoken or self._begins(at, after, form)
        if not spoken or after is None or not after.is_word or after.word in self.grammar.after_nouns:
            return False
        if at in self.nouns:
            other = after.word in self.grammar.lists and self._is_base(at + 2, form)
            return other or self._can_be_object(at, after) or _takes(form, after.word)
        return not (form.tense is Tense.BASE and at + 1 in self.nouns)

    def _begins(self, at: int, after: Token | None, form: VerbForm) -> bool:
        """Whether the first verb of a note stands here: "React app, calls the ledger"."""
        if form.tense is not Tense.THIRD or form.verb is None or at in self.nouns or after is None:
            return False
        if after.word in self.grammar.determiners or _takes(form, after.word):
            return True
        return at + 1 in self.nouns and after.word == after.stem

    def _tells_of(self, at: int, before: int, form: VerbForm) -> bool:
        """After a noun and a comma, who does something to it: "refund service, called by admins"."""
        after = self.after(at)
        named = before - 1 in self.nouns.values() or before in self.nouns.values()
        return form.tense is Tense.PAST and named and after is not None and after.word == "by"

    def _follows_noun(self, at: int, before: int, form: VerbForm) -> bool:
        """After a noun or a word of no table."""
        after = self.after(at)
        if after is not None and after.word in self.grammar.after_nouns and form.tense is not Tense.PAST:
            return False
        noun = before in self.nouns
        if form.tense is Tense.PAST:
            return noun or at + 1 not in self.nouns
        if form.tense is Tense.BASE:
            if self._is_foreign(at, before, after):
                return True
            return self._is_plural(before) and self._base(at, after, form, noun=noun)
        return self._third(at, before, after, form)

    def _is_foreign(self, at: int, before: int, after: Token | None) -> bool:
        """Whether one does it although the verb has no ending: "the worker send the result"."""
        alone = before in self.nouns and not self.tagged and at not in self.nouns
        told = after is not None and after.word in self.grammar.determiners | self.grammar.verb_prepositions
        return alone and told and self.found[at].word in self.words.bare_verbs

    def _base(self, at: int, after: Token | None, form: VerbForm, *, noun: bool) -> bool:
        """In "customers order", but not in "jobs queue"."""
        if at not in self.nouns:
            return noun or after is not None
        return noun and after is not None and (self._can_be_object(at, after) or _takes(form, after.word))

    def _third(  # noqa: PLR0911 - one return a case
        self, at: int, before: int, after: Token | None, form: VerbForm
    ) -> bool:
        """In "the API calls the bank", but not in "database queries to the replica"."""
        token = self.found[before]
        noun = before in self.nouns
        if noun and token.stem != token.word and not token.text[0].isupper() and not self._one_on(before):
            return False
        if before == 0 and noun and at not in self.nouns and self._is_person(before):
            return True
        if self.found[at].word in self.words.nounish and (
            self._joins_bare(before) or self._goes_before(at) or self._is_object(at)
        ):
            return False
        if (
            after is not None
            and after.word in {"every", "each"}
            and self.found[at].word in self.words.nounish
        ):
            return noun
        if after is None or not after.is_word:
            return noun and form.verb is None
        if after.word in self.grammar.verb_prepositions and not _takes(form, after.word):
            return at not in self.nouns and self.found[at].word not in self.words.nounish
        return True

    def _one_on(self, at: int) -> bool:
        """Whether the plural here is only where one is: "the client on our desktops connects"."""
        for place in range(at - 1, max(0, at - _NEAR - 1), -1):
            token = self.found[place]
            if token.word in _PLACED:
                first = self.found[place - 1]
                return place - 1 in self.nouns and first.stem == first.word
            if token.is_word and token.word in self.words.verbs:
                return False
        return False

    def _is_person(self, at: int) -> bool:
        return any(m.payload.person for m in self.words.heads.all(self.found[at : at + 1]))

    def _is_base(self, at: int, like: VerbForm) -> bool:
        """Whether a verb of the same form stands here: "they store and analyse data"."""
        form = self.words.verbs.get(self.found[at].word) if at < len(self.found) else None
        return form is not None and form.tense is like.tense is Tense.BASE and at not in self.nouns

    def _goes_before(self, at: int) -> bool:
        """Whether the next word is what the noun here does: "firmware updates come from"."""
        if at + 2 >= len(self.found) or at + 1 in self.nouns:
            return False
        form = self.words.verbs.get(self.found[at + 1].word)
        return form is not None and form.tense is Tense.BASE and _takes(form, self.found[at + 2].word)

    def _is_object(self, at: int) -> bool:
        """Whether the word ends the object of a verb right before it: "partners send charge records to"."""
        for place in range(at - 1, max(-1, at - 1 - _NEAR), -1):
            token = self.found[place]
            if place in self.tagged:
                return self.tagged[place].form.tense is not Tense.GERUND and not self.tagged[place].passive
            if not token.is_word or token.word in self.words.function_words - self.words.articles:
                return False
        return False

    def _joins_bare(self, before: int) -> bool:
        """Whether a noun without an article is one more of a list: "sums in A and client records in B"."""
        joined = before > 0 and self.found[before - 1].word in self.grammar.joining
        return joined and self.found[before].text.islower() and bool(self.tagged)

    def _is_plural(self, at: int) -> bool:
        """Whether several do it: a plural noun, one joined to another by "and", "members of the club"."""
        token = self.found[at]
        if token.stem != token.word or token.word in _PEOPLE:
            return True
        if any(t.word == "and" for t in self.found[max(0, at - _NEAR) : at]):
            return True
        owned = next((i for i in range(at - 1, max(0, at - _OWNED), -1) if self.found[i].word == "of"), 0)
        if owned > 0 and self.found[owned - 1].stem != self.found[owned - 1].word:
            return True
        placed = next(
            (i for i in range(at - 1, max(0, at - _NEAR - 1), -1) if self.found[i].word in _PLACED), 0
        )
        first = placed > 0 and placed - 1 in self.nouns and self.before(placed - 1) < 0
        return first and self.found[placed - 1].stem != self.found[placed - 1].word

    def _can_be_object(self, at: int, after: Token) -> bool:
        """Whether the next word can begin what is stored or queued: an article, or a word of no table."""
        if after.word in self.grammar.determiners:
            return True
        other = self.words.function_words | self.words.tails
        return (
            after.is_word and at + 1 not in self.nouns and after.word not in other | self.words.verbs.keys()
        )

    def is_passive(self, at: int) -> bool:
        """After "is", or without it where something is done to the noun before: "files uploaded to"."""
        before = self.before(at)
        if before < 0 or self.found[before].word in self.grammar.be:
            return True
        after = self.after(at)
        return after is not None and after.word in self.grammar.passive_prepositions


def _takes(form: VerbForm, word: str) -> bool:
    """Whether the verb names its other end after this word."""
    return form.verb is not None and any(p and p[0] == word for p in (*form.verb.to, *form.verb.source))
