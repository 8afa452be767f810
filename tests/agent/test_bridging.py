"""What the agent's bridge promises beside that of the knowledge package."""

from __future__ import annotations

from agent.bridging import bridge, phrases
from agent.catalog.patterns import load_patterns


def test_patterns_are_phrases() -> None:
    """Every pattern says something, without placeholders, and names what it cites."""
    made = list(phrases())
    assert len(made) == len(load_patterns())
    for (says, names), pattern in zip(made, load_patterns(), strict=True):
        assert says.strip("; ")
        assert "{" not in says
        assert list(names) == [r.id for r in pattern.references]


def test_a_pattern_in_its_own_words_names_what_it_cites() -> None:
    """For most patterns, their own words bring one of their identifiers."""
    patterns = [(says, set(names)) for says, names in phrases() if names]
    hit = [names for says, names in patterns if names & _ids(bridge().sub_queries(says))]
    assert len(hit) > 0.9 * len(patterns)


def test_it_is_made_once() -> None:
    """Every caller of a process gets the same one."""
    assert bridge() is bridge()


def _ids(queries: tuple[str, ...]) -> set[str]:
    return {q.partition(" ")[0] for q in queries}
