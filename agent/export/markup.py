"""Markdown in which text of strangers is only text: no mark-up, no HTML, no link comes out of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from agent.domain.text import one_line

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_MARKS = re.compile(r"[\\`*_{}\[\]#|~!^$&<>]")
_START = re.compile(r"^([-+=]|\d{1,9}(?=[.)]))")
_LINKS = re.compile(r"://|www\.", re.IGNORECASE)
_URL = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?(?:/[A-Za-z0-9._~/%#?=&:+,;@-]*)?")


def text(value: str, empty: str = "–") -> str:
    """The value as plain text on one line of Markdown; `empty` when it says nothing."""
    plain = _MARKS.sub(lambda m: _ENTITIES.get(m[0], "\\" + m[0]), one_line(value))
    plain = _START.sub(lambda m: m[0] + "\\" if m[0].isdigit() else "\\" + m[0], plain)
    return _LINKS.sub(lambda m: m[0].replace("://", ":&#47;/").replace(".", "&#46;"), plain) or empty


def link(label: str, url: str) -> str:
    """A link when the address is a plain one, the label alone otherwise."""
    return f"[{text(label)}](<{url}>)" if _URL.fullmatch(url) else text(label)


def heading(level: int, title: str) -> list[str]:
    """A heading and the blank line after it; the title stands as it is."""
    return [f"{'#' * level} {title}", ""]


def bullets(entries: Iterable[str]) -> list[str]:
    """A list and the blank line after it; nothing when there are no entries. Entries stand as they are."""
    found = [f"- {entry}" for entry in entries]
    return [*found, ""] if found else []


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table and the blank line after it; nothing when there are no rows. Cells stand as they are."""
    found = [f"| {' | '.join(row)} |" for row in rows]
    if not found:
        return []
    return [f"| {' | '.join(head)} |", f"|{'|'.join(['---'] * len(head))}|", *found, ""]


def part(title: str, body: Sequence[str], level: int = 2) -> list[str]:
    """A headed part of a document; nothing when it has no body."""
    return [*heading(level, title), *body] if body else []
