"""Words of a name, label or sentence, ready to be looked up: no regular expression comes from data."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[a-z0-9]+")
_LONGEST = 3
_WHOLE = frozenset(
    {
        "https",
        "ldaps",
        "imaps",
        "smtps",
        "ftps",
        "amqps",
        "mqtts",
        "mtls",
        "dtls",
        "redis",
        "kubernetes",
        "news",
    }
)


def words(text: str) -> tuple[str, ...]:
    """The words in lower case and singular: "ordersQueue v2" gives ("order", "queue", "v2")."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return tuple(_singular(w) for w in _WORD.findall(_CAMEL.sub(" ", plain).lower()))


def _singular(word: str) -> str:
    if len(word) < 4 or word in _WHOLE or word.endswith(("ss", "us", "is")):  # noqa: PLR2004 - "bus", "gas"
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word.removesuffix("s")


@lru_cache(maxsize=65536)
def grams(text: str) -> frozenset[str]:
    """Every run of one to three words in the text, each joined by a space."""
    found = words(text)
    return frozenset(
        " ".join(found[i : i + n]) for n in range(1, _LONGEST + 1) for i in range(len(found) - n + 1)
    )


@lru_cache(maxsize=16384)
def stated(sentence: str) -> frozenset[str]:
    """The grams of a sentence that it does not deny.

    Words soon after "no", "not", "never" or "without" count only together with that word: "tokens are never
    stored" states "never stored", not "stored".
    """
    found = words(sentence)
    denied = {n for i, w in enumerate(found) if w in _DENYING for n in range(i + 1, i + 1 + _DENIED)}
    return frozenset(
        " ".join(found[i : i + n])
        for n in range(1, _LONGEST + 1)
        for i in range(len(found) - n + 1)
        if i not in denied or found[i] in _DENYING
    )


_DENYING = frozenset({"no", "not", "never", "without", "cannot", "nor"})
_DENIED = 4


def phrase(text: str) -> str:
    """The form under which `grams` holds the phrase; "" when it has no word or more than three."""
    found = words(text)
    return " ".join(found) if len(found) <= _LONGEST else ""


def listed(names: tuple[str, ...] | list[str], most: int = 3, last: str = "and") -> str:
    """The names as a person lists them: "a, b and c", or "a, b, c and 4 more" when there are many."""
    unique = tuple(dict.fromkeys(names))
    if len(unique) > most + 1:
        unique = (*unique[:most], f"{len(unique) - most} more")
        last = "and"
    if len(unique) <= 1:
        return "".join(unique)
    return ", ".join(unique[:-1]) + f" {last} " + unique[-1]
