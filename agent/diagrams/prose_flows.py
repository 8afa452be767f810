"""Flows that a sentence states: "the shop sends orders to the warehouse over HTTPS"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from agent.catalog.phrases import Token
from agent.diagrams.prose_mentions import Mention, Sentence
from agent.diagrams.prose_verbs import Tagged
from agent.diagrams.prose_words import Words, load_prose_words
from agent.domain.system import ElementKind

_REACH = 8
"""Words between a verb and the preposition that its other end stands after."""
_PREPOSITIONS = frozenset(
    "to from in into on onto with via through over at by for of using against across between inside within as "
    "behind under about after before when while if because".split()
)
_CLAUSE_ENDS = frozenset({";", ":", ".", "?", "!", "—", "–"})
_OPEN = {"(": ")", "[": "]"}
_PRONOUNS = frozenset({"it", "they", "this", "these"})
_RELATIVE = frozenset({"which", "that", "who"})
_LETS = frozenset({"allow", "allows", "let", "lets", "enable", "enables", "helps", "help"})
_MAX_LABEL = 60


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


def read_flows(sentence: Sentence, topic: Mention | None = None, listed: Mention | None = None) -> Reading:
    """The flows of one sentence.

    Args:
        sentence: cut and tagged.
        topic: who the sentence before spoke of; what "it" means.
        listed: the element that the sentence describes, as in a list of components; who acts in a sentence
            without a subject.
    """
    flows: list[Said] = []
    actors: list[Mention] = []
    doers: dict[int, tuple[Mention, ...]] = {}
    current = listed
    for at in sorted(sentence.verbs):
        subjects = _subjects(sentence, at, current, topic or listed)
        doers[at] = subjects
        if subjects:
            current = subjects[0]
            actors.extend(m for m in subjects if m not in actors)
        flows.extend(_flows_of(sentence, at, subjects))
    flows.extend(_positions(sentence))
    subject = actors[0] if actors else (listed or (topic if _continues_topic(sentence) else None))
    return Reading(tuple(flows), subject, tuple(actors), doers)


def _continues_topic(sentence: Sentence) -> bool:
    return bool(sentence.found) and sentence.found[0].word in _PRONOUNS


def _subjects(
    sentence: Sentence, at: int, current: Mention | None, topic: Mention | None
) -> tuple[Mention, ...]:
    """Who does what the verb at this place says."""
    tagged = sentence.verbs[at]
    place = _word_before(sentence, at)
    if place < 0:
        return (current,) if current else ()
    word = sentence.found[place].word
    if word in _PRONOUNS:
        return (topic,) if topic else ()
    if word in {"we", "i", "you"}:
        return ()
    if word in _RELATIVE:
        comma = place > 0 and sentence.found[place - 1].stem == ","
        near = _ending_at(sentence, place - comma)
        return (near,) if near else ((current,) if current else ())
    if word == "to":
        return _infinitive(sentence, place, current)
    near = _ending_at(sentence, place + 1)
    if near is None:
        if tagged.form.tense.value == "gerund" or word in {"and", "or", "then"} or not word:
            return (current,) if current else ()
        return _earlier(sentence, at, current)
    return _whole_subject(sentence, near, at)


def _earlier(sentence: Sentence, at: int, current: Mention | None) -> tuple[Mention, ...]:
    """The last mention before the verb in its clause, when only words of no table stand between."""
    before = [m for m in sentence.mentions if m.end <= at]
    if not before:
        return ()
    gap = sentence.found[before[-1].end : at]
    if any(not t.is_word or t.word in _PREPOSITIONS for t in gap) or any(
        i in sentence.verbs for i in range(before[-1].end, at)
    ):
        return (current,) if current and any(t.stem == "," for t in gap) else ()
    return _whole_subject(sentence, before[-1], at) if len(gap) <= 3 else ()  # noqa: PLR2004 - "A then quickly sends"


def _whole_subject(sentence: Sentence, near: Mention, at: int) -> tuple[Mention, ...]:
    """The mention, or what it belongs to: "customers of the shop order" are customers; "A and B send"."""
    group = [near]
    while True:
        first = group[0]
        word = sentence.found[first.start - 1] if first.start > 0 else None
        place = first.start - 1
        while word is not None and word.word in {"the", "a", "an", "our", "each", "every", "all"}:
            place -= 1
            word = sentence.found[place] if place >= 0 else None
        if word is None:
            break
        earlier = _ending_at(sentence, place)
        if earlier is None:
            break
        if word.word in {"and", "or"} or word.stem in {",", "/"}:
            group.insert(0, earlier)
            continue
        if word.word in {"of", "in", "on", "at", "for", "from", "with"} and not _verb_between(
            sentence, earlier, at
        ):
            return _whole_subject(sentence, earlier, at)
        break
    return tuple(group)


def _verb_between(sentence: Sentence, mention: Mention, at: int) -> bool:
    return any(mention.end <= i < at for i in sentence.verbs)


def _infinitive(sentence: Sentence, place: int, current: Mention | None) -> tuple[Mention, ...]:
    near = _ending_at(sentence, place)
    if near and _before_word(sentence, near.start) in _LETS:
        return (near,)
    return (current,) if current else ()


def _before_word(sentence: Sentence, at: int) -> str:
    at -= 1
    while at >= 0 and sentence.found[at].word in {"the", "a", "an", "our", "all"}:
        at -= 1
    return sentence.found[at].word if at >= 0 else ""


def _word_before(sentence: Sentence, at: int) -> int:
    """The place before the verb, auxiliaries and adverbs passed over; -1 at the start of a clause."""
    skipped = frozenset(
        "is are was were be been being has have had will would can could may might must shall should do does did not "
        "never also then always only directly first finally still just get gets".split()
    )
    at -= 1
    while at >= 0:
        token = sentence.found[at]
        if token.is_word and (token.word in skipped or (token.word.endswith("ly") and len(token.word) > 4)):  # noqa: PLR2004
            at -= 1
            continue
        if not token.is_word and token.stem in {'"', "'", "`", "*"}:
            at -= 1
            continue
        if not token.is_word and token.stem == ")":
            at = _opening(sentence.found, at) - 1
            continue
        return -1 if token.stem in _CLAUSE_ENDS else at
    return -1


def _opening(found: Sequence[Token], at: int) -> int:
    while at > 0 and found[at].stem != "(":
        at -= 1
    return at


def _ending_at(sentence: Sentence, end: int) -> Mention | None:
    return next((m for m in sentence.mentions if m.end == end), None)


def _flows_of(sentence: Sentence, at: int, subjects: Sequence[Mention]) -> Iterable[Said]:
    tagged = sentence.verbs[at]
    verb = tagged.form.verb
    if _denied(sentence, at):
        return
    if verb is None:
        yield from _hands_on(sentence, at, subjects)
        return
    limit = _limit(sentence, at)
    others, inward, where = _other_ends(sentence, at, limit)
    if tagged.passive:
        agents = _after(sentence, at, limit, ("by",))
        if agents:
            patients = others or subjects
            yield from _pairs(agents, patients, _label(sentence, at, where or limit))
            return
    if not others and not tagged.passive:
        yield from _hands_on(sentence, at, subjects)
        return
    label = _label(sentence, at, where)
    yield from (_pairs(others, subjects, label, at) if inward else _pairs(subjects, others, label, at))


def _other_ends(sentence: Sentence, at: int, limit: int) -> tuple[list[Mention], bool, int]:
    """The mentions at the verb's other end, whether data comes from there, and where they begin."""
    verb = sentence.verbs[at].form.verb
    if verb is None:
        return [], False, 0
    for prepositions, inward in ((verb.source, True), (verb.to, False)):
        for words in sorted(prepositions, key=len, reverse=True):
            if not words and sentence.verbs[at].passive:
                continue
            found = _after(sentence, at, limit, words)
            if found:
                return found, inward, found[0].start
    return [], False, 0


def _after(sentence: Sentence, at: int, limit: int, words: Words) -> list[Mention]:
    """The mentions right after these words, which follow the verb; with no words, its direct object."""
    if not words:
        return _object(sentence, at + 1, limit)
    for place in range(at + 1, min(limit, at + 1 + _REACH * 2)):
        if tuple(t.word for t in sentence.found[place : place + len(words)]) == words:
            found = _object(sentence, place + len(words), limit)
            if found:
                return found
    return []


def _object(sentence: Sentence, start: int, limit: int) -> list[Mention]:
    """The first mention from here, and those joined to it by commas and "and"; nothing past a preposition."""
    function = load_prose_words().function_words
    first = next((m for m in sentence.mentions if start <= m.start < limit), None)
    if first is None:
        return []
    for token in sentence.found[start : first.start]:
        if not token.is_word and token.stem not in {'"', "'", "`", "*", "-"}:
            return []
        if token.word in _PREPOSITIONS or (
            token.word in function and token.word in {"and", "or", "that", "which"}
        ):
            return []
    return [first, *_joined(sentence, first, limit)]


def _joined(sentence: Sentence, first: Mention, limit: int) -> Iterable[Mention]:
    end = first.end
    for mention in sentence.mentions:
        if mention.start <= first.start or mention.start >= limit:
            continue
        between = [t for t in sentence.found[end : mention.start] if t.stem not in {'"', "`", "*"}]
        words = [t.word or t.stem for t in between if t.word not in {"the", "a", "an", "our", "its", "also"}]
        if not words or any(w not in {",", "and", "or", "/", "+", "&"} for w in words):
            return
        yield mention
        end = mention.end


def _limit(sentence: Sentence, at: int) -> int:
    """Where what belongs to the verb ends: the next verb that has a subject of its own, or the clause."""
    depth = 0
    for place in range(at + 1, len(sentence.found)):
        token = sentence.found[place]
        depth += (token.stem in _OPEN) - (token.stem in _OPEN.values())
        if token.stem in _CLAUSE_ENDS and not depth:
            return place
        tagged = sentence.verbs.get(place)
        if tagged and not depth and not _participle(sentence, place, tagged):
            return place
    return len(sentence.found)


def _participle(sentence: Sentence, place: int, tagged: Tagged) -> bool:
    """Whether the verb only tells more of a noun ("messages stored by users"), or follows "to"."""
    return tagged.form.tense.value == "gerund" and sentence.found[place - 1].word not in {"and", ","}


def _hands_on(sentence: Sentence, at: int, subjects: Sequence[Mention]) -> Iterable[Said]:
    """People who do something "through" or "in" a part of the system use it."""
    people = [m for m in subjects if m.person]
    if not people or sentence.verbs[at].passive:
        return
    limit = _limit(sentence, at)
    for word in load_prose_words().hands_on:
        for mention in _after(sentence, at, limit, (word,)):
            if mention.kind is ElementKind.PROCESS and not mention.weak:
                yield from _pairs(people, [mention], _label(sentence, at, mention.start), at)
                return


def _positions(sentence: Sentence) -> Iterable[Said]:
    """ "The shop sits behind the load balancer": requests to the one pass the other."""
    for match in load_prose_words().behind.longest(sentence.found):
        first = [m for m in sentence.mentions if m.end <= match.start]
        second = _object(sentence, match.end, len(sentence.found))
        if (
            not first
            or not second
            or any(t.stem in _CLAUSE_ENDS for t in sentence.found[first[-1].end : match.start])
        ):
            continue
        inner, outer = (first[-1], second[0]) if match.payload else (second[0], first[-1])
        if (
            outer.kind is ElementKind.PROCESS
            and inner.kind is not ElementKind.EXTERNAL_ENTITY
            and not outer.weak
        ):
            yield Said(outer, inner, "", match.start)


def _denied(sentence: Sentence, at: int) -> bool:
    """Whether the verb is denied: "does not call", "never stores"."""
    near = [t.word for t in sentence.found[max(0, at - 3) : at]]
    return any(w in {"not", "never", "cannot"} or w.endswith(("n't", "n’t")) for w in near)


def _pairs(
    sources: Sequence[Mention], targets: Sequence[Mention], label: str, verb: int = 0
) -> Iterable[Said]:
    for source in sources:
        for target in targets:
            if source != target:
                yield Said(source, target, label, verb)


def _label(sentence: Sentence, at: int, end: int) -> str:
    """What the verb says moves: the words from the verb up to the other end's preposition."""
    function = load_prose_words().function_words
    place = end
    while place > at + 1 and sentence.found[place - 1].word in function:
        place -= 1
    text = sentence.words(at, max(place, at + 1))
    return text if len(text) <= _MAX_LABEL else text[:_MAX_LABEL].rsplit(" ", 1)[0] + "…"
