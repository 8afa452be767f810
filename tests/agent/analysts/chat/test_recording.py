"""What recorded calls promise."""

from __future__ import annotations

import json

import pytest

from agent.analysts.chat.base import Image, Said, Text
from agent.analysts.chat.models import ChatModels
from agent.analysts.chat.recording import RecordedCalls
from agent.artifacts import MemoryArtifacts
from agent.domain.request import Reasoning
from agent.errors import AnalystError
from tests.agent.analysts.chat.asked import GOOD, PIXEL, REQUEST, Risks, a_call, a_talk
from tests.bedrock.double import BedrockDouble


class Shelf(MemoryArtifacts):
    """Artifacts that remember their keys in the order that they came."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[str] = []

    def put(self, key: str, content: bytes) -> None:
        """See Artifacts."""
        self.keys += [key] if key not in self.keys else []
        super().put(key, content)


@pytest.fixture
def kept() -> Shelf:
    """Where recordings lie."""
    return Shelf()


def recording(bedrock: BedrockDouble, kept: Shelf) -> RecordedCalls:
    """Live calls that are kept."""
    live = ChatModels(bedrock.settings(model_attempts=1), time=bedrock.time()).for_run()
    return RecordedCalls(kept, live, "take-1/")


def replaying(kept: Shelf) -> RecordedCalls:
    """The same from what was kept."""
    return RecordedCalls(kept, None, "take-1/")


def test_a_recorded_call_is_replayed_to_the_byte(bedrock: BedrockDouble, kept: Shelf) -> None:
    """Answer, text, model and usage come back as they were, and nobody is asked."""
    bedrock.reply(GOOD)
    live = recording(bedrock, kept)
    first = live.call(a_call())
    again = replaying(kept)

    assert again.call(a_call()) == first
    assert again.usage == live.usage
    assert len(bedrock.log) == 1


def test_a_recorded_stream_is_replayed(bedrock: BedrockDouble, kept: Shelf) -> None:
    """The pieces give the same text, and the turn's end the same words and tool uses."""
    bedrock.reply("Readings are forged by anybody on the way.")
    *pieces, last = recording(bedrock, kept).stream(a_talk())
    *again, end = replaying(kept).stream(a_talk())

    assert "".join(map(str, again)) == "".join(map(str, pieces))
    assert isinstance(last, Said)
    assert end == last


def test_a_failure_is_replayed_as_well(bedrock: BedrockDouble, kept: Shelf) -> None:
    """A call that failed then fails now, with the same sentence."""
    bedrock.refuse("AccessDeniedException", "You don't have access to the model.", 403, times=5)
    with pytest.raises(AnalystError) as then:
        recording(bedrock, kept).call(a_call())
    with pytest.raises(AnalystError) as now:
        replaying(kept).call(a_call())

    assert now.value.message == then.value.message


def changed_schema() -> type[Risks]:
    """The same form with one field more."""

    class Wider(Risks):
        """What can go wrong in this area."""

        note: str = ""

    return Wider


@pytest.mark.parametrize(
    "change",
    [
        {"system": "Another method."},
        {"varying": (Text(REQUEST + " "),)},
        {"varying": (Text(REQUEST), Image(PIXEL))},
        {"prefix": (Text("Shared."),)},
        {"reasoning": Reasoning.HIGH},
        {"max_output": 17},
        {"schema": changed_schema()},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_was_never_asked_is_missed_by_name(
    bedrock: BedrockDouble, kept: Shelf, change: dict[str, object]
) -> None:
    """Whatever differs in what the model is shown makes it another call, which is not guessed."""
    bedrock.reply(GOOD)
    recording(bedrock, kept).call(a_call())

    with pytest.raises(AnalystError, match=r"Meter readings.*no recording.*record again"):
        replaying(kept).call(a_call(**change))


def test_a_damaged_recording_is_named(bedrock: BedrockDouble, kept: Shelf) -> None:
    """It is no answer, and the person is told what to do."""
    bedrock.reply(GOOD)
    recording(bedrock, kept).call(a_call())
    (key,) = kept.keys
    assert json.loads(kept.get(key))["asked"]["varying"] == [REQUEST]
    kept.put(key, b"{")

    with pytest.raises(AnalystError, match="damaged"):
        replaying(kept).call(a_call())
