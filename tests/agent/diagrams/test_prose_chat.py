"""Descriptions as developers type them into a chat: no articles, no full stops, labels, tables, hosts."""

from __future__ import annotations

import pytest

from agent.diagrams.prose import read_prose
from agent.domain.system import ElementKind, SystemFragment


def flows(read: SystemFragment) -> set[tuple[str, str]]:
    """The ends of the flows by their names."""
    name = {e.id: e.name for e in read.elements}
    return {(name[f.source], name[f.target]) for f in read.flows}


def kinds(read: SystemFragment) -> dict[str, str]:
    """The kinds of the elements by their names."""
    return {e.name: e.kind.value for e in read.elements}


INVOICES = """
so basically app talks to api which dumps into postgres, cron picks up nightly and mails pdf via ses
api is fastapi on ecs behind an alb
pdfs also go to s3, kept 7 yrs for audit
only finance logs in, okta"""

GAME = """Unity client connects to matchmaker over websocket
matchmaker (go) keeps queue in redis, spins up game servers on gamelift
game server reports results to stats api
stats api -> cassandra
purchases: client -> store api -> apple"""

SHOP = """- Web: React SPA, calls Orders and Catalog over REST
- Orders service: takes orders from Web, writes to DB, tells Shipping via Kafka
- Catalog: read-only, backed by Elasticsearch
- Shipping: consumes from Kafka, calls DHL API for labels
- DB: Azure SQL"""

SUPPORT = """
Support agents work in a Zendesk-like console. Customers write in via chat widget on our site.
Widget posts messages to the chat service, chat service stores them in DynamoDB and pushes to agents.
If no agent is free within 2 min we create a ticket in Jira."""

GREENHOUSE = """
Sensors in the greenhouse publish to Pub/Sub. Dataflow job reads from Pub/Sub and writes BigQuery.
Growers look at a Looker dashboard on top of BigQuery.
A Cloud Function on a second Pub/Sub topic texts the grower through Twilio."""

HOTEL = """
We get bookings from hotel partners. The partner's gateway pushes XML to our ingest endpoint.
ingest validates and puts on RabbitMQ. booking-worker takes from RabbitMQ, upserts into Postgres.
Front desk staff check bookings in the extranet, which reads Postgres directly."""

FLEET = """- phones hit https://mdm.corp.example.net/api (nginx -> gunicorn)
- state in mysql (mdm-db01.corp.example.net:3306)
- nightly: /opt/mdm/bin/export.sh dumps inventory to \\\\fileserver\\it\\inventory
- helpdesk uses the web ui to lock or wipe"""

CLAIMS = """| component | tech | talks to |
|---|---|---|
| portal | Angular | gateway |
| gateway | Kong | claims-svc, docs-svc |
| claims-svc | Java | claims-db (MySQL), docs-svc |
| docs-svc | Go | MinIO |

Adjusters and policyholders both use the portal."""

SCHOOL = """
Teachers enter grades on a tablet app. App syncs w/ school server (on prem, nodejs) when on wifi.
School server stores in sqlite, nightly rsync to district server /srv/grades/incoming.
District server loads the files into MySQL.
Parents see grades in the parent portal, reads from MySQL."""

COFFEE = """Coffee machines in offices connect to AWS IoT Core with X.509 certs (one per machine).
IoT rule forwards brew events to a Lambda -> Timestream. Device shadows hold config.
Service technicians use an app to push config; app -> API Gateway -> Lambda -> shadow.
Tenants see consumption in Grafana."""

METERS = """smart meters -> concentrator (in street cabinet) -> head end system. HES writes readings to Kafka.
MDM consumes readings from kafka, validates, stores in Oracle RAC.
field techs plug a laptop into the concentrator for maintenance."""

SCOOTERS = """rider taps unlock in app -> backend (nestjs on cloud run) -> vendor cloud -> scooter over LTE
backend checks balance in wallet-service first, wallet-service uses stripe
retool hits the same backend with an api key"""

LOANS = """
loan-api calls the credit bureau's API (REST, client cert) and stores the raw report in an encrypted bucket.
The broker portal belongs to a partner; it posts applications to loan-api with an API key.
underwriters open applications in Backoffice. Backoffice <- loan-db (postgres).
Decision engine (vendor, hosted by them) is asked for a decision by loan-api."""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            INVOICES,
            {("app", "api"), ("api", "postgres"), ("cron", "ses"), ("cron", "s3"), ("alb", "api")},
        ),
        (
            GAME,
            {
                ("client", "matchmaker"),
                ("matchmaker", "redis"),
                ("matchmaker", "game servers"),
                ("game servers", "stats api"),
                ("stats api", "cassandra"),
                ("client", "store api"),
                ("store api", "apple"),
            },
        ),
        (
            SHOP,
            {
                ("Web", "Orders service"),
                ("Orders service", "DB"),
                ("Orders service", "Kafka"),
                ("Kafka", "Shipping"),
                ("Shipping", "DHL API"),
                ("Catalog", "Elasticsearch"),
            },
        ),
        (
            SUPPORT,
            {
                ("Support agents", "console"),
                ("Customers", "chat widget"),
                ("chat widget", "chat service"),
                ("chat service", "DynamoDB"),
                ("chat service", "Support agents"),
                ("chat service", "Jira"),
            },
        ),
        (
            GREENHOUSE,
            {
                ("Sensors", "Pub/Sub"),
                ("Pub/Sub", "Dataflow job"),
                ("Dataflow job", "BigQuery"),
                ("Growers", "Looker dashboard"),
                ("Cloud Function", "Twilio"),
            },
        ),
        (
            HOTEL,
            {
                ("partner's gateway", "ingest endpoint"),
                ("ingest endpoint", "RabbitMQ"),
                ("RabbitMQ", "booking-worker"),
                ("booking-worker", "Postgres"),
                ("Front desk staff", "extranet"),
                ("Postgres", "extranet"),
            },
        ),
        (
            FLEET,
            {
                ("phones", "nginx"),
                ("nginx", "gunicorn"),
                ("export script", "fileserver file share"),
                ("helpdesk", "web ui"),
            },
        ),
        (
            CLAIMS,
            {
                ("portal", "gateway"),
                ("gateway", "claims-svc"),
                ("gateway", "docs-svc"),
                ("claims-svc", "claims-db"),
                ("claims-svc", "docs-svc"),
                ("docs-svc", "MinIO"),
                ("Adjusters", "portal"),
                ("policyholders", "portal"),
            },
        ),
        (
            SCHOOL,
            {
                ("Teachers", "tablet app"),
                ("tablet app", "school server"),
                ("school server", "sqlite"),
                ("school server", "district server"),
                ("district server", "MySQL"),
                ("Parents", "parent portal"),
                ("MySQL", "parent portal"),
            },
        ),
        (
            COFFEE,
            {
                ("Coffee machines", "AWS IoT Core"),
                ("Lambda", "Timestream"),
                ("Service technicians", "app"),
                ("app", "API Gateway"),
                ("API Gateway", "Lambda"),
                ("Lambda", "shadow"),
                ("Tenants", "Grafana"),
            },
        ),
        (
            METERS,
            {
                ("smart meters", "concentrator"),
                ("concentrator", "head end system"),
                ("head end system", "Kafka"),
                ("Kafka", "MDM"),
                ("MDM", "Oracle RAC"),
                ("field techs", "concentrator"),
            },
        ),
        (
            SCOOTERS,
            {
                ("rider", "app"),
                ("app", "backend"),
                ("backend", "vendor cloud"),
                ("vendor cloud", "scooter"),
                ("backend", "wallet-service"),
                ("wallet-service", "stripe"),
                ("retool", "backend"),
            },
        ),
        (
            LOANS,
            {
                ("loan-api", "credit bureau's API"),
                ("broker portal", "loan-api"),
                ("underwriters", "Backoffice"),
                ("loan-db", "Backoffice"),
                ("loan-api", "Decision engine"),
            },
        ),
    ],
)
def test_a_chat_states_exactly_these_flows(text: str, expected: set[tuple[str, str]]) -> None:
    """Every flow that a careful reader sees is read, and no other."""
    assert flows(read_prose(text)) == expected


@pytest.mark.parametrize(
    ("text", "outside"),
    [
        (SUPPORT, {"Support agents", "Customers", "Jira"}),
        (GREENHOUSE, {"Sensors", "Growers", "Twilio"}),
        (HOTEL, {"partner's gateway", "Front desk staff"}),
        (CLAIMS, {"Adjusters", "policyholders"}),
        (LOANS, {"credit bureau's API", "broker portal", "underwriters", "Decision engine"}),
        (COFFEE, {"Coffee machines", "Service technicians", "Tenants"}),
    ],
)
def test_people_and_strangers_are_outside(text: str, outside: set[str]) -> None:
    """People, devices and what others run are external entities; nothing else is."""
    assert {n for n, k in kinds(read_prose(text)).items() if k == "external_entity"} == outside


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (SHOP, {"Web", "Orders service", "Catalog", "Elasticsearch", "Shipping", "DB", "Kafka", "DHL API"}),
        (
            CLAIMS,
            {
                *("portal", "gateway", "claims-svc", "docs-svc", "claims-db", "MinIO"),
                *("Adjusters", "policyholders"),
            },
        ),
        (
            GAME,
            {"client", "matchmaker", "redis", "game servers", "stats api", "cassandra", "store api", "apple"},
        ),
        (
            SCHOOL,
            {
                *("Teachers", "tablet app", "school server", "sqlite", "district server", "MySQL"),
                *("Parents", "parent portal"),
            },
        ),
    ],
)
def test_each_part_is_read_once(text: str, names: set[str]) -> None:
    """A part has one element, however often and under whatever short name the text speaks of it."""
    assert set(kinds(read_prose(text))) == names


def test_a_label_and_its_product_are_one_part() -> None:
    """The words "DB: Azure SQL" name one store, which carries the product."""
    read = read_prose(SHOP)
    store = next(e for e in read.elements if e.name == "DB")
    assert store.kind is ElementKind.DATA_STORE
    assert "azure-sql" in store.technologies
