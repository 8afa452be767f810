"""What prose reading hears in a description, and what it does not."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agent.diagrams.prose import MAX_CHARACTERS, read_prose
from agent.domain.system import ElementKind, EvidenceKind, Known, SystemFragment


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


def facts(text: str, known: tuple[str, ...] = ()) -> set[tuple[str, str, str]]:
    """What a text states, other than about data."""
    read = read_prose(text, known=known)
    return {(f.about, f.fact, f.value) for f in read.facts if not f.fact.startswith("data:")}


def controls(text: str, known: tuple[str, ...] = ()) -> set[tuple[str, str, str]]:
    """The controls that a text states, without the words "control:"."""
    return {(a, f.removeprefix("control:"), v) for a, f, v in facts(text, known) if f.startswith("control:")}


WORDS = (
    "the a hub kiosk Kafka sends stores calls no not mfa tls to from in and , . ; : ( ) -> - ** ` | # \n "
    "should customers database encrypted users' api's between is are by which"
)
TELLING = WORDS.split(" ")
"""Words and marks that the rules look at."""

LIST = """# Bakery

An order system.

## Components

- **Till** (process, zone=shop): Takes orders at the counter.
- **Order book** (store, storesCredentials=True, technology=PostgreSQL)
- **Baker** (actor)
- **Oven controller** (process): Runs the ovens. Requests are authenticated with an API key.
- **Night config** (store, outOfScope=True)

## Data flows

- Baker -> Till: orders (protocol=HTTPS, isEncrypted=True, isPublicNetwork=True)
- Till -> Order book: SQL, orders and names — every order of the day
- Till -> Oven controller -> Order book: batches
- Oven controller <-> Till: readiness (isEncrypted=False)

## Trust boundaries

- Shop: Till, Order book — where customers stand
- (unnamed boundary)
- Bakehouse: Oven controller and Baker

## Assumptions

- The shop is locked at night.

## Goals

- All traffic is encrypted.
"""


class TestLists:
    """Component lists are read nearly as they stand."""

    def test_elements(self) -> None:
        """Every item is an element of the kind that it states, in order."""
        assert kinds(read_prose(LIST)) == {
            "Till": "process",
            "Order book": "data_store",
            "Baker": "external_entity",
            "Oven controller": "process",
            "Night config": "data_store",
        }

    def test_everything_is_assumed_and_quoted(self) -> None:
        """What prose names is assumed and carries the line as evidence."""
        read = read_prose(LIST, source="notes.md")
        assert all(e.assumed for e in read.elements)
        assert all(f.assumed for f in read.flows)
        assert {e.source.kind for e in read.elements} == {EvidenceKind.DESCRIPTION}
        assert read.elements[0].source.source == "notes.md"
        assert read.flows[0].evidence.quote.startswith("Baker -> Till: orders")

    def test_flows(self) -> None:
        """Arrows, chains and two-way arrows are flows with label, protocol and encryption."""
        read = read_prose(LIST)
        assert flows(read) == {
            ("Baker", "Till"),
            ("Till", "Order book"),
            ("Till", "Oven controller"),
            ("Oven controller", "Order book"),
            ("Oven controller", "Till"),
        }
        first = read.flows[0]
        assert (first.label, first.protocol, first.encrypted) == ("orders", "https", Known.YES)
        assert {f.encrypted for f in read.flows if f.label == "readiness"} == {Known.NO}
        assert next(f for f in read.flows if f.protocol == "sql").data == ("orders and names",)

    def test_boundaries(self) -> None:
        """Named boundaries get their members; unnamed ones are no boundary."""
        read = read_prose(LIST)
        name = {e.id: e.name for e in read.elements}
        assert {b.name: {name[m] for m in b.members} for b in read.boundaries} == {
            "Shop": {"Till", "Order book"},
            "Bakehouse": {"Oven controller", "Baker"},
        }

    def test_attributes_and_descriptions_become_facts(self) -> None:
        """Attributes and the words of a description say something about their own item."""
        read = read_prose(LIST)
        said = {(f.about, f.fact, f.value) for f in read.facts}
        assert ("Order book", "data:credentials", "yes") in said
        assert ("Baker -> Till", "exposure", "internet") in said
        assert ("Oven controller", "authenticated", "yes") in said
        assert "postgresql" in read.elements[1].technologies

    def test_goals_state_nothing_and_assumptions_are_kept_apart(self) -> None:
        """A goal is no control; an assumption is an assumption; what is out of scope is said."""
        read = read_prose(LIST)
        assert not any(f.about == "" for f in read.facts)
        assert [a.text for a in read.assumptions] == [
            "Night config is out of scope.",
            "The shop is locked at night.",
        ]

    def test_identifiers_are_made_of_names(self) -> None:
        """The same text gives the same identifiers, and they read like the names."""
        read = read_prose(LIST)
        assert [e.id for e in read.elements][:2] == ["till", "order-book"]
        assert read.flows[0].id == "baker--till--orders"
        assert read == read_prose(LIST)

    def test_stereotypes(self) -> None:
        """Stereotypes and attributes with technologies are heard."""
        read = read_prose(
            "## Components\n\n- **hub** (process, stereotypes=service_discovery, csrf_disabled, entrypoint, "
            "Service Discovery=Consul, Endpoints=['/a', '/b'])\n"
            "- **db** (store, Username=root, Password=root)\n"
            "- **scope** (process)\n\n## Data flows\n\n"
            "- db -> hub (stereotypes=jdbc, encrypted, 'Username'=\"root, or so\")\n- hub -> scope\n"
        )
        said = {(f.about, f.fact, f.value) for f in read.facts}
        assert "consul" in read.elements[0].technologies
        assert ("hub", "control:csrf_protection", "no") in said
        assert ("hub", "exposure", "internet") in said
        assert ("db", "control:secrets_management", "no") in said
        assert (read.flows[0].protocol, read.flows[0].encrypted) == ("jdbc", Known.YES)
        assert flows(read) == {("db", "hub"), ("hub", "scope")}

    def test_tables(self) -> None:
        """Tables of components and of flows are read by their column heads."""
        read = read_prose(
            "## Components\n\n| Name | Type | Zone | Description |\n|---|---|---|---|\n"
            "| Kiosk | process | Hall | sells tickets |\n| Seat map | store | Hall | |\n\n"
            "## Flows\n\n| From | To | Data | Protocol | Encrypted |\n|---|---|---|---|---|\n"
            "| Kiosk | Seat map | bookings | SQL | no |\n"
        )
        assert kinds(read) == {"Kiosk": "process", "Seat map": "data_store"}
        assert [(f.label, f.protocol, f.encrypted) for f in read.flows] == [("bookings", "sql", Known.NO)]
        assert [b.name for b in read.boundaries] == ["Hall"]

    def test_groups(self) -> None:
        """An item that lists parts under the name of a layer is a boundary with those parts."""
        read = read_prose(
            "## Components\n\n- **Edge layer**: CloudFront (rate limiting), AWS WAF, API gateway\n"
        )
        assert {b.name for b in read.boundaries} == {"Edge layer"}
        assert {"CloudFront", "API gateway"} <= names(read)
        assert ("CloudFront", "control:rate_limit", "yes") in {(f.about, f.fact, f.value) for f in read.facts}

    def test_a_technology_stack(self) -> None:
        """Products of a stack are parts of their own, or what the named part is made of."""
        read = read_prose(
            "## Technology stack\n\n- **Frontend**: React with Redux\n"
            "- **Database**: PostgreSQL, Redis for caching\n"
            "- **Authentication**: JWT\n"
        )
        assert kinds(read)["PostgreSQL"] == "data_store"
        assert "react" in next(e for e in read.elements if e.name == "Frontend").technologies
        assert "Authentication" not in names(read)

    def test_headings_below_components(self) -> None:
        """A heading below "Components" names a component, and its paragraph speaks of it."""
        read = read_prose(
            "## Components\n\n### Gatekeeper\n\nIt validates JWTs and calls the Ledger service.\n"
        )
        assert ("Gatekeeper", "Ledger service") in flows(read)
        assert ("Gatekeeper", "authenticated", "yes") in {(f.about, f.fact, f.value) for f in read.facts}

    def test_arrow_lines_and_fences(self) -> None:
        """Arrow chains outside of lists count, in plain fences too; code in other fences does not."""
        read = read_prose(
            "Reader app → Catalogue API → Postgres\n\n```\nScanner → Catalogue API\n  → Search index\n```\n\n"
            "```python\nx = lambda a: a -> b\n```\n"
        )
        assert {
            ("Reader app", "Catalogue API"),
            ("Catalogue API", "Postgres"),
            ("Scanner", "Catalogue API"),
        } <= flows(read)
        assert ("Catalogue API", "Search index") in flows(read)
        assert not {n for n in names(read) if "lambda" in n}

    def test_lists_in_chats(self) -> None:
        """A label line and round bullets, as people write them in a chat, are a list too."""
        read = read_prose("*Components:*\n• Kiosk – sells tickets\n• Seat map database\n• Ticket printer\n")
        assert {"Kiosk", "Seat map database", "Ticket printer"} <= names(read)


class TestSentences:
    """Elements and flows that sentences name."""

    @pytest.mark.parametrize(
        ("text", "flow"),
        [
            ("The kiosk sends bookings to the ticket service.", ("kiosk", "ticket service")),
            ("The ticket service calls the pricing API.", ("ticket service", "pricing API")),
            ("The ticket service reads prices from Redis.", ("Redis", "ticket service")),
            ("The ticket service writes bookings to the seat database.", ("ticket service", "seat database")),
            (
                "Prints are uploaded to the media bucket by the render worker.",
                ("render worker", "media bucket"),
            ),
            ("The render worker receives jobs from the job queue.", ("job queue", "render worker")),
            ("The ticket service publishes events to Kafka.", ("ticket service", "Kafka")),
            ("The mail worker subscribes to the event bus.", ("event bus", "mail worker")),
            ("Visitors use the mobile app.", ("Visitors", "mobile app")),
            ("Visitors order snacks through the web shop.", ("Visitors", "web shop")),
            ("Clerks work in the admin console.", ("Clerks", "admin console")),
            ("The ticket API sits behind a load balancer.", ("load balancer", "ticket API")),
            ("The pricing API is called by the partner portal.", ("partner portal", "pricing API")),
            ("A nightly job fetches rates from the bank API.", ("bank API", "nightly job")),
            ("The kiosk, which calls the ticket service, is old.", ("kiosk", "ticket service")),
        ],
    )
    def test_one_flow(self, text: str, flow: tuple[str, str]) -> None:
        """A sentence with a verb that moves data gives its flow, in the direction that the data goes."""
        assert flow in flows(read_prose(text))

    def test_several_flows_of_one_sentence(self) -> None:
        """Verbs after "and" keep the subject, and listed objects are all ends."""
        read = read_prose(
            "The shop calls the tax API, writes orders to Postgres and pushes events to Kafka and SNS."
        )
        assert flows(read) == {("shop", "tax API"), ("shop", "Postgres"), ("shop", "Kafka"), ("shop", "SNS")}

    def test_it_means_what_the_sentence_before_spoke_of(self) -> None:
        """A pronoun at the start is the subject of the sentence before."""
        read = read_prose("The render worker is a Go program. It reads templates from S3.")
        assert ("S3", "render worker") in flows(read)

    def test_names_that_mean_the_same_are_one_element(self) -> None:
        """Articles, plurals and bare role words lead to the element that was named before."""
        read = read_prose(
            "The seats API stores bookings in Postgres. A job reads the database. The API calls the job."
        )
        assert names(read) == {"seats API", "Postgres", "job"}

    @pytest.mark.parametrize(
        "text",
        [
            "API keys are rotated.",
            "Queue messages carry user data.",
            "The weather is nice today.",
            "Our team meets every day to talk about features.",
            "Attackers send mails.",
            "",
            "???",
        ],
    )
    def test_no_element_is_made_up(self, text: str) -> None:
        """Words about other things than parts of the system name no element and no flow."""
        read = read_prose(text)
        assert (read.elements, read.flows) == ((), ())

    @pytest.mark.parametrize(
        "text",
        [
            "We plan to let the shop send orders to the warehouse.",
            "Does the shop call the warehouse?",
            "The shop does not call the warehouse.",
            "Later the shop will send orders to the warehouse.",
        ],
    )
    def test_plans_questions_and_denials_are_no_flows(self, text: str) -> None:
        """What is not so, or not yet, moves no data."""
        assert flows(read_prose(text)) == set()

    def test_kinds(self) -> None:
        """People are external, stores and queues hold data, services process."""
        read = read_prose("Visitors use the web shop. The web shop writes to the job queue and calls Stripe.")
        assert kinds(read) == {
            "Visitors": "external_entity",
            "web shop": "process",
            "job queue": "data_store",
            "Stripe": "external_entity",
        }

    def test_boundaries(self) -> None:
        """Places that hold elements are boundaries; "everything" is all that is ours."""
        read = read_prose(
            "The API and the ledger run in a private subnet. Users call the API. All of it runs in AWS."
        )
        name = {e.id: e.name for e in read.elements}
        drawn = {b.name: {name[m] for m in b.members} for b in read.boundaries}
        assert drawn["Private subnet"] == {"API", "ledger"}

    def test_protocols_of_sentences(self) -> None:
        """A protocol in the sentence is the flow's protocol, and says what it says about encryption."""
        read = read_prose("The shop sends files to the bank over SFTP and calls the tax API with gRPC.")
        assert {(f.protocol, f.encrypted) for f in read.flows} == {
            ("sftp", Known.YES),
            ("grpc", Known.UNKNOWN),
        }

    def test_known_names_are_heard_as_they_are_drawn(self) -> None:
        """Names of a diagram are taken over, and parts of them mean the same."""
        read = read_prose(
            "The console calls the tickets API.", known=("CrewConsole", "Tickets API", "Seats DB")
        )
        assert flows(read) == {("CrewConsole", "Tickets API")}

    def test_a_list_closes_the_system(self) -> None:
        """Where a list names the components, sentences name no others of their own accord."""
        listed = "## Components\n\n- **Kiosk**\n- **Hub**\n- **Seat map**\n\n"
        text = f"{listed}## Overview\n\nModern apps use other services."
        assert names(read_prose(text)) == {"Kiosk", "Hub", "Seat map"}

    def test_tags_markdown_and_addresses_do_not_disturb(self) -> None:
        """Links, images, tags and code marks are read through; an address states no HTTPS."""
        read = read_prose(
            "The **kiosk** calls the [tax API](https://tax.example/v1) <b>now</b>. ![x](https://a.example)"
        )
        assert flows(read) == {("kiosk", "tax API")}
        assert read.facts == ()


class TestFacts:
    """What a text says about controls, with negations, hedges and what it is about."""

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("There is a WAF in front of the web shop.", ("web shop", "waf", "yes")),
            ("Crew come over the VPN.", ("Crew", "network_restriction", "yes")),
            ("Passwords are hashed with bcrypt.", ("", "password_hashing", "yes")),
            ("The login API has no rate limiting.", ("login API", "rate_limit", "no")),
            ("There is no rate limiting on the login API.", ("login API", "rate_limit", "no")),
            ("Rate limiting is not yet in place.", ("", "rate_limit", "no")),
            ("MFA: no", ("", "mfa", "no")),
            ("The ledger is encrypted at rest.", ("ledger", "encryption_at_rest", "yes")),
            ("The ledger isn't backed up.", ("ledger", "backup", "no")),
            ("Nothing is logged.", ("", "audit_log", "no")),
            ("The hub checks the signature of every webhook.", ("hub", "signature", "yes")),
            ("Messages on the bus are not signed.", ("bus", "signature", "no")),
            ("TLS ends at the load balancer.", ("load balancer", "transport_encryption", "yes")),
            ("The kiosk runs as root.", ("kiosk", "least_privilege", "no")),
            ("MFA is required for admins.", ("admins", "mfa", "yes")),
            ("Guests can only see their own tickets.", ("Guests", "authorization", "yes")),
        ],
    )
    def test_stated_and_denied(self, text: str, said: tuple[str, str, str]) -> None:
        """A control is heard as stated or denied, about what the sentence is about."""
        assert said in controls(text, known=("hub", "bus", "ledger", "kiosk", "Crew"))

    @pytest.mark.parametrize(
        "text",
        [
            "We plan to add rate limiting.",
            "The hub should throttle requests.",
            "The hub may use mTLS.",
            "Is traffic to the hub encrypted?",
            "MFA is optional.",
            "If TLS is enabled, data is safe.",
            "An attacker could bypass authentication.",
            "Most endpoints require a login.",
            "Newer kiosks have a client certificate, the older ones do not.",
            "The hub issues JWTs.",
            "The login page is slow.",
            "Without MFA anyone gets in.",
            "We would like to encrypt the ledger at rest.",
            "Rate limiting is on the roadmap.",
            "The hub supports TLS.",
        ],
    )
    def test_wishes_and_worries_state_nothing(self, text: str) -> None:
        """Plans, hedges, questions, worries and goods that are handed out are no controls."""
        assert controls(text, known=("hub", "ledger", "kiosk")) == set()

    def test_a_listed_machine_is_meant_by_the_last_word_of_its_name(self) -> None:
        """After "tide operator" is listed as a part, "the operator" is that machine; operators are people."""
        text = """## Components

- tide operator: opens and closes gates
- gate: moves

## How it works

The operator calls the gate. Operators use the console.
"""
        read = read_prose(text)
        name = {e.id: e.name for e in read.elements}
        drawn = {(name[f.source], name[f.target]) for f in read.flows}
        assert ("tide operator", "gate") in drawn
        assert ("Operators", "console") in drawn

    def test_the_listener_of_a_balancer_is_no_part(self) -> None:
        """A listener is a setting of a load balancer, not an element."""
        read = read_prose(
            "The load balancer has an HTTPS listener and forwards requests to the shop service."
        )
        assert "HTTPS listener" not in {e.name for e in read.elements}

    def test_both_ends_of_between(self) -> None:
        """What is said between two elements is about the flow, with all that follows from mutual TLS."""
        assert facts("We already use mTLS between the console and the hub.", known=("Console", "Hub")) == {
            ("Console -> Hub", "control:mutual_tls", "yes"),
            ("Console -> Hub", "control:transport_encryption", "yes"),
            ("Console -> Hub", "control:authentication", "yes"),
            ("Console -> Hub", "encrypted", "yes"),
            ("Console -> Hub", "authenticated", "yes"),
        }

    def test_each_clause_speaks_of_its_own_flow(self) -> None:
        """Two clauses with different protocols do not mix."""
        said = facts("The shop talks to the hub over HTTPS and the hub talks to the cache over plain TCP.")
        assert {("shop -> hub", "encrypted", "yes"), ("hub -> cache", "encrypted", "no")} <= said

    def test_a_list_under_one_no(self) -> None:
        """One "no" before a list denies each of its items."""
        said = controls("The hub has no rate limiting or MFA.", known=("hub",))
        assert {("hub", "rate_limit", "no"), ("hub", "mfa", "no")} <= said

    def test_places(self) -> None:
        """A statement about a place names the place."""
        assert ("cluster", "encrypted", "no") in facts("Traffic inside the cluster is plain HTTP.")

    def test_identity_providers(self) -> None:
        """Who comes through an identity provider is authenticated."""
        assert ("members", "authenticated", "yes") in facts("We use Cognito for members.")

    def test_exposure(self) -> None:
        """Who can reach an element is heard, with its opposite."""
        said = facts("The ticket API is internet-facing. The crew console is only reachable from the office.")
        assert {("ticket API", "exposure", "internet"), ("crew console", "exposure", "internal")} <= said

    def test_the_sentence_is_quoted(self) -> None:
        """The evidence of a fact is the very sentence and nothing around it."""
        read = read_prose("Guests come late. The ledger is  encrypted\nat rest. Nobody cares.")
        assert {f.evidence.quote for f in read.facts} == {"The ledger is encrypted at rest."}

    def test_data(self) -> None:
        """Data is heard where it lies or moves, with an asset of its class."""
        read = read_prose(
            "The hub stores card numbers in the vault. Guest profiles are personal data. No passports."
        )
        said = {(f.about, f.fact) for f in read.facts}
        assert ("hub -> vault", "data:payment") in said
        assert {(a.name, a.tag) for a in read.assets} == {
            ("Card numbers", "payment"),
            ("Guest profiles", "personal"),
        }

    @pytest.mark.parametrize(
        ("sentence", "name"),
        [
            ("The app carries a short-lived access token.", "Access token"),
            ("Logs keep semi-structured health data.", "Health data"),
            ("The archive keeps scanned health data.", "Scanned health data"),
            ("The hub keeps a secret.", "Secrets"),
            ("The desk stores a bank statement.", "Bank statements"),
            ("The desk keeps the payroll.", "Payroll"),
        ],
    )
    def test_a_name_of_data_holds_whole_words(self, sentence: str, name: str) -> None:
        """What is left of a compound before it is no part of the name."""
        assert [a.name for a in read_prose(sentence).assets] == [name]

    def test_assumptions_of_sentences(self) -> None:
        """A sentence that takes something for granted is an assumption and states nothing."""
        read = read_prose("We assume that the hub is behind a firewall.")
        assert [a.text for a in read.assumptions] == ["We assume that the hub is behind a firewall."]
        assert read.facts == ()


class TestLimits:
    """Long and strange input."""

    def test_a_very_long_text_is_cut_with_a_warning(self) -> None:
        """Beyond the limit nothing is read, and a warning says so."""
        read = read_prose("The kiosk calls the hub. " * (MAX_CHARACTERS // 20))
        assert (len(read.elements), len(read.flows), len(read.warnings)) == (2, 1, 1)

    def test_long_runs_of_one_thing_end(self) -> None:
        """Runs that invite repeated looking are read to their end."""
        for piece in ("tls ", "(", "a -> ", "**a** ", "|a", "no ", "'", "- x (k=", "n1 -> n2: x\n"):
            assert read_prose(piece * (20_000 // len(piece))).format == "prose"

    @settings(deadline=None)
    @given(st.text(max_size=400))
    @example("- **a** (((=: b\n## components\n- `x`: (a=)\n| a |\n|--|\n| - |")
    @example("A -> B: c (isEncrypted=True — d\n<- x\n->")
    @example("the the the sends to from the queue's.")
    def test_any_text_is_read(self, text: str) -> None:
        """No text raises, and every flow joins two elements of the fragment."""
        read = read_prose(text, known=("Kiosk", text[:20]))
        ids = {e.id for e in read.elements}
        assert all({f.source, f.target} <= ids for f in read.flows)
        assert all(set(b.members) <= ids for b in read.boundaries)

    @settings(deadline=None)
    @given(st.lists(st.sampled_from(TELLING), max_size=60))
    def test_any_order_of_telling_words_is_read(self, words: list[str]) -> None:
        """No order of the words that the rules look at raises, and the same words give the same fragment."""
        text = " ".join(words)
        assert read_prose(text) == read_prose(text)


def test_kind_of_a_name_without_words() -> None:
    """A part whose name says nothing is taken for a process."""
    read = read_prose("Xylo -> Zephyr: tunes")
    assert {e.kind for e in read.elements} == {ElementKind.PROCESS}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HermesHub is a Go service on ECS which calls the Bank API.", {("HermesHub", "Bank API")}),
        ("Users lock coins in the vault contract.", {("Users", "vault contract")}),
        ("Members of a sailing club ask the Berth API.", {("Members", "Berth API")}),
        ("Operators restart the Berth API.", {("Operators", "Berth API")}),
    ],
)
def test_who_does_it(text: str, expected: set[tuple[str, str]]) -> None:
    """The part that a sentence introduces, several people, and people far from their verb are its subject."""
    assert flows(read_prose(text)) == expected


def test_a_bold_paragraph_names_a_part() -> None:
    """A paragraph that begins with a part's bold name describes that part; other bold words name none."""
    read = read_prose("**Backup job.** Streams files to S3.\n\n**Remarks.** All is well.")
    assert "Backup job" in names(read)
    assert "Remarks" not in names(read)


@pytest.mark.parametrize("heading", ["# Sign-on for partner firms", "# Department notes"])
def test_a_short_word_of_a_heading_must_stand_whole(heading: str) -> None:
    """A heading with "partner" announces no list of parts."""
    assert not names(read_prose(f"{heading}\n\n## How it goes\n\nAll is well.\n"))


def test_a_product_that_we_run_is_ours() -> None:
    """A self-hosted product is a process of ours, the same product alone is somebody else's."""
    assert (
        kinds(read_prose("Developers push code to our self-hosted GitLab."))["self-hosted GitLab"]
        == "process"
    )
    assert kinds(read_prose("Developers push code to GitLab."))["GitLab"] == "external_entity"


def test_a_library_for_agents_makes_its_user_one() -> None:
    """Who uses LangGraph is an agent; the library is no part."""
    read = read_prose("The Help service uses LangGraph.")
    assert names(read) == {"Help service"}
    assert "langgraph" in read.elements[0].technologies
