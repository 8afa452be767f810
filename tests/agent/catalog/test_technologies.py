"""The technology table: what labels, icons and stereotypes say, and above all what they do not say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.catalog.technologies import Technologies, load_technologies, parse_technologies
from agent.catalog.vocabulary import Trait
from agent.domain.system import ElementKind
from agent.errors import CatalogError

TABLE = load_technologies()
ENTRY = "shop:\n  technologies:\n    till: {name: Till, kind: process, traits: api}\n"


def ids(label: str, *icons: str) -> list[str]:
    """The identifiers that the table recognises in a label."""
    return [t.id for t in TABLE.recognise(label, icons)]


def kind(label: str, *icons: str) -> str:
    """The kind that the table reads out of a label; empty when none."""
    found = TABLE.read(label, icons).kind
    return found.value if found else ""


def test_the_table_is_broad() -> None:
    """The table has at least 250 entries, of all three kinds and most traits."""
    assert len(TABLE) >= 250
    assert {t.kind for t in TABLE} == set(ElementKind)
    used = frozenset(trait for t in TABLE for trait in t.traits)
    assert used == frozenset(Trait)


@pytest.mark.parametrize(
    ("label", "id_"),
    [
        ("Customer RDS", "aws-rds"),
        ("S3 bucket", "aws-s3"),
        ("orders-sqs-queue", "aws-sqs"),
        ("PostgreSQL 16 primary", "postgresql"),
        ("mysqldb", "mysql"),
        ("Application\nLoad Balancer", "aws-alb"),
        ("Azure Cosmos DB", "azure-cosmos-db"),
        ("GKE cluster", "gcp-gke"),
        ("Keycloak", "keycloak"),
        ("OpenAI GPT-4o", "openai"),
        ("Claude on Bedrock", "aws-bedrock"),
        ("Stripe API", "stripe"),
        ("Redis cache for baskets", "redis"),
        ("CI/CD", "ci-cd"),
        ("Pub/Sub", "topic"),
        ("Node.js", "nodejs"),
        ("consul3", "consul"),
    ],
)
def test_products_are_heard_in_labels(label: str, id_: str) -> None:
    """A product's name is recognised in the spellings that people use."""
    assert id_ in ids(label)


@pytest.mark.parametrize(
    ("label", "first"),
    [
        ("AWS Lambda worker", "aws-lambda"),
        ("Kong API gateway", "kong"),
        ("RDS Proxy", "aws-rds-proxy"),
        ("Vector DB (Pinecone)", "pinecone"),
        ("CloudWatch Logs", "aws-cloudwatch-logs"),
    ],
)
def test_the_most_specific_comes_first(label: str, first: str) -> None:
    """A longer name beats a shorter, a product beats a role word."""
    assert ids(label)[0] == first


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("User", "external_entity"),
        ("Premium users", "external_entity"),
        ("User service", "process"),
        ("User DB", "data_store"),
        ("Users' database", "data_store"),
        ("Queue worker", "process"),
        ("Work queue", "data_store"),
        ("Database migration job", "process"),
        ("Database admin", "external_entity"),
        ("Admin console", "process"),
        ("Redis exporter", "process"),
        ("Kafka consumer", "process"),
        ("Kafka", "data_store"),
        ("Keycloak database", "data_store"),
        ("Payment provider", "external_entity"),
        ("Payment service", "process"),
        ("Third-party risk vendor", "external_entity"),
        ("External load balancer", "process"),
        ("External tax API", "external_entity"),
        ("Orders service (Postgres)", "process"),
        ("Orders (PostgreSQL)", "data_store"),
        ("Login service (Auth0)", "external_entity"),
        ("Proxy to the database", "process"),
        ("Support agent", "external_entity"),
        ("LLM agent", "process"),
        ("MobileApp", "process"),
        ("ordersQueue", "data_store"),
        ("Customer\nBuys things", "external_entity"),
        ("Patient\nrecords", "data_store"),
    ],
)
def test_the_noun_decides_the_kind(label: str, expected: str) -> None:
    """What ends the phrase decides the kind; modifiers before it do not."""
    assert kind(label) == expected


@pytest.mark.parametrize(
    "label",
    [
        "order management",
        "Order",
        "Go to checkout page later",
        "React to alarms",
        "Formation flight",
        "Network namespace",
        "Special offers",
        "Expressionism",
        "Goods in transit",
        "Calculus",
        "Seas",
        "Spring sale",
        "",
        "   ",
        "€€€",
    ],
)
def test_words_that_only_look_like_technologies(label: str) -> None:
    """No ORM in "order", no Go in "Go to", no React in "React to": whole words, and the right ones."""
    assert ids(label) == []


@pytest.mark.parametrize(
    ("label", "absent"),
    [
        ("Express checkout", "nodejs"),
        ("Express courier", "nodejs"),
        ("NAT gateway", "nats"),
        ("User service", "end-user"),
        ("Kafka consumer", "kafka"),
        ("Redis exporter", "redis"),
        ("Mobile backend", "mobile-app"),
        ("Customer portal", "end-user"),
    ],
)
def test_what_stands_beside_is_not_what_it_is(label: str, absent: str) -> None:
    """A consumer of Kafka is no Kafka, a portal for customers no customer."""
    assert absent not in ids(label)


@pytest.mark.parametrize(
    ("icon", "id_"),
    [
        ("mxgraph.aws4.api_gateway", "aws-api-gateway"),
        ("mxgraph.aws4.s3", "aws-s3"),
        ("mxgraph.aws4.simple_queue_service", "aws-sqs"),
        ("img/lib/azure2/databases/Azure_Cosmos_DB.svg", "azure-cosmos-db"),
        ("mxgraph.gcp2.cloud_pubsub", "gcp-pubsub"),
        ("mxgraph.kubernetes.api", "kubernetes-api"),
        ("logos:aws-lambda", "aws-lambda"),
        ("fa:fa-user", "end-user"),
        ("AmazonDynamoDB", "aws-dynamodb"),
    ],
)
def test_icons_name_technologies(icon: str, id_: str) -> None:
    """The names that draw.io, PlantUML and Mermaid give their icons are recognised."""
    assert ids("", icon) == [id_]


def test_an_icon_outweighs_the_label() -> None:
    """An icon was chosen: a box named "Messaging service" with the SQS icon is a store."""
    assert kind("Messaging service", "mxgraph.aws4.sqs") == "data_store"
    assert ids("Messaging service", "mxgraph.aws4.sqs")[0] == "aws-sqs"


def test_a_machine_icon_does_not_outweigh_a_store() -> None:
    """A database on a virtual machine is a database, and the machine is remembered."""
    assert kind("Orders DB", "mxgraph.aws4.ec2") == "data_store"
    assert set(ids("Orders DB", "mxgraph.aws4.ec2")) == {"database", "aws-ec2"}


def test_stereotypes_are_heard_like_icons() -> None:
    """A stereotype says outright what something is."""
    found = TABLE.read("Till", stereotypes=("service_discovery",))
    assert [t.id for t in found.technologies] == ["service-discovery"]


def test_traits_of_several_and_of_unknown() -> None:
    """Traits add up; an identifier that the table lacks says nothing."""
    assert TABLE.traits_of(["aws-s3", "postgresql", "no-such"]) == {
        Trait.OBJECT_STORAGE,
        Trait.DATABASE,
        Trait.SQL,
    }


def test_get_knows_every_entry_and_no_other() -> None:
    """`get` answers with the entry itself, and with KeyError for an identifier that is none."""
    assert all(TABLE.get(t.id) is t for t in TABLE)
    with pytest.raises(KeyError):
        TABLE.get("no-such")


def test_the_table_is_read_once() -> None:
    """Loading twice gives the same object."""
    assert load_technologies() is load_technologies()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[", "not YAML"),
        ("- a\n", "map each provider"),
        ("shop: 3\n", "shop"),
        ("shop:\n  technologies: [till]\n", "shop"),
        (ENTRY.replace("process", "machine"), "till"),
        (ENTRY.replace("traits: api", "traits: apricot"), "apricot"),
        (ENTRY.replace("name: Till, ", ""), "name"),
        (ENTRY.replace("traits: api", "traits: api, colour: red"), "colour"),
        (ENTRY.replace("traits: api", "traits: api, place: middle"), "middle"),
        (ENTRY.replace("traits: api", "traits: [api]"), "one line"),
        (ENTRY.replace("traits: api", 'traits: api, aliases: "…"'), "no word"),
        (ENTRY + "    tray: {name: Till, kind: process, traits: api}\n", "belongs to till"),
        (ENTRY + "    tray: 3\n", "tray"),
    ],
)
def test_a_broken_table_is_refused_with_its_place(text: str, said: str) -> None:
    """CatalogError names the file and the entry."""
    with pytest.raises(CatalogError) as caught:
        parse_technologies(text, "shop.yaml")
    assert "shop.yaml" in caught.value.message
    assert said in caught.value.message


def test_a_small_table_works_alone() -> None:
    """A table is made of its text and of nothing else."""
    table: Technologies = parse_technologies(ENTRY)
    assert [t.id for t in table.recognise("Old till")] == ["till"]


@given(st.text(max_size=400))
def test_any_text_can_be_a_label(label: str) -> None:
    """Whatever the label, what comes back agrees with itself."""
    found = TABLE.read(label)
    assert (found.kind is None) == (not found.technologies)
    assert all(t.kind is found.kind for t in found.technologies)
