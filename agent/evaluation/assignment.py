"""Optimal assignment: which row goes with which column, each at most once.

The Hungarian method in its form of shortest augmenting paths with potentials (Kuhn 1955; Jonker and
Volgenant 1987): O(rows² × columns).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

Weights = Sequence[Sequence[float | None]]
"""A weight for each row and column, in [0, 1]; None where the two may not go together."""


def assign(weights: Weights) -> tuple[tuple[int, int], ...]:
    """The pairs (row, column), by row: as many as can be, and among those the heaviest in sum.

    Every weight is in [0, 1]; the same weights give the same pairs.
    """
    rows = [r for r, row in enumerate(weights) if any(w is not None for w in row)]
    columns = sorted({c for row in weights for c, w in enumerate(row) if w is not None})
    if len(rows) <= len(columns):
        picked = _hungarian(_costs(weights, rows, columns))
        pairs = [(rows[r], columns[c]) for r, c in picked]
    else:
        picked = _hungarian(_transposed(_costs(weights, rows, columns)))
        pairs = [(rows[r], columns[c]) for c, r in picked]
    return tuple(sorted((r, c) for r, c in pairs if weights[r][c] is not None))


def _costs(weights: Weights, rows: Sequence[int], columns: Sequence[int]) -> list[list[float]]:
    """Minus the weight, and for every pair so much that one more pair outweighs any better weights."""
    one_more = min(len(rows), len(columns)) + 1.0
    return [
        [0.0 if (weight := weights[r][c]) is None else -(one_more + weight) for c in columns] for r in rows
    ]


def _transposed(costs: Sequence[Sequence[float]]) -> list[list[float]]:
    return [list(column) for column in zip(*costs, strict=True)]


def _hungarian(costs: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """The cheapest pairs (row, column), one for every row; there are at least as many columns as rows.

    Column 0 is a place outside: the row that looks for a column stands there while a path is sought.
    """
    width = len(costs[0]) + 1 if costs else 1
    of_row, of_column = [0.0] * (len(costs) + 1), [0.0] * width
    holder = [0] * width
    for row in range(1, len(costs) + 1):
        holder[0] = row
        for to, back in pairwise(_path(costs, of_row, of_column, holder)):
            holder[to] = holder[back]
    return [(holder[c] - 1, c - 1) for c in range(1, width) if holder[c]]


def _path(
    costs: Sequence[Sequence[float]], of_row: list[float], of_column: list[float], holder: Sequence[int]
) -> list[int]:
    """The cheapest augmenting path: its columns, from the free one back to column 0. Moves the potentials."""
    width = len(holder)
    slack, before = [math.inf] * width, [0] * width
    reached = [False] * width
    here = 0
    while True:
        reached[here] = True
        row = holder[here]
        nearest = 0
        for c in range(1, width):
            if reached[c]:
                continue
            reduced = costs[row - 1][c - 1] - of_row[row] - of_column[c]
            if reduced < slack[c]:
                slack[c], before[c] = reduced, here
            if not nearest or slack[c] < slack[nearest]:
                nearest = c
        step = slack[nearest]
        for c in range(width):
            if reached[c]:
                of_row[holder[c]] += step
                of_column[c] -= step
            else:
                slack[c] -= step
        here = nearest
        if not holder[here]:
            break
    path = [here]
    while path[-1]:
        path.append(before[path[-1]])
    return path
