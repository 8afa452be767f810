"""Areas: every element and flow in exactly one, small, and the same each time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.analysts.areas import LARGEST, split
from agent.domain.system import System
from tests.sketching import sketch

lines = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda ends: f"E{ends[0]} -> E{ends[1]}"),
    max_size=80,
)
zones = st.lists(st.tuples(st.integers(0, 40), st.sampled_from("XYZ")), max_size=40)


def systems() -> st.SearchStrategy[System]:
    """Systems of up to 41 elements in up to three boundaries."""
    return st.builds(
        lambda flows, inside: sketch("\n".join([*(f"[E{e} | in: {z}]" for e, z in inside), *flows])),
        lines,
        zones,
    )


@given(systems())
def test_every_element_and_flow_stands_in_exactly_one_small_area(system: System) -> None:
    """Nothing is looked at twice or left out, and no area is too large to look at."""
    areas = split(system)
    assert sorted(e for a in areas for e in a.elements) == sorted(e.id for e in system.elements)
    assert sorted(f for a in areas for f in a.flows) == sorted(f.id for f in system.flows)
    assert all(len(a.elements) <= LARGEST for a in areas)
    assert len({a.id for a in areas}) == len(areas)
    assert split(system) == areas


def test_areas_follow_boundaries_and_are_named_by_them() -> None:
    """What stands in one boundary is looked at together; else the first element gives the name."""
    areas = split(sketch("(Guest: end_user)\n[A: api | in: Cloud]\n[B: api | in: Cloud]\nGuest -> A\nA -> B"))
    assert [(a.name, a.elements) for a in areas] == [("Guest", ("guest",)), ("Cloud", ("a", "b"))]
    assert [len(a.flows) for a in areas] == [0, 2]
