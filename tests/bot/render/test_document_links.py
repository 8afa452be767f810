"""Where an answer may link when it cites a company document: to that document, or to nothing."""

from __future__ import annotations

import pytest

from bot.render.answer import answer
from tests.bot.render import reader

BASE = "https://wiki.example.com/security"
LABEL = "company:access.md#1 · Access standard · Sessions"


def shown(url: str, base: str) -> tuple[list[str], str]:
    """Links and text of an answer with this one source."""
    message = answer(["Twenty minutes."], [(LABEL, url)], "", documents=base)
    return reader.links(message.blocks), reader.text(message.blocks)


@pytest.mark.parametrize("base", [BASE, f"{BASE}/", "https://wiki.example.com:8443/s"])
def test_a_document_is_linked_below_the_base(base: str) -> None:
    """The address of a file below the base is a link, behind the source's name."""
    url = f"{base.rstrip('/')}/guides/a%20b.md"
    links, text = shown(url, base)
    assert links == [url]
    assert LABEL in text


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://evil.example/security/a.md",
        "https://wiki.example.com/other/a.md",
        "https://wiki.example.com/security",
        "https://wiki.example.com/security.evil.example/a.md",
        "https://wiki.example.com/security/../admin",
        "https://wiki.example.com/security/a/./b",
        "https://wiki.example.com/security//evil.example",
        "http://wiki.example.com/security/a.md",
        "https://wiki.example.com/security/a b.md",
        f"{BASE}/{'a' * 600}.md",
    ],
)
def test_everything_else_is_named_without_a_link(url: str) -> None:
    """Another host, another folder, a way out of it, another scheme: the name stands there alone."""
    assert shown(url, BASE) == ([], f"Twenty minutes.\n\nSources: {LABEL}")


def test_without_a_base_no_document_is_linked() -> None:
    """Nothing is said where documents are: a document's address is no link, a catalogue's still is."""
    assert shown(f"{BASE}/a.md", "")[0] == []
    assert shown("https://cwe.mitre.org/data/definitions/306.html", "")[0] != []
