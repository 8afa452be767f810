"""What a control is said of when the sentence's subject is no part of the system."""

from __future__ import annotations

import pytest

from agent.diagrams.prose import read_prose
from agent.domain.system import Known
from agent.understanding.understand import understand


def said(text: str) -> set[tuple[str, str]]:
    """What the text states, with what it is about, other than about data."""
    return {(f.about, f.fact) for f in read_prose(text).facts if not f.fact.startswith("data:")}


TRAMS = (
    "Passengers buy tickets in the tram app. The tram app sends bookings to the fare service. "
    "The depot console sends switch commands to the fare service. "
)


class TestSubjects:
    """Who is credited with a control."""

    @pytest.mark.parametrize(
        ("text", "about"),
        [
            ("Telecommands are authenticated with a MAC.", "Telecommands"),
            ("Switch commands are always authenticated.", None),
            ("All timetables are encrypted in transit with TLS.", "timetables"),
            ("Timetables are encrypted in transit.", "Timetables"),
            ("Punch cards are rate limited.", "Punch cards"),
        ],
    )
    def test_a_subject_that_is_no_part_is_not_the_whole_system(self, text: str, about: str | None) -> None:
        """What is said of something that no part is called after is said of that, not of every entry."""
        found = {a for a, _ in said(text)}
        assert "" not in found
        assert about is None or found == {about}

    @pytest.mark.parametrize(
        "text",
        [
            "All traffic is encrypted in transit.",
            "Requests are authenticated.",
            "API calls are rate limited.",
            "Every request is authenticated.",
            "All communication is encrypted with TLS.",
            "Data is encrypted at rest.",
            "Customer data is encrypted at rest.",
            "Everything is encrypted in transit.",
            "Network connections are encrypted with TLS.",
        ],
    )
    def test_words_for_the_whole_speak_of_the_whole(self, text: str) -> None:
        """Traffic, requests and the like are what the whole system takes in."""
        assert {a for a, _ in said(text)} == {""}

    def test_nothing_else_is_credited(self) -> None:
        """An unknown subject protects no flow that carries something else."""
        system = understand("Trams", [], read_prose(TRAMS + "Timetables are authenticated with a MAC."))
        assert {f.authenticated for f in system.flows} == {Known.UNKNOWN}
        assert any("Timetables" in a.text for a in system.assumptions)

    def test_the_flow_that_carries_it_is_credited(self) -> None:
        """What a flow is said to carry singles that flow out."""
        system = understand("Trams", [], read_prose(TRAMS + "Switch commands are authenticated with a MAC."))
        assert {f.label: f.authenticated for f in system.flows if f.label.startswith("sends")} == {
            "sends bookings": Known.UNKNOWN,
            "sends switch commands": Known.YES,
        }

    @pytest.mark.parametrize(
        ("stores", "said"), [("a database", True), ("a database and in an archive", False)]
    )
    def test_data_lies_in_the_only_store(self, stores: str, said: bool) -> None:  # noqa: FBT001 - a table
        """Encryption of some data is that of the only store, and of none when there are several."""
        text = f"The tram app stores bookings in {stores}. Invoices are encrypted at rest."
        system = understand("Trams", [], read_prose(text))
        assert any(c.name == "encryption_at_rest" for e in system.elements for c in e.controls) is said
