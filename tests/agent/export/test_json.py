"""The threat model as JSON, there and back."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.domain.base import SCHEMA_VERSION
from agent.domain.model import ThreatModel
from agent.errors import UnreadableFile
from agent.export import from_json, to_json
from tests.agent.export import samples


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(model=samples.MODELS)
def test_a_model_comes_back_as_it_went(model: ThreatModel) -> None:
    """Reading what was written gives the very same model, and writing it again the same text."""
    written = to_json(model)
    assert from_json(written) == model
    assert to_json(from_json(written)) == written


def test_keys_stand_in_the_order_of_the_domain() -> None:
    """The schema version comes first; the order is the same every time."""
    keys = list(json.loads(to_json(samples.model())))
    assert keys == list(ThreatModel.model_fields)
    assert keys[0] == "schema_version"


def test_a_newer_version_is_refused_by_name() -> None:
    """The error names the file, its version and ours, and says what to do."""
    newer = json.loads(to_json(samples.model())) | {"schema_version": SCHEMA_VERSION + 1}
    with pytest.raises(UnreadableFile) as refusal:
        from_json(json.dumps(newer), "old.json")
    assert "old.json: its schema version is 2, and this program reads up to 1" in refusal.value.message
    assert "Update threatbot" in refusal.value.message


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "1", '{"id": "x"}', "[" * 100_000, '{"schema_version": true}']
)
def test_what_is_no_model_is_refused_with_the_place(text: str) -> None:
    """Broken or foreign JSON is our error with a sentence, never a traceback of a library."""
    with pytest.raises(UnreadableFile) as refusal:
        from_json(text, "x.json")
    assert refusal.value.message.startswith("I could not read x.json: it ")


@given(st.text())
def test_any_text_is_a_model_or_our_error(text: str) -> None:
    """Nothing but UnreadableFile comes out of reading."""
    with pytest.raises(UnreadableFile):
        from_json(text)


def test_a_wrong_value_is_named_by_its_place() -> None:
    """The path to the broken member stands in the message."""
    data = json.loads(to_json(samples.model(1)))
    data["threats"][0]["severity"] = "awful"
    with pytest.raises(UnreadableFile, match="threats/0/severity"):
        from_json(json.dumps(data))
