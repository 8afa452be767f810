"""Walks over directed graphs of ids: shortest paths and dominators, both near-linear."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence

Graph = Mapping[str, Sequence[str]]
"""Each node's successors, in a fixed order; a node without successors may be missing."""


def shortest(graph: Graph, starts: Iterable[str], avoiding: frozenset[str] = frozenset()) -> dict[str, str]:
    """The parent of every node on a shortest path from the nearest start; a start is its own parent.

    Args:
        graph: successors of each node.
        starts: where walks begin, in the order that wins a tie.
        avoiding: nodes that no walk may pass or end at.
    """
    parents: dict[str, str] = {s: s for s in starts if s not in avoiding}
    waiting = deque(parents)
    while waiting:
        here = waiting.popleft()
        for there in graph.get(here, ()):
            if there not in parents and there not in avoiding:
                parents[there] = here
                waiting.append(there)
    return parents


def path_to(parents: Mapping[str, str], end: str) -> tuple[str, ...]:
    """The path that `shortest` found to the node, its start first; empty when there is none."""
    if end not in parents:
        return ()
    path = [end]
    while parents[path[-1]] != path[-1]:
        path.append(parents[path[-1]])
    return tuple(reversed(path))


def dominated(graph: Graph, starts: Iterable[str]) -> dict[str, int]:
    """For each node that a start reaches: how many other nodes cannot be reached without it.

    Dominators after Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm" (2001).
    """
    root = ""
    order = _postorder({**graph, root: tuple(starts)}, root)
    number = {node: i for i, node in enumerate(order)}
    before: dict[str, list[str]] = {node: [] for node in order}
    for node in order:
        for child in graph.get(node, ()) if node != root else tuple(starts):
            if child in number:
                before[child].append(node)
    above = {root: root}
    changed = True
    while changed:
        changed = False
        for node in reversed(order[:-1]):
            known = [b for b in before[node] if b in above]
            best = known[0]
            for other in known[1:]:
                best = _meet(best, other, above, number)
            if above.get(node) != best:
                above[node] = best
                changed = True
    counts = dict.fromkeys(order, 0)
    for node in order[:-1]:
        counts[above[node]] += counts[node] + 1
    del counts[root]
    return counts


def _meet(one: str, two: str, above: Mapping[str, str], number: Mapping[str, int]) -> str:
    while one != two:
        while number[one] < number[two]:
            one = above[one]
        while number[two] < number[one]:
            two = above[two]
    return one


def _postorder(graph: Graph, root: str) -> list[str]:
    seen = {root}
    order: list[str] = []
    stack: list[tuple[str, int]] = [(root, 0)]
    while stack:
        node, at = stack.pop()
        children = graph.get(node, ())
        while at < len(children) and children[at] in seen:
            at += 1
        if at == len(children):
            order.append(node)
            continue
        stack.append((node, at + 1))
        seen.add(children[at])
        stack.append((children[at], 0))
    return order
