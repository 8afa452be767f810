"""Whatever reading makes of a line, what it quotes stands in the text."""

from __future__ import annotations

import re

import pytest

from agent.diagrams.prose import read_prose

TEXTS = (
    """Parts:
- **LedgerStack** (eu-west-1): S3 data bucket, Vectors index, Postgres, a worker.
- Till: posts sales to LedgerStack.
""",
    """- phones hit https://till.example.net/api (nginx -> gunicorn)
- state in mysql (db01.example.net:3306)
""",
    """Ushers and stewards of the house: operate the stall app.
The stall app writes to the ledger database.
""",
    """the rule sends events to a worker -> bucket. It keeps the rest in Redis.
DB: Azure SQL
cache: Redis
""",
    "API -> Postgres, Redis, S3; logs => Loki (7 days). [The wiki](https://wiki.example/x) calls the API.",
)


@pytest.mark.parametrize("text", TEXTS)
def test_every_quote_stands_in_the_text(text: str) -> None:
    """Of elements, flows, facts and their controls, but for marks and white space."""
    read = read_prose(text)
    controls = [c for e in read.elements for c in e.controls] + [c for f in read.flows for c in f.controls]
    quotes = [e.source.quote for e in read.elements] + [f.evidence.quote for f in read.flows]
    quotes += [f.evidence.quote for f in read.facts] + [c.evidence.quote for c in controls]
    assert quotes
    assert [q for q in quotes if flat(q) not in flat(text)] == []


def test_a_line_in_other_words_is_quoted_as_written() -> None:
    """Where the address and the bracket were read apart, the whole line is the evidence."""
    read = read_prose(TEXTS[1])
    line = TEXTS[1].splitlines()[0].removeprefix("- ")
    assert line in {f.evidence.quote for f in read.flows}


def flat(text: str) -> str:
    """The words alone."""
    return " ".join(re.sub(r"\W+", " ", text).casefold().split())
