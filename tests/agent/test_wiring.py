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


def test_a_worker_that_nothing_comes_to_reads_the_queue_that_nobody_reads() -> None:
    """A stream with a writer and no reader is read by the one job that nothing comes to, and that is said."""
    system = read("The gateway service writes to a Kinesis stream. A Flink job writes to ClickHouse.")
    assert ("Kinesis stream", "Flink job") in flows(system)
    assert "does not say who uses some parts" in said(system)


def test_which_of_two_workers_reads_is_not_guessed() -> None:
    """With two jobs that nothing comes to, nobody is said to read the stream."""
    system = read(
        "The gateway service writes to a Kinesis stream. A Flink job writes to ClickHouse. "
        "A Spark job writes to Postgres."
    )
    assert not any(source == "Kinesis stream" for source, _ in flows(system))


def test_services_of_others_that_nobody_calls_are_called_by_the_backend() -> None:
    """A service of others that the text names and joins to nothing is called by the backend."""
    system = read(
        "A React frontend calls the orders backend. We use Stripe for payments. Emails go through SendGrid."
    )
    assert {("orders backend", "Stripe"), ("orders backend", "SendGrid")} <= flows(system)


def test_people_with_a_device_of_the_system_are_not_lonely() -> None:
    """People who use a device that calls a part need no other way in."""
    system = read(
        "Officers check plates with a handheld device that queries the permits API. "
        "The web portal calls the permits API."
    )
    assert {target for source, target in flows(system) if source == "Officers"} == {"handheld device"}
