"""What a threat is said to put at stake: the data of its own place before the worst that lies behind it."""

from __future__ import annotations

import pytest

from agent.analysts.areas import split
from agent.analysts.base import Brief
from agent.analysts.rules import RulesAnalyst
from agent.analysts.stakes import data_nouns
from agent.analysts.topology import Topology
from agent.domain.request import Request
from agent.domain.system import Asset, Classification
from agent.domain.threat import Threat
from tests.sketching import sketch, traits_of

ANALYST = RulesAnalyst(traits_of=traits_of)

CLUB = """
(Member: end_user)
[Site: web_frontend]
[Club API: api]
{Members DB: sql | data: health}
{Event log: log_store | data: logs}
(Card firm: payment third_party)
(Sign-in firm: identity_provider third_party)
(Weather firm: third_party)
Member -> Site: HTTPS
Site -> Club API: REST, JWT | data: tokens
Club API -> Members DB: SQL
Club API -> Event log: log lines
Card firm -> Club API: webhook
Club API -> Sign-in firm: who is this
Weather firm -> Club API: storm event
"""


def found(text: str, pattern: str) -> Threat:
    """The threat of one pattern in a sketched system."""
    system = sketch(text, "Club")
    request = Request(title="Club")
    threats = (
        t for a in split(system) for t in ANALYST.find(Brief(request=request, system=system, area=a)).threats
    )
    return next(t for t in threats if t.pattern == pattern)


def test_a_webhook_of_a_payment_provider_is_about_payments() -> None:
    """What its sender deals in is at stake and weighs, not the health data that the receiver keeps."""
    threat = found(CLUB.replace("Weather firm -> Club API: storm event", ""), "webhook-forged")
    assert threat.statement.assets == ("payments",)
    assert "payments" in threat.impact.factors[-1].reason
    assert "health" not in threat.statement.text()


def test_what_the_flow_names_comes_before_the_trade_of_its_sender() -> None:
    """A label that says what moves is believed before the sender's trade."""
    text = CLUB.replace("Weather firm -> Club API: storm event", "")
    text = text.replace("Card firm -> Club API: webhook", "Card firm -> Club API: webhook | data: location")
    assert found(text, "webhook-forged").statement.assets == ("location data",)


def test_a_party_without_a_known_trade_puts_at_stake_what_lies_behind() -> None:
    """Where neither the flow nor its sender says what it is about, the receiver's stores tell."""
    text = CLUB.replace("Card firm -> Club API: webhook\n", "")
    assert found(text, "webhook-forged").statement.assets == ("health data",)


def test_a_token_opens_what_lies_behind_it() -> None:
    """Whoever steals a token wants the records behind it, which is what the threat says and weighs."""
    threat = found(CLUB, "token-replay")
    assert "user's account and health data" in threat.statement.text()


def test_logs_beside_records_are_not_what_is_wanted() -> None:
    """A process with records and a log beside it puts the records at stake."""
    threat = found(CLUB, "object-level-authorisation")
    assert "logs" not in threat.statement.text().replace("Event log", "")


@pytest.mark.parametrize("pattern", ["transport-unknown-outside", "webhook-forged"])
def test_text_and_severity_speak_of_the_same_data(pattern: str) -> None:
    """The data that the impact counts is data that the statement names."""
    threat = found(CLUB, pattern)
    counted = threat.impact.factors[-1].reason.partition(" (")[0]
    assert counted in threat.statement.text()


def test_a_named_asset_stands_for_its_kind() -> None:
    """Ticket PDFs and documents: that says the same twice."""
    system = sketch(CLUB, "Club")
    pdfs = Asset(id="pdfs", name="Ticket PDFs", classification=Classification.CONFIDENTIAL, tag="documents")
    vault = system.elements[3].model_copy(update={"assets": ("pdfs", "documents")})
    elements = (*system.elements[:3], vault, *system.elements[4:])
    changed = system.model_copy(update={"elements": elements, "assets": (*system.assets, pdfs)})
    assert data_nouns(Topology(changed, traits_of), (vault,)) == ["Ticket PDFs"]


def test_a_title_counts_no_data() -> None:
    """A title names what is most at stake, and never "X, Y and 1 more"."""
    text = CLUB.replace("data: health", "data: health documents personal location")
    threat = found(text, "read-without-trace")
    assert "more" not in threat.title
    assert "health data and" in threat.title
