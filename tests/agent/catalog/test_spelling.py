"""Misspelt names: what is taken for another word, and what never is."""

from __future__ import annotations

import pytest

from agent.analysts.roles import traits_for
from agent.catalog.name_words import traits_in
from agent.catalog.spelling import mended, mends, parse_spelling
from agent.catalog.technologies import load_technologies
from agent.catalog.vocabulary import Trait
from agent.domain.system import Element, ElementKind, Evidence, EvidenceKind
from agent.errors import CatalogError


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Payement Service", "Payment Service"),
        ("Customer Databse", "Customer Database"),
        ("DATABSE", "DATABASE"),
        ("Authenitcation", "Authentication"),
        ("Notiffication sender", "Notification sender"),
        ("two databses", "two databases"),
    ],
)
def test_one_wrong_letter_is_put_right(written: str, meant: str) -> None:
    """A letter too many, missing, wrong or swapped inside a long word; capitals and plurals stay."""
    assert mended(written) == meant


@pytest.mark.parametrize(
    "name",
    [
        "Pavement sensor",
        "Massage booking",
        "Identify",
        "Provided files",
        "Services",
        "Costumer",
        "Customers",
        "Serving",
        "Storages",
        "Datebook",
        "Gatekeeper",
        "Profiles",
        "Profiler",
        "",
        "Ünïcode",
    ],
)
def test_a_correct_word_is_left_alone(name: str) -> None:
    """Another word, an ending of the same word and a short word are never turned into something else."""
    assert mended(name) == name
    assert mends(name) == ()


def test_a_misspelt_name_says_what_it_is() -> None:
    """Technologies and traits are read as if the name were spelt right."""
    assert load_technologies().read("Customer Databse").kind is ElementKind.DATA_STORE
    assert Trait.PAYMENT in traits_in("Payement Service")
    source = Evidence(kind=EvidenceKind.DIAGRAM, quote="Payement Service")
    element = Element(id="p", name="Payement Service", kind=ElementKind.PROCESS, source=source)
    assert Trait.PAYMENT in traits_for(element, frozenset())


@pytest.mark.parametrize("text", ["[]", "words: database", "words: [short]", "words: [Data-base]"])
def test_a_broken_table_is_refused(text: str) -> None:
    """Anything but a list of long plain words is refused when it is loaded."""
    with pytest.raises(CatalogError, match=r"spelling\.yaml"):
        parse_spelling(text)
