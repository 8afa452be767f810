"""The table of phrases by which text and names tell what data there is."""

from __future__ import annotations

import pytest

from agent.catalog.data_kinds import load_data_kinds, parse_data_kinds
from agent.catalog.phrases import tokens
from agent.catalog.vocabulary import DataTag
from agent.domain.system import Classification
from agent.errors import CatalogError


def test_every_tag_of_the_vocabulary_can_be_heard() -> None:
    """The table of the package loads and has an entry for every tag."""
    assert set(load_data_kinds().kinds) == set(DataTag)


@pytest.mark.parametrize(
    ("name", "tags"),
    [
        ("Pupils DB", {"children"}),
        ("Card vault", {"payment", "secrets"}),
        ("credentials store", {"credentials"}),
        ("Guest profiles", {"personal"}),
        ("Clinical records", {"health"}),
        ("Access log", {"logs"}),
        ("Parcel positions", {"location"}),
        ("Ledger", {"financial"}),
        ("Prompt archive", {"model_prompts"}),
        ("Sensor readings", {"telemetry"}),
        ("Tide tables", set()),
    ],
)
def test_names_of_stores(name: str, tags: set[str]) -> None:
    """The name of a store tells what it holds, and a name that does not tells nothing."""
    assert {k.tag.value for k in load_data_kinds().of_store(name)} == tags


def test_a_word_that_means_something_else_here() -> None:
    """Sessions are log-ins, unless the text says that people charge, train or meet in them."""
    kinds = load_data_kinds()
    spoken = kinds.otherwise(tokens("Drivers pay for a charging session at the end."))
    assert {k.tag for k in kinds.of_store("Sessions database")} == {DataTag.TOKENS}
    assert kinds.of_store("Sessions database", spoken) == ()
    assert kinds.otherwise(tokens("Every request carries the user session.")) == frozenset()


@pytest.mark.parametrize(
    ("sentence", "tags"),
    [
        ("It stores names and card numbers.", {"personal", "payment"}),
        ("Employees' names are printed.", {"personal"}),
        ("It sends payslips and checks bank accounts.", {"financial"}),
        ("Customers type in their bank details.", {"payment"}),
        ("It stores file names.", set()),
        ("A bucket is found by its name.", set()),
    ],
)
def test_names_of_people_and_their_money(sentence: str, tags: set[str]) -> None:
    """Names that are kept are personal data, and the name of a file or a bucket is none."""
    assert {m.payload.tag.value for m in load_data_kinds().of_text(tokens(sentence))} == tags


def test_sentences() -> None:
    """A sentence names its data once at each place, with the class."""
    found = load_data_kinds().of_text(tokens("It keeps card numbers and delivery addresses."))
    assert [(m.payload.tag, m.payload.classification) for m in found] == [
        (DataTag.PAYMENT, Classification.RESTRICTED),
        (DataTag.PERSONAL, Classification.CONFIDENTIAL),
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("kinds: [", "not YAML"),
        ("things: []", "one part"),
        ("kinds: []", "missing"),
        ("kinds: [{tag: gossip, class: public, name: Gossip, say: [x], holds: []}]", "gossip"),
        ("kinds: [{tag: logs, class: secretish, name: Logs, say: [x], holds: []}]", "secretish"),
        ("kinds: [{tag: logs, class: public, name: Logs, say: [], holds: []}]", "at least one"),
        ("kinds: [{tag: logs, class: public}]", "logs"),
        ("kinds: [7]", "7"),
    ],
)
def test_a_broken_table_is_refused_by_name(text: str, names: str) -> None:
    """What breaks the grammar of the table is a CatalogError that names the entry."""
    with pytest.raises(CatalogError, match=names):
        parse_data_kinds(text)
