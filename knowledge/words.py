"""Words of a question or a passage, as the stores look for them."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_CATALOGUES = frozenset({"cwe", "capec", "asvs", "aml"})
"""What nearly every identifier of a catalogue begins with: as a word of its own it tells nothing."""

_IDENTIFIER = re.compile(
    r"(?:(?:CWE|CAPEC)-\d+|AML\.[TM]\d{4}(?:\.\d{3})?|[TM]\d{4}(?:\.\d{3})?|(?:API|LLM|A)\d{1,2}:20\d\d"
    r"|ASVS-\d+\.\d+\.\d+)\b"
)

_TOKEN = re.compile(r"[^\W_]+(?:[-.:][^\W_]+)*")


@cache
def stop_words() -> frozenset[str]:
    """English words that say nothing about what a text is about, lower case."""
    return frozenset(files("knowledge").joinpath("stop_words.txt").read_text(encoding="utf-8").split())


def terms(text: str, limit: int = 48) -> tuple[str, ...]:
    """The words of a text worth looking for, lower case, each once, in their order, at most `limit`.

    An identifier such as "CWE-345" or "API1:2023" stays whole; other joined words ("built-in") come apart.
    A text of stop words alone gives those, so that no question with a word in it is left unasked.
    """
    found: dict[str, None] = {}
    for token in _TOKEN.findall(text.lower()):
        found.update(dict.fromkeys(_parts(token)))
        if len(found) >= limit * 4:
            break
    wanted = [term for term in found if term not in stop_words()] or list(found)
    return tuple(wanted[:limit])


def _parts(token: str) -> list[str]:
    parts = re.split(r"[-.:]", token)
    if len(parts) > 1 and any(c.isdigit() for c in token):
        return [token, *(p for p in parts if not p.isdigit() and p not in _CATALOGUES)]
    return parts


def identifiers(text: str) -> tuple[str, ...]:
    """The catalogues' identifiers in a text, each once, in their order."""
    found = (
        match
        for match in _IDENTIFIER.finditer(text)
        if not text[max(0, match.start() - 1) : match.start()].isalnum()
    )
    return tuple(dict.fromkeys(match[0] for match in found))


def names_identifier(text: str) -> bool:
    """Whether a question opens with a catalogue's identifier, as the bridge's do: its words find it."""
    return _IDENTIFIER.match(text) is not None


def phrase(term: str) -> str:
    """The term as a quoted FTS5 string: matched as it stands, never read as query syntax."""
    return '"' + term.replace('"', '""') + '"'
