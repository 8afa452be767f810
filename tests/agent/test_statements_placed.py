"""Statements of the description that name their place only in passing, and where they are brought."""

from __future__ import annotations

from agent.diagrams.base import SourceFile
from agent.diagrams.prose import read_prose
from agent.diagrams.registry import read_file
from agent.domain.system import Element, Flow, Known, System
from agent.understanding.understand import understand

STALLS = b"""flowchart LR
    buyer([Buyer]) -->|HTTPS| site[Stall site]
    site --> api[Stall API]
    api -->|SQL| stalls[(Postgres)]
    api --> jobs[[Voucher queue]]
    api -->|create charge| payer([Adyen])
    payer -->|payment webhook| api
"""


def system_of(said: str) -> System:
    """The system that the diagram and the description make."""
    drawn = read_file(SourceFile(name="stalls.mmd", content=STALLS))
    return understand("Stalls", [drawn], read_prose(said, "description"))


def with_control(system: System, control: str) -> dict[str, Known]:
    """Where a control is stated, and how."""
    places: tuple[Element | Flow, ...] = (*system.elements, *system.flows)
    return {system.name_of(p.id): c.state for p in places for c in p.controls if c.name == control}


def test_a_clause_is_about_what_its_sentence_speaks_of() -> None:
    """A signature that "we verify" is that of the webhook named before the semicolon."""
    said = (
        "Buyers pay through Adyen, which calls back with a webhook once the payment is settled; "
        "we verify the HMAC signature."
    )
    assert with_control(system_of(said), "signature") == {"Adyen → Stall API": Known.YES}


def test_encryption_everywhere_holds_on_every_flow() -> None:
    """TLS that is everywhere is no statement about the one thing that the sentence begins with."""
    flows = system_of("Everything runs on EKS with TLS everywhere.").flows
    assert {f.encrypted for f in flows} == {Known.YES}


def test_tenants_kept_apart_by_row_level_security() -> None:
    """One database for all tenants is not denied isolation where row level security keeps them apart."""
    said = "All tenants share one Postgres database and row level security is switched on."
    assert with_control(system_of(said), "tenant_isolation")["Postgres"] is Known.YES


def test_a_queue_holds_no_token_for_its_name() -> None:
    """Tokens that a text names lie in no queue because both are called so."""
    system = system_of("The waiting room hands out signed queue tokens.")
    queue = next(e for e in system.elements if e.name == "Voucher queue")
    assert queue.assets == ()


def test_data_lies_in_the_store_that_its_sentence_is_about() -> None:
    """What vouchers hold lies in the vouchers' store, though another store is known to hold nothing."""
    drawn = (
        STALLS.replace(b"stalls[(Postgres)]", b"stalls[(Vouchers DB)]") + b"    api --> r[(Retry table)]\n"
    )
    read = read_file(SourceFile(name="stalls.mmd", content=drawn))
    said = "Vouchers hold names and phone numbers of those who receive them."
    system = understand("Stalls", [read], read_prose(said, "description"))
    names = {a.id: a.name for a in system.assets}
    held = {e.name: {names[a] for a in e.assets} for e in system.elements if e.assets}
    assert any("hone numbers" in n for n in held["Vouchers DB"])
    assert "Retry table" not in held


def test_a_short_link_is_short_where_its_file_lies() -> None:
    """Who gets a link holds nothing: that it lives for minutes is said of the store in the sentence."""
    drawn = STALLS.replace(b"stalls[(Postgres)]", b"stalls[(S3 receipts)]")
    read = read_file(SourceFile(name="stalls.mmd", content=drawn))
    said = "The API writes the receipt to S3 and the buyer gets a presigned link that lives for 15 minutes."
    system = understand("Stalls", [read], read_prose(said, "description"))
    assert with_control(system, "short_lived_links") == {"Stall API → S3 receipts": Known.YES}


def test_the_database_beside_two_of_them_is_no_third() -> None:
    """A bare role that could mean either of two drawn stores adds no store of its own."""
    drawn = STALLS + b"    api --> r[(Retry database)]\n    ops([Operator]) --> hop[Bastion host]\n"
    read = read_file(SourceFile(name="stalls.mmd", content=drawn))
    system = understand(
        "Stalls", [read], read_prose("Operators reach the database through the bastion.", "d")
    )
    assert "database" not in {e.name.lower() for e in system.elements}
