"""What only moves, and who moves it: of "photos are uploaded to the bucket" the photos are no part."""

from __future__ import annotations

from collections.abc import Sequence

from agent.catalog.technologies import load_technologies
from agent.catalog.vocabulary import Trait
from agent.diagrams.prose_anchors import recognised
from agent.diagrams.prose_mentions import Mention, Sentence, is_weak, kind_of
from agent.diagrams.prose_verbs import Tagged
from agent.diagrams.prose_words import load_prose_words
from agent.domain.system import ElementKind
from agent.naming import words

_APART = frozenset({Trait.LLM, Trait.WAF, Trait.LOAD_BALANCER, Trait.CDN, Trait.IDENTITY_PROVIDER}) | {
    Trait.GATEWAY,
    Trait.REVERSE_PROXY,
    Trait.EMAIL,
    Trait.SMS,
}
"""What passes requests on or answers them, and moves nothing of its own accord."""
_WHENCE = 5
"""Words between "from which" and the verb."""


def moves_goods(tagged: Tagged) -> bool:
    """Whether the verb's subject may be goods: "is uploaded to", "goes to"."""
    table = load_prose_words()
    return tagged.form.base in (table.carried if tagged.passive else table.moving)


def takes_goods(tagged: Tagged) -> bool:
    """Whether whoever the verb names after "by" has the goods from somebody: "is validated by"."""
    return tagged.passive and tagged.form.base in load_prose_words().taken


def are_goods(mentions: Sequence[Mention]) -> bool:
    """Whether all of these only move: nouns of no table, and files whatever they are called."""
    return all(m.guess or _is_file(m) for m in mentions)


def _is_file(mention: Mention) -> bool:
    return not mention.known and mention.kind is ElementKind.DATA_STORE and is_weak(mention.name)


def is_program(mention: Mention) -> bool:
    """Whether the mention is a program, and not a word such as "process"."""
    if mention.person or mention.guess or (mention.weak and not mention.known):
        return False
    kind = mention.kind or (kind_of(mention.name) if mention.known else None)
    return kind is ElementKind.PROCESS


def is_worker(mention: Mention) -> bool:
    """Whether the mention is a program of ours that can move what a text speaks of."""
    if not is_program(mention) or words(mention.name)[-1:] in (("model",), ("llm",)):
        return False
    named = (*mention.technologies, *(t.id for t in recognised(mention.name).technologies))
    return not load_technologies().traits_of(named) & _APART


def whence(sentence: Sentence, mentions: Sequence[Mention], at: int) -> Mention | None:
    """What "from which" before the verb at this place speaks of; None when nothing says so."""
    found = sentence.found
    for place in range(at - 1, max(1, at - 1 - _WHENCE), -1):
        if found[place].word == "which" and found[place - 1].word in {"from", "by"}:
            comma = found[place - 2].stem == ","
            return next((m for m in mentions if m.end == place - 1 - comma), None)
    return None
