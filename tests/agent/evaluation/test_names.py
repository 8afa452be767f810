from __future__ import annotations

import pytest

from agent.evaluation.names import mentions, name_words, same_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Seed Catalogue", "the seed catalogue"),
        ("SeedCatalogue", "seed-catalogue"),
        ("Valves", "valve"),
        ("User Database", "Database"),
        ("MySQL (plants & beds)", "MySQL"),
        ("Watering Controller", "watering controller process"),
    ],
)
def test_same_thing(one: str, other: str) -> None:
    """Case, articles, plurals, remarks and a longer form do not part two names of one thing."""
    assert same_name(one, other)
    assert same_name(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("User", "User Database"),
        ("Web Server", "Database Server"),
        ("", "Database"),
        ("AWS", "AW"),
        ("Plant API", "Plant shop"),
    ],
)
def test_different_things(one: str, other: str) -> None:
    """A word in common is not enough, and no name is no thing."""
    assert not same_name(one, other)
    assert not same_name(other, one)


def test_words_of_a_name() -> None:
    """A name is its words in lower case, without articles and plural endings."""
    assert name_words("The wateringJobs of-the GreenHouse") == ("watering", "job", "green", "house")


def test_a_text_mentions_a_name_only_whole() -> None:
    """All words of the name must stand in a row."""
    assert mentions("Anyone can open the garden gates at night.", ["Garden Gate"])
    assert not mentions("The garden has a gate.", ["Garden Gate"])
    assert not mentions("Anyone can open it.", ["", "()"])
