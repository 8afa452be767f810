"""What is heard in texts that are written like papers and standards, not like lists of components."""

from __future__ import annotations

import pytest

from agent.catalog.data_kinds import load_data_kinds
from agent.catalog.technologies import load_technologies
from agent.catalog.vocabulary import DataTag, Trait
from agent.diagrams.prose import read_prose
from agent.domain.system import SystemFragment


def names(fragment: SystemFragment) -> set[str]:
    """The names of the elements."""
    return {e.name for e in fragment.elements}


def flows(fragment: SystemFragment) -> set[tuple[str, str]]:
    """The ends of the flows, by name."""
    name = {e.id: e.name for e in fragment.elements}
    return {(name[f.source], name[f.target]) for f in fragment.flows}


def kinds(fragment: SystemFragment) -> dict[str, str]:
    """What each element is, by name."""
    return {e.name: e.kind.value for e in fragment.elements}


def held(fragment: SystemFragment) -> set[tuple[str, str]]:
    """What is said of data: where it lies, and its kind."""
    return {(f.about, f.fact.removeprefix("data:")) for f in fragment.facts if f.fact.startswith("data:")}


FERRY = """# Ferry tickets

## Design assumptions

Harbours are connected by fibre.

- The clocks of all turnstiles agree.

### Ticket server

The following data elements are stored on the ticket server:

- passwords of passengers
- refresh tokens (one per phone)
- signing keys

### Wording

- Nobody shouts.
"""


class TestAssumptions:
    """What a text takes for granted, and what only stands near it."""

    def test_a_section_named_after_a_part_is_about_that_part(self) -> None:
        """Below a heading of assumptions, a heading that names a part holds no assumptions."""
        read = read_prose(FERRY)
        assert [a.text for a in read.assumptions] == [
            "Harbours are connected by fibre.",
            "The clocks of all turnstiles agree.",
            "Nobody shouts.",
        ]
        assert "ticket server" in {n.lower() for n in names(read)}

    def test_a_list_of_what_is_stored_somewhere_lies_there(self) -> None:
        """A line "is stored on X:" before a list puts each item's data into X, as assets."""
        read = read_prose(FERRY)
        assert {
            ("ticket server", "credentials"),
            ("ticket server", "tokens"),
            ("ticket server", "secrets"),
        } <= {(a.lower(), k) for a, k in held(read)}
        assert {"credentials", "tokens", "secrets"} <= {a.tag for a in read.assets}

    def test_a_clause_after_what_is_assumed_states_something(self) -> None:
        """In "assuming A, B sends to C" only A is assumed."""
        read = read_prose("Assuming the tide allows it, the pilot app sends positions to the harbour server.")
        assert flows(read) == {("pilot app", "harbour server")}
        assert [a.text for a in read.assumptions] == ["Assuming the tide allows it"]


class TestAcronyms:
    """Short names that a text introduces in brackets."""

    TEXT = (
        "The lift runs its brakes in a Guarded Control Environment (GCE), and music in an Open Control "
        "Environment (OCE). Floor numbers (FLN) are shown. The OCE requests a stop from the GCE. "
        "The GCE returns the floor to the OCE. A FLN is short."
    )

    def test_they_are_parts_when_what_they_stand_for_is_one(self) -> None:
        """A short name is the part that it abbreviates; that of a number or a key is none."""
        read = read_prose(self.TEXT)
        assert {("OCE", "GCE"), ("GCE", "OCE")} <= flows(read)
        assert "FLN" not in names(read)
        assert not any("Environment" in n for n in names(read))

    def test_a_listed_part_keeps_its_name(self) -> None:
        """A short name beside a listed one means the listed part."""
        read = read_prose(
            "## Components\n\n- **Reading Station (RST)**: a laptop\n- **Mail server**: takes post\n"
            "- **Label printer**: prints\n\nThe RST sends letters to the mail server."
        )
        assert ("Reading Station", "Mail server") in {(a.partition(" (")[0], b) for a, b in flows(read)}

    def test_the_name_first(self) -> None:
        """A long name in brackets behind a short one introduces the short name as well."""
        read = read_prose(
            "BCUs (Brake Control Units, one per wheel) are small. The BCU polls the relay server."
        )
        assert ("relay server", "BCU") in flows(read)

    def test_what_is_isolated_lies_inside_a_boundary(self) -> None:
        """A boundary that isolates A from B is drawn around A."""
        read = read_prose(self.TEXT + " The Trust Boundary isolates the GCE from the OCE.")
        name = {e.id: e.name for e in read.elements}
        assert [(b.name, [name[m] for m in b.members]) for b in read.boundaries] == [("GCE", ["GCE"])]


class TestLists:
    """Lists that other texts than lists of components have."""

    def test_items_that_introduce_a_part(self) -> None:
        """An item that begins "A sorting server that …" names a part, in long texts too."""
        filler = "Tides come and go, and nobody minds. " * 150
        read = read_prose(
            f"{filler}\n\n## Design\n\n- A sorting server containing lists of parcels.\n"
            "- An on-ship gateway connected to a parcel database.\n- A user can wait.\n- A nice way.\n"
        )
        assert names(read) == {"sorting server", "on-ship gateway", "parcel database"}

    def test_people_are_people(self) -> None:
        """Who stands in a list of users, roles or personas is a person, whatever the words after it."""
        read = read_prose(
            "## Users\n\n- Skipper: downloads all charts from the storage; logs\n- Admin: keeps buckets\n\n"
            "## Personas\n\n- Registrar: reads records of the database\n"
        )
        assert {n for n, k in kinds(read).items() if k == "external_entity"} == {
            "Skipper",
            "Admin",
            "Registrar",
        }

    def test_paragraphs_of_a_list_of_components(self) -> None:
        """Under "Components", paragraphs that begin with a name and a colon name parts."""
        read = read_prose(
            "## Primary components\n\nCrane Planner: decides which crane lifts what.\n\n"
            "Berth Ledger Service: records who lay where.\n"
        )
        assert names(read) == {"Crane Planner", "Berth Ledger Service"}

    def test_assets(self) -> None:
        """Lists of assets are read part by part, with and without names before them."""
        read = read_prose(
            "## Assets\n\n- Assets of the crew: login details; encryption keys\n"
            "- Device data, e.g. Hull Unique Key (HUK), root authentication key\n- Availability of the pump\n"
        )
        tags = [a.tag for a in read.assets]
        assert tags.count("secrets") >= 2
        assert "credentials" in tags
        assert not any(a.name.startswith("Assets of") for a in read.assets)
        assert not names(read)

    def test_parts_of_a_whole(self) -> None:
        """A sentence that lists the parts of the whole names them."""
        read = read_prose(
            "The architecture has three parts: a chart pipeline, a pilot portal and a tide API."
        )
        assert {"chart pipeline", "pilot portal", "tide API"} <= names(read)

    def test_the_server_is_what_the_heading_names(self) -> None:
        """Below a heading that names a listed part, "the server" is that part."""
        read = read_prose(
            "## Systems\n\n- Chart Server: web server\n- Alarm Server: mail server\n- Deck Laptop: laptop\n\n"
            "## What the Alarm Server keeps\n\n- The server stores SSH keys on disk.\n"
            "- The server connects to the Chart Server.\n"
        )
        assert ("Alarm Server", "Chart Server") in flows(read)
        assert ("Alarm Server", "secrets") in held(read)


def test_a_title_announces_no_list() -> None:
    """A title such as "Remote Voting Service" makes no parts of the headings below it."""
    read = read_prose(
        "# Ferry Booking Service (FBS)\n\n## Architecture\n\nThe deck app calls the tide server.\n\n"
        "## Processing\n\nThe tide server stores charts in the chart database.\n\n"
        "Assets to protect: charts, private keys, audit log.\n"
    )
    assert names(read) == {"deck app", "tide server", "chart database"}
    assert {"secrets", "logs"} <= {a.tag for a in read.assets}


def test_the_last_word_of_a_long_name_means_its_short_one() -> None:
    """Where one part alone is introduced as such a gateway, "the gateway" is that part."""
    read = read_prose(
        "The Tidal Lock Gateway (TLG) counts boats. The gateway sends counts to the harbour server."
    )
    assert flows(read) == {("TLG", "harbour server")}


def test_an_unclear_word_is_no_further_part() -> None:
    """Where two servers have names, "the server" in passing is no third one."""
    read = read_prose(
        "The tide server calls the berth server. The certificate is kept in the server. It is old."
    )
    assert names(read) == {"tide server", "berth server"}


def test_headings_for_several() -> None:
    """A list of clients names parts, and sentences may name others beside them."""
    read = read_prose(
        "## Clients\n\n- Deck app: talks to the quay app.\n- Quay app: uses the key vault.\n- Mast app.\n\n"
        "The chart portal calls the tide engine."
    )
    assert {("Deck app", "Quay app"), ("chart portal", "tide engine")} <= flows(read)
    assert kinds(read)["Quay app"] == "process"


def test_a_list_of_actors_is_not_all_there_is() -> None:
    """Beside a list of people sentences still name the parts of the system."""
    read = read_prose(
        "## Actors\n\n- Voter - a person who votes\n- Officer - prints\n- Auditor - checks proofs\n\n"
        "## How it goes\n\nThe ballot app sends votes to the ballot box server."
    )
    assert ("ballot app", "ballot box server") in flows(read)


def test_short_names_of_more_letters_than_words() -> None:
    """A short name may take more than the first letter of a word."""
    read = read_prose("The smart meter gateway (SMGW) is new. The SMGW sends readings to the billing server.")
    assert flows(read) == {("SMGW", "billing server")}


def test_a_stored_key_is_no_stated_protection() -> None:
    """Who stores the key of a protection does not state the protection."""
    read = read_prose("The tide server stores the TLS private key. The lock server uses TLS.")
    assert {f.about for f in read.facts if f.fact == "encrypted"} == {"lock server"}


def test_a_word_before_a_clause_does_nothing_in_it() -> None:
    """In "on old quays, the crane sends …" the crane alone sends."""
    read = read_prose("On old lock gateways, the crane app sends loads to the tide server.")
    assert flows(read) == {("crane app", "tide server")}


def test_what_something_is_said_to_be_outweighs_its_word() -> None:
    """A client that is said to be an application is a process."""
    read = read_prose("A client is an application of the crew. The client calls the tide server.")
    assert kinds(read)["client"] == "process"


def test_what_is_prevented_does_not_happen() -> None:
    """What one part is kept from doing is no flow."""
    assert not flows(read_prose("The wall must prevent the guest app accessing the tide server."))


def test_definitions_name_parts() -> None:
    """An item that defines its name as a system, a server or a person names a part."""
    read = read_prose(
        "## Model\n\n- Sorter: system that puts parcels in order.\n- Parcel: something that is sent.\n"
        "- Sealer: component that closes parcels\n"
    )
    assert names(read) == {"Sorter", "Sealer"}


def test_a_word_for_several_means_the_listed_ones() -> None:
    """A bare word such as "operators" means the listed operators of each kind."""
    read = read_prose(
        "## Personas\n\n- Dock Operator: runs docks\n- Lock Operator: runs locks\n\n## Components\n\n"
        "- **Tide service**: keeps tides\n- **Berth service**: keeps berths\n- **Log service**: logs\n\n"
        "Operators call the tide service."
    )
    assert {("Dock Operator", "Tide service"), ("Lock Operator", "Tide service")} <= flows(read)


def test_what_a_long_text_names_again_and_again_is_a_part() -> None:
    """A part with a name of its own that comes back is one, a part named once in passing is none."""
    filler = "Tides come and go, and nobody minds. " * 150
    said = (
        "A lock keeper trusts the tide server. The tide server is old. Charts in the tide server are signed."
    )
    read = read_prose(f"{said} {filler} Somewhere a ship database rusts.")
    assert "tide server" in names(read)
    assert "ship database" not in names(read)


@pytest.mark.parametrize(
    ("text", "flow"),
    [
        ("Beacons broadcast identifiers to phones.", ("Beacons", "phones")),
        ("The supplier delivers images to the OEM.", ("supplier", "OEM")),
        ("The phone app verifies batches at the key server.", ("phone app", "key server")),
        ("The build server signs in to the registry.", ("build server", "registry")),
        ("The portal is administered through the jump host.", ("jump host", "portal")),
        ("Clerks have access to the parcel database.", ("Clerks", "parcel database")),
        ("The bootloader loads firmware from the flash store.", ("flash store", "bootloader")),
        ("The client exchanges the code at the token endpoint.", ("client", "token endpoint")),
        ("The runner provisions the sandbox server.", ("runner", "sandbox server")),
        ("Developers upload packages to the package registry.", ("Developers", "package registry")),
    ],
)
def test_verbs(text: str, flow: tuple[str, str]) -> None:
    """Verbs of signing, shipping and running join two parts."""
    assert flow in flows(read_prose(text))


@pytest.mark.parametrize(
    ("name", "kind", "trait"),
    [
        ("Brake ECU", "process", Trait.IOT_DEVICE),
        ("bootloader", "process", Trait.IOT_DEVICE),
        ("secure partition", "process", Trait.SERVICE),
        ("public key server", "process", Trait.KEY_MANAGEMENT),
        ("code signing service", "process", Trait.KEY_MANAGEMENT),
        ("attestation verifier", "process", Trait.SERVICE),
        ("message relay", "process", Trait.SERVICE),
        ("federation server", "process", Trait.SERVICE),
        ("secure element", "data_store", Trait.KEY_MANAGEMENT),
        ("smart card", "data_store", Trait.KEY_MANAGEMENT),
        ("USB stick", "data_store", Trait.FILE_STORAGE),
        ("software repository", "data_store", Trait.REGISTRY),
        ("beacon", "external_entity", Trait.IOT_DEVICE),
        ("OEM", "external_entity", Trait.THIRD_PARTY),
    ],
)
def test_hardware_and_what_is_trusted_in_it(name: str, kind: str, trait: Trait) -> None:
    """Words for firmware, hardware, keys and who makes them say what a part is."""
    read = load_technologies().read(name)
    assert read.kind == kind
    assert trait in load_technologies().traits_of(t.id for t in read.technologies)


def test_images_of_software_are_no_source_code() -> None:
    """A repository of images holds software, not code and not documents."""
    stores = ("Image repository", "firmware store")
    assert {k.tag for s in stores for k in load_data_kinds().of_store(s)} == {DataTag.SOFTWARE}


def test_sentences_about_a_boundary_are_no_members() -> None:
    """What is told of a boundary in sentences does not become parts that are called like half a sentence."""
    told = (
        "A bakery chain's till system.\n\n"
        "## Components\n\n- **Till**: sells bread\n- **Ledger**: keeps the day's takings\n\n"
        "## Trust boundaries\n\n"
        "- Back door: all tills open a port for repair. It takes keys and does not allow passwords.\n"
        "- Shop floor: Till, Ledger.\n"
    )
    fragment = read_prose(told, source="description")

    assert [e.name for e in fragment.elements] == ["Till", "Ledger"]
    assert [b.name for b in fragment.boundaries] == ["Shop floor"]
