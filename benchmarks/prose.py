"""How near component lists are read: elements, flows and boundary members against their data-flow diagrams.

Run `python -m benchmarks.prose DIRECTORY`, where each folder below DIRECTORY may hold a `system.md` (the
text) beside a `dfd.json` (nodes with id and name, flows with source and target, boundaries with members).
Folders without both are skipped, and so is a directory that is not there.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.diagrams.prose import read_prose
from agent.domain.system import SystemFragment
from agent.naming import key

COLUMNS = ("system", "elements", "P", "R", "flows", "P", "R", "members", "P", "R", "facts", "ms")
ROW = "{:<44} {:>8} {:>5} {:>5} {:>6} {:>5} {:>5} {:>7} {:>5} {:>5} {:>6} {:>6}"


@dataclass(frozen=True)
class Score:
    """How much of what is there was read, and how much of what was read is there."""

    expected: int
    read: int
    hits: int

    @property
    def precision(self) -> float:
        """Share of what was read that is there; 1 when nothing was read."""
        return self.hits / self.read if self.read else 1.0

    @property
    def recall(self) -> float:
        """Share of what is there that was read; 1 when nothing is there."""
        return self.hits / self.expected if self.expected else 1.0


def compare(expected: Iterable[object], read: Iterable[object]) -> Score:
    """The score of what was read against what is there, each thing as often as it stands."""
    there, got = Counter(expected), Counter(read)
    return Score(sum(there.values()), sum(got.values()), sum((there & got).values()))


def systems(root: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The name, text and diagram of every folder that has both."""
    for diagram in sorted(root.rglob("dfd.json")):
        text = diagram.with_name("system.md")
        if text.exists():
            yield text.parent.name, text.read_text("utf-8"), json.loads(diagram.read_text("utf-8"))


def drawn(diagram: dict[str, Any]) -> tuple[set[str], list[tuple[str, str]], set[tuple[str, str]]]:
    """The names of nodes, the ends of flows and the members of named boundaries in a diagram."""
    names = {n["id"]: key(n["name"]) for n in diagram["nodes"]}
    flows = [
        (names[f["source"]], names[f["target"]])
        for f in diagram["flows"]
        if {f["source"], f["target"]} <= set(names)
    ]
    members = {
        (key(b["name"]), names[m])
        for b in diagram.get("boundaries", [])
        if b["name"]
        for m in b["members"]
        if m in names
    }
    return set(names.values()), flows, members


def told(fragment: SystemFragment) -> tuple[set[str], list[tuple[str, str]], set[tuple[str, str]]]:
    """The same of what prose reading found."""
    names = {e.id: key(e.name) for e in fragment.elements}
    flows = [(names[f.source], names[f.target]) for f in fragment.flows]
    members = {(key(b.name), names[m]) for b in fragment.boundaries for m in b.members}
    return set(names.values()), flows, members


def main(root: Path | None = None) -> None:
    """Print the table; nothing without a folder."""
    if root is None or not root.is_dir():
        print("left out: give --eval DIR")
        return
    print(ROW.format(*COLUMNS))
    for name, text, diagram in systems(root):
        start = time.perf_counter()
        fragment = read_prose(text)
        spent = (time.perf_counter() - start) * 1000
        there, read = drawn(diagram), told(fragment)
        scores = [compare(there[0], read[0]), compare(there[1], read[1]), compare(there[2], read[2])]
        cells = [c for s in scores for c in (s.expected, f"{s.precision:.2f}", f"{s.recall:.2f}")]
        print(ROW.format(name[:44], *cells, len(fragment.facts), f"{spent:.0f}"))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
