"""The OWASP Top Ten lists as their Markdown pages: web, API and LLM."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from knowledge.corpora.clean import joined, plain
from knowledge.corpora.starter import address
from knowledge.passages import Passage

_TITLE = re.compile(r"^#+\s*((?:A|API|LLM)\d{1,2}:20\d\d)\s*[–—-]?\s*(.+)$", re.MULTILINE)
_HEADING = re.compile(r"^(#{1,6})\s*(.+?)\s*$", re.MULTILINE)
_LEFT_OUT = re.compile(
    r"score table|factors|reference|example|scenario|mapped cwe|threat agents|background|overview|framework",
    re.IGNORECASE,
)
"""Sections without what the risk is or what stops it."""

_CITED = re.compile(r"\bCWE-\d+\b")


def read(files: Mapping[str, bytes]) -> Iterator[Passage]:
    """A passage a page; a page without a risk's heading is passed over."""
    for path in sorted(files):
        text = files[path].decode("utf-8")
        title = _TITLE.search(text)
        if title is not None:
            yield _passage(title.group(1), plain(title.group(2)), text[title.end() :], text)


def _passage(id_: str, title: str, body: str, whole: str) -> Passage:
    return Passage(
        id=id_,
        source="owasp",
        kind="risk",
        title=title,
        text=joined(*_sections(body)),
        url=address("owasp", id_),
        related=tuple(dict.fromkeys(_CITED.findall(whole))),
    )


def _sections(body: str) -> Iterator[str]:
    """What stands under each wanted heading; one that is left out takes its sub-headings along."""
    headings = list(_HEADING.finditer(body))
    first = headings[0].start() if headings else len(body)
    if "|" not in body[:first]:  # the API list opens with a table of ratings
        yield body[:first]
    out_at = 0
    for heading, following in zip(headings, [*headings[1:], None], strict=True):
        level = len(heading.group(1))
        if out_at and level > out_at:
            continue
        out_at = level if _LEFT_OUT.search(heading.group(2)) else 0
        if not out_at:
            yield body[heading.end() : following.start() if following else len(body)]
