"""Publishers' texts as plain sentences: without mark-up, citations and images."""

from __future__ import annotations

import re

LONGEST = 4000
"""Characters of a passage; what comes later is cut at a sentence."""

_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_NOTE = re.compile(r"\(Citation: [^)]*\)|\[REF-\d+\]|\{:[^}]*\}")
_TAG = re.compile(r"<[^>]*>")
_RULE = re.compile(r"^[\s|:=-]+$", re.MULTILINE)
_SPACED = re.compile(r" ([.,;:!?)])(?= |$)")
_MARK = re.compile(r"^\s*(?:[-*>]|\d+\.)\s+|[*`|]+|^#+\s*", re.MULTILINE)


def plain(text: str) -> str:
    """The text in one line: Markdown, HTML and citation marks are gone, links keep their words."""
    for pattern, instead in (
        (_IMAGE, " "),
        (_LINK, r"\1"),
        (_NOTE, " "),
        (_TAG, " "),
        (_RULE, " "),
        (_MARK, " "),
    ):
        text = pattern.sub(instead, text)
    return _SPACED.sub(r"\1", " ".join(text.split()))


def cut(text: str, longest: int = LONGEST) -> str:
    """The text, ended after the last whole sentence that fits."""
    if len(text) <= longest:
        return text
    end = text.rfind(". ", 0, longest)
    return text[: end + 1] if end > 0 else text[:longest]


def joined(*parts: str) -> str:
    """The parts that say something, as one passage's text."""
    return cut(" ".join(p for p in map(plain, parts) if p))
