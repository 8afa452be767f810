"""Severity from stated factors: computed, explained, and what would lower it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent import risk
from agent.domain.system import Classification
from agent.domain.threat import Factor, Severity, Statement, Stride, Threat

scores = st.integers(1, 5)


def threat(likelihood: tuple[int, list[Factor]], impact: tuple[int, list[Factor]]) -> Threat:
    """A threat with these ratings."""
    one, two = risk.rate(*likelihood), risk.rate(*impact)
    return Threat(
        key="k",
        title="Forged order",
        statement=Statement(source="somebody", action="order", impact="loss"),
        stride=(Stride.SPOOFING,),
        targets=("shop",),
        likelihood=one,
        impact=two,
        severity=risk.severity_of(one.score, two.score),
    )


@pytest.mark.parametrize(
    ("likelihood", "impact", "severity"),
    [
        (5, 5, Severity.CRITICAL),
        (5, 4, Severity.CRITICAL),
        (4, 4, Severity.HIGH),
        (3, 4, Severity.HIGH),
        (5, 2, Severity.MEDIUM),
        (2, 3, Severity.MEDIUM),
        (1, 5, Severity.LOW),
        (1, 1, Severity.LOW),
    ],
)
def test_severity_is_the_product_in_steps(likelihood: int, impact: int, severity: Severity) -> None:
    """20 is critical, 12 high, 6 medium."""
    assert risk.severity_of(likelihood, impact) is severity


@given(scores, scores)
def test_severity_never_falls_when_a_rating_rises(likelihood: int, impact: int) -> None:
    """More likely or worse is never less severe."""
    here = risk.severity_of(likelihood, impact).rank
    assert risk.severity_of(min(5, likelihood + 1), impact).rank >= here
    assert risk.severity_of(likelihood, min(5, impact + 1)).rank >= here


@given(scores, st.lists(st.integers(-4, 4), max_size=6))
def test_a_rating_is_its_base_and_factors_within_bounds(base: int, points: list[int]) -> None:
    """The score is the sum, kept within 1 to 5."""
    rating = risk.rate(base, [Factor(name="f", points=p, reason="r") for p in points])
    assert rating.score == max(1, min(5, base + sum(points)))


def test_unknown_is_named_but_adds_nothing() -> None:
    """A control nobody speaks of is a factor without points; denied adds one, in place leaves one."""
    assert risk.control_unknown("a rate limit").points == 0
    assert risk.rate(3, [risk.control_denied("a rate limit")]).score == 4
    assert risk.rate(5, [risk.control_stands("a rate limit")]).score == 1


def test_exposure_counts_by_distance() -> None:
    """The internet adds one, a way through another part nothing, no way takes one off."""
    near = risk.exposure(exposed=True, reachable=True, way="buyer → Shop", place="Shop")
    behind = risk.exposure(exposed=False, reachable=True, way="buyer → Shop → Stock", place="Stock")
    apart = risk.exposure(exposed=False, reachable=False, way="", place="Stock")
    assert [f.points for f in (near, behind, apart)] == [1, 0, -1]
    assert near.reason == "reachable from the internet (buyer → Shop)"


def test_an_explanation_names_every_factor() -> None:
    """Both ratings with their reasons, in one line."""
    found = threat(
        (
            3,
            [
                risk.exposure(exposed=True, reachable=True, way="buyer → Shop", place="Shop"),
                risk.skill("none"),
            ],
        ),
        (3, [risk.harm("money"), risk.data_class(Classification.RESTRICTED, "payment data")]),
    )
    assert risk.explain(found) == (
        "likelihood 5 (reachable from the internet (buyer → Shop); no skill needed) × "
        "impact 4 (money; payment data (restricted))"
    )


def test_a_grave_threat_says_which_facts_would_lower_it() -> None:
    """The control that is missing first, then what else would take it down a step."""
    found = threat(
        (
            2,
            [
                risk.exposure(exposed=True, reachable=True, way="w", place="p"),
                risk.control_unknown("a signature"),
            ],
        ),
        (4, [risk.data_class(Classification.CONFIDENTIAL, "orders")]),
    )
    assert found.severity is Severity.HIGH
    assert risk.lowering_facts(found) == (
        "Low if a signature were in place",
        "Medium if it could not be reached from the internet",
    )


def test_rescoring_follows_the_factors_not_the_word() -> None:
    """A severity that does not follow from the ratings is put right."""
    found = threat((3, [risk.skill("none")]), (4, []))
    wrong = found.model_copy(update={"severity": Severity.LOW})
    assert risk.rescore(wrong).severity is Severity.HIGH
    assert risk.rescore(found) == found


def test_an_answered_threat_is_recognised() -> None:
    """Only a control in place makes a threat answered."""
    assert risk.is_answered(threat((3, [risk.control_stands("a signature")]), (4, [])))
    assert not risk.is_answered(threat((3, [risk.control_unknown("a signature")]), (4, [])))
