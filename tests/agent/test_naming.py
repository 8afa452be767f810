"""When two names mean the same element."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.naming import NameIndex, core, key, spoken

NAMES = [
    ("a", "Tickets API"),
    ("c", "Crew console"),
    ("d", "Guests DB"),
    ("w", "Web app"),
    ("s", "Web Server"),
    ("q", "print-queue"),
    ("m", "MySQL (Seats)"),
]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("diagram", "the system"),
        ("System Architecture v2", "the system"),
        ("untitled-1", "the system"),
        ("", "the system"),
        ("Threat model", "the system"),
        ("Ferry tickets", "Ferry tickets"),
        ("Tide system", "Tide system"),
    ],
)
def test_a_title_that_names_nothing_is_the_system(title: str, expected: str) -> None:
    """The name of a file such as "diagram" stands in no sentence as a name."""
    assert spoken(title) == expected


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("the Tickets API", ("a",)),
        ("ticketsApi", ("a",)),
        ("ticket service", ("a",)),
        ("API", ("a",)),
        ("console", ("c",)),
        ("our internal Tickets API", ("a",)),
        ("guest database", ("d",)),
        ("the database", ("d",)),
        ("Web application", ("w",)),
        ("web server", ("s",)),
        ("Print Queue", ("q",)),
        ("MySQL", ("m",)),
        ("guest queue", ()),
        ("seat map", ()),
        ("Tickets API database", ()),
        ("", ()),
    ],
)
def test_find(text: str, ids: tuple[str, ...]) -> None:
    """A text means the element whose words it says, and none when that is not clear."""
    assert NameIndex(NAMES).find(text) == ids


def test_several_are_meant_only_in_the_plural() -> None:
    """One word for two elements means both in the plural and neither in the singular."""
    index = NameIndex([("a", "Seats DB"), ("b", "Meals DB")])
    assert (index.find("databases"), index.find("database")) == (("a", "b"), ())


def test_an_alias_is_found_as_it_is_spelled() -> None:
    """Another spelling is known by itself, and its words do not spread."""
    index = NameIndex([("q", "Print queue")])
    index.alias("q", "Kafka cluster")
    assert (index.find("the Kafka cluster"), index.find("cluster"), index.find("printing queue")) == (
        ("q",),
        (),
        (),
    )


@settings(deadline=None)
@given(st.text(max_size=80))
def test_a_name_finds_itself(name: str) -> None:
    """Whatever a name is, its own text means it, as long as it has a word."""
    index = NameIndex([("x", name)])
    assert index.find(name) == (("x",) if key(name) else ())
    assert isinstance(core(name), tuple)
