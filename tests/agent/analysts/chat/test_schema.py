"""Pydantic schemas as tools, and what models write read back."""

from __future__ import annotations

import json
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from agent.analysts.chat.schema import Broken, read, tool_for


class Step(BaseModel):
    """One step."""

    title: str
    kind: Literal["spoofing", "tampering"]
    maybe: int | None = None


class Plan(BaseModel):
    """What to do."""

    model_config = ConfigDict(extra="forbid")

    title: str
    first: Step
    steps: list[Step] = Field(default=[], max_length=3)


def test_references_are_written_out() -> None:
    """The tool's schema stands on its own: no references, no definitions."""
    text = json.dumps(tool_for(Plan))
    assert "$ref" not in text
    assert "$defs" not in text
    assert text.count('"spoofing"') == 2


def test_titles_go_and_properties_called_title_stay() -> None:
    """Generated titles cost tokens; a field that is called title is not one of them."""
    parameters = tool_for(Plan)["function"]["parameters"]
    assert "title" not in parameters
    assert set(parameters["properties"]) == {"title", "first", "steps"}
    assert "title" in parameters["properties"]["first"]["properties"]


def test_the_tool_is_named_and_described_as_the_class() -> None:
    """Name and docstring of the schema class are what the model reads."""
    function = tool_for(Plan)["function"]
    assert (function["name"], function["description"]) == ("Plan", "What to do.")


def test_an_object_among_other_words_is_found() -> None:
    """A fence or a sentence around the JSON does no harm."""
    text = '```json\n{"title": "t", "first": {"title": "a", "kind": "spoofing"}}\n```'
    assert read(Plan, text).first.kind == "spoofing"


@pytest.mark.parametrize("text", ["", "no", "{", "{]}", "} {"])
def test_no_object_is_broken(text: str) -> None:
    """Anything without a JSON object is refused with a word about it."""
    with pytest.raises(Broken, match="JSON"):
        read(Plan, text)


def test_strings_that_hold_json_are_unpacked_only_when_that_is_needed() -> None:
    """A title that looks like a list stays a title; a list that came as text becomes a list."""
    given = {"title": "[draft]", "first": {"title": "a", "kind": "spoofing"}, "steps": "[]"}
    plan = read(Plan, given)
    assert (plan.title, plan.steps) == ("[draft]", [])


def test_the_problems_are_named_by_place() -> None:
    """Each problem says where it is; there are never so many that they drown the model."""
    given = {"title": "t", "first": {"title": "a"}, "steps": [{"kind": "x"}] * 30, "more": 1}
    with pytest.raises(Broken) as caught:
        read(Plan, given)
    text = str(caught.value)
    assert "first.kind: " in text
    assert len(text) < 5_000
