"""The progress message from the first word to the outcome."""

from __future__ import annotations

import pytest

from agent.domain.model import Progress, RunState, Stage
from bot.render import actions as act
from bot.render.progress import TITLES, progress
from bot.render.routing import Route
from tests.bot.render import reader

ROUTE = Route("tm-lockers", 1)
EVENTS = [
    Progress(stage=Stage.READ, detail="lockers.mmd"),
    Progress(stage=Stage.UNDERSTAND, detail="4 elements, 3 flows"),
    Progress(stage=Stage.FIND, detail="Cloud", threats=3),
    Progress(stage=Stage.FIND, detail="Street", threats=5),
]


def test_a_running_run_shows_where_it_is() -> None:
    """The title counts threats; stages passed are complete with their fact, the current one is under way."""
    message = progress("Parcel lockers", ROUTE, EVENTS)
    assert reader.text(message.blocks).splitlines() == [
        "Reading Parcel lockers · 5 threats so far",
        "complete: Read the files · lockers.mmd",
        "complete: Understand the system · 4 elements, 3 flows",
        "complete: Look up what is known",
        "in_progress: Look for threats · Street",
        "pending: Join what says the same",
        "pending: Rate them",
        "pending: Check the coverage",
        "pending: Write the summary",
    ]


@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.RUNNING])
def test_a_run_under_way_can_be_stopped(state: RunState) -> None:
    """One Stop button, which leads to this very run."""
    (stop,) = reader.controls(progress("Parcel lockers", ROUTE, EVENTS, state).blocks)
    assert (stop["action_id"], reader.route(stop)) == (act.STOP, ROUTE)


@pytest.mark.parametrize(
    ("state", "title"),
    [
        (RunState.DONE, "Read in 2.1 s: 5 threats"),
        (RunState.STOPPED, "Stopped in 2.1 s: 5 threats until then"),
        (RunState.FAILED, "Failed in 2.1 s: the store is away"),
    ],
)
def test_the_last_form_names_the_outcome(state: RunState, title: str) -> None:
    """The title is what came of it, and there is nothing left to stop."""
    message = progress("Parcel lockers", ROUTE, EVENTS, state, seconds=2.14, reason="the store is away")
    assert reader.text(message.blocks).splitlines()[0] == title
    assert reader.controls(message.blocks) == []
    assert message.text == f"Parcel lockers: {title}"


def test_a_long_reason_stands_whole_below() -> None:
    """The title has room for its beginning; what to do about it stands at the end and is not lost."""
    reason = (
        f"I could not read a.vsdx: {'its pages are drawings that I do not know; ' * 4}Send it as draw.io."
    )
    text = reader.text(progress("P", ROUTE, EVENTS, RunState.FAILED, reason=reason).blocks)

    assert text.splitlines()[-1] == reason
    assert "…" in text.splitlines()[0]


def test_a_finished_run_leaves_no_stage_open() -> None:
    """Every stage of a run that is done is complete, one that had nothing to do as well."""
    lines = reader.text(progress("P", ROUTE, EVENTS, RunState.DONE).blocks).splitlines()[1:]
    assert all(line.startswith("complete: ") for line in lines)
    assert len(lines) == len(TITLES) == len(Stage)


@pytest.mark.parametrize(
    ("state", "words"), [(RunState.STOPPED, "stopped here"), (RunState.FAILED, "failed here")]
)
def test_a_run_that_broke_off_shows_where(state: RunState, words: str) -> None:
    """The stage it broke off in says so, the later ones stay open."""
    lines = reader.text(progress("P", ROUTE, EVENTS, state).blocks).splitlines()
    assert f"error: Look for threats · Street · {words}" in lines
    assert "pending: Rate them" in lines


def test_a_second_round_reopens_only_its_stage() -> None:
    """When review sends back to find, find is under way again and what came after it stays done."""
    round_two = [*EVENTS, Progress(stage=Stage.REVIEW, threats=5), Progress(stage=Stage.FIND, threats=6)]
    lines = reader.text(progress("P", ROUTE, round_two).blocks).splitlines()
    assert "in_progress: Look for threats" in lines
    assert "complete: Rate them" in lines
    assert "complete: Check the coverage" in lines


def test_a_run_that_waits_says_so() -> None:
    """Before the first event everything is open."""
    lines = reader.text(progress("Parcel lockers", ROUTE, [], RunState.QUEUED).blocks).splitlines()
    assert lines[0] == "Waiting to read Parcel lockers"
    assert all(line.startswith("pending: ") for line in lines[1:])


def test_without_plan_blocks_the_same_is_said_in_paragraphs() -> None:
    """The fallback has the title, a mark a stage, the facts and the Stop button, and no plan block."""
    message = progress("Parcel lockers", ROUTE, EVENTS, plan=False)
    lines = reader.text(message.blocks).splitlines()
    assert lines[0] == "Reading Parcel lockers · 5 threats so far"
    assert "✓ Read the files · lockers.mmd" in lines
    assert "⏳ Look for threats · Street" in lines
    assert "○ Rate them" in lines
    assert {b["type"] for b in message.blocks} == {"rich_text", "actions"}


def test_the_end_tells_what_is_left_without_repetitions() -> None:
    """Found in several areas, threats are fewer once joined: the last form says the number of the list."""
    events = [*EVENTS, Progress(stage=Stage.MERGE, threats=4), Progress(stage=Stage.SUMMARISE, threats=4)]
    running = progress("Parcel lockers", ROUTE, events)
    done = progress("Parcel lockers", ROUTE, events, RunState.DONE, seconds=2.0)

    assert "5 threats so far" in running.text
    assert done.text == "Parcel lockers: Read in 2.0 s: 4 threats"
