"""What is heard in pages that people type: READMEs, wiki pages, notes in chats, requests for comments."""

from __future__ import annotations

import pytest

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


def zones(fragment: SystemFragment) -> dict[str, set[str]]:
    """The boundaries, with the names of what stands inside."""
    name = {e.id: e.name for e in fragment.elements}
    return {b.name: {name[m] for m in b.members} for b in fragment.boundaries}


class TestTitles:
    """What the first heading says."""

    @pytest.mark.parametrize(
        "title",
        [
            "Bakery reference architecture",
            "Threat model of the bakery",
            "Bakery: requirements and design",
            "Security testing lab",
        ],
    )
    def test_a_title_silences_nothing(self, title: str) -> None:
        """A word of the only heading, such as "reference", does not make the whole text unheard."""
        read = read_prose(f"# {title}\n\nThe stall app sends orders to the oven controller.\n")
        assert ("stall app", "oven controller") in flows(read)

    def test_a_title_that_is_all_silent_stays_so(self) -> None:
        """A page that is headed "Goals" tells what is wished, not what is."""
        assert not read_prose("# Goals\n\nThe stall app sends orders to the oven controller.\n").elements

    def test_a_title_lists_the_parts_in_brackets(self) -> None:
        """The parts in brackets behind a title are elements, and sentences may still name others."""
        read = read_prose(
            "# Greenhouse (sensors, valve controller, harvest portal)\n\nWe store data in MySQL.\n"
        )
        assert {"sensors", "valve controller", "harvest portal", "MySQL"} <= names(read)

    def test_other_brackets_of_a_title_name_nothing(self) -> None:
        """A version, a team or a remark in brackets is no list of parts."""
        assert not read_prose("# Greenhouse (draft, second version, 2024)\n\nIt is warm.\n").elements


class TestLabels:
    """Lines that list behind a label."""

    def test_a_line_of_components(self) -> None:
        """What stands behind "Components:", parted by semicolons, are parts; brackets tell of them."""
        read = read_prose(
            "Components: seat map server (Tomcat); ticket storage (PostgreSQL, backups nightly); "
            "stage door app; outside payment system."
        )
        assert kinds(read) == {
            "seat map server": "process",
            "ticket storage": "data_store",
            "stage door app": "process",
            "outside payment system": "external_entity",
        }
        assert "postgresql" in next(e for e in read.elements if e.name == "ticket storage").technologies

    def test_a_line_of_people(self) -> None:
        """What stands behind "Users:" are people."""
        read = read_prose("The desk sells seats. Users: ushers, subscribers, house managers.")
        assert {"ushers", "subscribers", "house managers"} <= {
            n for n, k in kinds(read).items() if k == "external_entity"
        }
        assert "Users" not in names(read)

    def test_people_under_a_heading(self) -> None:
        """A paragraph under "Actors" lists who acts, with what they do."""
        read = read_prose(
            "# Seat desk\n\n## Components\n\n- Seat map server: draws the hall\n- Stall app: takes money\n"
            "- Ledger database: sums\n\n## Actors\n\n"
            "Usher of the house who operates the stall app; bookkeeper who reads the ledger database; "
            "guest.\n"
        )
        assert {"Usher of the house", "bookkeeper", "guest"} <= names(read)
        assert ("Usher of the house", "Stall app") in flows(read)

    def test_a_label_before_a_sentence_lists_nothing(self) -> None:
        """A label of one thing, or of a sentence, is no list."""
        read = read_prose("Parts: this text, like all others, was written in a hurry.")
        assert not read.elements


class TestZones:
    """Paragraphs that are headed by a zone."""

    def test_a_zone_named_after_a_part_holds_it(self) -> None:
        """A paragraph "The loading bay gateway zone: …" names the gateway and a boundary around it."""
        read = read_prose(
            "A depot has several zones.\n\nThe sensor zone: the place where sensors stand in the open.\n\n"
            "The bay gateway zone: a bay gateway is a box that lets sensors talk to the depot server.\n"
        )
        assert {"bay gateway", "sensor"} <= names(read)
        assert "bay gateway" in zones(read)["Bay gateway zone"]

    def test_a_zone_lists_its_members(self) -> None:
        """What a line lists behind a zone stands inside of it."""
        read = read_prose(
            "The signer answers the controller.\n\n"
            "The inner zone: the controller, the signer and the audit database. Nobody else comes in.\n"
        )
        assert zones(read)["Inner zone"] == {"controller", "signer", "audit database"}


class TestArrows:
    """Chains of arrows among sentences."""

    def test_a_chain_in_a_paragraph(self) -> None:
        """The first sentence of a paragraph may be a chain of arrows."""
        read = read_prose(
            "Sailor -> harbour app -> berth server -> berth store (Hetzner by default). "
            "The berth server trusts what other berth servers tell it.\n"
        )
        assert {
            ("Sailor", "harbour app"),
            ("harbour app", "berth server"),
            ("berth server", "berth store"),
        } <= (flows(read))

    def test_a_name_that_ends_with_a_full_stop(self) -> None:
        """A name shortened with a full stop is an end of an arrow like any other."""
        read = read_prose(
            "## Components\n\n- **Plate recog.** (process)\n- **Barrier API** (process)\n"
            "- **Plates** (store)\n\n"
            "## Data flows\n\n- Barrier API -> Plate recog.: pictures\n- Plate recog. -> Plates: numbers\n"
        )
        assert {("Barrier API", "Plate recog"), ("Plate recog", "Plates")} <= flows(read)


class TestDefinitions:
    """Sentences that say what a part is."""

    def test_a_titled_daemon_in_small_letters(self) -> None:
        """A page about a program writes its name as it is typed."""
        read = read_prose("# finchd\n\nfinchd is a daemon that sends readings to the finch server.\n")
        assert ("finchd", "finch server") in flows(read)

    def test_a_long_noun_with_hyphens(self) -> None:
        """The words before what it is may be many and hyphenated."""
        read = read_prose(
            "# Bramble Warden\n\nBramble Warden is a TOML-based stateless linting engine for hedges. Bramble "
            "Warden writes reports to S3.\n"
        )
        assert ("Bramble Warden", "S3") in flows(read)

    def test_a_trade_that_is_a_program(self) -> None:
        """What is said to be a service is one, although people are called so too."""
        read = read_prose("The dispatcher is a small Go service which reads jobs from the ERP.")
        assert kinds(read)["dispatcher"] == "process"
        assert ("ERP", "dispatcher") in flows(read)
        assert not any("Go service" in n for n in names(read))


class TestParts:
    """Sentences that say what a whole has."""

    def test_several_agents(self) -> None:
        """What a cluster has are parts, also when there are many of each."""
        read = read_prose("A hive has queen agents and drone agents. The rest of the text is about honey.")
        assert {"queen agents", "drone agents"} <= names(read)


class TestDuties:
    """Headings that name a part and speak of its work."""

    def test_what_a_client_and_a_server_do(self) -> None:
        """Sentences without a subject under "Client duties" say what the client does."""
        read = read_prose(
            "# Pebble notes\n\n## Client responsibilities\n\nUploading notes to the note server. "
            "Fetching keys from the key directory.\n\n## Server responsibilities\n\nStoring notes in Redis.\n"
        )
        assert {("Client", "note server"), ("note server", "Redis")} <= flows(read)


class TestMovement:
    """Verbs and other words by which something moves."""

    @pytest.mark.parametrize(
        ("text", "flow"),
        [
            ("The controller watches valves in the plant server.", ("plant server", "controller")),
            ("The signer holds its key in an HSM.", ("signer", "HSM")),
            ("A web console shows the readings to clerks and operators.", ("web console", "operators")),
            ("Customers log in with Okta, their pictures go to S3.", ("Customers", "S3")),
            (
                "Traffic between the controller and the plant server is encrypted.",
                ("controller", "plant server"),
            ),
            ("Between the controller and the plant server mTLS is used.", ("controller", "plant server")),
            (
                "The stall app keeps sums in Redis and customer records in PostgreSQL.",
                ("stall app", "PostgreSQL"),
            ),
            (
                "The stall app sends orders to the oven server and invoices to the tax server.",
                ("stall app", "tax server"),
            ),
            ("The stall app pushes receipts to a queue; a worker picks them up.", ("queue", "worker")),
            ("Agents on each node receive the bundle from the controller.", ("controller", "Agents")),
            ("The stall app is managed by way of a desk console.", ("desk console", "stall app")),
            ("Customers use the system through a web portal.", ("Customers", "web portal")),
        ],
    )
    def test_a_sentence_moves(self, text: str, flow: tuple[str, str]) -> None:
        """Each of these sentences states the flow."""
        assert flow in flows(read_prose(text))

    @pytest.mark.parametrize(
        ("text", "noise"),
        [
            (
                "The scheduler can run any container, batch program or legacy application.",
                "legacy application",
            ),
            ("Firmware updates come from a vendor's portal.", "Firmware"),
            ("The stall daemon loads plugins, which run inside the daemon's process.", "daemon's process"),
            ("Services act under their own identity, store and analyze data.", "store"),
        ],
    )
    def test_a_phrase_is_no_part(self, text: str, noise: str) -> None:
        """What only means any such thing, owns no name, or is a verb, is no element."""
        assert noise not in names(read_prose(text))

    def test_records_are_no_verb(self) -> None:
        """The noun in "customer records" records nothing."""
        read = read_prose("The stall app keeps sums in Redis and customer records in PostgreSQL.")
        assert ("Redis", "PostgreSQL") not in flows(read)


class TestBoundaries:
    """Lines of a list of boundaries."""

    def test_a_boundary_around_a_part(self) -> None:
        """A boundary "around" a part holds it."""
        read = read_prose(
            "## Components\n\n- **Stall app** (process)\n- **Safe** (store)\n- **Lock** (process)\n\n"
            "## Trust boundaries\n\n- Vault boundary (around Safe, Lock)\n"
        )
        assert zones(read)["Vault boundary"] == {"Safe", "Lock"}


class TestAgents:
    """Programs that are called agents."""

    def test_agents_on_machines_are_no_models(self) -> None:
        """Where nothing speaks of models, an agent is a program on a machine."""
        read = read_prose("A hive has queen agents and drone agents. Drone agents report to queen agents.")
        assert {t for e in read.elements for t in e.technologies} == {"microservice"}

    def test_agents_of_a_model_stay(self) -> None:
        """Beside a language model, an agent is built on it."""
        read = read_prose("The agents call an LLM and the ticket API.")
        assert "agent" in {t for e in read.elements for t in e.technologies}
