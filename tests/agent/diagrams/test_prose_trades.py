"""Terse lists: services told by what they are for, labels without a colon, products beside a list."""

from __future__ import annotations

import pytest

from agent.diagrams.prose import read_prose
from agent.domain.system import ElementKind, SystemFragment


def kinds(read: SystemFragment) -> dict[str, ElementKind]:
    """The kinds of the elements by their names."""
    return {e.name: e.kind for e in read.elements}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("React frontend, Django REST API, Zepto for emails.", "Zepto"),
        ("React frontend. Payments: Paddelo.", "Paddelo"),
        ("React frontend. Analytics by Plausibel.", "Plausibel"),
    ],
)
def test_a_name_for_a_trade_is_a_service_of_others(text: str, name: str) -> None:
    """A name that nothing explains is a service of others when the text says what it is for."""
    assert kinds(read_prose(text))[name] is ElementKind.EXTERNAL_ENTITY


@pytest.mark.parametrize(
    "text", ["Kotlin for Android.", "React frontend, Vite for bundling.", "Open for payments."]
)
def test_other_words_before_for_are_none(text: str) -> None:
    """Languages, tools and adjectives before "for" are no services."""
    assert not {"Kotlin", "Vite", "Open"} & set(kinds(read_prose(text)))


def test_an_api_keeps_its_framework_and_its_style_in_one_name() -> None:
    """The words "Django REST API" name one part."""
    assert set(kinds(read_prose("Next.js frontend, Django REST API, Postgres."))) == {
        "Next.js frontend",
        "Django REST API",
        "Postgres",
    }


def test_a_label_needs_no_colon_before_a_list() -> None:
    """A line "Components" right before a list announces it."""
    read = read_prose("Components\n- voice-bot: answers calls\n- booking-svc: books\n- notify: sends mails\n")
    assert set(kinds(read)) == {"voice-bot", "booking-svc", "notify"}


def test_products_stand_beside_a_short_list() -> None:
    """A short text that lists its components may name stores and services of others in its sentences."""
    read = read_prose(
        "Components:\n- voice-bot: answers calls\n- booking service: books\n- notify job: sends mails\n\n"
        "The booking service stores bookings in Postgres. Payments go through Stripe.\n"
    )
    assert {"Postgres", "Stripe"} <= set(kinds(read))


def test_a_store_product_of_others_is_outside() -> None:
    """A shop at a service of others is outside, and no data store."""
    read = read_prose("Customers book tools on our Shopify store. The rental service calls the locker API.")
    assert kinds(read)["Shopify store"] is ElementKind.EXTERNAL_ENTITY


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Residents upload a scan of their passport to the web portal.", "Scans"),
        ("Residents send a copy of their ID card to the web portal.", "ID cards"),
        ("The invoice is kept in S3 by the till service.", "Invoices"),
        ("Conversation history is kept in MongoDB by the till service.", "Conversation history"),
        ("The refund is sent to the bank by the till service.", "Refunds"),
        ("Residents register with their email address at the web portal.", "Email addresses"),
    ],
)
def test_data_of_many_people_has_a_plural_name(text: str, name: str) -> None:
    """Who uploads "a scan of" something has scans, and "their ID card" are ID cards."""
    assert name in {a.name for a in read_prose(text).assets}


def test_logging_in_a_log_store_is_no_sign_in() -> None:
    """The words "central logging in Splunk" say nothing of who signs in; "logging in to the portal" does."""
    facts = {f.fact for f in read_prose("The portal calls the till API. Central logging in Splunk.").facts}
    assert "control:authentication" not in facts


def test_daily_backups_are_heard() -> None:
    """An item "Daily backups" of a list of controls states backups."""
    text = "The portal stores orders in MySQL.\n\nControls:\n- Daily backups, restored once a quarter\n"
    assert ("control:backup", "yes") in {(f.fact, f.value) for f in read_prose(text).facts}
