from __future__ import annotations

from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.evaluation.assignment import Weights, assign

_WEIGHT = st.one_of(st.none(), st.integers(0, 100).map(lambda n: n / 100))
_WEIGHTS = st.tuples(st.integers(0, 5), st.integers(1, 5)).flatmap(
    lambda size: st.lists(
        st.lists(_WEIGHT, min_size=size[1], max_size=size[1]), min_size=size[0], max_size=size[0]
    )
)


def _worth(weights: Weights, pairs: tuple[tuple[int, int], ...]) -> tuple[int, float]:
    return len(pairs), sum(weights[r][c] or 0.0 for r, c in pairs)


def _best(weights: Weights) -> tuple[int, float]:
    """The most pairs and the heaviest sum, by trying everything."""
    rows, columns = len(weights), len(weights[0]) if weights else 0
    found = [(0, 0.0)]
    for size in range(1, min(rows, columns) + 1):
        for some in combinations(range(rows), size):
            for other in permutations(range(columns), size):
                pairs = tuple(zip(some, other, strict=True))
                if all(weights[r][c] is not None for r, c in pairs):
                    found.append(_worth(weights, pairs))
    return max(found)


@given(_WEIGHTS)
def test_assignment_is_the_best_of_all(weights: list[list[float | None]]) -> None:
    """As many pairs as can be and the heaviest of those, for any weights: what trying everything finds."""
    pairs = assign(weights)
    count, total = _worth(weights, pairs)
    best_count, best_total = _best(weights)
    assert count == best_count
    assert total == pytest.approx(best_total)


@given(_WEIGHTS)
def test_assignment_is_one_to_one_and_allowed(weights: list[list[float | None]]) -> None:
    """No row and no column is used twice, and no pair that may not be is made."""
    pairs = assign(weights)
    assert len({r for r, _ in pairs}) == len({c for _, c in pairs}) == len(pairs)
    assert all(weights[r][c] is not None for r, c in pairs)
    assert list(pairs) == sorted(pairs)


def test_two_light_pairs_beat_one_heavy() -> None:
    """The number of pairs counts before their weight."""
    assert assign([[1.0, 0.1], [0.1, None]]) == ((0, 1), (1, 0))


def test_greed_is_not_enough() -> None:
    """The heaviest single pair is given up where the sum is better without it."""
    assert assign([[0.9, 0.8], [0.85, 0.1]]) == ((0, 1), (1, 0))


@pytest.mark.parametrize("weights", [[], [[]], [[None, None]]])
def test_nothing_to_assign(weights: list[list[float | None]]) -> None:
    """Where nothing may go together there is no pair."""
    assert assign(weights) == ()
