"""Walks over graphs: shortest ways and what cannot be reached without a node."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.analysts.graphs import dominated, path_to, shortest

GRAPH = {"in": ("a", "b"), "a": ("c",), "b": ("c",), "c": ("d", "e"), "e": ("c",)}

graphs = st.dictionaries(
    st.sampled_from("abcdefgh"), st.lists(st.sampled_from("abcdefgh"), max_size=4).map(tuple), max_size=8
)


def test_the_shortest_way_is_found_and_the_first_start_wins() -> None:
    """A way has both ends; of two equally short ones, the one from the earlier start."""
    assert path_to(shortest(GRAPH, ["in"]), "d") == ("in", "a", "c", "d")
    assert path_to(shortest(GRAPH, ["b", "a"]), "c") == ("b", "c")


def test_what_is_to_be_avoided_is_not_passed() -> None:
    """A way around is found, or none."""
    assert path_to(shortest(GRAPH, ["in"], frozenset({"a"})), "c") == ("in", "b", "c")
    assert path_to(shortest(GRAPH, ["in"], frozenset({"c"})), "d") == ()


def test_a_node_that_every_way_passes_counts_what_lies_behind() -> None:
    """Two entries that meet count nothing; the meeting place counts all behind it."""
    assert dominated(GRAPH, ["in"]) == {"in": 5, "a": 0, "b": 0, "c": 2, "d": 0, "e": 0}


@given(graphs, st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=2))
def test_dominators_agree_with_taking_the_node_away(
    graph: dict[str, tuple[str, ...]], starts: list[str]
) -> None:
    """For any graph, the count is how many others are lost when the node is removed."""
    reached = set(shortest(graph, starts))
    for node, count in dominated(graph, starts).items():
        left = set(shortest(graph, starts, frozenset({node})))
        assert count == len(reached - left - {node})
