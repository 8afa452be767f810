"""Who stands outside, where neither a shape nor a technology says so."""

from __future__ import annotations

import pytest

from agent.diagrams.base import SourceFile
from agent.diagrams.registry import read_file
from agent.domain.system import ElementKind

OURS = """
  subgraph Ours
    page[Portal] --> api[API] --> db[(Database)]
    api --> jobs[Worker]
  end
"""


def outside(drawing: str) -> dict[str, bool]:
    """Which of the elements stand outside, and whether that was guessed."""
    fragment = read_file(SourceFile("a.mmd", f"flowchart LR\n{drawing}".encode()))
    return {e.name: e.assumed for e in fragment.elements if e.kind is ElementKind.EXTERNAL_ENTITY}


def test_who_only_sends_from_beside_the_frames_is_outside() -> None:
    """A word that nobody knows is somebody who uses what the frames hold."""
    assert outside(f"{OURS} zorb[Zorbler] --> page") == {"Zorbler": True}


def test_who_is_sent_something_beside_the_frames_may_be_a_part() -> None:
    """What receives as well, or is drawn where nothing is framed, stays a process."""
    assert outside(f"{OURS} page --> zorb[Zorbler]") == {}
    assert outside("zorb[Zorbler] --> page[Portal] --> api[API] --> db[(Database)]") == {}


@pytest.mark.parametrize("frame", ["Internet", "Users", "External services", "Third parties", "The outside"])
def test_a_frame_says_that_those_in_it_are_outside(frame: str) -> None:
    """Whoever stands in a frame of that name is not ours, whatever the arrows do."""
    zone = f"subgraph z[{frame}]\n zorb[Zorbler]\n end\n"
    assert outside(f"{OURS}{zone} page --> zorb") == {"Zorbler": True}


@pytest.mark.parametrize("frame", ["Internet-facing", "User service", "Customer data", "Public subnet"])
def test_a_frame_of_ours_is_not_taken_for_one_of_strangers(frame: str) -> None:
    """What faces them, serves them or is about them is ours."""
    zone = f"subgraph z[{frame}]\n zorb[Zorbler]\n end\n"
    assert outside(f"{OURS}{zone} page --> zorb") == {}


def test_what_is_known_stays_what_it_is() -> None:
    """A name that says what it is counts more than where it is drawn."""
    assert outside(f"{OURS} cron[Cron job] --> api\n nightly[Report scheduler] --> db") == {}


@pytest.mark.parametrize(
    "person", ["Pet owner", "Vet", "Referee", "Beekeeper", "Shift leader", "Claimant", "Physiotherapist"]
)
def test_people_of_many_trades_are_people(person: str) -> None:
    """Their name is enough."""
    assert outside(f"a[{person}] --> b[Portal]") == {person: False}
