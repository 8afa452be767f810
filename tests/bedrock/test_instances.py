"""Instances that are generated from a schema keep to it."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import BaseModel, Field

from agent.analysts.chat.schema import tool_for
from tests.bedrock.instances import Generator


class Part(BaseModel):
    """A part."""

    id: Literal["a", "b", "c"]
    score: int = Field(ge=1, le=5)
    share: float = Field(gt=0, lt=1_000)
    sure: bool
    why: str = Field(min_length=3, max_length=12)
    other: str | None = None


class Whole(BaseModel):
    """A whole."""

    kind: Literal["only"]
    parts: list[Part] = Field(min_length=3, max_length=4)
    few: list[Literal["x", "y"]] = Field(min_length=1, max_length=5)
    none: list[str] = Field(max_length=0)
    note: str


@pytest.mark.parametrize("seed", range(20))
def test_an_instance_is_valid(seed: int) -> None:
    """Enumerations, bounds, lengths and nested lists are kept to, for any seed."""
    schema = tool_for(Whole)["function"]["parameters"]
    whole = Whole.model_validate(Generator(seed, items=4).instance(schema))
    assert len(set(whole.few)) == len(whole.few)
    assert len(whole.parts) == 4


def test_the_same_seed_gives_the_same() -> None:
    """Nothing is left to chance, and another seed gives another instance."""
    schema = tool_for(Whole)["function"]["parameters"]
    one, same, other = (Generator(seed).instance(schema) for seed in (1, 1, 2))
    assert one == same != other


def test_a_property_can_be_given() -> None:
    """What a test cares about is put in by name, wherever it stands."""
    schema = tool_for(Whole)["function"]["parameters"]
    whole = Whole.model_validate(Generator(overrides={"score": 5}).instance(schema))
    assert {p.score for p in whole.parts} == {5}
