"""Where earlier verdicts may move a threat, and where not."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.domain.threat import Severity, Threat
from agent.lessons.ranking import KEPT_IN_LIST, placed
from tests.agent.lessons.made import a_threat

GRAVE, PLAIN = (4, 4), (3, 3)


def keys(threats: tuple[Threat, ...]) -> list[str]:
    """What they are called in these tests."""
    return [t.pattern for t in threats]


def listed(*scores: tuple[int, int]) -> tuple[Threat, ...]:
    """Threats a, b, c, … with these ratings."""
    return tuple(a_threat("abcdefgh"[n], score=score) for n, score in enumerate(scores))


def of(threats: tuple[Threat, ...], names: str) -> frozenset[str]:
    """The keys of the threats with these names."""
    return frozenset(t.key for t in threats if t.pattern in names)


def test_a_doubted_medium_goes_behind_all_others() -> None:
    """Behind the low ones too: it is the last that anybody needs to read, and it is still there."""
    threats = listed(GRAVE, PLAIN, PLAIN, (2, 2))
    moved = placed(threats, 3, doubted=of(threats, "b"), known=frozenset())
    assert keys(moved) == ["a", "c", "d", "b"]


def test_a_doubted_high_goes_behind_its_equals() -> None:
    """And not further."""
    threats = listed(GRAVE, GRAVE, GRAVE, PLAIN)
    moved = placed(threats, 25, doubted=of(threats, "a"), known=frozenset())
    assert keys(moved) == ["b", "c", "a", "d"]


def test_a_doubted_high_stays_within_the_budget() -> None:
    """Where its equals go on beyond the list that is shown, it takes the last of the places shown."""
    threats = listed(GRAVE, GRAVE, GRAVE, GRAVE, PLAIN)
    moved = placed(threats, 2, doubted=of(threats, "a"), known=frozenset())
    assert keys(moved) == ["b", "a", "c", "d", "e"]
    assert keys(placed(threats, 2, doubted=of(threats, "ab"), known=frozenset())) == ["a", "b", "c", "d", "e"]


def test_one_accepted_before_comes_first_among_equals() -> None:
    """Before others of its severity and rating, and before nothing else."""
    threats = listed(GRAVE, (3, 5), GRAVE, PLAIN)
    moved = placed(threats, 25, doubted=frozenset(), known=of(threats, "cd"))
    assert keys(moved) == ["c", "b", "a", "d"]


def test_one_accepted_before_pushes_no_high_out_of_the_list() -> None:
    """Nothing comes into the list that is shown by pushing out what was in it."""
    threats = listed(GRAVE, GRAVE, GRAVE)
    moved = placed(threats, 2, doubted=frozenset(), known=of(threats, "c"))
    assert keys(moved) == ["a", "b", "c"]


rated = st.tuples(st.integers(1, 5), st.integers(1, 5))
rows = st.lists(st.tuples(rated, st.sampled_from(["", "doubted", "known"])), max_size=30)


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(rows, st.integers(1, 12))
def test_lessons_hide_nothing_grave_and_lose_nothing(
    given_: list[tuple[tuple[int, int], str]], budget: int
) -> None:
    """Same threats; a high or critical one that was shown is shown; severities of the firm ones fall."""
    made = [(a_threat(f"p{n}", id_=str(n), score=score), word) for n, (score, word) in enumerate(given_)]
    threats = sorted((t for t, _ in made), key=lambda t: -t.severity.rank)
    doubted = {t.key for t, word in made if word == "doubted"}
    known = {t.key for t, word in made if word == "known"}
    moved = placed(threats, budget, doubted=doubted, known=known)
    shown = {t.key for t in moved[:budget]}
    firm = [t.severity.rank for t in moved if t.key not in doubted or t.severity in KEPT_IN_LIST]

    assert sorted(t.key for t in moved) == sorted(t.key for t in threats)
    assert {t.key for t in threats[:budget] if t.severity in KEPT_IN_LIST} <= shown
    assert {t.key for t in threats[:budget] if t.key not in doubted} <= shown
    assert firm == sorted(firm, reverse=True)
    assert placed(threats, budget, doubted=set(), known=set()) == tuple(threats)


def test_what_stays_in_the_list_is_high_and_critical() -> None:
    """The rule is of these two."""
    assert frozenset({Severity.HIGH, Severity.CRITICAL}) == KEPT_IN_LIST
