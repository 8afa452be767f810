"""Who uses a part where no verb of its own says it, and programs that are named like devices."""

from __future__ import annotations

from agent.diagrams.prose import read_prose
from agent.domain.system import ElementKind, System
from agent.understanding.understand import understand


def read(text: str) -> System:
    """The system that the text alone tells."""
    return understand("Ferry", [], read_prose(text))


def flows(system: System) -> set[tuple[str, str]]:
    """Its flows, as names."""
    return {(system.name_of(f.source), system.name_of(f.target)) for f in system.flows}


def test_people_whom_a_part_is_for_use_it() -> None:
    """In a sentence without a verb, "a portal for clerks" says that clerks use it."""
    system = read(
        "- Ticket portal for clerks and auditors.\n- The ferry API stores tickets in the ticket DB.\n"
    )
    assert {("clerks", "Ticket portal"), ("auditors", "Ticket portal")} <= flows(system)


def test_what_a_part_is_for_is_no_flow() -> None:
    """Words such as "a service for ticket sales" name nobody who uses it."""
    system = read("- Parcel service for ticket sales.\n- The ferry API stores tickets in the ticket DB.\n")
    assert flows(system) >= {("ferry API", "ticket DB")}
    assert not any(target == "Parcel service" and source != "ferry API" for source, target in flows(system))


def test_who_comes_after_a_comma_and_by_acts_on_what_stands_before() -> None:
    """In "refund service, called by admins" admins call it."""
    system = read("- Refund service, called by admins.\n- The ferry API stores tickets in the ticket DB.\n")
    assert ("admins", "Refund service") in flows(system)


def test_a_scanner_is_a_program_unless_it_is_a_device() -> None:
    """A licence scanner is a program; a barcode scanner stays a device."""
    system = read(
        "## Components\n\n- Licence-Scanner: reads jobs from the message queue.\n- Message queue: jobs.\n"
        "- Barcode scanner: sends codes to the gate service.\n- Gate service: opens gates.\n"
    )
    kinds = {e.name: e.kind for e in system.elements}
    assert kinds["Licence-Scanner"] is ElementKind.PROCESS
    assert kinds["Barcode scanner"] is ElementKind.EXTERNAL_ENTITY


def test_what_is_fed_to_a_queue_goes_there() -> None:
    """Whoever "feeds them to the queue" sends to the queue."""
    system = read("The name collector gathers all names and feeds them to the message queue.")
    assert ("name collector", "message queue") in flows(system)
