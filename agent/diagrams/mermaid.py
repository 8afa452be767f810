"""Mermaid: what all its diagrams share, and which of them are read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from agent.diagrams.base import SourceFile
from agent.diagrams.mermaid_architecture import read_architecture
from agent.diagrams.mermaid_c4 import read_c4
from agent.diagrams.mermaid_flowchart import read_flowchart
from agent.diagrams.mermaid_sequence import read_sequence
from agent.diagrams.sketch import Sketch
from agent.domain.system import SystemFragment
from agent.errors import UnsupportedFormat

_FRONT_MATTER = re.compile(r"\A\s*---[^\S\n]*\n(?P<yaml>(?:(?!---)[^\n]*\n)*?)---[^\S\n]*(?:\n|\Z)")
_TITLE = re.compile(r"^title:[^\S\n]*(?P<title>[^\n]+)$", re.MULTILINE)
_DIRECTIVE = re.compile(r"%%\{(?:[^}%]|\}(?!%%)|%(?!%))*\}%%")
_COMMENT = re.compile(r"(?:^|(?<=\s))%%[^\n]*", re.MULTILINE)
_KEYWORD = re.compile(
    r"\s*(?P<word>[A-Za-z][\w-]*)"
    r"(?=[^\S\n]*(?:(?:TB|TD|BT|RL|LR|showData|horizontal)\b[^\n]*|title\b[^\n]*|[<>^v])?(?:[;\n:](?!\s*\{)|\Z))"
)
"""A keyword stands alone on its line, or with a direction or a title: prose may start with "graph", too."""
_HEAD = 20_000
"""Characters in which the keyword must stand."""

Parse = Callable[[str, int, Sketch], None]
"""Takes the text, where its keyword ends, and the sketch to draw into."""

_READ: Mapping[str, Parse] = {
    "flowchart": read_flowchart,
    "graph": read_flowchart,
    "flowchart-elk": read_flowchart,
    "architecture-beta": read_architecture,
    "architecture": read_architecture,
    "sequenceDiagram": read_sequence,
    "C4Context": read_c4,
    "C4Container": read_c4,
    "C4Component": read_c4,
    "C4Dynamic": read_c4,
    "C4Deployment": read_c4,
}
_OTHERS = {
    "classDiagram": "a class diagram",
    "classDiagram-v2": "a class diagram",
    "stateDiagram": "a state diagram",
    "stateDiagram-v2": "a state diagram",
    "erDiagram": "an entity-relationship diagram",
    "gantt": "a Gantt chart",
    "pie": "a pie chart",
    "journey": "a user journey",
    "mindmap": "a mind map",
    "gitGraph": "a Git graph",
    "timeline": "a timeline",
    "quadrantChart": "a quadrant chart",
    "requirementDiagram": "a requirement diagram",
    "sankey-beta": "a Sankey diagram",
    "xychart-beta": "a chart",
    "block-beta": "a block diagram",
    "block": "a block diagram",
    "packet-beta": "a packet diagram",
    "kanban": "a kanban board",
    "zenuml": "a ZenUML diagram",
    "radar-beta": "a radar chart",
    "treemap-beta": "a treemap",
}
_INSTEAD = (
    "Send a Mermaid flowchart: its nodes become elements, its arrows flows and its subgraphs boundaries."
)


class Mermaid:
    """Reads Mermaid text, by the keyword that it starts with."""

    name = "mermaid"

    def recognises(self, file: SourceFile) -> bool:
        """Whether the text starts, after front matter and comments, with a keyword of Mermaid."""
        keyword = _keyword(_stripped(file.text[:_HEAD]))
        return keyword in _READ or keyword in _OTHERS

    def read(self, file: SourceFile) -> SystemFragment:
        """The diagram; UnsupportedFormat when it is one that shows no system."""
        return self.sketch(file).fragment()

    def sketch(self, file: SourceFile) -> Sketch:
        """The diagram as a sketch, for those that hold several."""
        text = _stripped(file.text)
        keyword = _keyword(text)
        if keyword not in _READ:
            what = _OTHERS.get(keyword, "no diagram that I know")
            raise UnsupportedFormat(
                file.name, f"it is {what} in Mermaid, which shows no data flows", _INSTEAD
            )
        sketch = Sketch(source=file.name, format=self.name, title=_title(file.text))
        _READ[keyword](text, text.index(keyword) + len(keyword), sketch)
        return sketch


def _title(text: str) -> str:
    front = _FRONT_MATTER.match(text[:_HEAD].replace("\r\n", "\n"))
    title = _TITLE.search(front["yaml"]) if front else None
    return title["title"].strip().strip("\"'") if title else ""


def _stripped(text: str) -> str:
    """The text with front matter, directives and comments blanked out; lines keep their numbers."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _FRONT_MATTER.sub(_blank, text, count=1)
    if "%%" not in text:
        return text
    return _COMMENT.sub("", _DIRECTIVE.sub(_blank, text))


def _blank(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")


def _keyword(text: str) -> str:
    match = _KEYWORD.match(text)
    return match["word"] if match else ""
