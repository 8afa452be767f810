"""Slips of the finger: a word that is one letter from one word of the model or of the question's forms.

What agent/catalog/spelling.py does for known long words is done here for the names of one model and the
words that questions are made of. One letter wrong, missing or too many between the first letter and the last,
or two neighbours swapped behind the first (Damerau, 1964); a word that may be right is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from agent.catalog.phrases import singular, tokens
from agent.conversation.speech import load_speech
from agent.domain.model import ThreatModel
from knowledge.words import stop_words

_SHORTEST = 5
"""Letters of a word that may be misspelt; shorter ones are too near to each other."""
_SWAPPED = 4
"""The same where two neighbours are swapped, which makes a word of few others."""
_FURTHEST = 2
"""Letters by which a word and what it is a slip of may differ in length, a plural's counted."""
_WORD = re.compile(r"[^\W\d_]+(?:'[a-z]+)?")


def respelled(text: str, model: ThreatModel) -> str:
    """The text with its slips put right, where only one word can be meant."""
    known = _names(model) | load_speech().vocabulary
    slips = {w: meant for w in dict.fromkeys(_WORD.findall(text)) if (meant := _meant(w, known)) != w}
    right = _written(model) if slips else frozenset()
    kept = {w for w in slips if {w.lower(), singular(w.lower())} & right}
    return _WORD.sub(
        lambda found: found.group() if found.group() in kept else slips.get(found.group(), found.group()),
        text,
    )


def _names(model: ThreatModel) -> frozenset[str]:
    """The words that the model's parts, flows, data and boundaries are called by."""
    system = model.system
    said = [*(e.name for e in system.elements), *(f.label for f in system.flows)]
    said += [*(a.name for a in system.assets), *(b.name for b in system.boundaries)]
    return _words(said)


def _written(model: ThreatModel) -> frozenset[str]:
    """The words of the threats: whoever uses one of them has made no slip."""
    said = [t.title for t in model.threats] + [t.statement.text() for t in model.threats]
    return _words(said) | stop_words() | load_speech().idle | load_speech().asking


def _words(texts: Iterable[str]) -> frozenset[str]:
    found = {t.word for text in texts for t in tokens(text) if t.is_word}
    return frozenset(found | {singular(w) for w in found})


def _meant(word: str, known: frozenset[str]) -> str:
    """The one word that it can be a slip of; the word itself when there is none, or more than one."""
    lower = word.lower()
    if len(lower) < _SWAPPED or not lower.isascii() or not lower.isalpha() or lower in stop_words():
        return word
    if lower in known or singular(lower) in known:
        return word
    many = lower.endswith("s") and not lower.endswith("ss")
    nearby = [w for w in known if w[0] == lower[0] and abs(len(w) - len(lower)) <= _FURTHEST]
    found = {w for w in nearby if _near(lower, w)}
    found = found or {f"{w}s" for w in nearby if many and _near(lower[:-1], w)}
    found = {singular(w) for w in found} if len(found) > 1 else found
    return found.pop() if len(found) == 1 else word


def _near(word: str, known: str) -> bool:
    """Whether one slip between the first letter and the end makes the one word the other."""
    if abs(len(word) - len(known)) > 1 or len(known) < _SWAPPED:
        return False
    at = next((i for i, (a, b) in enumerate(zip(word, known, strict=False)) if a != b), -1)
    if at < 0:
        return False
    if len(word) == len(known) and word[at : at + 2] == known[at : at + 2][::-1]:
        return word[at + 2 :] == known[at + 2 :]
    if min(len(word), len(known)) < _SHORTEST or word[-1] != known[-1]:
        return False
    if len(word) == len(known):
        return word[at + 1 :] == known[at + 1 :]
    longer, shorter = (word, known) if len(word) > len(known) else (known, word)
    return longer[at + 1 :] == shorter[at:]
