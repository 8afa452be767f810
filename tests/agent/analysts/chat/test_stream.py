"""Conversations: text as it comes, tools, and what happens when a stream ends early."""

from __future__ import annotations

from typing import cast

import pytest
from pydantic import BaseModel

from agent.analysts.chat.base import Asked, Said, Text, Tool, ToolResult
from agent.domain.request import Reasoning
from agent.errors import AnalystError
from tests.agent.analysts.chat.asked import METHOD, REQUEST, a_run, a_talk
from tests.bedrock.double import BedrockDouble
from tests.bedrock.replies import Output

ANSWER = "Whoever stands between kiosk and collector can change a reading. That is T-002."


class Wanted(BaseModel):
    """Which threat to look up."""

    threat: str


LOOK_UP = Tool("look_up", "Reads one threat.", Wanted)


def test_text_comes_in_pieces_and_then_as_a_whole(bedrock: BedrockDouble) -> None:
    """The pieces make up the text of the last value, which carries the usage."""
    bedrock.reply(ANSWER)
    *pieces, last = a_run(bedrock).stream(a_talk())
    said = cast("Said", last)
    assert len(pieces) > 1
    assert "".join(cast("list[str]", pieces)) == said.text == ANSWER
    assert said.usage.output_tokens > 0
    assert bedrock.log[0].operation == "ConverseStream"


@pytest.mark.parametrize("reasoning", [Reasoning.NONE, Reasoning.LOW])
def test_a_tool_round_trip(bedrock: BedrockDouble, reasoning: Reasoning) -> None:
    """What the model asked for can be answered in the next talk, signed thoughts and all."""
    bedrock.reply(Output(text="One moment.", uses=(("look_up", {"threat": "T-002"}),)), ANSWER)
    run = a_run(bedrock)
    first = a_talk(tools=(LOOK_UP,), reasoning=reasoning)
    said = cast("Said", [*run.stream(first)][-1])
    assert [(u.name, u.arguments) for u in said.uses] == [("look_up", {"threat": "T-002"})]
    result = Asked(results=(ToolResult(said.uses[0].id, "T-002: Altered reading"),))
    second = a_talk(tools=(LOOK_UP,), reasoning=reasoning, turns=(*first.turns, said, result))
    assert cast("Said", [*run.stream(second)][-1]).text == ANSWER
    bedrock.log.assert_complete(METHOD, REQUEST)


def test_a_turn_without_the_provider_form_is_enough(bedrock: BedrockDouble) -> None:
    """A conversation that was kept as plain text and tool uses goes on as well."""
    bedrock.reply(ANSWER, "As I said.")
    run = a_run(bedrock)
    said = cast("Said", [*run.stream(a_talk())][-1])
    kept = Said(said.text)
    [*_, last] = run.stream(a_talk(turns=(*a_talk().turns, kept, Asked((Text("Really?"),)))))
    assert cast("Said", last).text == "As I said."


def test_a_stream_that_never_began_is_tried_again(bedrock: BedrockDouble) -> None:
    """Throttling before the first word is waited out, and the reader sees one answer."""
    bedrock.throttle(2)
    bedrock.reply(ANSWER)
    *pieces, _ = a_run(bedrock).stream(a_talk())
    assert "".join(cast("list[str]", pieces)) == ANSWER


def test_a_stream_that_broke_is_not_begun_again(bedrock: BedrockDouble) -> None:
    """After the reader has seen text, a break is an error that names the question, not a second answer."""
    bedrock.reply(ANSWER)
    bedrock.break_stream(4, "modelStreamErrorException")
    seen: list[str | Said] = []
    with pytest.raises(AnalystError, match="The question: "):
        seen.extend(a_run(bedrock).stream(a_talk()))
    assert len(bedrock.log) == 1


def test_a_reader_may_leave(bedrock: BedrockDouble) -> None:
    """Closing the stream early ends the call; the run has counted it."""
    bedrock.reply(ANSWER * 20)
    run = a_run(bedrock)
    stream = run.stream(a_talk())
    assert isinstance(next(stream), str)
    stream.close()  # type: ignore[attr-defined]  # a generator, whatever the port says
    assert run.usage.calls == 1


def test_a_prefix_is_cached_over_a_conversation(bedrock: BedrockDouble) -> None:
    """The system and the model under discussion are read from the cache at the second question."""
    run = a_run(bedrock)
    prefix = (Text("T-001 stands on the flow from the kiosk. " * 300),)
    [*_, first] = run.stream(a_talk(prefix=prefix))
    [*_, second] = run.stream(a_talk(prefix=prefix, turns=(Asked((Text("And the kiosk?"),)),)))
    assert cast("Said", second).usage.cache_read_tokens == cast("Said", first).usage.cache_write_tokens > 0
