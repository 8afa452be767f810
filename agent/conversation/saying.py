"""Short answers to what is no question about the system: buttons, words, other languages, a bare no."""

from __future__ import annotations

from agent.conversation.asked import term
from agent.conversation.context import Context, Draft, offers
from agent.conversation.reply import ReplyKind
from agent.conversation.speech import load_speech


def helping(context: Context) -> Draft:
    """What can be asked."""
    return Draft(["I answer from this threat model and the knowledge base. " + offers(context.model)])


def pressing(context: Context) -> Draft:
    """Which button or command does what was asked for."""
    return Draft([load_speech().pressed[context.asked.press]])


def denied(context: Context) -> Draft:
    """A no that does not say to what."""
    first = context.model.threats[0].id if context.model.threats else "T-001"
    told = (
        "Nothing was changed. If it was a question of mine, press No under it. To put something right, say it"
        f" with its part and what is so instead, or give a reason: “{first} does not apply, because …”."
    )
    return Draft([told])


def meaning(context: Context) -> Draft:
    """A word of threat modelling."""
    word = term(context.asked.text)
    return Draft([f"{word[:1].upper()}{word[1:]}: {load_speech().glossary[word]}"])


def foreign(context: Context) -> Draft:
    """That questions are understood in English."""
    language = context.asked.language
    told = (
        f"That looks like {language}; without a language model I understand questions in English only."
        f" Parts' names and ids such as T-001 may stand as they are. {offers(context.model)}"
    )
    return Draft([told], kind=ReplyKind.UNKNOWN)
