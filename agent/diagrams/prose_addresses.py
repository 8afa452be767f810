"""Hosts, paths and shorthand of a developer's notes, put so that the words around them are read."""

from __future__ import annotations

import re

_SHORT_WITH = re.compile(r"(?<!\S)w/(?=\s|\w)(?!o\b)\s*")
_SHORT_WITHOUT = re.compile(r"(?<!\S)w/o\b\s*")
_ADDRESS = re.compile(
    r"(?<![\w./-])(?P<own>[A-Za-z][\w-]*)(?:\.[\w-]+)*\.[a-z]{2,12}(?::\d{2,5})?(?=[\s,;)]|\.?$)"
)
_NUMBERS = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?:[:/]\d{1,5})?(?![\w.])")
_SHARE = re.compile(r"(?<!\S)\\\\(?P<host>[\w-]+)(?:[.\\][^\s,;)]*)?")
_PATH = re.compile(r"(?<![\w/<.~])~?/(?:[\w.@-]+/)*(?P<last>[\w.@<>{}:*-]+)/?(?=[\s,;)]|\.?$)")
_SCRIPT = re.compile(r"\.(?:sh|py|pl|rb|ps1|bat|jar|exe)$")
_LABELS = 3
"""Parts of an address from which on it is a host and no name such as "Next.js"."""


def without_addresses(text: str) -> str:
    """The text with hosts by their first name, scripts by theirs, and other paths left out.

    "mdm-db01.corp.example.net:3306" is "mdm-db01", "/opt/bin/export.sh" is "export.sh"; "/hooks/mail" says
    where somebody calls, and not whom.
    """
    if not any(mark in text for mark in ("/", "\\", ".")):
        return text
    text = _SHORT_WITHOUT.sub("without ", _SHORT_WITH.sub("with ", text))
    text = _SHARE.sub(lambda m: f"{m['host']} file share", text)
    text = _PATH.sub(_file, text)
    text = _NUMBERS.sub("", text)
    return _ADDRESS.sub(_host, text)


def _file(match: re.Match[str]) -> str:
    """The name of a script, as people say it; nothing for any other path."""
    name, script, _ = _SCRIPT.sub("|", match["last"]).partition("|")
    return f"the {name} script" if script and name else ""


def _host(match: re.Match[str]) -> str:
    labels = match.group().partition(":")[0].split(".")
    return match["own"] if len(labels) >= _LABELS and all(labels) else match.group()
