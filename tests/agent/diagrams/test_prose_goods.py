"""Goods are no parts: who moves what sentences in the passive speak of, and what lies between two ends."""

from __future__ import annotations

import pytest

from agent.diagrams.prose import read_prose
from agent.domain.system import ElementKind, System
from agent.understanding.understand import understand

START = "Anglers buy licences in the angler app, which calls the licence service. "


def read(text: str) -> System:
    """The system that the text alone tells."""
    return understand("Fishing licences", [], read_prose(text))


def flows(text: str) -> set[tuple[str, str]]:
    """Its flows, as names."""
    system = read(text)
    return {(system.name_of(f.source), system.name_of(f.target)) for f in system.flows}


def names(text: str) -> set[str]:
    """The names of its elements."""
    return {e.name for e in read(text).elements}


@pytest.mark.parametrize(
    ("sentence", "flow"),
    [
        ("Each licence is stored in Oracle DB.", ("licence service", "Oracle DB")),
        ("The receipt is sent to the tax gateway service.", ("licence service", "tax gateway service")),
        ("A report file is transferred to the ministry bank.", ("licence service", "ministry bank")),
        ("Fees are collected by calling the Adyen API.", ("licence service", "Adyen API")),
        ("Crash reports are going to Sentry.", ("licence service", "Sentry")),
        ("The picture goes to the image service.", ("licence service", "image service")),
        ("We send the totals to PagerDuty.", ("licence service", "PagerDuty")),
    ],
)
def test_goods_are_moved_by_who_had_them(sentence: str, flow: tuple[str, str]) -> None:
    """Where a sentence says only what is moved, the program before it moves it."""
    assert flow in flows(START + sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The photo of the catch is uploaded to object storage.",
        "Every finished day is saved in a local SQLite database.",
        "The picture goes to the image service.",
    ],
)
def test_goods_are_no_elements(sentence: str) -> None:
    """What is uploaded, saved or goes somewhere is no element."""
    assert not {"photo", "catch", "day", "finished day", "picture"} & names(START + sentence)


def test_who_validates_has_the_goods_from_who_had_them() -> None:
    """In "is validated by X and then written to Y" X has the goods from the program before, and writes."""
    said = flows(
        "Claims are submitted by policy holders through the mobile app. "
        "The claim is validated by the claims service and is then written to an Oracle database."
    )
    assert said == {
        ("policy holders", "mobile app"),
        ("mobile app", "claims service"),
        ("claims service", "Oracle database"),
    }


def test_who_processes_takes_from_the_store() -> None:
    """What is stored and then processed by a worker comes to that from the store."""
    said = flows(
        "The web app calls the scan API. Scans are stored in an S3 bucket and then processed by a worker."
    )
    assert {("scan API", "S3 bucket"), ("S3 bucket", "worker")} <= said


def test_from_which_names_who_sends() -> None:
    """In "by the payout job, from which a file is sent to the bank" the job sends it."""
    said = flows("Claims are paid by the payout job, from which a SEPA file is sent to the bank over SFTP.")
    assert ("payout job", "bank") in said
    assert not any("file" in end for flow in said for end in flow)


def test_people_are_told_apart_by_a_directory() -> None:
    """People who are authenticated by a part sign in there."""
    assert flows("Clerks are authenticated by Keycloak.") == {("Clerks", "Keycloak")}


def test_headings_end_what_a_program_has_at_hand() -> None:
    """Under the next heading nobody has at hand what the paragraph before spoke of."""
    text = f"# Angling\n\n## Sale\n\n{START}\n\n## Other\n\nThe receipts are sent to the ministry bank.\n"
    assert ("licence service", "ministry bank") not in flows(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Analysts query ClickHouse with Superset.",
            {("Analysts", "Superset"), ("Superset", "ClickHouse")},
        ),
        (
            "The alarm service calls the control room operators via Twilio.",
            {("alarm service", "Twilio"), ("Twilio", "control room operators")},
        ),
        (
            "The control app sends commands to the pump gateway service through RabbitMQ.",
            {("control app", "RabbitMQ"), ("RabbitMQ", "pump gateway service")},
        ),
    ],
)
def test_what_lies_between_passes_it_on(text: str, expected: set[tuple[str, str]]) -> None:
    """A tool, a service of others or a queue that is said to lie between two ends lies between them."""
    assert flows(text) == expected


@pytest.mark.parametrize(
    ("text", "flow"),
    [
        ("The help API calls the model. The API opens a ticket in ServiceNow.", ("help API", "ServiceNow")),
        ("The call service transcribes recordings with Twilio Voice.", ("call service", "Twilio Voice")),
        (
            "The tax app has rules stored in the rules table of its Aurora database.",
            ("tax app", "Aurora database"),
        ),
        ("The tax app consumes tax.paid events from Kafka.", ("Kafka", "tax app")),
        ("The console goes through the staff proxy.", ("console", "staff proxy")),
        ("The loan service saves it encrypted in Cloud SQL.", ("loan service", "Cloud SQL")),
        (
            "The loan service checks the name against the debtor registry API.",
            ("loan service", "debtor registry API"),
        ),
        ("Residents apply for a permit in the web portal.", ("Residents", "web portal")),
        ("The roaming partners send charge records to the hub API.", ("roaming partners", "hub API")),
        ("Our loan app is for borrowers.", ("borrowers", "loan app")),
        ("We have a Vue dashboard for the dispatchers and a backend.", ("dispatchers", "Vue dashboard")),
        ("The pier app shows videos which are streamed from Vimeo CDN.", ("Vimeo CDN", "pier app")),
        (
            "The loan app is a Django app running on Render with a Postgres database.",
            ("loan app", "Postgres database"),
        ),
    ],
)
def test_a_sentence_states_the_flow(text: str, flow: tuple[str, str]) -> None:
    """Each of these sentences states the flow."""
    assert flow in flows(text)


def test_both_are_the_two_programs_named_before() -> None:
    """In "an app and a dashboard, and both of them talk to X" both talk to X."""
    said = flows(
        "We have a Flutter app for drivers and a Vue dashboard, and both of them talk to a Node backend."
    )
    assert {("Flutter app", "Node backend"), ("Vue dashboard", "Node backend")} <= said


def test_one_acts_beside_a_clause_that_is_over() -> None:
    """In "guests order in the app and the API stores" the app stores nothing."""
    said = flows("Guests ask questions in a chat widget and the kitchen API stores answers in Postgres.")
    assert ("kitchen API", "Postgres") in said
    assert ("chat widget", "Postgres") not in said


def test_who_calls_our_webhook_calls_the_api() -> None:
    """An outsider who calls "our webhook" calls the one API there is."""
    said = flows(
        "The web portal calls the permits API. Payments go through Stripe. Stripe calls our webhook."
    )
    assert ("Stripe", "permits API") in said


def test_what_is_operated_by_a_vendor_gets_nothing_from_it() -> None:
    """What is "operated by" somebody states no flow, and the part is somebody else's."""
    system = read("The loan service calls the scoring service, which is operated by an external vendor.")
    assert {system.name_of(f.source) for f in system.flows} == {"loan service"}
    kinds = {e.name: e.kind for e in system.elements}
    assert kinds["scoring service"] is ElementKind.EXTERNAL_ENTITY


def test_the_model_is_the_one_language_model() -> None:
    """In a short text "the model" means the one language model of the text."""
    text = "The backend sends the prompt to Azure OpenAI. The model can create a ticket in ServiceNow."
    assert ("Azure OpenAI", "ServiceNow") in flows(text)
    assert "model" not in names(text)


def test_other_people_are_other_people() -> None:
    """In a text "the dispatchers" are not the drivers only because both are people."""
    text = "Drivers use the driver app. The dispatchers use the dashboard."
    assert {("Drivers", "driver app"), ("dispatchers", "dashboard")} <= flows(text)


def test_a_list_item_takes_up_what_the_one_before_left() -> None:
    """A worker that "picks it up" in the next item takes it from the queue of the item before."""
    text = "- The permits API puts a message on a Service Bus queue\n- A worker picks it up and mails it\n"
    assert ("Service Bus queue", "worker") in flows(text)


def test_who_takes_it_has_it_from_the_people_of_the_sentence_before() -> None:
    """In "students upload a thesis. The service scans it" the service has it from the students."""
    text = "Students upload their thesis as PDF. The submission service scans it and stores it in S3."
    assert ("Students", "submission service") in flows(text)


def test_requests_come_from_outside_and_go_step_by_step() -> None:
    """In "requests go to A, then to B" A passes them to B, and no part before sends them."""
    said = flows("Members use the developer portal. Requests go to Cloudflare, then to Envoy.")
    assert ("Cloudflare", "Envoy") in said
    assert not any(source == "developer portal" for source, _ in said)


def test_what_is_done_by_a_program_is_sent_by_it() -> None:
    """In "usage is metered by a sidecar and sent to X" the sidecar sends it."""
    text = "The order service calls the price service. Usage is metered by a sidecar and sent to Stripe."
    assert ("sidecar", "Stripe") in flows(text)


def test_an_item_means_what_it_begins_with() -> None:
    """In "- back office: admin app used by the owners" the owners use the back office."""
    text = (
        "Components:\n- back office: Retool app used by the hotel owners\n- till API: takes orders\n"
        "- notifier: job that calls the till API\n"
    )
    assert {("hotel owners", "back office"), ("notifier", "till API")} <= flows(text)


def test_a_program_is_its_product() -> None:
    """The words "the API is Laravel" name one part."""
    assert names("The API is Laravel. Members use the API.") == {"API", "Members"}


def test_a_vendor_is_no_partner() -> None:
    """In a text "the vendor" is not the roaming partners only because both are outside."""
    text = "Roaming partners send records to the hub API. The vendor calls the station API."
    assert {("Roaming partners", "hub API"), ("vendor", "station API")} <= flows(text)


def test_who_picks_them_up_takes_them_from_where_the_clause_before_left_them() -> None:
    """In "A emits events on the queue, B picks them up" B has them from the queue."""
    said = flows("The booking service emits events on RabbitMQ, the notification worker picks them up.")
    assert {("booking service", "RabbitMQ"), ("RabbitMQ", "notification worker")} <= said


def test_nobody_takes_back_what_it_left() -> None:
    """In "A saves files in S3 and reads them" nothing flows that is not said."""
    said = flows("The booking service saves files in S3 and fetches them later.")
    assert ("booking service", "S3") in said


def test_the_last_example_of_a_list_is_no_part() -> None:
    """However long the list after "such as" is; what is named outside of it stays a part."""
    found = names(
        START + "The licence service seals its keys with a hardware mechanism such as a TPM,"
        " a PKCS11-compatible HSM, a smart card reader or enclave."
    )
    assert not {n for n in found if n.lower() in {"enclave", "tpm", "hsm"}}
    assert "licence service" in found


@pytest.mark.parametrize(("memory", "remembers"), [("Process memory", False), ("Chat memory", True)])
def test_a_programs_memory_is_not_an_assistants(memory: str, remembers: bool) -> None:  # noqa: FBT001 - pytest gives it
    """Only what keeps conversations is a store that an assistant reads from."""
    system = read(f"The helper service reads from {memory}. {START}")
    technologies = {t for e in system.elements if e.name.lower() == memory.lower() for t in e.technologies}
    assert ("agent-memory" in technologies) is remembers
