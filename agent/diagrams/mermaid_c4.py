"""Mermaid's C4 diagrams: Context, Container, Component, Dynamic and Deployment."""

from __future__ import annotations

import re

from agent.diagrams.c4 import C4, read_call
from agent.diagrams.labels import mermaid_entities
from agent.diagrams.sketch import Sketch
from agent.errors import UnreadableFile

_CALL = re.compile(r"(?P<name>[A-Za-z]\w*)\s*\(")
_TITLE = re.compile(r"title[^\S\n]+(?P<title>[^\n]+)")
_GAP = re.compile(r"[\s;]*")
_BRACE = re.compile(r"\s*\{")
_LINE = re.compile(r"[^\n]*")
_STYLE = re.compile(r"(?:Update|Lay|Add)\w*|RelIndex_?Reset")
_KNOWN = re.compile(r"(?:accTitle|accDescr|direction|title|showPersonPortrait)\b")
_MOST_NAMED = 10
_MOST_UNREAD = 200


def read_c4(text: str, at: int, sketch: Sketch) -> None:
    """Draw the C4 diagram whose keyword ends at `at` into the sketch."""
    _Reader(text, at, sketch).read()


class _Reader:
    def __init__(self, text: str, at: int, sketch: Sketch) -> None:
        self._text = mermaid_entities(text)
        self._at = at
        self._sketch = sketch
        self._c4 = C4(sketch)
        self._unread = 0

    def read(self) -> None:
        """Call after call, to the end."""
        while self._go_past(_GAP) and self._at < len(self._text):
            if self._text[self._at] in "{}":
                self._brace()
            elif title := _TITLE.match(self._text, self._at):
                self._sketch.title = self._sketch.title or title["title"].strip()
                self._at = title.end()
            else:
                self._call()

    def _brace(self) -> None:
        if self._text[self._at] == "}":
            self._c4.close()
        else:
            self._c4.open(None)
        self._at += 1

    def _call(self) -> None:
        match = _CALL.match(self._text, self._at)
        found = read_call(self._text, match.end(), match["name"]) if match else None
        if found is None:
            self._skip_line()
            return
        call, self._at = found
        drawn = bool(_STYLE.fullmatch(call.name)) or self._c4.draws(call)
        if not drawn:
            self._name_unread(f"{call.name}(…)")
        brace = _BRACE.match(self._text, self._at)
        if brace:
            self._at = brace.end()
            key = call.get(0, "alias")
            self._c4.open(key if key in self._sketch.groups else None)

    def _skip_line(self) -> None:
        line = _LINE.match(self._text, self._at)
        said = line[0].strip() if line else ""
        self._at = max(line.end() if line else 0, self._at + 1)
        if not _KNOWN.match(said):
            self._name_unread(said[:60])

    def _name_unread(self, said: str) -> None:
        self._unread += 1
        if self._unread > _MOST_UNREAD:
            raise UnreadableFile(
                self._sketch.source,
                f"more than {_MOST_UNREAD} of its statements are not those of a C4 diagram",
                "Check that it opens in a Mermaid editor and send it again.",
            )
        if self._unread <= _MOST_NAMED:
            self._sketch.warn(f'"{said}" is no statement of a C4 diagram and was left out.')

    def _go_past(self, pattern: re.Pattern[str]) -> bool:
        match = pattern.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return True
