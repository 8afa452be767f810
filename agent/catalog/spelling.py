"""Misspelt names: a long, distinctive word with one letter wrong is taken for what it can only mean.

One letter wrong, missing, too many, or two neighbours swapped (Damerau, 1964). The first letter and the last
two must be right, so that no ending of a word makes another word of it.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib import resources

from agent.catalog.reading import read_yaml
from agent.errors import CatalogError

FILE = "spelling.yaml"
_SHORTEST = 7
"""Letters of a word that may be misspelt; one letter of a shorter word makes another word too easily."""
_WORD = re.compile(r"[^\W\d_]+")


def mended(label: str) -> str:
    """The label with its misspelt words put right, capitals kept."""
    return _WORD.sub(lambda match: _mended(match.group()), label)


def mends(label: str) -> tuple[tuple[str, str], ...]:
    """Each misspelt word of the label with the word that it is taken for."""
    found = ((word, _mended(word)) for word in _WORD.findall(label))
    return tuple((wrong, right) for wrong, right in found if wrong != right)


@lru_cache(maxsize=16384)
def _mended(word: str) -> str:
    if len(word) < _SHORTEST - 1 or not word.isascii():
        return word
    lower = word.lower()
    ending = "s" if lower.endswith("s") and lower not in _words() else ""
    stem = lower.removesuffix("s") if ending else lower
    if stem in _words():
        return word
    meant = [known for known in _words() if _one_apart(stem, known)]
    if len(meant) != 1:
        return word
    right = meant[0] + ending
    return right.upper() if word.isupper() else right.capitalize() if word[0].isupper() else right


def _one_apart(word: str, known: str) -> bool:
    """Whether one edit between the first letter and the last two makes the one word the other."""
    if abs(len(word) - len(known)) > 1 or word[0] != known[0] or word[-2:] != known[-2:]:
        return False
    at = next((i for i, (a, b) in enumerate(zip(word, known, strict=False)) if a != b), -1)
    if at < 0:
        return len(word) != len(known)
    if len(word) == len(known):
        swapped = word[at : at + 2] == known[at : at + 2][::-1] and word[at + 2 :] == known[at + 2 :]
        return swapped or word[at + 1 :] == known[at + 1 :]
    longer, shorter = (word, known) if len(word) > len(known) else (known, word)
    return longer[at + 1 :] == shorter[at:]


@cache
def _words() -> frozenset[str]:
    return parse_spelling(resources.files("agent.catalog").joinpath(FILE).read_text(encoding="utf-8"))


def parse_spelling(text: str) -> frozenset[str]:
    """The words of the table; CatalogError when one is short or no plain word."""
    raw = read_yaml(text)
    if not isinstance(raw, dict) or set(raw) != {"words"} or not isinstance(raw["words"], list):
        raise CatalogError(f"{FILE}: needs one part, words, with a list.")
    for word in raw["words"]:
        if not isinstance(word, str) or len(word) < _SHORTEST or not re.fullmatch(r"[a-z]+", word):
            raise CatalogError(f"{FILE}: {word!r} is no plain word of at least {_SHORTEST} letters.")
    return frozenset(raw["words"])
