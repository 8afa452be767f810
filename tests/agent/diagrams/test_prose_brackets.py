"""What stands in brackets after a part tells more of it, and is no part beside it."""

from __future__ import annotations

import pytest

from agent.diagrams.prose import read_prose
from agent.domain.system import ElementKind, SystemFragment


def names(read: SystemFragment) -> set[str]:
    """The names of the elements."""
    return {e.name for e in read.elements}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The shop backend (FastAPI) stores orders in a database (Postgres).", {"shop backend", "database"}),
        ("The shop backend puts jobs on a queue (SQS).", {"shop backend", "queue"}),
        ("The shop backend calls the payment provider (Stripe).", {"shop backend", "payment provider"}),
        ("The shop backend sends prompts to Azure OpenAI (GPT-4o).", {"shop backend", "Azure OpenAI"}),
        ("Clerks work in the admin console (Angular).", {"Clerks", "admin console"}),
    ],
)
def test_a_product_in_brackets_is_the_part_before_it(text: str, expected: set[str]) -> None:
    """A product in brackets is what the part before is, or is made with."""
    assert names(read_prose(text)) == expected


def test_the_part_has_the_product_as_technology() -> None:
    """What brackets say a part is made with is one of its technologies."""
    read = read_prose("The shop backend calls the payment provider (Stripe).")
    made = {e.name: e for e in read.elements}
    assert "stripe" in made["payment provider"].technologies
    assert made["payment provider"].kind is ElementKind.EXTERNAL_ENTITY


def test_a_program_uses_the_store_in_its_brackets() -> None:
    """A store among the products in a program's brackets is used by it."""
    read = read_prose("The rental service (Ruby on Rails, Postgres) calls the locker API.")
    made = {e.id: e.name for e in read.elements}
    assert ("rental service", "Postgres") in {(made[f.source], made[f.target]) for f in read.flows}
    assert "Rails" not in set(made.values())


def test_another_product_in_brackets_stays_beside() -> None:
    """Infrastructure of another trade in brackets is a part of its own."""
    read = read_prose(
        "The deploy service rolls out the shop (CloudFront, AWS WAF). The shop calls the till API."
    )
    made = {e.name: e for e in read.elements}
    assert "aws-waf" not in made["shop"].technologies
