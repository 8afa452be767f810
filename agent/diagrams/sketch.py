"""The sketch: what every reader draws up, and how a SystemFragment is made of it.

A reader knows its format; the sketch knows what a node, an arrow and a frame mean: the kind of an element,
its technologies, identifiers, boundaries with their members, limits. So all formats mean the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from agent.diagrams.labels import lines_of
from agent.diagrams.wire import Wire
from agent.domain.system import (
    Asset,
    Assumption,
    Control,
    Evidence,
    EvidenceKind,
    Exposure,
    Fact,
    SystemFragment,
)
from agent.errors import TooLarge

MAX_ELEMENTS = 5_000
MAX_FLOWS = 20_000
MAX_DEPTH = 100
"""How deep frames, brackets and tags may nest."""

SMALLER = "Send the part of the system that you want reviewed as a diagram of its own."


class Shape(StrEnum):
    """What a drawn shape says about the kind."""

    PLAIN = "plain"
    """Nothing: the label decides."""
    ROUND = "round"
    """A process, unless the label names something else."""
    PROCESS = "process"
    STORE = "store"
    PERSON = "person"
    OUTSIDE = "outside"
    """Drawn as an external entity."""
    TERMINAL = "terminal"
    """Where a flow begins or ends: somebody outside, unless the label or the diagram says otherwise."""


@dataclass
class Node:
    """Something drawn that becomes an element."""

    key: str
    """The format's own identifier."""
    label: str
    shape: Shape = Shape.PLAIN
    icons: tuple[str, ...] = ()
    stereotypes: tuple[str, ...] = ()
    """Words that say outright what it is: stereotypes, the technology field of C4."""
    hints: tuple[str, ...] = ()
    """Words that may say what it is, such as the name of a style class; heard when nothing else speaks."""
    group: str | None = None
    """The key of the innermost frame around it."""
    description: str = ""
    quote: str = ""
    """What is quoted as evidence; the label when empty."""
    controls: tuple[Control, ...] = ()
    exposure: Exposure = Exposure.UNKNOWN
    assets: tuple[str, ...] = ()
    """Ids of the sketch's assets that it holds or handles."""


@dataclass
class Group:
    """A frame that becomes a boundary."""

    key: str
    label: str
    parent: str | None = None


@dataclass
class Edge:
    """An arrow that becomes a flow (two when it points both ways)."""

    source: str
    target: str
    label: str = ""
    both: bool = False
    directed: bool = True
    """False for a plain line: its direction is a guess."""
    wire: Wire | None = None
    """What the format says about the wire in fields of its own; the label decides what it leaves unknown."""
    controls: tuple[Control, ...] = ()
    public: bool = False
    """Whether the format says that it crosses a public network."""
    assets: tuple[str, ...] = ()


@dataclass
class Sketch:
    """What a reader found, in reading order."""

    source: str
    """The file's name."""
    format: str
    title: str = ""
    nodes: dict[str, Node] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    assets: list[Asset] = field(default_factory=list)
    assumptions: list[Assumption] = field(default_factory=list)
    """Their targets are keys of nodes, until the fragment is made."""
    warnings: list[str] = field(default_factory=list)
    text: str = ""

    def node(self, node: Node) -> Node:
        """Take up a node; the first one of its key stays. TooLarge over `MAX_ELEMENTS`."""
        kept = self.nodes.setdefault(node.key, node)
        if len(self.nodes) > MAX_ELEMENTS:
            raise TooLarge(self.source, f"it shows more than {MAX_ELEMENTS:,} elements", SMALLER)
        return kept

    def group(self, group: Group) -> Group:
        """Take up a frame; the first one of its key stays. TooLarge over `MAX_ELEMENTS`."""
        kept = self.groups.setdefault(group.key, group)
        if len(self.groups) > MAX_ELEMENTS:
            raise TooLarge(self.source, f"it shows more than {MAX_ELEMENTS:,} frames", SMALLER)
        return kept

    def edge(self, edge: Edge) -> Edge:
        """Take up an arrow. TooLarge over `MAX_FLOWS`."""
        self.edges.append(edge)
        if len(self.edges) > MAX_FLOWS:
            raise TooLarge(self.source, f"it shows more than {MAX_FLOWS:,} arrows", SMALLER)
        return edge

    def warn(self, sentence: str) -> None:
        """Say once, with the file's name in front, what could not be taken over."""
        warning = f"{self.source}: {sentence}"
        if warning not in self.warnings:
            self.warnings.append(warning)

    def quote(self, text: str) -> Evidence:
        """The text as evidence from this diagram."""
        return Evidence(kind=EvidenceKind.DIAGRAM, quote=text, source=self.source)

    def fragment(self) -> SystemFragment:
        """Elements, flows and boundaries as the sketch means them."""
        from agent.diagrams.sketch_fragment import fragment_of

        return fragment_of(self)


@lru_cache(maxsize=16_384)
def one_line(label: str) -> str:
    """A label as one line, free of markup."""
    return " ".join(lines_of(label).split())
