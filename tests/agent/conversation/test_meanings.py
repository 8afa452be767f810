"""What is meant by a question: worth, certainty, work, plain words, moves, and what is not understood."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pytest

from agent.conversation import Reply, ReplyKind, answer
from agent.conversation.asked import understand
from agent.conversation.proposing import described, noted
from agent.conversation.speech import Form
from agent.domain.model import ThreatModel
from agent.domain.request import Request
from knowledge.stores.sqlite import SqliteStore

Ask = Callable[..., Reply]
Told = Callable[..., str]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        # what a protection is worth
        ("do we need mTLS on the Cabin queue?", "1 rating on Cabin queue hangs on mutual TLS. With it:"),
        (
            "do we need mTLS on the Cabin queue?",
            "· High · on Cabin queue and Cabin queue → Lock controller → Low",
        ),
        (
            "do we need mTLS between Cabin queue and Lock controller if they are in the same VPC?",
            "Standing in one network does not answer T-002",
        ),
        ("Would a rate limit on the Crew auth service help?", "T-005 hangs on a rate limit, but low already"),
        (
            "isn't the firewall between shore and ship enough?",
            "“There is a firewall between the shore and the ship.”",
        ),
        ("isn't the firewall between shore and ship enough?", "It does not touch:\nT-001"),
        ("is T-003 already covered by our reviews?", "“Every release is reviewed by one colleague.”"),
        ("is T-003 already covered by our reviews?", "It counts that nothing names parameterised queries."),
        (
            "isn't SQL injection handled by the ORM already?",
            "“we have parameterised queries on Booking desk”",
        ),
        ("is the Cabin queue protected by anything?", "“The cabin queue has no password.”"),
        ("is the Cabin queue protected by anything?", "Not said, and so rated as unknown: mutual TLS."),
        (
            "what protects the Bookings database?",
            "stated backup (“The bookings database is backed up every night.”)",
        ),
        # how sure
        ("how sure are you about T-002?", "• Seen in the input: “The cabin queue has no password.”."),
        ("is T-002 just a guess?", "• Only not said, which proves nothing: nothing there names mutual TLS."),
        (
            "where did you read that photos are unchecked?",
            "“Nobody checks the photos that passengers upload.”",
        ),
        ("is there anything about pirates?", "No: no threat of this model says that in such words."),
        ("did you look at SQL injection?", "T-003 (High, on Booking desk)"),
        ("who would attack us?", "• a stowaway: 5 threats, the gravest T-001"),
        # what was assumed, changed, asked
        ("what did you assume about the Cabin queue?", "Nothing was assumed of Cabin queue"),
        ("did you assume that passes expire?", "No assumption speaks of that."),
        ("which questions are still open?", "1 open question:\n• Does Cabin queue ask for certificates?"),
        ("what information would help you most?", "Does Cabin queue ask for certificates?"),
        # the whole and its work
        ("give me the top 2 for the backlog", "2 items, the gravest first"),
        (
            "give me the top 2 for the backlog",
            "• require mutual TLS on Cabin queue (small, hours). — T-002, High",
        ),
        ("if we can only do one thing before the audit, which?", "T-001 · Bookings of others read"),
        ("which mitigations give the most for the least effort?", "• T-001 (Critical): load each booking"),
        ("can we safely ignore anything?", "What presses least by this model:\nT-005"),
        ("which elements have no threats?", "4 of 8 elements have no threat on themselves: Passenger"),
        ("which part is most at risk?", "• Booking desk: 2 threats (1 critical, 1 high), first T-001"),
        ("how many are about health data?", "The model names no health data"),
        ("does this map to SLSA or NIST?", "Its threats cite CWE (1), which can be mapped to it."),
        ("is this about GDPR or PCI?", "names no data that PCI DSS is about"),
        ("three quick wins please", "against the gravest:\n• T-001"),
        (
            "are there no threats on the Lock controller?",
            "None on Lock controller itself; next to it:",
        ),
        ("what did you leave out?", "Not looked at, because the input does not show it: backups"),
        ("what is T-002 based on?", "T-002 · Forged messages open cabins · High"),
        # plain words
        ("summarise T-002 in one sentence for the captain", "T-002 in short: "),
        (
            "explain T-002 to the captain",
            "T-002 in short: a stowaway could put forged messages on Cabin queue.",
        ),
        ("I don't understand T-002", "How bad: High — likelihood 4 of 5, damage 4 of 5."),
        ("how would you explain T-002 to an electrician?", "What it takes: require mutual TLS"),
        # parts
        (
            "what does the Booking desk talk to?",
            "Booking desk is drawn as sending to: Booking desk → Bookings database",
        ),
        (
            "does the Photo folder hold personal data?",
            "no personal data is named there; it holds or handles Photos",
        ),
        ("what goes from the shore to the ship?", "• Booking desk → Cabin queue (“AMQP, cabin numbers”"),
        (
            "what could go wrong on the connection from the Travel agency?",
            "It comes in by Travel agency → Booking desk",
        ),
        (
            "what's the worst that could happen at the Cabin queue?",
            "put forged messages on Cabin queue, which leads to",
        ),
        ("which data is T-004 about?", "Photos (internal)"),
        # what if
        (
            "what if the Crew auth service gets hacked?",
            "is taken as true by those that ask it: Lock controller.",
        ),
        (
            "what's the blast radius of the Booking desk?",
            "Whoever holds Booking desk can send to Bookings database",
        ),
        ("what happens if the Lock controller is down?", "nothing from it comes to Crew auth service"),
        ("what happens if the Bookings database is deleted?", "a backup is stated"),
        ("what if we move the Cabin queue to Kafka?", "I cannot work out a change of the design by talk"),
        ("what if we move the Cabin queue to Kafka?", "Threats on Cabin queue that it would touch:\nT-002"),
        ("can you write me a Terraform module for the Photo folder?", "I write no code"),
        (
            "can you write me a Terraform module for the Photo folder?",
            "• scan each photo (large, weeks). (T-004, Medium)",
        ),
    ],
)
def test_what_is_asked_is_answered(told: Told, question: str, words: str) -> None:
    """Each question of an engineer or a manager gets what it is after, from the model."""
    assert words in told(question)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("colour zebra of the Cabin queue umbrella?", ReplyKind.UNKNOWN),
        ("which threats need no new tooling?", ReplyKind.UNKNOWN),
        ("who wins the football tonight?", ReplyKind.UNKNOWN),
    ],
)
def test_what_is_not_understood_is_said(ask: Ask, question: str, kind: ReplyKind) -> None:
    """It says so, names what comes nearest, and what can be asked instead."""
    reply = ask(question)
    text = "\n".join(reply.paragraphs)
    assert reply.kind is kind
    assert "You can ask, for example: " in text


def test_what_comes_nearest_is_named(told: Told) -> None:
    """The part that was understood, its threats, and questions about it that have answers."""
    text = told("colour zebra of the Cabin queue umbrella?")
    assert text.startswith("I am not sure what you ask of Cabin queue")
    assert "T-002" in text
    assert "who can reach Cabin queue?" in text


def test_offered_questions_are_answered(ask: Ask, told: Told) -> None:
    """Each question that it offers instead is one that it can answer."""
    offered = told("colour zebra of the Cabin queue umbrella?").partition("for example: ")[2]
    for question in offered.split(" · "):
        assert ask(question).kind is ReplyKind.ANSWER, question


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("is the Bookings databse encryted?", "is the Bookings database encrypted?"),
        ("wich treats are on the Cabin queu?", "wich threats are on the Cabin queu?"),
        ("who can raech the phtoo folder", "who can reach the photo folder"),
        ("is the planned desk secure?", "is the planned desk secure?"),
        ("the crew is on shore leave", "the crew is on shore leave"),
        ("what's the worst, isn't it?", "what's the worst, isn't it?"),
    ],
)
def test_slips_of_the_finger(model: ThreatModel, typed: str, meant: str) -> None:
    """A word that is one letter from one word only is taken for that; a right word stays."""
    assert understand(typed, model).text.lower() == meant.lower()


def test_what_is_kept_is_kept_as_written(model: ThreatModel) -> None:
    """A statement that may join the description is not respelled."""
    said = "the Cabin queeu runs in a locked room"
    proposal = described(said, model)
    assert proposal is not None
    assert proposal.reason == said


def test_a_name_speaks_of_no_protection(model: ThreatModel) -> None:
    """The “auth” of a part's name asks for no authentication, its own word does."""
    assert understand("what about the Crew auth service?", model).controls == ()
    assert understand("is the Booking desk behind auth?", model).controls


def test_attacks_name_no_flow(model: ThreatModel) -> None:
    """“SQL injection” is an attack and not the flow that speaks SQL."""
    assert understand("is SQL injection possible?", model).flows == ()
    assert understand("what about the SQL connection?", model).flows


@pytest.mark.parametrize(
    ("question", "form"),
    [
        ("what should we do about the Cabin queue?", Form.FIX),
        ("what should we do first?", Form.FIRST),
        ("do we log who changes a booking?", Form.CONTROL),
        ("do we need rate limiting?", Form.NEED),
        ("why is the Photo folder not mentioned?", Form.GAPS),
        ("why isn't the scan of the Photo folder listed as a protection?", Form.GUARD),
        ("summarise it for the captain", Form.SUMMARY),
        ("assign T-001 to the desk team", Form.OWNER),
        ("which findings are new compared to last month?", Form.CHANGED),
    ],
)
def test_near_forms_are_told_apart(model: ThreatModel, question: str, form: Form) -> None:
    """What sounds alike and asks for something else."""
    assert understand(question, model).form is form


def test_what_is_only_asked_proposes_nothing(model: ThreatModel, request_of: Request) -> None:
    """Neither a question of worth nor a move is a proposal; a statement with its question is one."""
    for question in (
        "do we need mTLS on the Cabin queue?",
        "what if we move the Cabin queue to Kafka?",
        "is T-003 already covered by our reviews?",
    ):
        found = noted(question, model, request_of)
        assert found is None or found.proposals == (), question
    said = noted("the Crew auth service has a rate limit now, does that help?", model, request_of)
    assert said is not None
    assert [p.control for p in said.proposals] == ["rate_limit"]


def test_who_reads_a_queue_is_named_beside_who_writes_to_it(told: Told) -> None:
    """Both arrows are answers to who can read it, and only then."""
    assert "Drawn as reading from it: " in told("who can read the cabin queue?")
    assert "Drawn as reading from it" not in told("who can write to the cabin queue?")


def test_a_question_beside_the_diagram_is_no_statement(model: ThreatModel, request_of: Request) -> None:
    """What somebody asked while dropping a file is not quoted as what the description says."""
    said = f"{request_of.description} Can passengers cancel a cabin?"
    with closing(SqliteStore()) as store:
        reply = answer("Can passengers cancel a cabin?", model, store, said=said)
    assert "cancel a cabin?”" not in "\n".join(reply.paragraphs)
