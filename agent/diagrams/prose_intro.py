"""Sentences that introduce a part by its name: "Hermes is a Go service on ECS which calls the bank"."""

from __future__ import annotations

from dataclasses import replace

from agent.diagrams.prose_mentions import Mention, Sentence
from agent.diagrams.prose_words import load_prose_words
from agent.domain.system import ElementKind

_REACH = 6
"""Words between "is" and what it is."""
_GAP = 3
"""Words between what it is and where it runs."""


def introduced(sentence: Sentence) -> Sentence:
    """The sentence, with "a Go service" and what it runs on taken for the part that they introduce.

    So that a clause after it, "which calls …", speaks of that part. Any other sentence comes back as it is.
    """
    if not sentence.mentions:
        return sentence
    name, *others = sentence.mentions
    if name.person and is_trade(sentence, name):
        name = replace(name, person=False, kind=ElementKind.PROCESS)
    if name.person or name.weak or name.start > 1 or not others:
        return sentence
    what = others[0]
    if not _is_said_to_be(sentence, name, what):
        return sentence
    last, rest = what, others[1:]
    kept = [name]
    if rest and _where(sentence, what, rest[0]):
        kept.append(replace(rest[0], owner=True))
        last, rest = rest[0], rest[1:]
    clause = sentence.found[last.end].word if last.end < len(sentence.found) else ""
    if clause in load_prose_words().grammar.relative:
        rest = [replace(name, start=last.start, end=last.end), *rest]
        kept = kept[:1]
    return replace(sentence, mentions=(*kept, *rest))


def is_trade(sentence: Sentence, name: Mention) -> bool:
    """Whether people and programs are both called so: "the dispatcher", not "the dispatchers", "a clerk"."""
    last = sentence.found[name.end - 1]
    return name.definite and last.word == last.stem and last.stem in load_prose_words().also_machines


def _is_said_to_be(sentence: Sentence, name: Mention, what: Mention) -> bool:
    found, words = sentence.found, load_prose_words()
    if name.end >= len(found) or found[name.end].word != "is" or what.person:
        return False
    between = found[name.end + 1 : what.start]
    if len(between) > _REACH or not between or between[0].word not in words.articles:
        return False
    small = words.grammar.prepositions - {"of"}
    return what.kind is ElementKind.PROCESS and not any(t.word in small for t in between)


def _where(sentence: Sentence, what: Mention, place: Mention) -> bool:
    between = sentence.found[what.end : place.start]
    return bool(between) and len(between) <= _GAP and between[0].word in {"on", "in", "inside", "at"}
