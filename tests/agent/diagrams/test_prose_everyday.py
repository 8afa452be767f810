"""Products that are called by everyday words, in sentences that mean the product and in those that do not."""

from __future__ import annotations

import pytest

from agent.catalog.technologies import load_technologies
from agent.diagrams.prose import read_prose


def products(text: str) -> set[str]:
    """The products that the text's elements are."""
    table = load_technologies()
    found = (table.get(t) for e in read_prose(text).elements for t in e.technologies)
    return {t.id for t in found if not t.is_role}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Paddle handles billing and Zoom hosts the lessons.", {"paddle", "zoom"}),
        ("The API calls Paddle.", {"paddle"}),
        ("Neon stores the orders.", {"neon"}),
        ("Temporal runs the refunds workflow.", {"temporal"}),
        ("Celery workers read jobs from Redis.", {"celery", "redis"}),
        ("Spark jobs read from S3.", {"spark", "aws-s3"}),
    ],
)
def test_a_product_that_acts_is_one(text: str, expected: set[str]) -> None:
    """With a verb after it, or as what is used, the word is the product."""
    assert products(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Members book Paddle courts in the Paddle Court app.",
        "Harbor pilots log in to the portal.",
        "The front door camera sends clips to the API.",
        "Visa applications are stored in the database.",
        "Each branch office has a payment agent.",
        "Square footage is computed by the API.",
        "The conductor scans tickets with a phone.",
    ],
)
def test_a_word_that_opens_another_name_is_none(text: str) -> None:
    """Before a noun that it does not fit, the word means what it always means."""
    assert products(text) == set()
