"""Whose an element is, by the boundary around it or the lack of one."""

from __future__ import annotations

from agent.analysts.topology import Party, Topology
from agent.catalog.vocabulary import Trait
from tests.sketching import sketch, traits_of


def topology(text: str) -> Topology:
    """The topology of a sketch."""
    return Topology(sketch(text), traits_of)


OURS = """
    [Gateway: gateway | in: Platform]
    [Order service: service | in: Platform]
    [Sync worker: worker | in: Platform]
    {Orders: sql | in: Platform}
    Gateway -> Order service
    Order service -> Orders
    Sync worker -> Orders
"""


def test_an_app_inside_a_phone_is_a_client() -> None:
    """What is drawn inside a boundary that is a phone runs in its user's hand, whatever its technology."""
    read = topology(
        "(Buyer: end_user)\n[Budget app: web_frontend | in: Mobile app]\nBuyer -> Budget app" + OURS
    )
    assert read.parties["budget-app"] is Party.USER
    assert Trait.MOBILE_APP in read.traits["budget-app"]


def test_a_program_on_a_laptop_is_a_client() -> None:
    """What is drawn on a user's laptop is a program there; the staff's office network is no laptop."""
    read = topology(
        "[Tunnel: service | in: User's laptop]\n[Desk tool: service | in: Laptop support network]"
    )
    assert read.traits["tunnel"] == {Trait.SERVICE, Trait.DESKTOP_APP}
    assert Trait.DESKTOP_APP not in read.traits["desk-tool"]


def test_a_backend_for_phones_is_no_client() -> None:
    """A boundary or a name that says "mobile backend" stands for a server."""
    read = topology("[Accounts: service | in: Mobile backend]\n[Diary mobile app backend: mobile_app]")
    assert read.parties == {}


def test_a_process_outside_of_every_boundary_is_somebody_elses() -> None:
    """Where our own processes stand inside boundaries, one drawn outside of them all is a partner's."""
    read = topology(OURS + "[Central laboratory]\nCentral laboratory -> Gateway: results")
    assert read.parties["central-laboratory"] is Party.PARTNER


def test_what_stands_in_front_or_is_used_by_people_stays_ours() -> None:
    """A CDN outside of the boundary, and a page that people open there, are still ours."""
    read = topology(
        "(Buyer: end_user)\n[Edge: cdn]\n[Help pages]\nBuyer -> Help pages\nBuyer -> Edge\nEdge -> Gateway"
        + OURS
    )
    assert {"edge", "help-pages"}.isdisjoint(read.parties)


def test_without_boundaries_no_process_is_somebody_elses() -> None:
    """A diagram without boundaries says nothing of whose a process is."""
    read = topology(
        "[Gateway: gateway]\n[Order service: service]\n[Central laboratory]\nGateway -> Order service"
    )
    assert "central-laboratory" not in read.parties


def test_a_product_drawn_among_our_own_is_run_by_us() -> None:
    """A tool that is sold as a service, drawn beside our processes and stores, is no outside party."""
    read = topology(OURS + "(Loader: batch_job third_party | in: Platform)\nLoader -> Orders: rows")
    assert "loader" not in read.parties


def test_a_browser_drawn_among_our_own_is_driven_by_us() -> None:
    """A headless browser in our boundary is a process of ours, even where its name says a user's program."""
    read = topology(
        OURS + "(Headless browser: browser | in: Platform)\nOrder service -> Headless browser: page"
    )
    assert "headless-browser" not in read.parties
    assert read.is_process("headless-browser")


def test_a_provider_drawn_in_a_boundary_of_partners_stays_outside() -> None:
    """The same tool in a boundary of somebody else's systems stays an outside party."""
    read = topology(OURS + "(Loader: batch_job third_party | in: Partner systems)\nLoader -> Orders: rows")
    assert read.parties["loader"] is Party.PARTNER


def test_what_we_offer_to_partners_is_ours() -> None:
    """An interface named after those who use it, drawn among our own parts, is a process of ours."""
    read = topology(OURS + "(Partner API: third_party | in: Platform)\nPartner API -> Orders")
    assert "partner-api" not in read.parties
    assert read.is_process("partner-api")
