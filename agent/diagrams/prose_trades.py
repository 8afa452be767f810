"""Services of others that no table knows, told by what they are for: "Resend for emails"."""

from __future__ import annotations

from collections.abc import Iterator

from agent.catalog.phrases import Token
from agent.diagrams.prose_anchors import recognised
from agent.diagrams.prose_mentions import Mention, Sentence
from agent.diagrams.prose_words import load_prose_words
from agent.domain.system import ElementKind


def traded(sentence: Sentence) -> Iterator[Mention]:
    """The services that a sentence without a verb names for a trade, by names that nothing else explains."""
    if sentence.verbs:
        return
    words, found = load_prose_words(), sentence.found
    for at, token in enumerate(found):
        if token.word == "for":
            name, trade = at - 1, at + 1
        elif token.word in words.traded_by or token.stem == ":":
            name, trade = at + 1, at - 1
        else:
            continue
        if min(name, trade) < 0 or max(name, trade) >= len(found) or found[trade].stem not in words.trades:
            continue
        if _is_unknown(sentence, found[name], name):
            kinds = recognised(f"{found[trade].stem} provider").technologies
            yield Mention(
                name,
                name + 1,
                found[name].text,
                kind=ElementKind.EXTERNAL_ENTITY,
                technologies=tuple(t.id for t in kinds),
            )


def _is_unknown(sentence: Sentence, token: Token, at: int) -> bool:
    """Whether the word is a name, written with a capital, that is no part by itself."""
    words = load_prose_words()
    capital = token.is_word and token.text[:1].isupper() and not token.text.isupper()
    dull = token.word in words.function_words or token.stem in words.never | words.tails | words.trades
    named = any(m.start <= at < m.end and m.kind is not None for m in sentence.mentions)
    return capital and not dull and not named
