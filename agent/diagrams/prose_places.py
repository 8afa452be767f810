"""Boundaries that sentences draw: "the API and its database run in a private subnet"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agent.diagrams.prose_mentions import Mention, Sentence
from agent.diagrams.prose_words import load_prose_words

_MODIFIERS = 3


@dataclass(frozen=True)
class Placed:
    """A boundary that a sentence draws."""

    name: str
    members: tuple[Mention, ...]
    everything: bool
    """Whether the sentence puts all that is ours inside."""
    place: tuple[int, int]
    """The tokens of the place, which name no element."""


def read_places(sentence: Sentence) -> tuple[Placed, ...]:
    """The boundaries that the sentence draws, in its order."""
    words = load_prose_words()
    found = []
    matches = words.places.longest(sentence.found)
    for match in matches:
        if any(m.start == match.end for m in matches):
            continue
        start = place_start(sentence, match.start)
        before = start - 1
        while before >= 0 and sentence.found[before].word in words.articles:
            before -= 1
        if before < 0 or sentence.found[before].word not in words.place_prepositions:
            continue
        verb = _place_verb(sentence, before)
        if verb < 0:
            continue
        members = _members(sentence, verb)
        everything = any(t.word in words.universal for t in sentence.found[max(0, verb - 4) : verb])
        if members or everything:
            found.append(Placed(sentence.words(start, match.end), members, everything, (start, match.end)))
    return (*found, *_parted(sentence))


def _parted(sentence: Sentence) -> Iterator[Placed]:
    """What "the trust boundary isolates A from B" puts into a boundary of its own: A."""
    for at, tagged in sentence.verbs.items():
        if tagged.form.base not in load_prose_words().parting_verbs or tagged.passive:
            continue
        inner = next((m for m in sentence.mentions if m.start > at), None)
        if inner is None or not inner.known:
            continue
        away = [t.word for t in sentence.found[inner.end : inner.end + 1]]
        outer = next((m for m in sentence.mentions if m.start > inner.end), None)
        if away == ["from"] and outer is not None and outer.known:
            yield Placed(inner.name, (inner,), everything=False, place=(inner.start, inner.start))


def place_start(sentence: Sentence, start: int) -> int:
    """Where the name of a place begins whose last word is at `start`."""
    words = load_prose_words()
    at = start
    while at > 0 and start - at < _MODIFIERS:
        before = sentence.found[at - 1]
        if (
            not before.is_word
            or before.word in words.function_words | words.place_prepositions | words.place_verbs
        ):
            break
        at -= 1
    return at


def _place_verb(sentence: Sentence, before: int) -> int:
    """The place of the verb that puts something there; -1 when the words before are no such verb."""
    words = load_prose_words()
    at = before - 1
    if at >= 0 and sentence.found[at].word in words.place_adverbs:
        at -= 1
    if at >= 0 and sentence.found[at].word in words.place_verbs:
        while at > 0 and sentence.found[at - 1].word in words.place_verbs | {"all", "both"}:
            at -= 1
        return at
    return -1


def _members(sentence: Sentence, verb: int) -> tuple[Mention, ...]:
    """The mentions before the verb that are its subject: the last one and those listed with it."""
    between_members = load_prose_words().articles | {",", "and", "also", "/", "&"}
    members: list[Mention] = []
    end = verb
    for mention in reversed([m for m in sentence.mentions if m.end <= verb and not m.owner]):
        between = [t.word or t.stem for t in sentence.found[mention.end : end]]
        if any(w not in between_members for w in between):
            break
        members.insert(0, mention)
        end = mention.start
    return tuple(members)
