"""Names as words: cut, looked up, listed, and put into templates."""

from __future__ import annotations

import pytest

from agent.catalog.grams import grams, listed, phrase, words
from agent.catalog.name_words import parse_name_words, traits_in
from agent.catalog.templates import template
from agent.catalog.vocabulary import Trait
from agent.errors import CatalogError


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ordersQueue v2", ("order", "queue", "v2")),
        ("HTTPS over TLS", ("https", "over", "tls")),
        ("Access policies", ("access", "policy")),
        ("APIGateway", ("api", "gateway")),
        ("Zürich-Büro", ("zurich", "buro")),
        ("", ()),
    ],
)
def test_a_name_is_cut_into_words(name: str, expected: tuple[str, ...]) -> None:
    """Lower case, singular, parted at capitals and marks."""
    assert words(name) == expected


def test_grams_hold_phrases_of_up_to_three_words() -> None:
    """A phrase is found as whole words in their order."""
    found = grams("The internal API Gateway")
    assert phrase("API gateways") in found
    assert phrase("gateway api") not in found
    assert phrase("one two three four") == ""


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((), ""),
        (("a",), "a"),
        (("a", "b"), "a and b"),
        (("a", "b", "c", "d"), "a, b, c and d"),
        (("a", "b", "c", "d", "e", "f"), "a, b, c and 3 more"),
        (("a", "a", "b"), "a and b"),
    ],
)
def test_names_are_listed_as_a_person_would(names: tuple[str, ...], expected: str) -> None:
    """Commas and an "and"; many are cut short."""
    assert listed(names) == expected


def test_a_name_says_what_the_element_is() -> None:
    """Whole words of a name give traits."""
    assert Trait.ADMIN_CONSOLE in traits_in("Staff console")
    assert Trait.QUEUE in traits_in("order_queue")
    assert not traits_in("Consolation prize")


@pytest.mark.parametrize("text", ["traits: {wizard: [wand]}", "traits: {queue: [one two three four]}"])
def test_a_broken_word_table_is_refused(text: str) -> None:
    """A trait that does not exist, or a phrase that is too long, is named."""
    with pytest.raises(CatalogError, match=r"name_words\.yaml"):
        parse_name_words(text)


def test_a_template_agrees_with_one_name_and_with_several() -> None:
    """The form before the bar for one name, the one after it for several."""
    made = template("{element} {element?is|are} open", frozenset({"element"}), "here")
    assert made.fill({"element": ("Shop",)}) == "Shop is open"
    assert made.fill({"element": ("Shop", "Desk")}) == "Shop and Desk are open"


def test_a_template_is_no_program() -> None:
    """What stands in a name is copied, braces and all, and never read as a placeholder."""
    made = template("at {element}", frozenset({"element"}), "here")
    assert made.fill({"element": ("{system.__class__}",)}) == "at {system.__class__}"
