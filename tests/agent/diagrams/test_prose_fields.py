"""What is heard in the descriptions of tools, devices and protocols."""

from __future__ import annotations

import pytest

from agent.diagrams.prose import read_prose
from agent.domain.system import ElementKind, SystemFragment


def kinds(fragment: SystemFragment) -> dict[str, ElementKind]:
    """What each element is, by name."""
    return {e.name: e.kind for e in fragment.elements}


def flows(fragment: SystemFragment) -> set[tuple[str, str]]:
    """The ends of the flows, by name."""
    name = {e.id: e.name for e in fragment.elements}
    return {(name[f.source], name[f.target]) for f in fragment.flows}


def test_a_line_that_announces_the_components() -> None:
    """A line that begins with "The components of" and ends with a colon makes its items components."""
    read = read_prose(
        "# Ferry\n\nThe components of the ferry desk, with what it rents:\n\n"
        "* Berth log\n* Berth monitor\n* Tide board: shows the tide\n* Crew account\n"
    )
    assert {"Berth log", "Berth monitor", "Tide board"} <= set(kinds(read))


def test_a_line_about_components_in_passing_announces_none() -> None:
    """Components elsewhere in the line announce nothing."""
    read = read_prose(
        "# Ferry\n\nHere is why we like the components of a wooden ferry so much:\n\n"
        "* Cheap\n* Small to ship\n* Quick\n"
    )
    assert not kinds(read)


def test_people_by_their_first_names() -> None:
    """Alice and Bob are people, and "she" means the one that was named before."""
    read = read_prose("Alice signs in at the berth portal. She then sends a request to the tide server.")
    assert kinds(read)["Alice"] is ElementKind.EXTERNAL_ENTITY
    assert flows(read) == {("Alice", "berth portal"), ("Alice", "tide server")}


def test_a_bracket_between_subject_and_verb() -> None:
    """What stands in brackets parts no subject from its verb."""
    read = read_prose("The tide server (a rented machine) talks to the berth database.")
    assert ("tide server", "berth database") in flows(read)


@pytest.mark.parametrize("noun", ["command-line tool", "tool", "USB device", "platform"])
def test_the_tool_that_the_text_is_about(noun: str) -> None:
    """A tool or a device that the title names is a part, as its users and plugins speak to it."""
    read = read_prose(
        f"# Knotty (the knot project)\n\nKnotty is a {noun} for signing charts.\n\n## Use\n\n"
        "A sailor uses Knotty to sign charts. Knotty stores keys in a keystore.\n"
    )
    assert kinds(read)["Knotty"] is ElementKind.PROCESS
    assert any("Knotty" in f for f in flows(read))


def test_a_system_that_the_title_names_is_no_part_of_itself() -> None:
    """A title that names a system of parts is none of them."""
    read = read_prose(
        "# Knotty\n\nKnotty is a distributed storage system. The chart server uses a database.\n"
    )
    assert "Knotty" not in kinds(read)


def test_a_connection_is_a_flow() -> None:
    """Who uses something for the connection to a part talks to that part."""
    read = read_prose("The berth controller uses callbacks for connection to the harbour API server.")
    assert flows(read) == {("berth controller", "harbour API server")}


def test_an_actor_is_a_person() -> None:
    """An item that says that its name is an actor or a role names people, whatever the name sounds like."""
    read = read_prose(
        "## Components\n\n- **User**: The actor may be a skipper or a pilot.\n"
        "- **Chart Builder**: The actor who draws charts in the chart store.\n"
        "- **Berth server**: serves berths.\n"
    )
    assert kinds(read)["User"] is ElementKind.EXTERNAL_ENTITY
    assert kinds(read)["Chart Builder"] is ElementKind.EXTERNAL_ENTITY


def test_an_adverb_ends_a_name() -> None:
    """A word in -ly behind a name belongs to the verb."""
    read = read_prose("Alice queries the berth log periodically to see new arrivals.")
    assert not any(name.endswith("periodically") for name in kinds(read))


def test_who_follows_people() -> None:
    """A word that can mean a machine or a person is a person before "who"."""
    read = read_prose("Only a signer who uploads charts to the berth server is asked.")
    assert kinds(read)["signer"] is ElementKind.EXTERNAL_ENTITY


def test_the_whole_is_no_plugin_of_itself() -> None:
    """What the title names is another part than a listed one whose name begins with it."""
    read = read_prose(
        "# Knotty\n\nKnotty is a tool for charts.\n\n## Components\n\n- **Crew**: sailors\n"
        "- **Knotty Plugin**: an add-on\n- **Chart store**: a store\n- **Berth server**: a server\n\n"
        "## Signing\n\nThe crew uses Knotty to sign. Knotty reads charts from the chart store.\n"
    )
    assert {("Crew", "Knotty"), ("Chart store", "Knotty")} <= flows(read)


TIDES = """# Tides

The components of the tide desk:

* Rekor server
* Quay CA server
* Login server: identity provider
* Berth log

"""


@pytest.mark.parametrize(
    ("sentence", "flow"),
    [
        ("Alice sends a request to the Quay CA.", ("Alice", "Quay CA server")),
        ("Alice queries Rekor.", ("Alice", "Rekor server")),
        ("Alice authenticates against the identity provider.", ("Alice", "Login server")),
    ],
)
def test_a_listed_name_without_its_last_word(sentence: str, flow: tuple[str, str]) -> None:
    """A listed server is meant by its name without "server", and the one identity provider by what it is."""
    assert flows(read_prose(TIDES + sentence)) == {flow}


def test_she_is_no_machine() -> None:
    """A person who was not heard is not taken for the part that the sentence before named."""
    assert not flows(
        read_prose("Xiu is late. The berth server waits. She sends a request to the tide server.")
    )


@pytest.mark.parametrize(
    ("text", "flow"),
    [
        ("Harbour phones are handhelds and communicate with the berth server.", "berth server"),
        ("The pilot loads the chart app.", "chart app"),
    ],
)
def test_how_standards_speak(text: str, flow: str) -> None:
    """A clause after "are … and", and what is loaded, are heard."""
    assert flow in {target for _, target in flows(read_prose(text))}


def test_a_label_ends_without_a_quotation_mark() -> None:
    """What a flow is called ends with a word."""
    read = read_prose('The berth server reads charts using the "Chart API".')
    assert not any(f.label.endswith(('"', " the")) for f in read.flows)


def test_clients_are_not_the_interface_that_serves_them() -> None:
    """A bare word for outsiders means no part of ours whose name only begins with it."""
    read = read_prose(
        "The berth database is used by the Client-Server API. Clients communicate with the berth hub."
    )
    assert ("Clients", "berth hub") in flows(read)


def test_the_device_is_what_the_title_names() -> None:
    """A device that the title names is one part under its long name, its short name and "the device"."""
    read = read_prose(
        "# Harbour Knotty\n\nThe Harbour Knotty is a platform for signing.\n\nClients talk to the Knotty. "
        "Clients load charts onto the Knotty device. Clients send keys to the device.\n"
    )
    assert flows(read) == {("Clients", "Harbour Knotty")}
