from __future__ import annotations

from pathlib import Path

import pytest

from agent.domain.threat import Severity, Stride
from agent.errors import InputError
from agent.evaluation.systems import load_systems
from tests.agent.evaluation.made import reference, write_system

_DFD = {
    "nodes": [{"id": "a", "name": "Garden\nphone"}, {"id": "b", "name": "Valve"}],
    "flows": [
        {"id": "f", "source": "a", "target": "b", "name": "open"},
        {"id": "g", "source": "b", "target": "a", "name": ""},
    ],
}


def test_a_system_is_its_description_diagrams_and_references(tmp_path: Path) -> None:
    """What is given to an analyst is the description and the diagram; the references stand apart."""
    said = reference("R1", "Anyone opens the valve.", "Denial of Service", "Valve", "High")
    write_system(tmp_path, "greenhouse", [said], diagram="flowchart LR\n a --> b", dfd=_DFD)
    (system,) = load_systems(tmp_path)
    assert (system.name, system.title) == ("greenhouse", "Greenhouse")
    assert system.files == (("diagram.mmd", b"flowchart LR\n a --> b"),)
    (found,) = system.references
    assert found.stride == (Stride.DENIAL_OF_SERVICE,)
    assert (found.id, found.component, found.severity) == ("R1", "Valve", Severity.HIGH)


def test_listed_places_are_the_diagrams_elements_and_flows(tmp_path: Path) -> None:
    """A flow without a label is known by its ends; line breaks in names are spaces."""
    write_system(tmp_path, "greenhouse", [], dfd=_DFD)
    (system,) = load_systems(tmp_path)
    assert [(p.name, p.elements) for p in system.listed] == [
        ("Garden phone", ("Garden phone",)),
        ("Valve", ("Valve",)),
        ("open", ("Garden phone", "Valve")),
        ("Valve → Garden phone", ("Valve", "Garden phone")),
    ]


def test_what_a_reference_does_not_say_stays_empty(tmp_path: Path) -> None:
    """No category, component or severity of our scale means none, not a guess."""
    write_system(tmp_path, "greenhouse", [reference("R1", "It floods.", "Linkability", None, "Notable")])
    ((found,),) = (s.references for s in load_systems(tmp_path))
    assert (found.stride, found.component, found.severity) == ((), "", None)


def test_only_folders_with_both_files_are_systems(tmp_path: Path) -> None:
    """A folder without references is passed over, and systems come by name."""
    write_system(tmp_path, "b", [])
    write_system(tmp_path, "a", [], description="no heading")
    (tmp_path / "notes").mkdir()
    assert [(s.name, s.title) for s in load_systems(tmp_path)] == [("a", "a"), ("b", "Greenhouse")]


@pytest.mark.parametrize("name", ["missing", "."])
def test_a_folder_without_systems_is_refused(tmp_path: Path, name: str) -> None:
    """A wrong path is said, with what belongs there."""
    with pytest.raises(InputError, match="evaluation system"):
        load_systems(tmp_path / name)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("threats.json", "not json"),
        ("threats.json", '[{"statement": "no id"}]'),
        ("threats.json", "[1]"),
        ("dfd.json", '{"nodes": [{"id": "a", "name": "A"}], "flows": [{"source": "a", "target": "z"}]}'),
        ("dfd.json", "[]"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, file: str, content: str) -> None:
    """A file that is not what it should be ends the reading, by its name."""
    (write_system(tmp_path, "greenhouse", []) / file).write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=file):
        load_systems(tmp_path)
