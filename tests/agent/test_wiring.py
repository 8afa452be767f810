"""What is assumed of flows that a text leaves out, where it states some of them."""

from __future__ import annotations

from agent.diagrams.prose import read_prose
from agent.domain.system import System
from agent.understanding.understand import understand


def read(text: str) -> System:
    """The system that the text alone tells."""
    return understand("Orchard", [], read_prose(text))


def flows(system: System) -> set[tuple[str, str]]:
    """Its flows, as names."""
    return {(system.name_of(f.source), system.name_of(f.target)) for f in system.flows}


def said(system: System) -> str:
    """Its assumptions, in one text."""
    return "\n".join(a.text for a in system.assumptions)


PARTS = (
    "## Parts\n\n- Picker dashboard: a React web app\n- Harvest backend: a Django service\n"
    "- Crop database: PostgreSQL\n- Weather worker: a cron job\n\n"
)


def test_a_store_that_nothing_is_said_to_use_belongs_to_the_backend() -> None:
    """A store and a front without a flow of their own are joined to the backend, and that is said."""
    system = read(PARTS + "The weather worker calls the harvest backend.\n")
    assert {("Picker dashboard", "Harvest backend"), ("Harvest backend", "Crop database")} <= flows(system)
    assert "does not say who uses some parts" in said(system)


def test_a_store_that_a_part_is_said_to_use_is_left_alone() -> None:
    """Nothing is assumed of a store beside what is stated of it."""
    system = read(PARTS + "The weather worker writes to the crop database.\n")
    assert ("Harvest backend", "Crop database") not in flows(system)


def test_a_front_comes_in_through_the_only_gateway() -> None:
    """Where one gateway stands before the services, a front without a flow calls that."""
    system = read(
        "## Parts\n\n- Picker dashboard: a React web app\n- Gateway: an API gateway\n- Crop service: crops\n"
        "- Weather service: weather\n- Crop database: PostgreSQL\n\n"
        "The gateway sends requests to the crop service and the weather service.\n"
    )
    assert ("Picker dashboard", "Gateway") in flows(system)
    assert ("Crop service", "Crop database") in flows(system)
    assert ("Weather service", "Crop database") not in flows(system)


def test_arrows_leave_nothing_out() -> None:
    """A text that draws its flows as arrows has said them all."""
    system = read(PARTS + "## Flows\n\n- Weather worker -> Harvest backend: readings\n")
    assert ("Harvest backend", "Crop database") not in flows(system)


def test_flows_between_outsiders_alone_say_nothing_of_the_system() -> None:
    """Where text tells only what outsiders do to each other, the usual flows are assumed, the API first."""
    system = read(
        "## Actors\n\n1. Growers: people who use it.\n2. Row planner: plans rows.\n"
        "3. Orchard API server: takes jobs.\n"
        "4. Partner tools: external systems.\n\nAdministrators configure partner tools.\n"
    )
    assert ("Growers", "Orchard API server") in flows(system)
    assert ("Orchard API server", "Row planner") in flows(system)
