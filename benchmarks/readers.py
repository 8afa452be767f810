"""How exactly diagrams are read: elements, flows and members against the data-flow diagrams beside them.

Run `python -m benchmarks.readers [DIRECTORY]`. Each folder below DIRECTORY that holds a `dfd.json` (nodes
with id and name, flows with source and target, boundaries with members) may hold diagrams of the same system
beside it or in a folder `source`.

Names are compared as sets, without case and line breaks: an element drawn on two pages is one element.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.diagrams.base import SourceFile
from agent.diagrams.registry import read_file
from agent.domain.system import SystemFragment
from agent.errors import UnreadableFile

DIAGRAMS = ("diagram.*", "source/*.puml*", "source/threat-dragon.json", "source/*.drawio", "source/*.dot")
COLUMNS = ("format", "files", "elements P", "R", "flows P", "R", "members P", "R", "seconds", "other names")
ROW = "{:<16} {:>6} {:>11} {:>6} {:>8} {:>6} {:>10} {:>6} {:>8} {:>12}"
SAME_SYSTEM = 0.8
"""Share of names in common below which a diagram shows another cut of the system than its dfd.json."""


@dataclass
class Tally:
    """Hits over all files of a format."""

    expected: int = 0
    read: int = 0
    hits: int = 0

    def add(self, expected: set[Any], read: set[Any]) -> None:
        """Count one file."""
        self.expected += len(expected)
        self.read += len(read)
        self.hits += len(expected & read)

    def shown(self) -> tuple[str, str]:
        """Precision and recall; a dash where there is nothing to read."""
        precision = f"{self.hits / self.read:.3f}" if self.read else "–"
        return precision, f"{self.hits / self.expected:.3f}" if self.expected else "–"


@dataclass
class Line:
    """One format of the table."""

    files: int = 0
    others: int = 0
    """Files that show another cut of the system; counted nowhere else."""
    seconds: float = 0.0
    elements: Tally = field(default_factory=Tally)
    flows: Tally = field(default_factory=Tally)
    members: Tally = field(default_factory=Tally)


@dataclass(frozen=True)
class Drawn:
    """What a diagram shows, by names."""

    elements: set[str]
    flows: set[tuple[str, str]]
    members: set[tuple[str, str]]


def main(directory: Path | None = None) -> None:
    """Print the table; a line instead when there is nothing to measure."""
    if directory is None or not directory.is_dir():
        print("left out: give --eval DIR")
        return
    lines: dict[str, Line] = {}
    for path, expected in systems(directory):
        measure(path, expected, lines)
    print(ROW.format(*COLUMNS))
    for name, line in sorted(lines.items()):
        scores = (*line.elements.shown(), *line.flows.shown(), *line.members.shown())
        print(ROW.format(name, line.files, *scores, f"{line.seconds:.3f}", line.others))


def systems(root: Path) -> Iterator[tuple[Path, Drawn]]:
    """Every diagram with what the dfd.json beside it says."""
    for described in sorted(root.rglob("dfd.json")):
        if described.parent.name == "source":
            continue
        expected = from_json(json.loads(described.read_text("utf-8")))
        for pattern in DIAGRAMS:
            for path in sorted(described.parent.glob(pattern)):
                yield path, expected


def measure(path: Path, expected: Drawn, lines: dict[str, Line]) -> None:
    """Read one diagram and count it under its format."""
    start = time.perf_counter()
    try:
        fragment = read_file(SourceFile(path.name, path.read_bytes()))
    except UnreadableFile as error:
        print(f"{path}: {error.message}")
        return
    line = lines.setdefault(fragment.format, Line())
    line.seconds += time.perf_counter() - start
    read = from_fragment(fragment)
    if len(expected.elements & read.elements) < SAME_SYSTEM * min(len(expected.elements), len(read.elements)):
        line.others += 1
        return
    line.files += 1
    line.elements.add(expected.elements, read.elements)
    line.flows.add(expected.flows, read.flows)
    if read.members:
        line.members.add(expected.members, read.members)


def plain(name: object) -> str:
    """A name without case and line breaks."""
    return " ".join(str(name or "").split()).casefold()


def from_json(diagram: dict[str, Any]) -> Drawn:
    """What a dfd.json says. A flow from an element to itself moves nothing and is not counted."""
    names = {node["id"]: plain(node["name"]) for node in diagram["nodes"]}
    flows = {(names.get(f["source"], ""), names.get(f["target"], "")) for f in diagram["flows"]}
    members = {
        (plain(b["name"]), names.get(member, "")) for b in diagram["boundaries"] for member in b["members"]
    }
    return Drawn(set(names.values()), {f for f in flows if f[0] != f[1]}, members)


def from_fragment(fragment: SystemFragment) -> Drawn:
    """What was read."""
    names = {e.id: plain(e.name) for e in fragment.elements}
    flows = {(names[f.source], names[f.target]) for f in fragment.flows}
    members = {(plain(b.name), names[m]) for b in fragment.boundaries for m in b.members}
    return Drawn(set(names.values()), flows, members)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
