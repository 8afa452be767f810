"""A message taken into what it asks: “is it encrypted, and who can read it?” is two questions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.catalog.phrases import tokens
from agent.conversation.speech import load_speech

MOST = 3
"""Questions of one message that are answered."""

_WORDS = r"what|whats|what's|which|who|whose|whom|how|why|where|when"
_VERBS = (
    r"is|are|was|were|does|do|did|can|could|should|shall|must|would|will|has|have"
    r"|isn't|aren't|doesn't|don't|can't|shouldn't|wouldn't"
)
_SUBJECTS = (
    r"the|a|an|we|it|they|this|that|these|those|our|its|their|there|you|i|any|anyone|anybody|someone"
    r"|somebody|each|every|all|both"
)
_WISHES = r"list|show|tell|explain|describe|give|name|compare|summari[sz]e"
_OPENING = rf"(?:(?:{_WORDS})\b|(?:{_VERBS})\s+(?:{_SUBJECTS})\b|(?:{_WISHES})\s+(?:me|us|the|it|all|what)\b)"
_JOINT = re.compile(
    r"\s*[,;–—-]*\s+(?:and|but|plus|also|then|&)\s+(?:(?:also|then|if so|so|lastly|finally),?\s+)?"
    rf"(?={_OPENING})"
    rf"|\s*[,;]\s+(?=(?:what|how|why|who)\b|(?:{_VERBS})\s+(?:{_SUBJECTS})\b)",
    re.IGNORECASE,
)
_SENTENCE = re.compile(rf"(?<=[?!;])\s+(?=\S)|(?<=[A-Za-z0-9)\]]\.)\s+(?=[A-Z]|{_OPENING})")
_SUPPOSES = re.compile(
    r"^(?:(?:and|so|but|ok(?:ay)?|also)[,\s]+)*(?:if|when|once|since|because|given|as|suppose|supposing"
    r"|assuming|say|while|although|now that|even)\b",
    re.IGNORECASE,
)
_ALONE = frozenset({"why", "how", "who", "where", "when"})
"""Words that are a question by themselves, behind another."""
_LEAST = 3


@dataclass(frozen=True)
class Part:
    """A stretch of a message."""

    text: str
    asks: bool
    """Whether it asks; otherwise it says what the question beside it is about."""


def taken_apart(message: str) -> tuple[Part, ...]:
    """What the message asks and says, in its order; one part when it asks one thing or nothing.

    A message without a question in it stays whole, since it may be a statement of several sentences.
    """
    text = " ".join(message.replace("’", "'").split())
    sentences = [s for s in _SENTENCE.split(text) if s.strip(" .,;!?")]
    parts = [Part(piece, _asks(piece)) for s in sentences for piece in _pieces(s)]
    if len(parts) < 2 or not any(p.asks for p in parts):  # noqa: PLR2004 - nothing to take apart
        return (Part(text, asks=True),)
    return tuple(parts)


def _pieces(sentence: str) -> list[str]:
    """The sentence at its joints; one that supposes something first is a question with what it supposes."""
    found: list[str] = []
    at = 0
    for joint in _JOINT.finditer(sentence):
        head, tail = sentence[at : joint.start()], sentence[joint.end() :]
        if not _stands(head, at == 0) or not _stands(tail, first=False) or _SUPPOSES.match(head):
            continue
        found.append(head.strip(" ,;"))
        at = joint.end()
    return [*found, sentence[at:].strip()]


def _stands(piece: str, first: bool) -> bool:  # noqa: FBT001 - where it stands, not a switch
    """Whether a stretch can be a question or a statement of its own."""
    words = [t.word for t in tokens(piece) if t.is_word]
    if len(words) == 1:
        return not first and words[0] in _ALONE
    return len(words) >= _LEAST - (not first) and words[-1] != "not"


def _asks(piece: str) -> bool:
    words = [t.word for t in tokens(piece) if t.is_word]
    return bool(words) and (piece.rstrip().endswith("?") or words[0] in load_speech().asking - {"and", "any"})
