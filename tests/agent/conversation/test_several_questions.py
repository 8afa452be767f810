"""Messages that ask more than one thing: each is answered, in one answer with the sources of all."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent.conversation import Reply, ReplyKind
from agent.conversation.splitting import taken_apart

Ask = Callable[..., Reply]
Told = Callable[..., str]


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        ("is it encrypted, and who can read it?", ["is it encrypted", "who can read it?"]),
        ("which are the gravest and why?", ["which are the gravest", "why?"]),
        (
            "what is T-002, how bad is it and who should fix it?",
            ["what is T-002", "how bad is it", "who should fix it?"],
        ),
        ("We have a week. What comes first?", ["We have a week.", "What comes first?"]),
        ("We added TLS. Is T-002 gone?", ["We added TLS.", "Is T-002 gone?"]),
        ("tell me what it does and who can reach it", ["tell me what it does", "who can reach it"]),
    ],
)
def test_a_message_is_taken_apart(message: str, parts: list[str]) -> None:
    """At sentences, and at joints behind which a question of its own begins."""
    assert [p.text for p in taken_apart(message)] == parts


@pytest.mark.parametrize(
    "message",
    [
        "if the token leaks, what happens?",
        "when the queue is down and nobody looks, what happens?",
        "what is authenticated and what is not?",
        "when and where is it encrypted?",
        "can somebody steal the token and use it later?",
        "compare T-001 and T-002",
        "no that's wrong, the desk is internal. It has been so for years.",
        "we use mTLS and the queue is encrypted",
        "",
    ],
)
def test_what_is_one_question_stays_whole(message: str) -> None:
    """What is supposed, listed or stated belongs together."""
    assert len(taken_apart(message)) == 1


def test_both_halves_are_answered(ask: Ask) -> None:
    """“It” in the second is the part of the first, and the sources of both are named."""
    reply = ask("Is the Cabin queue encrypted, and who can reach it?")
    text = "\n".join(reply.paragraphs)

    assert "Cabin queue → Lock controller: the input does not say whether it is encrypted." in text
    assert "Drawn as sending to Cabin queue: Booking desk → Cabin queue" in text
    assert {"queue", "desk--queue", "queue--locks", "T-002"} <= {c.id for c in reply.citations}


def test_three_parts_say_nothing_twice(ask: Ask) -> None:
    """What T-002 is, how bad, and what to do; reasons and headlines that stand above are left out below."""
    reply = ask("what is T-002, how bad is it and how do we fix it?")
    text = "\n".join(reply.paragraphs)

    assert text.count("Computed: ") == 1
    assert "• sign each message (large, weeks)." in text
    assert reply.threats == ("T-002",)
    assert len(reply.paragraphs) <= 8


def test_why_behind_a_list_is_about_its_first(told: Told) -> None:
    """“Which are the gravest and why?” explains the first that it names."""
    text = told("which threats are rated the highest and why?")
    assert "T-001 · Bookings of others read at Booking desk · Critical" in text
    assert "T-001 is Critical" in text


def test_the_place_may_be_named_once_behind(told: Told) -> None:
    """“Who can read and who can change the database?” asks both of the database."""
    assert "Drawn as sending to Bookings database" in told(
        "who can read and who can change the Bookings database?"
    )


def test_what_cannot_be_answered_is_said(ask: Ask) -> None:
    """The half that is known is answered; that the other is not is said."""
    reply = ask("How long are boarding passes valid, and what is the weather like?")

    assert reply.kind is ReplyKind.ANSWER
    assert reply.paragraphs[0] == "The description says: “Boarding passes are valid for two days.”"
    assert "Another part of your message I cannot answer" in reply.paragraphs[1]


def test_a_sentence_before_says_what_is_meant(told: Told) -> None:
    """What is said before the question is what the question points to."""
    assert "Photos (internal)" in told("T-004 worries me. Which data exactly?")
    assert "T-001 · Bookings" in told("We have two weeks. What should we do first?")


def test_a_protection_said_before_is_held_against_the_threat(told: Told) -> None:
    """“We have added it. Is T-002 gone?” asks whether T-002 hangs on it; what is stated is said apart."""
    text = told("We have added mutual TLS. Is T-002 gone?")
    assert "T-002 hangs on that" in text
    assert "send that sentence by itself" in text


def test_a_statement_with_a_pointing_question_is_a_statement(ask: Ask) -> None:
    """“It has a rate limit now, does that change anything?” is heard as the statement."""
    reply = ask("the Booking desk has a rate limit now, does that change anything?")
    assert reply.kind is ReplyKind.CHANGE
    assert "a rate limit on Booking desk" in reply.paragraphs[0]


def test_a_why_without_a_threat_is_left_out(ask: Ask) -> None:
    """“What did you leave out and why?” is answered by what was left out; the “why” asks for no rating."""
    reply = ask("what did you leave out and why?")
    assert reply.threats == ()
    assert "Not looked at, because the input does not show it: backups." in reply.paragraphs[0]


def test_more_than_three_questions_are_counted(ask: Ask) -> None:
    """The first three are answered within eight paragraphs; that there were more is said."""
    reply = ask(
        "Is the Cabin queue encrypted? Who can reach it? How do we fix T-002? What did you assume?"
        " Which part is most at risk?"
    )
    assert reply.paragraphs[-1] == "I have answered the first 3 of your questions; ask the others again."
    assert len(reply.paragraphs) <= 8
