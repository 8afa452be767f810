"""What texts say of boxes that a diagram draws without a word on what they are."""

from __future__ import annotations

import pytest

from agent.diagrams.base import SourceFile
from agent.diagrams.prose import read_prose
from agent.diagrams.registry import read_file
from agent.domain.system import Element, ElementKind, Known, System
from agent.understanding import understand

DRAWN = """flowchart LR
  zorb[Zorbler] --> desk[Filing portal]
  desk --> db[(Case database)]
  desk -->|nightly| quill[Quillery]
  x[Signer] --> desk
  desk --> x
"""


def told(text: str) -> System:
    """The drawing with this description."""
    drawn = read_file(SourceFile("court.mmd", DRAWN.encode()))
    return understand("court", [drawn], read_prose(text))


def element(system: System, name: str) -> Element:
    """The element of this name."""
    return next(e for e in system.elements if e.name == name)


@pytest.mark.parametrize(
    "text",
    [
        "Zorblers sign in with a password.",
        "Every Zorbler must log in before noon.",
        "Zorblers need a smart card.",
        "Zorblers have accounts of their own.",
    ],
)
def test_who_signs_in_as_people_do_is_a_person(text: str) -> None:
    """A word that no list knows is a person once a text has it sign in."""
    found = element(told(text), "Zorbler")
    assert (found.kind, found.assumed) == (ElementKind.EXTERNAL_ENTITY, False)
    assert "end-user" in found.technologies


@pytest.mark.parametrize("text", ["Letters go to an external Quillery.", "We use a third-party Quillery."])
def test_who_is_called_external_is_outside(text: str) -> None:
    """The adjective is enough, and makes nobody a person."""
    found = element(told(text), "Quillery")
    assert (found.kind, found.assumed) == (ElementKind.EXTERNAL_ENTITY, False)
    assert "end-user" not in found.technologies


@pytest.mark.parametrize(
    "text", ["Zorblers are counted each night.", "The signer signs what it is given.", ""]
)
def test_what_programs_do_makes_no_person(text: str) -> None:
    """Nothing changes where no sentence says what people do or who is external."""
    system = told(text)
    assert {element(system, name).kind for name in ("Zorbler", "Quillery", "Signer")} == {ElementKind.PROCESS}


def test_what_is_sent_to_a_stranger_in_the_clear_is_heard_of_the_flow() -> None:
    """A sentence about who only receives speaks of what it is sent."""
    system = told("What is printed goes to an external Quillery by FTP without encryption.")
    desk, quill = (element(system, name).id for name in ("Filing portal", "Quillery"))
    (flow,) = [f for f in system.flows if (f.source, f.target) == (desk, quill)]
    assert flow.encrypted is Known.NO


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("Tapes are not encrypted.", ("control:encryption_at_rest", "no")),
        ("Backups are written to tapes that are not encrypted.", ("control:encryption_at_rest", "no")),
        ("Files are stored without encryption.", ("control:encryption_at_rest", "no")),
        ("Letters go out by FTP.", ("control:transport_encryption", "no")),
        ("Readings are sent without encryption.", ("control:transport_encryption", "no")),
    ],
)
def test_missing_encryption_is_heard(text: str, fact: tuple[str, str]) -> None:
    """In the words that people use for it."""
    assert fact in {(f.fact, f.value) for f in read_prose(text).facts}


def test_a_clause_about_the_last_noun_denies_nothing_else() -> None:
    """That tapes are not encrypted does not say that there is no backup."""
    facts = read_prose("Backups are written to tapes that are not encrypted.").facts
    assert ("control:backup", "no") not in {(f.fact, f.value) for f in facts}


def test_people_use_a_store_by_way_of_what_they_are_drawn_at() -> None:
    """No arrow past the application is made of a sentence, unless it says that they go there directly."""
    drawing = "flowchart LR\n u[Customer] --> a[Web app] --> s[(Picture store)]\n"
    drawn = read_file(SourceFile("a.mmd", drawing.encode()))
    said = "Customers upload pictures to the picture store."
    for text, flows in ((said, 2), (said.replace("upload", "directly upload"), 3)):
        assert len(understand("a", [drawn], read_prose(text)).flows) == flows, text
