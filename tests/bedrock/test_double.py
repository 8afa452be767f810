"""The Bedrock double, asked by a plain botocore client: what it answers, counts and refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from copy import deepcopy
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.bedrock.account import HAIKU, NOVA, SONNET
from tests.bedrock.clock import SimulatedClock
from tests.bedrock.double import REGION, BedrockDouble
from tests.bedrock.replies import Output

LONG = "What crosses a boundary is checked on the far side of it. " * 200
TOOL = {
    "toolSpec": {
        "name": "note",
        "description": "Notes it.",
        "inputSchema": {"json": {"type": "object", "properties": {"text": {"type": "string"}}}},
    }
}


@pytest.fixture
def bedrock() -> Iterator[BedrockDouble]:
    """A double that never waits."""
    with BedrockDouble() as double:
        yield double


def client(bedrock: BedrockDouble) -> Any:
    """A client of bedrock-runtime that asks once."""
    return boto3.Session(
        region_name=REGION, aws_access_key_id="AKIADOUBLE", aws_secret_access_key="not-a-secret"
    ).client("bedrock-runtime", endpoint_url=bedrock.url, config=Config(retries={"total_max_attempts": 1}))


def said(*texts: str) -> list[dict[str, Any]]:
    """A conversation that the user begins."""
    roles = ("user", "assistant")
    return [{"role": roles[i % 2], "content": [{"text": t}]} for i, t in enumerate(texts)]


def asked(**more: Any) -> dict[str, Any]:
    """A valid request."""
    return {"modelId": f"eu.{SONNET}", "messages": said("Hello"), **more}


def refusal(bedrock: BedrockDouble, **more: Any) -> str:
    """Code and message of what is refused."""
    with pytest.raises(ClientError) as caught:
        client(bedrock).converse(**asked(**more))
    error = caught.value.response["Error"]
    return f"{error['Code']}: {error['Message']}"


def test_an_answer_has_text_usage_and_metrics(bedrock: BedrockDouble) -> None:
    """Converse answers as botocore expects it."""
    bedrock.reply("Good day.")
    answer = client(bedrock).converse(**asked())
    assert answer["output"]["message"]["content"] == [{"text": "Good day."}]
    assert answer["stopReason"] == "end_turn"
    assert answer["usage"]["totalTokens"] == answer["usage"]["inputTokens"] + answer["usage"]["outputTokens"]


def test_a_stream_adds_up_to_the_same(bedrock: BedrockDouble) -> None:
    """ConverseStream gives thoughts, text and tool input in pieces that make up the whole."""
    output = Output(text="Look: ü→x.", uses=(("note", {"text": "ä"}),), thought="Hm.")
    bedrock.reply(output)
    stream = client(bedrock).converse_stream(**asked(toolConfig={"tools": [TOOL]}))["stream"]
    events = list(stream)
    deltas = [e["contentBlockDelta"]["delta"] for e in events if "contentBlockDelta" in e]
    assert "".join(d.get("text", "") for d in deltas) == output.text
    assert "".join(d.get("reasoningContent", {}).get("text", "") for d in deltas) == "Hm."
    assert json.loads("".join(d.get("toolUse", {}).get("input", "") for d in deltas)) == {"text": "ä"}
    assert [next(iter(e)) for e in events][-2:] == ["messageStop", "metadata"]
    assert events[-1]["metadata"]["usage"]["outputTokens"] == output.tokens


def test_a_stream_can_end_in_an_error(bedrock: BedrockDouble) -> None:
    """An error event inside of a stream is raised by botocore with its code."""
    bedrock.reply("One two three four five six seven eight nine.")
    bedrock.break_stream(3, "throttlingException")
    stream = client(bedrock).converse_stream(**asked())["stream"]
    with closing(stream), pytest.raises(ClientError, match="throttlingException"):
        list(stream)


def test_an_answer_ends_at_the_limit(bedrock: BedrockDouble) -> None:
    """MaxTokens cuts the text off and says so."""
    bedrock.reply("word " * 100)
    answer = client(bedrock).converse(**asked(inferenceConfig={"maxTokens": 10}))
    assert answer["stopReason"] == "max_tokens"
    assert answer["usage"]["outputTokens"] <= 10


CACHED = {"system": [{"text": LONG}, {"cachePoint": {"type": "default"}}]}


def used(bedrock: BedrockDouble, runtime: Any = None, **more: Any) -> tuple[int, int]:
    """Tokens read from the cache and written to it."""
    usage = (runtime or client(bedrock)).converse(**asked(**more))["usage"]
    return usage["cacheReadInputTokens"], usage["cacheWriteInputTokens"]


def test_a_prefix_is_written_once_and_then_read(bedrock: BedrockDouble) -> None:
    """The same system before another message is read; what is read and written is no plain input."""
    read, written = used(bedrock, **CACHED)
    assert read == 0
    assert written > 2048
    assert used(bedrock, **CACHED, messages=said("Something else")) == (written, 0)
    assert bedrock.log[1].counted.fresh < 10


def test_the_longest_known_prefix_is_read_and_the_rest_written(bedrock: BedrockDouble) -> None:
    """A second cache point further on adds to what is kept."""
    _, first = used(bedrock, **CACHED)
    more = [{"role": "user", "content": [{"text": LONG}, {"cachePoint": {"type": "default"}}, {"text": "?"}]}]
    read, written = used(bedrock, **CACHED, messages=more)
    assert (read, written > 2048) == (first, True)


@pytest.mark.parametrize(
    "change",
    [
        {"toolConfig": {"tools": [TOOL]}},
        {"modelId": f"eu.{HAIKU}"},
        {"system": [{"text": "!" + LONG}, {"cachePoint": {"type": "default"}}]},
    ],
    ids=["tools", "model", "text"],
)
def test_another_prefix_is_not_read(bedrock: BedrockDouble, change: dict[str, Any]) -> None:
    """Tools stand before the system: other tools, another model or another word, and nothing is found."""
    used(bedrock, **CACHED)
    assert used(bedrock, **{**CACHED, **change})[0] == 0


def test_a_short_prefix_is_not_kept(bedrock: BedrockDouble) -> None:
    """Below the model's least number of tokens a cache point does nothing."""
    short = {"system": [{"text": "Short."}, {"cachePoint": {"type": "default"}}]}
    assert [used(bedrock, **short) for _ in range(2)] == [(0, 0), (0, 0)]


def test_calls_side_by_side_cannot_read_each_other() -> None:
    """A prefix can be read once its writer has begun to answer, until five minutes after its last use."""
    with BedrockDouble(SimulatedClock(0.1)) as bedrock:
        runtime = client(bedrock)
        with ThreadPoolExecutor(3) as pool:
            together = list(pool.map(lambda _: used(bedrock, runtime, **CACHED), range(3)))
        later = used(bedrock, **CACHED)
        bedrock.clock.sleep(400)
        too_late = used(bedrock, **CACHED)
    written = later[0]
    assert together == [(0, written)] * 3
    assert too_late == (0, written)


BLANK = [{"role": "user", "content": [{"text": " "}]}]
USED = {"toolUse": {"toolUseId": "t1", "name": "note", "input": {}}}
ANSWERED = {"toolResult": {"toolUseId": "t1", "content": [{"text": "Noted."}]}}
THINKING = {"thinking": {"type": "enabled", "budget_tokens": 2048}}
UNANSWERED = [*said("a"), {"role": "assistant", "content": [USED]}, *said("b")]
ROUND_TRIP = [*UNANSWERED[:2], {"role": "user", "content": [ANSWERED]}]
POINT = {"cachePoint": {"type": "default"}}
PICTURE = {"image": {"format": "png", "source": {"bytes": b"\x89PNG"}}}


def with_a(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema of an object with this property."""
    return {"json": {"type": "object", "properties": {"a": schema}}}


def forced(**spec: Any) -> dict[str, Any]:
    """A tool configuration that forces the tool, with another specification."""
    tool = deepcopy(TOOL)
    tool["toolSpec"].update(spec)
    return {"toolConfig": {"tools": [tool], "toolChoice": {"tool": {"name": "note"}}}}


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"messages": said("a", "b", "c")[1:]}, "must start with a user message"),
        ({"messages": said("a", "b")}, "last message must be the user's"),
        ({"messages": said("a") * 2}, "must alternate"),
        ({"messages": BLANK}, "is blank"),
        ({"messages": UNANSWERED, "toolConfig": {"tools": [TOOL]}}, "do not match"),
        ({"messages": ROUND_TRIP}, "toolConfig field must be defined"),
        (forced(inputSchema={"json": {"type": "array"}}), "must be one of the following: object"),
        (forced(inputSchema=with_a({"type": "text"})), "unknown type"),
        (forced(inputSchema=with_a({"enum": []})), "enum is empty"),
        (forced(name="no spaces please"), "does not match"),
        (forced(name="other"), "not among the tools"),
        ({**forced(), "additionalModelRequestFields": THINKING}, "tool_choice forces tool use"),
        ({"additionalModelRequestFields": THINKING, "inferenceConfig": {"maxTokens": 9}}, "be greater than"),
        ({"inferenceConfig": {"maxTokens": 200_000}}, "exceeds the model limit"),
        ({"messages": [{"role": "user", "content": [PICTURE] * 21}]}, "exceed the maximum of 20"),
        ({"messages": [{"role": "user", "content": [{"text": "a"}, POINT] * 5}]}, "Too many cache points"),
        ({"modelId": NOVA, "messages": said("word " * 300_000)}, "too long"),
        ({"modelId": f"us.{SONNET}"}, "identifier is invalid"),
        ({"modelId": "anthropic.claude-nine"}, "identifier is invalid"),
        ({"modelId": SONNET}, "on-demand throughput"),
        ({"guardrailConfig": {"guardrailIdentifier": "g", "guardrailVersion": "1"}}, "guardrail"),
    ],
)  # fmt: skip
def test_what_bedrock_refuses_is_refused(
    bedrock: BedrockDouble, request_: dict[str, Any], words: str
) -> None:
    """Each rule that a client can break is a ValidationException that names it, and stands in the log."""
    told = refusal(bedrock, **request_)
    assert told.startswith("ValidationException: ")
    assert words in told
    assert [r.error for r in bedrock.log] == ["ValidationException"]


def test_a_tool_round_trip_is_accepted(bedrock: BedrockDouble) -> None:
    """A use with its result, and the tools given, is a valid history."""
    assert client(bedrock).converse(**asked(messages=ROUND_TRIP, toolConfig={"tools": [TOOL]}))["output"]


def test_throttling_passes(bedrock: BedrockDouble) -> None:
    """So many requests are refused as was said, and then no more."""
    bedrock.throttle(2)
    assert [refusal(bedrock).split(":")[0] for _ in range(2)] == ["ThrottlingException"] * 2
    assert client(bedrock).converse(**asked())["output"]


def test_time_is_first_token_and_output() -> None:
    """An answer of 60 tokens takes 1.5 s and one second more, in simulated time."""
    with BedrockDouble(SimulatedClock(0.02)) as bedrock:
        bedrock.reply("x" * 210)
        client(bedrock).converse(**asked())
        assert bedrock.log.seconds == pytest.approx(2.5)


def test_side_by_side_and_one_after_the_other() -> None:
    """Parallel calls take as long as the longest and are one deep; two waves of them are two deep."""
    with BedrockDouble(SimulatedClock(0.1)) as bedrock:
        bedrock.replying(lambda r: "x" * int(r.last))
        runtime = client(bedrock)

        def ask(length: int) -> None:
            runtime.converse(**asked(messages=said(str(length))))

        with ThreadPoolExecutor(3) as pool:
            list(pool.map(ask, [210, 420, 630]))
            assert bedrock.log.seconds == pytest.approx(4.5)
            assert bedrock.log.depth == 1
            list(pool.map(ask, [210, 210]))
        assert bedrock.log.seconds == pytest.approx(7.0)
        assert bedrock.log.depth == 2


def test_incomplete_calls_are_found(bedrock: BedrockDouble) -> None:
    """The assertion about complete histories fails for a call without the system prompt or the request."""
    client(bedrock).converse(**asked(system=[{"text": "Method."}]))
    bedrock.log.assert_complete("Method.", "Hello")
    client(bedrock).converse(**asked())
    with pytest.raises(AssertionError, match="call 1 came without the system prompt"):
        bedrock.log.assert_complete("Method.", "Hello")
    with pytest.raises(AssertionError, match="call 0 came without the request"):
        bedrock.log.assert_complete("Method.", "Goodbye")
