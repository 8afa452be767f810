"""Short messages and answers to questions."""

from __future__ import annotations

import pytest

from bot.render import actions as act
from bot.render import notices
from bot.render.answer import PARAGRAPHS, PROPOSALS, SOURCES, Proposed, answer, growing
from bot.render.limits import problems
from bot.render.limits.payload import text_of
from bot.render.message import BUDGET
from bot.render.routing import Route
from bot.render.text import size
from tests.bot.render import reader

ROUTE = Route("tm-lockers", 1, "T-001", verdict="v1")
CWE = "https://cwe.mitre.org/data/definitions/306.html"


def test_an_error_says_what_happened_and_what_to_do() -> None:
    """Two sentences, and Retry only when a way to try again is given."""
    message = notices.error("The knowledge base did not answer.", "Try again in a minute.", ROUTE)
    assert reader.text(message.blocks) == "The knowledge base did not answer.\nTry again in a minute."
    assert [c["action_id"] for c in reader.controls(message.blocks)] == [act.RETRY]
    assert reader.controls(notices.error("No.").blocks) == []


def test_files_that_could_not_be_read_are_listed() -> None:
    """A sentence each, counted after the tenth."""
    one = notices.unread(["I could not read a.bin: it is empty. Send a diagram."])
    assert reader.text(one.blocks).splitlines() == [
        "This file was not taken:",
        "• I could not read a.bin: it is empty. Send a diagram.",
    ]
    assert "and 2 more" in reader.text(notices.unread(["x"] * 12).blocks)


def test_undo_leads_back_to_the_verdict() -> None:
    """What was done, and one button that knows what to take back."""
    message = notices.undo("T-001: accepted.", ROUTE)
    (button,) = reader.controls(message.blocks)
    assert (button["action_id"], reader.route(button)) == (act.UNDO, ROUTE)
    assert reader.text(message.blocks) == "T-001: accepted."


def test_a_press_that_came_too_late_says_who_was_first() -> None:
    """What changed, by whom, to what; and that nothing was done."""
    said = reader.text(notices.stale("T-001", "accepted", "U0123ABCD").blocks)
    assert said.startswith(
        "T-001 was changed by @U0123ABCD since you saw it; it is now accepted.\nNothing was done."
    )
    assert reader.text(notices.stale("T-001").blocks).startswith("T-001 was changed since you saw it.\n")


def test_a_refusal_and_a_note_are_their_sentence() -> None:
    """The sentence alone, as text that nothing is read out of."""
    assert reader.text(notices.denied("Guests cannot do this.").blocks) == "Guests cannot do this."
    message = notices.note("Ask <!channel> first.")
    assert reader.text(message.blocks) == "Ask <!channel> first."
    assert message.text == "Ask &lt;!channel&gt; first."


def test_an_answer_has_its_sources_and_how_it_was_found() -> None:
    """Paragraphs apart, sources with links where they lead to a catalogue, the way it was found below."""
    message = answer(
        ["A code opens a compartment.", "Codes can be guessed."],
        [("T-001", ""), ("CWE-306", CWE), ("Wiki", "https://wiki.example/")],
        "Found by matching words.",
    )
    assert reader.text(message.blocks) == (
        "A code opens a compartment.\n\nCodes can be guessed.\n\n"
        "Sources: T-001, CWE-306, Wiki\nFound by matching words."
    )
    assert reader.links(message.blocks) == [CWE]


def test_an_answer_of_nothing_says_so() -> None:
    """No paragraph, or only blank ones, is an answer too."""
    assert reader.text(answer([], [], "").blocks) == "I found nothing about that."
    assert reader.text(answer([" "], [], "").blocks) == "I found nothing about that."


def test_a_long_answer_is_cut_and_says_so() -> None:
    """Paragraphs beyond the eighth are counted, sources beyond the twelfth too."""
    message = answer([f"p{n}" for n in range(PARAGRAPHS + 3)], [(f"T-{n}", "") for n in range(20)], "")
    said = reader.text(message.blocks)
    assert "… and 3 more paragraphs. Ask for a part of it." in said
    assert said.endswith("T-11, 8 more")


@pytest.mark.parametrize("decided", [False, True])
@pytest.mark.parametrize("words", ["🔐" * 2_000, "&" * 2_000, "word " * 500, "line\n" * 500])
def test_the_longest_answer_gives_way_to_its_proposals(words: str, *, decided: bool) -> None:
    """Whatever else a message holds, it fits into what Slack takes, and says how many paragraphs do not."""
    route = Route("tm-lockers", 1, value="ab12")
    who, done = ("U0123ABCD", words) if decided else ("", "")
    proposed = [Proposed(text=words, route=route, who=who, confirmed=decided, done=done)] * PROPOSALS
    message = answer([words] * PARAGRAPHS, [(words, "")] * SOURCES, words, proposed)
    assert text_of(message.blocks, size) <= BUDGET
    assert problems(message.post(), "message") == []
    assert "more paragraphs. Ask for a part of it." in reader.text(message.blocks)
    alone = answer([words] * PARAGRAPHS, [], "")
    assert text_of(alone.blocks, size) <= BUDGET
    assert text_of(alone.blocks, size) > text_of(message.blocks[:1], size)


def test_a_proposal_waits_with_two_buttons_and_then_says_who_decided() -> None:
    """Open: its text, Confirm and No. Decided: who, when and what was done, and no button."""
    route = Route("tm-lockers", 1, value="ab12")
    text = "Shall I note that?"
    made = answer(["Yes."], [], "", [Proposed(text=text, route=route)])
    assert [c["action_id"] for c in reader.controls(made.blocks)] == [act.CONFIRM, act.DECLINE]
    assert {reader.route(c) for c in reader.controls(made.blocks)} == {route}

    done = Proposed(text=text, route=route, who="U0123ABCD", when="now", confirmed=True, done="Noted.")
    said = reader.text(answer(["Yes."], [], "", [done]).blocks)
    assert said == "Yes.\nShall I note that?\n→ confirmed by @U0123ABCD (now): Noted."
    declined = Proposed(text=text, route=route, who="U0123ABCD", when="now")
    made = answer(["Yes."], [], "", [declined])
    assert reader.text(made.blocks).endswith("→ declined by @U0123ABCD (now): nothing was changed.")
    assert reader.controls(made.blocks) == []


def test_a_growing_answer_says_that_it_grows() -> None:
    """Before the first word and between words, it is plain that more comes."""
    assert reader.text(growing("").blocks) == "⏳ The language model is answering."
    assert reader.text(growing("So far.").blocks).splitlines()[0] == "So far."


def test_who_comes_second_learns_who_was_first() -> None:
    """Who decided, what and when; and that nothing was changed."""
    said = reader.text(notices.decided("U0123ABCD", "2026-11-22 14:02 UTC", confirmed=False).blocks)
    assert said == "Nothing was changed: declined already by @U0123ABCD (2026-11-22 14:02 UTC)."
