"""Rows of the technology table: families of products, everyday words, and words that make a product ours."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from agent.catalog.technologies import Technologies, load_technologies, parse_technologies
from agent.errors import CatalogError

TABLE = """
shop:
  technologies:
    tills: {each: "Till One = T1, Paddle, Square = Square Till", alone: Paddle, beside: Square, kind: external_entity, traits: payment, fits: "payments, card"}
    shelf: {name: Shelf, kind: data_store, traits: database}
roles:
  technologies:
    adapter: {name: adapter, kind: process, traits: service, place: end, rules: true}
    client: {name: client, kind: external_entity, traits: end_user, place: end, after: "data_store, external_entity", as: adapter}
    box: {name: square, kind: process, traits: service, place: end}
"""  # noqa: E501 - rows stand on one line


def table() -> Technologies:
    """A small table with every column that says when a name counts."""
    return parse_technologies(TABLE)


def ids(label: str) -> list[str]:
    """The identifiers that the small table recognises."""
    return [t.id for t in table().recognise(label)]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Till One", ["till-one"]),
        ("T1 at the door", ["till-one"]),
        ("Billing (Paddle)", ["paddle"]),
        ("prod-Paddle-01", ["paddle"]),
        ("Paddle API", ["paddle"]),
        ("Billed via Paddle", ["paddle"]),
        ("Paddle\nBilling", ["paddle"]),
        ("Card (paddle)", ["paddle"]),
        ("paddle", []),
        ("Paddle court", []),
        ("Kayak paddle", []),
        ("Square Till", ["square"]),
        ("Square payments", ["square"]),
        ("Payments: Square", ["square"]),
        ("Square", ["box"]),
        ("Town square", ["box"]),
        ("Square root of payments", []),
    ],
)
def test_an_everyday_word_counts_where_it_can_only_be_the_product(label: str, expected: list[str]) -> None:
    """Alone with a capital letter, or beside a word that fits; else the word means what it always means."""
    assert ids(label) == expected


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Shelf client", ["adapter"]),
        ("Shelf read client", ["adapter"]),
        ("Till One client", ["adapter"]),
        ("Mobile client", ["client"]),
        ("Shelf for the client", ["shelf"]),
        ("Shelf (client)", ["shelf"]),
        ("Client shelf", ["shelf"]),
    ],
)
def test_a_client_of_a_product_is_what_we_run(label: str, expected: list[str]) -> None:
    """Right after a product's name, and nowhere else, "client" is another entry."""
    assert ids(label) == expected


def test_a_family_is_an_entry_for_each_name() -> None:
    """Each has its own identifier and name, and all else in common; the order is the file's."""
    names = [(t.id, t.name, t.kind.value) for t in table()][:4]
    assert names == [
        ("till-one", "Till One", "external_entity"),
        ("paddle", "Paddle", "external_entity"),
        ("square", "Square", "external_entity"),
        ("shelf", "Shelf", "data_store"),
    ]


def test_roles_are_listed_without_products() -> None:
    """What names no product can be asked for alone."""
    assert [t.id for t in table().roles()] == ["adapter", "client", "box"]


def test_what_is_read_first_changes_nothing() -> None:
    """The package's table says the same of a label however much of it was read before."""
    fresh = load_technologies.__wrapped__
    labels = ("Billing (Paddle)", "Square payments", "Amazon S3", "Fly.io", "Sidekiq", "users of Zoom")
    forward, backward, whole = fresh(), fresh(), fresh()
    assert len(whole) == len(tuple(whole)) > 2000
    first = [forward.read(label) for label in labels]
    second = [backward.read(label) for label in reversed(labels)]
    assert first == second[::-1] == [whole.read(label) for label in labels]
    assert [t.id for t in forward] == [t.id for t in backward] == [t.id for t in whole]


def test_an_identifier_of_a_product_not_met_yet_is_known() -> None:
    """What an earlier run recognised is known before any label is read."""
    fresh = load_technologies.__wrapped__
    assert fresh().get("paddle").name == "Paddle"
    assert fresh().traits_of(["paddle"]) == fresh().get("paddle").traits


def test_threads_read_one_table() -> None:
    """Several threads that read one table see the same as one that reads alone."""
    labels = [t.name for t in load_technologies()][::7]
    alone = [load_technologies().read(label) for label in labels]
    shared = load_technologies.__wrapped__()
    with ThreadPoolExecutor(4) as pool:
        read = list(pool.map(lambda _: [shared.read(label) for label in labels], range(4)))
    assert read == [alone] * 4


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ('{each: "Till, …", kind: process, traits: api}', "no word"),
        ('{each: "Till", name: Till, kind: process, traits: api}', "each is for products"),
        ('{each: "Till", alone: Tray, kind: process, traits: api}', "tray"),
        ('{each: "Till", beside: Till, kind: process, traits: api}', "needs fits"),
        ('{each: "Till, Till", kind: process, traits: api}', "stands twice"),
        ('{each: "Till = Shelf", kind: process, traits: api}', "belongs to shelf"),
        ('{each: "Till", kind: process, traits: api, after: shops}', "shops"),
    ],
)
def test_a_broken_family_is_refused_with_its_place(row: str, said: str) -> None:
    """CatalogError names the row."""
    shelf = "shelf: {name: Shelf, kind: data_store, traits: api}"
    text = f"shop:\n  technologies:\n    {shelf}\n    tills: {row}\n"
    with pytest.raises(CatalogError) as caught:
        parse_technologies(text, "shop.yaml")
    assert "shop.yaml" in caught.value.message
    assert said in caught.value.message


def test_roles_are_no_family() -> None:
    """Words that name no product stand in rows of their own."""
    with pytest.raises(CatalogError, match="each is for products"):
        parse_technologies("roles:\n  technologies:\n    a: {each: Till, kind: process, traits: api}\n")


def test_the_table_of_the_package_is_whole() -> None:
    """Every family of the package opens, and no identifier stands twice."""
    ids = [t.id for t in load_technologies()]
    assert len(ids) == len(set(ids))
