"""PlantUML: component, deployment, use case and sequence diagrams, C4, icon libraries, DOT inside."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.diagrams.base import SourceFile
from agent.diagrams.dot import START, draw_dot
from agent.diagrams.plantuml_block import draw_block
from agent.diagrams.sketch import Sketch
from agent.diagrams.sketch_pages import merge
from agent.domain.system import SystemFragment
from agent.errors import UnreadableFile, UnsupportedFormat

_START = re.compile(r"^[^\S\n]*@start(?P<kind>\w+)[^\n]*$", re.MULTILINE)
_END = re.compile(r"^[^\S\n]*@end\w+", re.MULTILINE)
_BARE = re.compile(r"\s*(?:'[^\n]*\n\s*)*(?:!include\s+\S*C4|skinparam\s)", re.IGNORECASE)
_COMMENT = re.compile(r"(?:^|(?<=\s))/'", re.MULTILINE)
_GRAPH = re.compile(r"^[^\S\n]*(?:strict\s+)?(?:di)?graph\b[^\n{]*\{", re.MULTILINE | re.IGNORECASE)
_READ = frozenset({"uml", "c4", "dot"})
_MOST_BLOCKS = 100
_HEAD = 20_000
_INSTEAD = "Send a component, deployment, C4 or sequence diagram."


class PlantUml:
    """Reads .puml files; several diagrams in one file are one system."""

    name = "plantuml"

    def recognises(self, file: SourceFile) -> bool:
        """Whether @startuml or another of PlantUML's starts stands in it."""
        head = file.text[:_HEAD]
        return _START.search(head) is not None or _BARE.match(head) is not None

    def read(self, file: SourceFile) -> SystemFragment:
        """The system in it; UnsupportedFormat when it draws something else, such as a mind map."""
        return self.sketch(file).fragment()

    def sketch(self, file: SourceFile) -> Sketch:
        """Its diagrams as one sketch, for those that hold several."""
        sketches: list[Sketch] = []
        for kind, block in _blocks(file.text.replace("\r\n", "\n")):
            if kind not in _READ:
                raise UnsupportedFormat(file.name, f"it draws a PlantUML {kind} diagram", _INSTEAD)
            if len(sketches) == _MOST_BLOCKS:
                sketches[0].warn(f"only its first {_MOST_BLOCKS} diagrams were read.")
                break
            sketches.append(_drawn(block, Sketch(file.name, self.name)))
        if not sketches:
            raise UnreadableFile(file.name, "it starts a PlantUML diagram and draws nothing", _INSTEAD)
        return merge(sketches)


def _drawn(block: str, sketch: Sketch) -> Sketch:
    graph = _GRAPH.search(block)
    if graph and START.match(block, graph.start()):
        draw_dot(block[graph.start() :], sketch)
    else:
        draw_block(_without_comments(block), sketch)
    return sketch


def _without_comments(block: str) -> str:
    """The text without its block comments, which start after a space; one that never ends is no comment."""
    kept, at = list[str](), 0
    while start := _COMMENT.search(block, at):
        end = block.find("'/", start.end())
        if end < 0:
            break
        kept.append(block[at : start.start()])
        at = end + 2
    return "".join((*kept, block[at:]))


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Each diagram's kind and text; a text without a start is one diagram."""
    starts = list(_START.finditer(text))
    if not starts:
        yield "uml", text
    for start, following in zip(starts, [*starts[1:], None], strict=True):
        end = _END.search(text, start.end(), following.start() if following else len(text))
        limit = following.start() if following else len(text)
        yield start["kind"].lower(), text[start.end() : end.start() if end else limit]
