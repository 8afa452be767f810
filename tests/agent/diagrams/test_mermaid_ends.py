"""Nodes with round ends in Mermaid flowcharts: who stands outside though no word of the label says so."""

from __future__ import annotations

from agent.diagrams.base import SourceFile
from agent.diagrams.registry import read_file
from agent.domain.system import ElementKind

EXTERNAL, PROCESS, STORE = ElementKind.EXTERNAL_ENTITY, ElementKind.PROCESS, ElementKind.DATA_STORE


def kinds(*lines: str) -> dict[str, ElementKind]:
    """The kinds that a flowchart of these lines has, by name."""
    text = "flowchart LR\n" + "\n".join(lines)
    read = read_file(SourceFile(name="ends.mmd", content=text.encode()))
    return {e.name: e.kind for e in read.elements}


def test_an_unknown_end_that_only_sends_stands_outside() -> None:
    """Nobody calls an angler or a warden: they are people, whatever their names are."""
    found = kinds("a([Angler]) --> s[Permit site]", "w([Warden]) --> d[Warden desk]", "s --> api[API]")
    assert found == {
        "Angler": EXTERNAL,
        "Permit site": PROCESS,
        "Warden": EXTERNAL,
        "Warden desk": PROCESS,
        "API": PROCESS,
    }


def test_an_end_that_is_known_stays_what_it_is() -> None:
    """A label that names a process or a store decides."""
    found = kinds("a([Orders API]) --> b([Orders database])")
    assert found == {"Orders API": PROCESS, "Orders database": STORE}


def test_an_unknown_end_in_the_middle_stays_a_process() -> None:
    """What others call and what calls on is a part of ours, however it is drawn."""
    found = kinds("a([Visitor]) --> b([Tariff maker]) --> c[(Tariffs database)]")
    assert found["Tariff maker"] is PROCESS


def test_where_outsiders_are_ends_and_ours_is_framed_an_unknown_end_stands_outside() -> None:
    """A payroll bureau that is drawn like the visitor, outside of our frame, is somebody else's."""
    found = kinds(
        "v([Visitor]) --> s",
        "subgraph ours [Our cloud]",
        "s[Shop] --> d[(Orders database)]",
        "end",
        "s --> r([Payroll bureau])",
    )
    assert found["Payroll bureau"] is EXTERNAL
    assert found["Shop"] is PROCESS
