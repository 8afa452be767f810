"""Which words of a sentence are verbs. English marks few of them, so their neighbours decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.catalog.phrases import Token
from agent.diagrams.prose_words import Tense, VerbForm, load_prose_words

BE = frozenset({"is", "are", "was", "were", "be", "been", "being", "gets", "get"})
_MODALS = frozenset(
    "can may might must shall should will would could do does did don't doesn't didn't cannot can't won't to has "
    "have had let's never".split()
)
_PRONOUNS = frozenset(
    "it they we which that who he she you i everything everyone everybody nobody nothing someone".split()
)
_PREPOSITIONS = frozenset(
    "to from in into on onto with via through over at by for of against across between inside as".split()
)
_ADVERBS = frozenset(
    "also then not never only always directly first finally still just again even n't".split()
)
_ARTICLES = frozenset("a an the our this its their each every no any all some these those my your of".split())
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
"""Written so, a method of HTTP is what one end does to the other: "the browser GETs"."""
_JOINING = frozenset({"and", "or", "then", "but"})
_AFTER_NOUN = BE | frozenset("has have had can may must should will would could".split())


@dataclass(frozen=True)
class Tagged:
    """A verb at a place of the sentence."""

    form: VerbForm
    passive: bool
    """Whether the subject suffers it: "is stored", "uploaded to"."""


def tag_verbs(found: Sequence[Token], anchors: Mapping[int, int]) -> dict[int, Tagged]:
    """The verbs among the tokens, by place. `anchors` maps the places of nouns to the end of each noun."""
    verbs = load_prose_words().verbs
    tagged: dict[int, Tagged] = {}
    for at, token in enumerate(found):
        form = verbs.get(token.word) if token.is_word else None
        if form is None:
            continue
        before = _before(found, at)
        if _is_verb(found, at, before, form, anchors, tagged):
            tagged[at] = Tagged(form, form.tense is Tense.PAST and _passive(found, at, before, anchors))
    return tagged


def _before(found: Sequence[Token], at: int) -> int:
    """The place of the word before, adverbs passed over; -1 at the start or after a mark other than a comma."""
    at -= 1
    while at >= 0:
        token = found[at]
        if token.is_word and (token.word in _ADVERBS or token.word.endswith("ly")) and at > 0:
            at -= 1
            continue
        if not token.is_word and token.stem in {",", ")", '"', "'", "`", "/"}:
            return at
        return at if token.is_word else -1
    return -1


def _is_verb(
    found: Sequence[Token],
    at: int,
    before: int,
    form: VerbForm,
    anchors: Mapping[int, int],
    tagged: Mapping[int, Tagged],
) -> bool:
    if found[at].text in _METHODS:
        return True
    if _inside(at, anchors) and not _noun_ends(at, anchors):
        return False
    after = found[at + 1] if at + 1 < len(found) else None
    if form.tense is Tense.GERUND:
        return not (
            after and after.is_word and at + 1 in anchors and before >= 0 and found[before].word in _ARTICLES
        )
    if before < 0:
        return _opens(at, after, form, anchors)
    word = found[before].word
    if before in tagged and form.tense in {Tense.BASE, Tense.THIRD}:
        return False
    if word in _PRONOUNS or (word in _MODALS and form.tense is not Tense.THIRD):
        return not (word == "that" and form.tense is Tense.BASE)
    if word in BE:
        return form.tense is Tense.PAST
    if word in _ARTICLES:
        return False
    if not found[before].is_word or word in _JOINING:
        return _continues(at, after, form, anchors, tagged)
    return _follows(found, at, before, after, form, anchors)


def _inside(at: int, anchors: Mapping[int, int]) -> bool:
    return at in anchors


def _noun_ends(at: int, anchors: Mapping[int, int]) -> bool:
    """Whether the noun at this place is the one word: "stores" may be a verb, "data store" not."""
    return anchors.get(at) == at + 1 and anchors.get(at - 1) != at + 1


def _opens(at: int, after: Token | None, form: VerbForm, anchors: Mapping[int, int]) -> bool:
    """At the start of a sentence: "Validates tokens", not "Order service"."""
    if after is None or not after.is_word:
        return False
    if at + 1 in anchors and form.tense in {Tense.BASE, Tense.PAST}:
        return False
    return after.word not in _AFTER_NOUN and not (form.tense is Tense.BASE and after.text[0].isupper())


def _continues(
    at: int, after: Token | None, form: VerbForm, anchors: Mapping[int, int], tagged: Mapping[int, Tagged]
) -> bool:
    """After a comma or "and": one more verb of the same subject."""
    if not tagged or after is None or not after.is_word or after.word in _AFTER_NOUN:
        return False
    if at in anchors:
        return _plain_object(at, after, anchors) or _takes(form, after.word)
    return not (form.tense is Tense.BASE and at + 1 in anchors)


def _follows(
    found: Sequence[Token],
    at: int,
    before: int,
    after: Token | None,
    form: VerbForm,
    anchors: Mapping[int, int],
) -> bool:
    """After a noun or an unknown word."""
    function = load_prose_words().function_words
    if found[before].word in function:
        return form.tense is Tense.PAST and not (at + 1 in anchors)
    if after is not None and after.word in _AFTER_NOUN and form.tense is not Tense.PAST:
        return False
    noun = before in anchors
    plural = found[before].stem != found[before].word or found[before].word in {"staff", "people"}
    plural = plural or any(t.word == "and" for t in found[max(0, before - 3) : before])
    if form.tense is Tense.BASE:
        if at in anchors:
            return (
                plural
                and noun
                and after is not None
                and (_plain_object(at, after, anchors) or _takes(form, after.word))
            )
        return plural and (noun or after is not None)
    if form.tense is Tense.PAST:
        return not (at + 1 in anchors and not noun)
    if found[before].stem != found[before].word and noun and not found[before].text[0].isupper():
        return False
    if after is None or not after.is_word:
        return noun and form.verb is None
    if after.word in _PREPOSITIONS and not _takes(form, after.word):
        return at not in anchors and found[at].word not in load_prose_words().nounish
    return True


def _plain_object(at: int, after: Token, anchors: Mapping[int, int]) -> bool:
    """Whether the next word can begin what is stored or queued: an article, or a word of no table."""
    words = load_prose_words()
    if after.word in _ARTICLES:
        return True
    return (
        after.is_word
        and after.word not in words.function_words | words.tails
        and at + 1 not in anchors
        and (after.word not in words.verbs)
    )


def _takes(form: VerbForm, word: str) -> bool:
    if form.verb is None:
        return False
    return any(p and p[0] == word for p in (*form.verb.to, *form.verb.source))


def _passive(found: Sequence[Token], at: int, before: int, anchors: Mapping[int, int]) -> bool:
    """After "is", or without an auxiliary where something is done to the noun before: "files uploaded to"."""
    if before < 0:
        return True
    if found[before].word in BE:
        return True
    after = found[at + 1] if at + 1 < len(found) else None
    return after is not None and after.word in {
        "to",
        "by",
        "in",
        "into",
        "from",
        "on",
        "via",
        "through",
        "with",
    }
