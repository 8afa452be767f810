"""What a person reads of a channel's threat models."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agent.domain.states import Origin, RunState, Severity, Stage, ThreatStatus
from agent.domain.tally import Kind, ThreatTally
from agent.export import EXPORTS as WRITTEN
from bot.glance import Glance, RunGlance
from bot.render import actions as act
from bot.render.channel import DOING, asked, exported, listing, numbered, picking, question, status, under_way
from bot.render.formats import EXPORTS
from bot.render.limits import problems
from bot.render.message import Message
from bot.render.routing import Route, decode
from tests.bot.render import reader

WHO = "U0123ABCD"
AT = datetime(2026, 3, 4, 14, 2, tzinfo=UTC)
LINK = "https://acme.slack.com/archives/C1/p1700000000000100"


def a_tally(**waiting: int) -> ThreatTally:
    """Five threats that were accepted, and so many that wait, by severity."""
    kinds = [(Kind(Origin.RULES, "", ThreatStatus.ACCEPTED, Severity.HIGH), 5)]
    kinds += [(Kind(Origin.RULES, "", ThreatStatus.PROPOSED, Severity(s)), n) for s, n in waiting.items()]
    return ThreatTally(tuple(sorted(kinds)))


LOCKERS = Glance(
    id="tm-1",
    title="Parcel lockers",
    owner=WHO,
    created=AT,
    revision=2,
    tally=a_tally(critical=1, low=8),
)
DESK = Glance(id="tm-2", title="Desk", owner=WHO, created=AT)
DONE = replace(LOCKERS, id="tm-3", title="Badges", tally=a_tally())


def a_run(state: RunState, **more: object) -> RunGlance:
    """Lee's run for revision 3."""
    return replace(RunGlance(revision=3, by="U0LEE", created=AT, state=state), **more)  # type: ignore[arg-type]


def lines(message: Message) -> list[str]:
    """What can be read, line by line; the message passes every limit."""
    assert problems(message.post(), "message") == []
    return reader.text(message.blocks).splitlines()


def test_the_list_shows_each_model_in_a_line() -> None:
    """Title, revision, threats, what waits, what runs, day and owner; numbered, for the commands."""
    run, failed = a_run(RunState.RUNNING), a_run(RunState.FAILED)
    shown = listing([LOCKERS, DESK, replace(LOCKERS, title="Parcel", run=run), replace(DESK, run=failed)])

    assert lines(shown) == [
        "4 threat models, the latest first",
        f"• Parcel lockers · revision 2, 14 threats, 9 to review · 2026-03-04 by @{WHO}",
        f"• Desk · waits for a diagram · 2026-03-04 by @{WHO}",
        f"• Parcel · revision 2, 14 threats, 9 to review, revision 3 under way · 2026-03-04 by @{WHO}",
        f"• Desk · first revision failed · 2026-03-04 by @{WHO}",
    ]
    assert shown.blocks[0]["elements"][1]["style"] == "ordered"


@pytest.mark.parametrize(
    "link",
    ["https://evil.example/archives", "https://slack.com.evil.example/", "http://acme.slack.com/", ""],
)
def test_threads_of_slack_alone_are_linked(link: str) -> None:
    """A permalink of slack.com is a link; any other address is not shown."""
    for render in (listing, status):
        assert reader.links(render([replace(LOCKERS, link=link)]).blocks) == []
        assert reader.links(render([replace(LOCKERS, link=LINK)]).blocks) == [LINK]


@pytest.mark.parametrize("render", [listing, status])
def test_an_empty_channel_says_what_to_do(render: object) -> None:
    """None says how to start one."""
    assert callable(render)
    assert "/threatmodel new" in reader.text(render([]).blocks)


def test_a_full_list_says_that_it_is_the_latest_part() -> None:
    """Twenty are read, and there may be more."""
    assert lines(listing([LOCKERS] * 20))[0] == "The latest 20 threat models"


def test_status_is_what_is_to_be_done() -> None:
    """What runs and how far; what failed, why and what to do; what waits for whom; the rest by name."""
    run = a_run(RunState.RUNNING, stage=Stage.FIND, threats=6)
    failed = a_run(RunState.FAILED, error="till.vsdx is no diagram that I can read. Send it as SVG.")
    till = Glance(id="tm-5", title="Till", owner=WHO, created=AT, run=failed)
    lab = replace(LOCKERS, id="tm-6", title="Lab", run=run)
    shown = status([lab, till, LOCKERS, DESK, DONE])

    assert lines(shown) == [
        "Running",
        "• Lab, revision 3: looking for threats · 6 threats so far · since 14:02 UTC by @U0LEE",
        "Did not get through · a file dropped into the thread starts the next run",
        "• Till, revision 3 failed: till.vsdx is no diagram that I can read. Send it as SVG.",
        "To review",
        "• Parcel lockers, revision 2: 9 of 14 threats · 1 critical, 8 low",
        "Waiting for a diagram",
        f"• Desk: drop it into the thread · asked for by @{WHO}",
        "Reviewed: Badges.",
    ]


def test_long_parts_are_counted() -> None:
    """Ten of those about which the same is to be done are told of, and how many more there are."""
    said = lines(status([replace(LOCKERS, id=f"tm-{n}") for n in range(13)]))

    assert (len(said), said[-1]) == (12, "and 3 more")


def test_nothing_to_do_is_said() -> None:
    """Where everything has its verdict there is one sentence, not an empty page."""
    assert lines(status([DONE])) == ["Nothing runs, and nothing waits for a verdict. Reviewed: Badges."]


def test_a_failed_run_leaves_the_revision_before_to_review() -> None:
    """It is told of as failed, and what waits of the revision that stands still waits."""
    said = lines(status([replace(LOCKERS, run=a_run(RunState.STOPPED, error="Lee stopped it."))]))

    assert said[1].startswith("• Parcel lockers, revision 3 was stopped: Lee stopped it.")
    assert said[3].startswith("• Parcel lockers, revision 2: 9 of 14")


def test_a_run_without_a_word_yet() -> None:
    """A run that has told nothing is about to begin."""
    assert "about to begin · since" in lines(status([replace(DESK, run=a_run(RunState.QUEUED))]))[1]


def test_every_stage_has_words() -> None:
    """And every export has a label; no name is known here that nothing writes."""
    assert set(DOING) == set(Stage)
    assert list(EXPORTS) == list(WRITTEN)


def test_a_menu_offers_what_can_be_exported() -> None:
    """Each model with a revision, under its number; what is picked carries the model and the format."""
    message = picking([(1, DESK), (2, LOCKERS), (4, DONE)], "threat-composer", "Which one?")
    (menu,) = reader.controls(message.blocks)

    assert lines(message)[0] == "Which one?"
    assert menu["action_id"] == act.EXPORT_OF
    assert [o["text"]["text"] for o in menu["options"]] == [
        "2. Parcel lockers · rev. 2",
        "4. Badges · rev. 2",
    ]
    assert [decode(o["value"]) for o in menu["options"]] == [
        Route("tm-1", 2, value="threat-composer"),
        Route("tm-3", 2, value="threat-composer"),
    ]


def test_a_menu_of_nothing_is_its_sentence() -> None:
    """Where no model has a revision there is nothing to pick."""
    assert reader.controls(picking([(1, DESK)], "json", "None is ready.").blocks) == []


def test_where_things_go_is_said() -> None:
    """An export and a question name the model, its revision, and the thread."""
    assert lines(under_way(LOCKERS, "otm")) == [
        "Parcel lockers, revision 2, as Open Threat Model: the file is on its way into its thread."
    ]
    assert lines(asked(LOCKERS, "Who may open one?")) == [
        "Parcel lockers, revision 2: the answer goes into its thread.",
        "Who may open one?",
    ]
    assert lines(exported("Parcel lockers", LINK, "lockers-r2.md")) == [
        "Parcel lockers: lockers-r2.md is in its thread."
    ]


def test_a_question_from_outside_is_shown_in_the_thread() -> None:
    """Who asked, and what, quoted: the answer would stand alone otherwise."""
    assert lines(question(WHO, "Who may <!here> open one?")) == [
        f"@{WHO} asked with /threatmodel ask:",
        "Who may <!here> open one?",
    ]


def test_a_sentence_names_a_few() -> None:
    """More than eight are counted."""
    assert numbered([(1, LOCKERS), (3, DESK)]) == "1. Parcel lockers, 3. Desk"
    assert numbered([(n, DESK) for n in range(1, 11)]).endswith("8. Desk and 2 more")
