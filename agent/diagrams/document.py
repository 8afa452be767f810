"""Plain text and Markdown: prose for evidence and retrieval, with the diagrams in its code fences."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from agent.diagrams.base import SourceFile
from agent.diagrams.dot import Dot
from agent.diagrams.mermaid import Mermaid
from agent.diagrams.plantuml import PlantUml
from agent.diagrams.sketch import Sketch
from agent.diagrams.sketch_pages import merge
from agent.domain.system import SystemFragment
from agent.errors import InputError

_FENCE = re.compile(r"[ \t]{0,12}(?P<fence>`{3,}|~{3,}|:{3,})[ \t]*\{?\.?(?P<language>[\w-]*)")
_HEADING = re.compile(r"^#[ \t]+(?P<title>[^\n#]+)", re.MULTILINE)
_LANGUAGES: Mapping[str, Callable[[SourceFile], Sketch]] = {
    "mermaid": Mermaid().sketch,
    "plantuml": PlantUml().sketch,
    "puml": PlantUml().sketch,
    "dot": Dot().sketch,
    "graphviz": Dot().sketch,
}
_MOST_DIAGRAMS = 50
_LOOKED_AT = 20_000
_MOST_CONTROLS = 0.02
"""The share of control characters above which a file is no text."""


@dataclass
class _Parts:
    """A document taken apart."""

    prose: list[str] = field(default_factory=list)
    diagrams: list[tuple[str, str]] = field(default_factory=list)
    """Language and text of each."""


class Document:
    """Reads prose; diagrams in fences (```mermaid, ```plantuml, ```dot) are read and leave the text."""

    name = "document"

    def recognises(self, file: SourceFile) -> bool:
        """Whether it is text that a person could read."""
        head = file.text[:_LOOKED_AT]
        strange = sum(1 for c in head if (c < " " and c not in "\t\n\r\f") or c == "\ufffd")
        return bool(head.strip()) and strange <= _MOST_CONTROLS * len(head)

    def read(self, file: SourceFile) -> SystemFragment:
        """The text, with what its fences show; a fence that cannot be read is named in a warning."""
        parts = _taken_apart(file.text)
        prose = "\n".join(parts.prose).strip()
        whole = _drawn(file, parts.diagrams)
        heading = _HEADING.search(prose)
        if heading:
            whole.title = heading["title"].strip()
        whole.format = self.name
        whole.text = "\n\n".join(t for t in (prose, whole.text) if t)
        return whole.fragment()


def _drawn(file: SourceFile, diagrams: list[tuple[str, str]]) -> Sketch:
    sketches: list[Sketch] = [Sketch(source=file.name, format="")]
    for number, (language, diagram) in enumerate(diagrams[:_MOST_DIAGRAMS], 1):
        try:
            sketches.append(_LANGUAGES[language](SourceFile(file.name, diagram.encode())))
        except InputError as error:
            sketches[0].warnings.append(f"{file.name}, diagram {number}: {error.message}")
    if len(diagrams) > _MOST_DIAGRAMS:
        sketches[0].warn(f"only its first {_MOST_DIAGRAMS} diagrams were read.")
    return merge(sketches)


def _taken_apart(text: str) -> _Parts:
    """Line by line: what stands in a fence of a diagram's language, and the rest."""
    parts = _Parts()
    fence = language = ""
    diagram: list[str] | None = None
    for line in text.replace("\r\n", "\n").split("\n"):
        opened = _FENCE.match(line)
        if diagram is not None:
            if opened and opened["fence"].startswith(fence) and not opened["language"]:
                parts.diagrams.append((language, "\n".join(diagram)))
                diagram = None
            else:
                diagram.append(line)
        elif opened and opened["language"].lower() in _LANGUAGES:
            fence, language, diagram = opened["fence"], opened["language"].lower(), []
        else:
            parts.prose.append(line)
    if diagram is not None:
        parts.diagrams.append((language, "\n".join(diagram)))
    return parts
