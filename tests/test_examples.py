"""The examples can be read, and where two diagrams show one system they show the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.diagrams.base import SourceFile
from agent.diagrams.registry import read_file
from agent.domain.system import SystemFragment

EXAMPLES = Path(__file__).parent.parent / "examples"
SIZES = {
    "web-shop/shop.mmd": 3,
    "ev-charging/charging.mmd": 16,
    "ev-charging/charging.drawio": 16,
    "support-agent/assistant.mmd": 20,
    "threatbot/threatbot.mmd": 14,
    "payments-platform/payments.mmd": 50,
    "payments-platform/payments.drawio": 50,
}


def _read(path: str) -> SystemFragment:
    file = EXAMPLES / path
    return read_file(SourceFile(file.name, file.read_bytes()))


def _facts(found: SystemFragment) -> tuple[set[object], set[object], set[object]]:
    names = {e.id: e.name for e in found.elements}
    elements: set[object] = {(e.name, e.kind, e.zone) for e in found.elements}
    flows: set[object] = {(names[f.source], names[f.target], f.label) for f in found.flows}
    return elements, flows, {(b.name, frozenset(names[m] for m in b.members)) for b in found.boundaries}


@pytest.mark.parametrize("path", SIZES)
def test_an_example_is_read_whole(path: str) -> None:
    """Every element that is drawn is found, and nothing had to be left out."""
    found = _read(path)
    assert len(found.elements) == SIZES[path]
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ev-charging/charging.mmd", "ev-charging/charging.drawio"),
        ("payments-platform/payments.mmd", "payments-platform/payments.drawio"),
    ],
)
def test_two_diagrams_of_one_system_say_the_same(one: str, other: str) -> None:
    """Elements with kind and zone, flows with their labels and boundaries with their members agree."""
    assert _facts(_read(one)) == _facts(_read(other))


def test_every_example_has_a_description_and_a_line_in_the_list() -> None:
    """Each folder holds description.md and stands in README.md with the number of its elements."""
    listed = (EXAMPLES / "README.md").read_text()
    folders = sorted(p.name for p in EXAMPLES.iterdir() if p.is_dir())
    assert len(folders) >= 5
    for folder in folders:
        assert (EXAMPLES / folder / "description.md").read_text().startswith("# ")
        assert f"| `{folder}` |" in listed
    for path, size in SIZES.items():
        row = next(line for line in listed.splitlines() if f"| `{path.split('/')[0]}` |" in line)
        assert f"| {size} |" in row
