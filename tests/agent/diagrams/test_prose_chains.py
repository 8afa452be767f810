"""Arrows as people type them in a hurry."""

from __future__ import annotations

import pytest

from agent.diagrams.prose import read_prose
from agent.domain.system import SystemFragment


def flows(read: SystemFragment) -> set[tuple[str, str]]:
    """The flows, as names."""
    made = {e.id: e.name for e in read.elements}
    return {(made[f.source], made[f.target]) for f in read.flows}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "React SPA -> FastAPI -> Postgres, files in S3, auth via Auth0",
            {("React SPA", "FastAPI"), ("FastAPI", "Postgres"), ("FastAPI", "S3"), ("FastAPI", "Auth0")},
        ),
        ("shop -> gateway, worker => ledger DB", {("shop", "gateway"), ("worker", "ledger DB")}),
        ("shop API -> Postgres, Redis", {("shop API", "Postgres"), ("shop API", "Redis")}),
        ("imgs: mobile app => presigned PUT => S3", {("mobile app", "S3")}),
        ("worker => OpenSearch for search", {("worker", "OpenSearch")}),
        ("admin UI (CloudFront + S3) => same API gateway", {("admin UI", "API gateway")}),
        ("Payments: Stripe (webhooks => shop API), Twilio for SMS", {("Stripe", "shop API")}),
    ],
)
def test_a_hurried_line_is_cut_into_chains(line: str, expected: set[tuple[str, str]]) -> None:
    """Commas, brackets, labels and purposes beside arrows part chains and do not become names."""
    assert flows(read_prose(line)) == expected


def test_evidence_quotes_the_line_as_written() -> None:
    """Whatever a line is cut into, what quotes it quotes the line."""
    line = "imgs: mobile app => presigned PUT => S3, worker => OpenSearch for search"
    read = read_prose(line)
    assert {e.source.quote for e in read.elements} | {f.evidence.quote for f in read.flows} == {line}


def test_a_label_with_commas_stays_a_label() -> None:
    """What stands after a colon is the label of the flow, commas and all."""
    read = read_prose("till -> ledger DB: sales, refunds and names")
    assert [f.label for f in read.flows] == ["sales, refunds and names"]


def test_services_beside_arrows_are_parts() -> None:
    """A service that a line names for a purpose, beside an arrow in brackets, is a part."""
    read = read_prose("shop app => shop API\nOthers: Stripe (webhooks => shop API), Twilio for SMS\n")
    assert "Twilio" in {e.name for e in read.elements}
