"""The sketch: identifiers, frames, pages, and what its parts of the label readers promise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.diagrams.base import SourceFile
from agent.diagrams.labels import MAX_LABEL, lines_of
from agent.diagrams.records import read_record
from agent.diagrams.sketch import Edge, Group, Node, Shape, Sketch
from agent.diagrams.sketch_fragment import Names
from agent.diagrams.sketch_pages import merge
from agent.diagrams.stereotypes import meaning_of
from agent.diagrams.trees import yaml_of
from agent.domain.system import Known
from agent.errors import TooLarge
from tests.agent.diagrams.drawn import arrows, inside, kinds


def drawn(*nodes: Node, groups: tuple[Group, ...] = (), edges: tuple[Edge, ...] = ()) -> Sketch:
    """A sketch of these parts."""
    sketch = Sketch("a.txt", "test")
    for group in groups:
        sketch.group(group)
    for node in nodes:
        sketch.node(node)
    for edge in edges:
        sketch.edge(edge)
    return sketch


@given(st.lists(st.sampled_from(["a", "a-2", "a-2-2", "b", "a-3"]), max_size=30))
def test_names_are_given_once(wanted: list[str]) -> None:
    """Whatever is asked for, no name is given twice, and the first who asks gets it."""
    names = Names()
    given_names = [names.give(w) for w in wanted]
    assert len(set(given_names)) == len(given_names)
    assert given_names[:1] == wanted[:1]


def test_frames_that_go_in_circles() -> None:
    """Frames that are each other's parents are cut apart, and every member is kept."""
    sketch = drawn(
        Node("n", "Till", group="a"),
        groups=(Group("a", "A", "b"), Group("b", "B", "c"), Group("c", "C", "a"), Group("d", "D", "d")),
    )
    assert "Till" in inside(sketch.fragment())["A"]


def test_frames_that_nest_too_deep() -> None:
    """More than a hundred levels of frames are refused."""
    groups = tuple(Group(str(n), f"G{n}", str(n - 1) if n else None) for n in range(150))
    with pytest.raises(TooLarge):
        drawn(Node("n", "Till", group="149"), groups=groups).fragment()


def test_frames_without_a_name_or_without_members() -> None:
    """A nameless frame gets a name; an empty one is named in a warning and left out."""
    sketch = drawn(
        Node("n", "Till", group="a"),
        Node("m", "Tray", group="b"),
        groups=(Group("a", ""), Group("b", " "), Group("c", "Empty")),
    )
    fragment = sketch.fragment()
    assert inside(fragment) == {"Unnamed boundary": {"Till"}, "Unnamed boundary 2": {"Tray"}}
    assert any('"Empty"' in w for w in fragment.warnings)


def test_pages_join_by_name_and_keep_doubles() -> None:
    """One name on two pages is one element; a name twice on one page stays two."""
    first = drawn(Node("1", "Till"), Node("2", "Tray"), edges=(Edge("1", "2", "coins"),))
    second = drawn(
        Node("1", "till"),
        Node("2", "Box"),
        Node("3", "Box"),
        Node("4", "Tray"),
        edges=(Edge("1", "2"), Edge("1", "4", "coins")),
    )
    fragment = merge([first, second]).fragment()
    assert [e.name for e in fragment.elements] == ["Till", "Tray", "Box", "Box"]
    assert arrows(fragment) == ["Till -> Tray: coins", "Till -> Box"]


def test_hints_speak_when_nothing_else_does() -> None:
    """A style class names the kind of a plain box only where its label does not."""
    sketch = drawn(
        Node("a", "Zork", hints=("queue",)),
        Node("b", "Zork DB", hints=("customer",)),
        Node("c", "Zork", Shape.PROCESS, hints=("queue",)),
    )
    assert [e.kind.value for e in sketch.fragment().elements] == ["data_store", "data_store", "process"]


def test_a_label_of_markup_alone_falls_back_to_the_key() -> None:
    """An element always has a name."""
    assert kinds(drawn(Node("till", "<b></b>"), Node("", "")).fragment()) == {
        "till": "process",
        "Unnamed element": "process",
    }


@given(st.text(max_size=600))
def test_labels_are_clean(text: str) -> None:
    """No control characters, no doubled spaces, no empty lines, never too long; cleaning twice is once."""
    clean = lines_of(text)
    assert len(clean) <= MAX_LABEL
    assert "  " not in clean
    assert "\n\n" not in clean
    assert not any(c < " " and c != "\n" for c in clean)


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Order<br/>service", "Order\nservice"),
        ("Fish &amp; chips", "Fish & chips"),
        ("&lt;b&gt;bold&lt;/b&gt;", "bold"),
        ("a < b and c > d", "a < b and c > d"),
        ("right\u202eto left", "rightto left"),
        ("x" * 1000, "x" * 299 + "…"),
    ],
)
def test_labels(label: str, name: str) -> None:
    """Markup, entities and invisible marks go; what a person would read stays."""
    assert lines_of(label) == name


def test_records() -> None:
    """A label of many lines is taken apart into name, stereotypes, technologies and the rest."""
    record = read_record("Service: till --internal--\nMessage Broker: Kafka\nPort: 9092\nPassword: x")
    assert (record.name, record.shape, record.stereotypes) == ("till", Shape.ROUND, ("internal",))
    assert record.technologies == ("Kafka",)
    assert record.rest == "Message Broker: Kafka\nPort: 9092"


def test_stereotypes() -> None:
    """Stereotypes are found however they are spelled; unknown ones mean nothing here."""
    meaning = meaning_of("Circuit_Breaker")
    assert meaning is not None
    assert list(meaning.controls.values()) == [Known.YES]
    assert meaning_of("blue") is None


def test_yaml_scalars() -> None:
    """Plain words of truth and emptiness are values; quoted ones and numbers stay text."""
    tree = yaml_of(
        SourceFile("a", b"a: yes\nb: 'yes'\nc: ~\nd: 012\ne: [1, off]\nf: |\n  x\n---\nsecond: 1\n")
    )
    assert tree == {"a": True, "b": "yes", "c": None, "d": "012", "e": ["1", False], "f": "x\n"}
