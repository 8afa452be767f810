"""A model's words as plain text: no link, no mention, no markup, nothing that nobody can see."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Any

import yaml

from agent.analysts.filled.fence import visible

LINK = "[link removed]"
_FULL_WIDTH = str.maketrans({0xFF00 + ord(c) - 0x20: c for c in "<>@#!/:.|"} | {"\u3002": "."})
"""Forms of the same signs that some programs take for them."""
_SCHEME = re.compile(r"(?i)\b[a-z][a-z0-9+.-]{1,15}\s?:\s?//\S*")
_BARE_SCHEME = re.compile(r"(?i)\b(?:mailto|javascript|vbscript|tel|sms|slack|file|data(?=:[a-z]+/)):\S+")
_WWW = re.compile(r"(?i)\bwww\.\S+")
_MARKDOWN = re.compile(r"!?\[([^\]\n]{0,300})\]\([^)\n]{0,2000}\)?")
_CONTROL = re.compile(r"<\s*[@#!][^>\s]*>?")
_MENTION = re.compile(r"(?<![\w.])@(?=\w)|@(?=(?:channel|here|everyone)\b)")
_MARKUP = str.maketrans({"<": "‹", ">": "›", "`": "'"})


class Plain:
    """Cleans a model's words; `removed` counts links and mentions taken out.

    Args:
        names: the system's own names; an address that is one of them may stand.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = frozenset(w.lower() for name in names for w in name.split() if "." in w)
        self.removed = 0

    def line(self, text: str, limit: int) -> str:
        """One line of plain text, at most `limit` characters, cut at a word; may be empty."""
        return shortened(" ".join(self.text(text).split()), limit)

    def text(self, text: str) -> str:
        """The text as it was, line ends included, without links, mentions and markup."""
        text = visible(text).translate(_FULL_WIDTH).replace("->", "→")
        text = self._out(_CONTROL, "", text)
        text = self._out(_MARKDOWN, r"\1", text)
        for pattern in (_SCHEME, _BARE_SCHEME, _WWW):
            text = self._out(pattern, LINK, text)
        text = _address().sub(self._address, text).replace("://", ": ")
        return self._out(_MENTION, "", text).translate(_MARKUP)

    def _out(self, pattern: re.Pattern[str], instead: str, text: str) -> str:
        text, count = pattern.subn(instead, text)
        self.removed += count
        return text

    def _address(self, match: re.Match[str]) -> str:
        if match.group().lower() in self._names:
            return match.group()
        self.removed += 1
        return LINK


def shortened(text: str, limit: int) -> str:
    """The text, or as many whole words of it as fit with an ellipsis."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[limit // 2 :] else cut).rstrip(" ,;:") + "…"


@cache
def _address() -> re.Pattern[str]:
    text = resources.files("agent.analysts.filled").joinpath("plain.yaml").read_text(encoding="utf-8")
    raw: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))  # noqa: S506 - builds nothing but text
    endings = "|".join(sorted(raw["endings"]))
    return re.compile(rf"(?i)(?<![\w.-])(?:[\w.+-]+@)?(?:[\w-]+\.)+(?:{endings})(?![\w-])(?:[/?:#]\S*)?")
