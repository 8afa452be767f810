"""Statements that the rules understand for certain, and those that they leave alone."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest

from agent.analysts.filled.proposals import Proposal
from agent.analysts.rules import RulesAnalyst
from agent.artifacts import MemoryArtifacts
from agent.conversation.proposing import noted
from agent.domain.model import ThreatModel
from agent.domain.request import Attachment, Request
from agent.domain.system import Known
from agent.domain.threat import Origin, Severity, SeverityOverride, Stride
from agent.graph import Agent, Task
from agent.risk import severity_of

SHOP = b"""flowchart LR
  buyer([Buyer]) -->|HTTPS| web[Web shop]
  clerk([Clerk]) -->|HTTP| desk[Clerk desk]
  web -->|REST, JWT| api[Orders API]
  desk -->|REST| api
  api -->|SQL| db[(Orders DB)]
  api -->|events| mail[Mail job]
  mail -->|status| api
  payer([Payment provider]) -->|webhook| api
"""
DESK = "clerk-desk--orders-api--rest"


@pytest.fixture(scope="module")
def request_() -> Request:
    """What the shop's model is made from."""
    digest = hashlib.sha256(SHOP).hexdigest()
    return Request(
        title="Shop", attachments=(Attachment(name="shop.mmd", key=digest, sha256=digest, size=len(SHOP)),)
    )


@pytest.fixture(scope="module")
def shop(request_: Request) -> ThreatModel:
    """The shop's model, by rules alone."""
    artifacts = MemoryArtifacts()
    artifacts.put(request_.attachments[0].key, SHOP)
    agent = Agent(artifacts=artifacts, analysts=(RulesAnalyst(),), store=None)
    return agent.run(Task(run="r", model="tm-1", revision=1, request=request_))


@pytest.mark.parametrize(
    ("said", "control", "state", "about"),
    [
        ("we already have mTLS between the clerk desk and the orders API", "mutual_tls", Known.YES, [DESK]),
        ("The Orders DB is encrypted at rest", "encryption_at_rest", Known.YES, ["orders-db"]),
        ("we sign the webhook", "signature", Known.YES, ["payment-provider--orders-api--webhook"]),
        (
            "We use mTLS between the Mail job and the Orders API",
            "mutual_tls",
            Known.YES,
            ["orders-api--mail-job--events", "mail-job--orders-api--status"],
        ),
    ],
)
def test_what_and_where_are_told_for_certain(
    shop: ThreatModel, request_: Request, said: str, control: str, state: Known, about: list[str]
) -> None:
    """A control that is named on parts that are named becomes a proposal for each of them."""
    found = noted(said, shop, request_)

    assert found is not None
    assert [(p.control, p.state, p.about) for p in found.proposals] == [(control, state, a) for a in about]
    assert {c.id for c in found.reply.citations} >= set(about)
    assert "before somebody confirms" in found.reply.paragraphs[0]


def test_what_an_answer_has_changed_is_not_told_again(shop: ThreatModel, request_: Request) -> None:
    """A fact that would lower a threat which an answer has lowered already names it no more."""
    said = "we sign the webhook"
    (proposal,) = _proposals(said, shop, request_)
    lowered = proposal.outcomes[0]
    override = SeverityOverride(
        severity=Severity(lowered.severity),
        who="U1",
        when=datetime(2026, 3, 1, tzinfo=UTC),
        follows="some question",
    )
    threats = tuple(
        t.model_copy(update={"override": override}) if t.id == lowered.threat else t for t in shop.threats
    )
    (again,) = _proposals(said, shop.model_copy(update={"threats": threats}), request_)

    assert lowered.threat not in {o.threat for o in again.outcomes}
    assert len(again.outcomes) == len(proposal.outcomes) - 1


def _proposals(said: str, model: ThreatModel, request: Request) -> tuple[Proposal, ...]:
    found = noted(said, model, request)
    assert found is not None
    return found.proposals


@pytest.mark.parametrize(
    "said",
    [
        "we already use mTLS there",
        "we use mTLS on the Orders API",
        "we have no backups of the Orders DB",
        "we should encrypt the Orders DB at rest",
        "maybe we sign the webhook",
        "does the desk use mTLS?",
        "we use mTLS and have a rate limit between the clerk desk and the orders API",
        "we do nightly things",
    ],
)
def test_what_is_not_certain_is_not_proposed(shop: ThreatModel, request_: Request, said: str) -> None:
    """Without a place, with several controls, with doubts or as a question: nothing."""
    assert noted(said, shop, request_) is None


def test_there_is_what_was_spoken_of_last(shop: ThreatModel, request_: Request) -> None:
    """The latest message that names parts says where “there” is; one that names several says nothing."""
    desk = "who can reach the Orders API from the Clerk desk?"
    found = noted("we already use mTLS there", shop, request_, ["tell me of the Mail job", desk, "thank you"])
    assert found is not None
    assert [p.about for p in found.proposals] == [DESK]
    assert noted("we already use mTLS there", shop, request_, [desk, "and the Orders API?"]) is None


def test_a_threat_that_is_named_says_where(shop: ThreatModel, request_: Request) -> None:
    """“T-007: we use mTLS for that” is about the flow that the threat stands on."""
    flows = {f.id for f in shop.system.flows}
    threat = next(t for t in shop.threats if len(t.targets) == 1 and t.targets[0] in flows)
    found = noted(f"we already use mTLS for {threat.id}", shop, request_)
    assert found is not None
    assert [p.about for p in found.proposals] == list(threat.targets)


def test_the_same_statement_is_the_same_proposal(shop: ThreatModel, request_: Request) -> None:
    """Said twice, it has one id and one text."""
    one, other = (noted("we sign the webhook", shop, request_) for _ in range(2))
    assert one == other


@pytest.mark.parametrize(
    ("said", "title", "statement", "stride", "on"),
    [
        (
            "Add a threat that somebody floods the Orders API",
            "Somebody floods the Orders API",
            "Somebody can flood the Orders API.",
            [Stride.DENIAL_OF_SERVICE],
            ["orders-api"],
        ),
        (
            "please add a threat: an insider reads the orders db at night.",
            "An insider reads the orders db at night",
            "An insider can read the orders db at night.",
            [Stride.INFORMATION_DISCLOSURE],
            ["orders-db"],
        ),
        (
            "could you add a risk (spoofing) in which the clerk desk can be opened by a guest?",
            "The clerk desk can be opened by a guest",
            "The clerk desk can be opened by a guest.",
            [Stride.SPOOFING],
            ["clerk-desk"],
        ),
        (
            "you missed that the payment provider replays events to the Orders API",
            "The payment provider replays events to the Orders API",
            "The payment provider can replay events to the Orders API.",
            [Stride.SPOOFING],
            ["payment-provider--orders-api--webhook"],
        ),
        (
            "Add a threat of stolen sessions on the Web shop",
            "Stolen sessions on the Web shop",
            "Somebody can bring this about: stolen sessions on the Web shop.",
            [Stride.SPOOFING],
            ["web-shop"],
        ),
    ],
)
def test_a_threat_of_an_engineer(
    shop: ThreatModel,
    request_: Request,
    said: str,
    title: str,
    statement: str,
    stride: list[Stride],
    on: list[str],
) -> None:
    """A sentence that names a part and tells its category waits as a threat, rated by where the part is."""
    found = noted(said, shop, request_)

    assert found is not None
    (proposal,) = found.proposals
    draft = proposal.draft
    assert draft is not None
    assert (draft.title, draft.statement.text()) == (title, statement)
    assert (list(draft.stride), list(draft.targets)) == (stride, on)
    assert draft.origin is Origin.ENGINEER
    assert draft.severity is severity_of(draft.likelihood.score, draft.impact.score)
    assert all(f.reason for f in (*draft.likelihood.factors, *draft.impact.factors))
    assert draft.evidence[0].quote.lower() == title.lower()
    assert draft.evidence[0].quote in said
    assert proposal.text.startswith(f"Shall I add the threat “{title}” on ")


@pytest.mark.parametrize(
    "said",
    ["add a threat", "add a threat that it rains", "add a threat that somebody admires the Orders API"],
)
def test_a_threat_without_a_place_or_a_kind_is_not_added(
    shop: ThreatModel, request_: Request, said: str
) -> None:
    """It is asked for again instead of being guessed."""
    assert noted(said, shop, request_) is None
