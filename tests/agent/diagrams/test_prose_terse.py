"""Terse English: thoughts by lines, labels, hosts and paths, short names, people called by their work."""

from __future__ import annotations

import pytest

from agent.diagrams.prose import read_prose
from agent.diagrams.prose_addresses import without_addresses
from agent.diagrams.prose_blocks import Kind, blocks
from agent.domain.system import SystemFragment


def flows(text: str) -> set[tuple[str, str]]:
    """The ends of the flows that a text states, by their names."""
    read = read_prose(text)
    name = {e.id: e.name for e in read.elements}
    return {(name[f.source], name[f.target]) for f in read.flows}


def kinds(text: str) -> dict[str, str]:
    """The kinds of the elements by their names."""
    read: SystemFragment = read_prose(text)
    return {e.name: e.kind.value for e in read.elements}


def lines(text: str) -> list[str]:
    """The texts of the blocks."""
    return [b.text for b in blocks(text)]


def test_a_line_with_room_for_the_next_word_was_ended_on_purpose() -> None:
    """Lines of a chat are thoughts of their own, although none has a full stop or a capital letter."""
    text = "till posts sales to the ledger api every evening at ten\nledger api is kotlin\nbackups go to s3"
    assert lines(text) == text.splitlines()


def test_a_wrapped_paragraph_stays_one() -> None:
    """Whoever wraps a text fills its lines, and those are no thoughts of their own."""
    text = (
        "The till posts the sales of the day to the ledger API every evening and\n"
        "the ledger API keeps them for ten years in a database that only auditors\n"
        "can read from their own office."
    )
    assert lines(text) == [" ".join(text.split("\n"))]


@pytest.mark.parametrize("going_on", ["and the ledger keeps them", "which the ledger keeps", "to the ledger"])
def test_a_line_that_takes_up_the_one_before_belongs_to_it(going_on: str) -> None:
    """A line that begins with "and", "which" or a preposition is the same thought."""
    text = f"the till posts sales\n{going_on} for at least ten long years in a row"
    assert len(lines(text)) == 1


def test_lines_with_labels_are_parts() -> None:
    """Lines "label: what it is" tell of one part each; a label that only says what for yields the product."""
    text = "frontend: Next.js on Vercel\nbackend: Django\ncache: Redis (sessions)\nemail: Postmark"
    assert {"frontend", "backend", "cache"} <= set(kinds(text))
    assert kinds(text)["cache"] == "data_store"


def test_a_list_of_people_behind_a_label_is_a_list() -> None:
    """The line "Users: a, b" names several people and no part called "Users"."""
    text = "System: payslip portal\nUsers: employees, payroll clerks, auditors\nDB: MySQL 8, encrypted"
    found = kinds(text)
    assert {"employees", "payroll clerks", "auditors", "payslip portal", "DB"} <= set(found)
    assert not {"Users", "System"} & set(found)


def test_a_sentence_with_a_colon_is_no_part() -> None:
    """A label alone in prose names nothing: "One thing is clear: …"."""
    assert not kinds("One thing is clear: nobody knows. That is bad: we are late.")


def test_a_store_among_the_notes_of_a_part_is_used_by_it() -> None:
    """An item "contacts-svc: CRUD, Postgres" says that the service uses the store."""
    text = "- contacts-svc: CRUD for contacts, Postgres\n- import-svc: reads files from the drop bucket"
    assert ("contacts-svc", "Postgres") in flows(text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("mysql on mdm-db01.corp.example.net:3306 is old", "mysql on mdm-db01 is old"),
        ("runs /opt/mdm/bin/export.sh daily", "runs the export script daily"),
        ("calls us at /hooks/mail with bounces", "calls us at  with bounces"),
        ("syncs w/ the till", "syncs with the till"),
        ("works w/o login", "works without login"),
        ("sits on 10.0.3.10 today", "sits on  today"),
        ("built with Next.js and Vue.js", "built with Next.js and Vue.js"),
        ("TCP/IP and CI/CD and/or more", "TCP/IP and CI/CD and/or more"),
    ],
)
def test_addresses_are_put_so_that_the_words_around_them_are_read(text: str, plain: str) -> None:
    """Hosts go by their first name, scripts by theirs; other paths and numbers say where and not what."""
    assert without_addresses(text) == plain


def test_a_short_name_made_of_first_letters_means_the_part() -> None:
    """Where "HES" can only be the "head end system", both are one element."""
    found = kinds("meter gateway -> head end system\nHES writes readings to Kafka")
    assert "head end system" in found
    assert "HES" not in found


def test_a_noun_of_no_table_that_begins_a_clause_acts() -> None:
    """A bare noun right before what it does is a part, also where another sentence writes to it."""
    text = "unity client connects to matchmaker\nmatchmaker keeps sessions in redis and calls stats api"
    assert {("matchmaker", "redis"), ("matchmaker", "stats api")} <= flows(text)


def test_what_people_do_is_told_by_their_name() -> None:
    """Plural nouns of those who do something are people, and so are teams."""
    found = kinds("Archivists open the search portal. The network team looks at the status dashboard.")
    assert found["Archivists"] == "external_entity"
    assert found["network team"] == "external_entity"


def test_agents_are_the_people_that_the_text_speaks_of() -> None:
    """In a text of support agents, "agents" are these, and no programs."""
    text = "Support agents work in the console. The chat service pushes messages to agents."
    assert ("chat service", "Support agents") in flows(text)


def test_a_part_of_somebody_else_is_outside() -> None:
    """The name says whose it is: "the bank's API" is no part of ours."""
    text = "The fleet API calls the bank's API. Trackers report to Wodavone's platform."
    assert kinds(text)["bank's API"] == "external_entity"


def test_a_gateway_stands_between() -> None:
    """Who calls a part "through the API gateway" calls the gateway, and that calls the part."""
    text = "The mobile app calls the payment service through the API gateway."
    assert flows(text) == {("mobile app", "API gateway"), ("API gateway", "payment service")}


def test_goods_go_from_here_to_there() -> None:
    """Both ends of "pushes segments from A to B" are joined to who pushes them."""
    text = "Hightower service pushes segments from Snowflake to Salesforce."
    assert flows(text) == {("Snowflake", "Hightower service"), ("Hightower service", "Salesforce")}


def test_an_arrow_behind_a_clause_starts_from_its_last_part() -> None:
    """In "clerk drags files into the desk app -> store API" the desk app calls the API."""
    assert flows("clerk drags files into the desk app -> store API -> Postgres") == {
        ("clerk", "desk app"),
        ("desk app", "store API"),
        ("store API", "Postgres"),
    }


def test_a_sentence_behind_a_chain_is_its_own() -> None:
    """A chain of arrows ends with its sentence."""
    read = flows("rule engine -> worker -> Timestream. The desk app reads from Postgres.")
    assert {("rule engine", "worker"), ("worker", "Timestream"), ("Postgres", "desk app")} == read


def test_a_way_is_no_part_of_a_name() -> None:
    """The words "over LTE" and "via HTTPS" behind the end of an arrow name no part."""
    assert flows("backend -> scooter over LTE") == {("backend", "scooter")}


def test_a_house_is_no_data_store() -> None:
    """A warehouse of which there are several is a building."""
    assert "warehouse" not in kinds("A small Go agent in each warehouse sends labels to the print API.")


def test_front_door_is_an_expression() -> None:
    """Whatever "is the front door for" something is itself the part."""
    found = kinds("The login page is the front door for everything. The login page calls the auth service.")
    assert set(found) == {"login page", "auth service"}


def test_a_queued_job_is_goods() -> None:
    """A job that somebody puts on a queue is no program."""
    assert set(kinds("The booking API enqueues a job in SQS. The mixer worker pulls it.")) == {
        "booking API",
        "SQS",
        "mixer worker",
    }


def test_a_table_in_a_product_is_no_store_of_its_own() -> None:
    """A table "in RDS" is a part of the product."""
    assert set(kinds("The sync worker keeps a mapping table in RDS.")) == {"sync worker", "RDS"}


def test_arrow_lines_leave_parts_to_the_sentences() -> None:
    """A few arrows in a short text are not all there is."""
    text = "web app -> order API -> Postgres\nworker -> S3\nDispatchers use the web console"
    assert ("Dispatchers", "web console") in flows(text)


def test_items_keep_their_kind() -> None:
    """A list of actions stays a list of items."""
    found = blocks("- open the door\n- close the door")
    assert {b.kind for b in found} == {Kind.ITEM}
