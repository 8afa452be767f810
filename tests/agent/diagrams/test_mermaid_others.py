"""Mermaid's architecture, C4 and sequence diagrams."""

from __future__ import annotations

import pytest

from tests.agent.diagrams.drawn import arrows, element, flow, inside, kinds, read

YARD = """architecture-beta
    title Bike yard
    group cloud(cloud)[Our cloud]
    group vault(server)[Vault] in cloud

    service riders(internet)[Riders]
    service api(server)[Rental API] in cloud
    service db(database)[Rentals] in vault
    service jobs(logos:aws-sqs)[Billing] in cloud
    service mail[Mail provider]
    junction hub in cloud

    riders:R --> L:api{group}
    api:B -- T:db
    api:R <--> L:jobs
    jobs:R -- L:hub
    hub:R --> L:mail
    hub:B --> T:db
"""


def test_architecture() -> None:
    """Services are elements, groups boundaries, icons technologies; junctions join what meets in them."""
    yard = read(YARD)
    assert (yard.title, yard.warnings) == ("Bike yard", ())
    assert kinds(yard) == {
        "Riders": "external_entity",
        "Rental API": "process",
        "Rentals": "data_store",
        "Billing": "data_store",
        "Mail provider": "external_entity",
    }
    assert arrows(yard) == [
        "Riders -> Rental API",
        "Rental API -> Rentals",
        "Rental API -> Billing",
        "Billing -> Rental API",
        "Billing -> Mail provider",
        "Billing -> Rentals",
    ]
    assert inside(yard) == {"Our cloud": {"Rental API", "Rentals", "Billing"}, "Vault": {"Rentals"}}
    assert [f.assumed for f in yard.flows] == [False, True, False, False, False, False]
    assert element(yard, "Billing").technologies == ("aws-sqs",)


def test_architecture_edges_may_have_labels() -> None:
    """A label in the middle of an edge belongs to the flow."""
    text = "architecture-beta\n service a[Shop]\n service b[Bank]\n a:R -[SEPA file by SFTP]-> L:b\n"
    assert flow(read(text), "SEPA file by SFTP").protocol == "sftp"


def test_architecture_names_what_it_does_not_know() -> None:
    """A line that is no statement is named."""
    assert any("frobnicate" in w for w in read("architecture-beta\n service a[A]\n frobnicate\n").warnings)


C4 = """C4Container
title Bike rental
Person(rider, "Rider", "Rents <b>bikes</b>")
Enterprise_Boundary(b0, "Yard Ltd") {
  System_Boundary(b1, "Rental system") {
    Container(app, "Rental app", "React Native")
    Container(api, "Rental API", "Node.js, Express", "Prices and bookings")
    ContainerDb(db, "Rentals", "PostgreSQL")
    ContainerQueue(q, "Invoices", "RabbitMQ")
  }
  System(crm, "Customer care")
}
System_Ext(bank, "Bank", "Card payments")
SystemDb_Ext(reg, "Bike register")

Rel(rider, app, "Books a bike")
Rel(app, api, "Calls", "JSON/HTTPS")
Rel_R(api, db, "Reads and writes", "JDBC")
BiRel(api, bank, "Payments", "mTLS")
Rel_Back(rider, crm, "Answers")
Rel(api, q, "Puts")
UpdateElementStyle(rider, $fontColor="red")
UpdateLayoutConfig($c4ShapeInRow="3")
"""


def test_c4() -> None:
    """Persons and systems outside are external, databases and queues stores, boundaries nest."""
    rental = read(C4)
    assert (rental.title, rental.warnings) == ("Bike rental", ())
    assert kinds(rental) == {
        "Rider": "external_entity",
        "Rental app": "process",
        "Rental API": "process",
        "Rentals": "data_store",
        "Invoices": "data_store",
        "Customer care": "process",
        "Bank": "external_entity",
        "Bike register": "external_entity",
    }
    assert arrows(rental) == [
        "Rider -> Rental app: Books a bike",
        "Rental app -> Rental API: Calls (JSON/HTTPS)",
        "Rental API -> Rentals: Reads and writes (JDBC)",
        "Rental API -> Bank: Payments (mTLS)",
        "Bank -> Rental API: Payments (mTLS)",
        "Customer care -> Rider: Answers",
        "Rental API -> Invoices: Puts",
    ]
    assert inside(rental)["Rental system"] == {"Rental app", "Rental API", "Rentals", "Invoices"}
    assert inside(rental)["Yard Ltd"] == inside(rental)["Rental system"] | {"Customer care"}


def test_c4_fields_are_heard() -> None:
    """The technology field names technologies, the description describes."""
    rental = read(C4)
    assert element(rental, "Rentals").technologies == ("postgresql",)
    assert element(rental, "Rental app").technologies[0] == "react-native"
    assert element(rental, "Rental API").description == "Prices and bookings"


@pytest.mark.parametrize("keyword", ["C4Context", "C4Component", "C4Dynamic", "C4Deployment"])
def test_every_c4_diagram(keyword: str) -> None:
    """Context, component, dynamic and deployment diagrams are read like container diagrams."""
    text = f"""{keyword}
    Deployment_Node(n, "Rack", "Linux") {{
      Component(a, "Pricing", "Python")
    }}
    RelIndex(1, u, a, "asks")
    Person(u, "Clerk")
    """
    fragment = read(text)
    assert arrows(fragment) == ["Clerk -> Pricing: asks"]
    assert inside(fragment) == {"Rack": {"Pricing"}}


def test_c4_names_what_it_does_not_know() -> None:
    """A call that is none of C4's is named."""
    fragment = read('C4Context\nPerson(u, "Clerk")\nWormhole(u, "x")\nand prose\n')
    assert kinds(fragment) == {"Clerk": "external_entity"}
    assert any("Wormhole" in w for w in fragment.warnings)
    assert any("and prose" in w for w in fragment.warnings)


TALK = """sequenceDiagram
    title Returning a bike
    actor R as Rider<br/>(phone)
    box Purple Our cloud
      participant A as Rental API
      participant D@{ "type" : "database" } as Rentals
    end
    autonumber
    R->>+A: return bike (HTTPS, JWT)
    alt found
      A->>D: close rental
      D-->>A: price
      loop until paid
        A->>Stripe: charge
      end
    else lost
      A--xR: unknown bike
    end
    Note over R,A: this -> is a note: no flow
    A-->>-R: receipt
    Stripe-)A: webhook
    A->>A: sums up
    A->>D: store receipt
    X<<->>Y: gossip
"""


def test_sequence() -> None:
    """Participants talk: one flow a pair and direction, answers to calls folded into the calls."""
    talk = read(TALK)
    assert (talk.title, talk.warnings) == ("Returning a bike", ())
    assert arrows(talk) == [
        "Rider (phone) -> Rental API: return bike (HTTPS, JWT)",
        "Rental API -> Rentals: close rental; store receipt",
        "Rental API -> Stripe: charge",
        "Stripe -> Rental API: webhook",
        "X -> Y: gossip",
        "Y -> X: gossip",
    ]
    assert kinds(talk)["Rider (phone)"] == "external_entity"
    assert kinds(talk)["Rentals"] == "data_store"
    assert inside(talk) == {"Our cloud": {"Rental API", "Rentals"}}
    assert flow(talk, "return bike (HTTPS, JWT)").authenticated.value == "yes"


def test_an_answer_without_a_call_is_a_flow() -> None:
    """What nobody asked for moves data all the same."""
    assert arrows(read("sequenceDiagram\n A-->>B: newsletter")) == ["A -> B: newsletter"]


def test_long_talks_are_cut() -> None:
    """A label names the first messages of a long talk and says that there are more."""
    lines = "".join(f" A->>B: step {n}\n" for n in range(20))
    (only,) = read("sequenceDiagram\n" + lines).flows
    assert only.label.startswith("step 0; step 1")
    assert only.label.endswith("…")


def test_sequence_names_what_it_does_not_know() -> None:
    """A line that is no statement is named."""
    assert any("hums" in w for w in read("sequenceDiagram\n A->>B: x\n A hums\n").warnings)
