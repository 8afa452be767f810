"""Ends of flows that a sentence only hints at: "the bank calls our webhook", "an app with a database"."""

from __future__ import annotations

from collections.abc import Iterator

from agent.diagrams.prose_goods import is_program
from agent.diagrams.prose_mentions import Mention, Sentence
from agent.diagrams.prose_said import Reading
from agent.diagrams.prose_stance import stance
from agent.diagrams.prose_words import load_prose_words
from agent.domain.system import ElementKind, Known

_REACH = 6
"""Words after the verb in which the webhook stands."""


def callers(sentence: Sentence, reading: Reading) -> Iterator[tuple[Mention, str]]:
    """Outsiders who call "our webhook", with what the flow is called."""
    words = load_prose_words()
    told = {f.verb for f in reading.flows}
    for at, tagged in sentence.verbs.items():
        if tagged.form.verb is None or tagged.passive or at in told:
            continue
        near = sentence.found[at + 1 : at + 1 + _REACH]
        end = next((i for i, t in enumerate(near, at + 1) if t.stem in words.hooks), 0)
        us = bool(near) and near[0].word == "us" and tagged.form.base in {"call", "notify", "ping"}
        end = end or (at + 1 if us else 0)
        if not end or stance(sentence, at, at + 1) is not Known.YES:
            continue
        for mention in reading.doers.get(at, ()):
            if mention.kind is ElementKind.EXTERNAL_ENTITY and not mention.person:
                yield mention, sentence.words(at, end + 1)


def kept_outside(sentence: Sentence, reading: Reading) -> Iterator[Mention]:
    """Programs that somebody else has: "operated by an external vendor"."""
    words = load_prose_words()
    for at, tagged in sentence.verbs.items():
        if tagged.form.base == "belong":
            yield from _belonging(sentence, reading, at)
            continue
        if (
            not tagged.passive
            or tagged.form.base not in words.keeping
            or at in {f.verb for f in reading.flows}
        ):
            continue
        by = next(
            (i for i in range(at + 1, min(at + 3, len(sentence.found))) if sentence.found[i].word == "by"), 0
        )
        keeper = next((m for m in sentence.mentions if by and m.start > by), None)
        if (
            keeper is None
            or keeper.kind is not ElementKind.EXTERNAL_ENTITY
            or keeper.person
            or keeper.technologies
        ):
            continue
        yield from (m for m in reading.doers.get(at, ()) if is_program(m))


def _belonging(sentence: Sentence, reading: Reading, at: int) -> Iterator[Mention]:
    """The programs of "the portal belongs to a partner"."""
    to = at + 1 < len(sentence.found) and sentence.found[at + 1].word == "to"
    keeper = next((m for m in sentence.mentions if to and m.start > at), None)
    if keeper is not None and keeper.kind is ElementKind.EXTERNAL_ENTITY and not keeper.person:
        yield from (m for m in reading.doers.get(at, ()) if is_program(m))


def equipment(sentence: Sentence) -> Iterator[tuple[Mention, Mention]]:
    """Programs and the store that each comes with: "an app running on one host with a database"."""
    words, found = load_prose_words(), sentence.found
    for store in sentence.mentions:
        at = store.start - 1
        while at >= 0 and found[at].word in words.articles:
            at -= 1
        if store.kind is not ElementKind.DATA_STORE or store.weak or at < 1:
            continue
        if found[at].word not in words.equipped:
            continue
        owner = next((m for m in reversed(sentence.mentions) if m.end <= at and is_program(m)), None)
        if owner is None or not _only_told(sentence, owner.end, at):
            continue
        yield owner, store


def _only_told(sentence: Sentence, start: int, end: int) -> bool:
    """Whether nothing moves up to here but words that say what and where a program is."""
    words = load_prose_words()
    verbs = [sentence.verbs[at] for at in sentence.verbs if at < end]
    still = all(t.form.verb is None or t.form.base in words.place_bases | words.offering for t in verbs)
    return still and not any(t.stem in {",", ";", "(", ")"} for t in sentence.found[start:end])
