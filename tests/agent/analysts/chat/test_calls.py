"""Calls that fill a schema, through langchain-aws and botocore, against the Bedrock double."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from agent.analysts.chat.base import Role, Text
from agent.analysts.chat.models import ChatModels
from agent.domain.request import Reasoning
from agent.domain.usage import Usage
from agent.errors import AnalystError, ModelUnavailable
from tests.agent.analysts.chat.asked import BAD, GOOD, METHOD, REQUEST, a_call, a_picture, a_run
from tests.bedrock.account import HAIKU, NOVA, OPUS, SONNET
from tests.bedrock.clock import ScaledClock, SimulatedClock
from tests.bedrock.double import BedrockDouble, Latency
from tests.bedrock.records import Recorded
from tests.bedrock.replies import Output, Scripted

LONG = "Every flow has a sender, a receiver and something that they take for granted. " * 150
"""Longer than the fewest tokens that a prompt cache keeps."""


def test_the_answer_is_validated(bedrock: BedrockDouble) -> None:
    """A reply that keeps to the schema comes back as an object of the schema's class."""
    bedrock.reply(GOOD)
    reply = a_run(bedrock).call(a_call())
    assert reply.answer.risks[0].title == "Forged reading"
    assert reply.model == f"eu.{SONNET}"
    assert "Forged reading" in reply.text


def test_every_call_is_complete(bedrock: BedrockDouble) -> None:
    """The system prompt and the request are in each call, the repair included."""
    bedrock.reply(BAD, GOOD)
    a_run(bedrock).call(a_call())
    assert len(bedrock.log) == 2
    bedrock.log.assert_complete(METHOD, REQUEST)


def test_one_tool_is_forced_while_the_model_does_not_think(bedrock: BedrockDouble) -> None:
    """Without reasoning the schema's tool is the only one there is and must be used."""
    a_run(bedrock).call(a_call())
    config = bedrock.log[0].body["toolConfig"]
    assert config["toolChoice"] == {"tool": {"name": "Risks"}}
    assert list(bedrock.log[0].tools) == ["Risks"]


def test_a_model_that_cannot_be_forced_is_told(bedrock: BedrockDouble) -> None:
    """While Claude thinks no tool can be forced, so the request itself names it; else it does not."""
    run = a_run(bedrock)
    run.call(a_call(reasoning=Reasoning.LOW))
    run.call(a_call(reasoning=Reasoning.NONE))
    told, forced = bedrock.log[0], bedrock.log[1]
    assert "toolChoice" not in told.body["toolConfig"]
    assert "one call of the tool Risks" in told.last
    assert "one call of the tool" not in forced.last


def test_names_are_enumerations_in_the_tool(bedrock: BedrockDouble) -> None:
    """What may be named reaches the model as an enumeration, written out in place."""
    a_run(bedrock).call(a_call())
    item = bedrock.log[0].schema["properties"]["risks"]["items"]
    assert item["properties"]["target"]["enum"] == ["kiosk", "collector"]


@pytest.mark.parametrize("model", [SONNET, HAIKU, OPUS, NOVA])
@pytest.mark.parametrize("reasoning", list(Reasoning))
def test_every_level_of_reasoning_is_accepted(
    bedrock: BedrockDouble, model: str, reasoning: Reasoning
) -> None:
    """Whatever the family and the level, Bedrock's rules about thinking, tokens and tools are kept."""
    run = a_run(bedrock, model_thinking=model)
    assert run.call(a_call(reasoning=reasoning)).answer.risks


def test_thinking_has_room_of_its_own(bedrock: BedrockDouble) -> None:
    """A model that is given a budget of thought may write as long an answer as without."""
    a_run(bedrock, model_thinking=HAIKU).call(a_call(reasoning=Reasoning.MEDIUM, max_output=3000))
    body = bedrock.log[0].body
    budget = body["additionalModelRequestFields"]["thinking"]["budget_tokens"]
    assert body["inferenceConfig"]["maxTokens"] == 3000 + budget


def test_a_broken_reply_is_asked_for_again_with_the_error(bedrock: BedrockDouble) -> None:
    """The repair turn shows the model its reply and what is wrong with it."""
    bedrock.reply(BAD, GOOD)
    reply = a_run(bedrock).call(a_call())
    assert reply.answer.risks[0].target == "collector"
    assert "moon" in bedrock.log[1].text
    assert "risks.0.target" in bedrock.log[1].last
    assert (reply.usage.calls, reply.usage.repairs) == (2, 1)


def test_a_reply_that_stays_broken_fails_by_name(bedrock: BedrockDouble) -> None:
    """After one repair the branch fails: the error names it, the model, the place and the setting."""
    bedrock.reply(BAD, BAD)
    with pytest.raises(AnalystError) as caught:
        a_run(bedrock).call(a_call())
    assert len(bedrock.log) == 2
    for part in ("Meter readings", SONNET, "risks.0.target", "THREATBOT_MODEL_THINKING"):
        assert part in caught.value.message


def test_a_reply_that_is_cut_off_is_asked_for_shorter(bedrock: BedrockDouble) -> None:
    """An answer over the limit is never taken for a whole one, even where its beginning fits the schema."""
    long = {"risks": [{"title": "x" * 80, "target": "kiosk", "likelihood": 1} for _ in range(20)]}
    bedrock.reply(long, GOOD)
    reply = a_run(bedrock).call(a_call(max_output=200))
    assert len(reply.answer.risks) == 1
    assert "cut off after 200 tokens" in bedrock.log[1].last


@pytest.mark.parametrize(
    "said",
    [
        'Here it is: {"risks": [{"title": "Forged", "target": "kiosk", "likelihood": 1}]} I hope it helps.',
        {"risks": '[{"title": "Forged", "target": "kiosk", "likelihood": 1}]'},
    ],
    ids=["as text", "as a string in a string"],
)
def test_an_answer_in_the_wrong_wrapping_is_read(bedrock: BedrockDouble, said: str) -> None:
    """JSON as text, or a list as a string, needs no second call."""
    bedrock.reply(said)
    assert a_run(bedrock).call(a_call()).answer.risks[0].title == "Forged"
    assert len(bedrock.log) == 1


def test_no_tool_and_no_json_is_repaired(bedrock: BedrockDouble) -> None:
    """A model that talks instead of answering is asked again."""
    bedrock.reply("I would rather not say.", GOOD)
    assert a_run(bedrock).call(a_call(reasoning=Reasoning.LOW)).usage.repairs == 1


def test_a_blocked_reply_names_the_guardrail(bedrock: BedrockDouble) -> None:
    """A guardrail's refusal is not repaired, and the error says where to look."""
    bedrock.reply(Output(text="Blocked.", stop="guardrail_intervened"))
    with pytest.raises(AnalystError, match="THREATBOT_MODEL_GUARDRAIL"):
        a_run(bedrock).call(a_call())
    assert len(bedrock.log) == 1


def test_pictures_are_sent_and_counted(bedrock: BedrockDouble) -> None:
    """Images of prefix and varying part reach the model, and the usage knows how many."""
    reply = a_run(bedrock).call(a_call(prefix=(a_picture(),), varying=(Text("What is this?"), a_picture())))
    assert len(bedrock.log[0].images) == 2
    assert max(bedrock.log.images.values()) == 2
    assert reply.usage.images == 2


def test_each_role_has_its_model(bedrock: BedrockDouble) -> None:
    """Seeing, thinking and small tasks go to the models that the settings name for them."""
    run = a_run(bedrock, model_seeing=OPUS, model_small=HAIKU)
    models = [run.call(a_call(role=role)).model for role in (Role.SEEING, Role.THINKING, Role.SMALL)]
    assert models == [f"eu.{OPUS}", f"eu.{SONNET}", f"eu.{HAIKU}"]


def test_a_shared_prefix_is_read_from_the_cache(bedrock: BedrockDouble) -> None:
    """The second call with the same system and prefix pays for its own part only, and costs less."""
    run = a_run(bedrock)
    first = run.call(a_call(prefix=(Text(LONG),), varying=(Text("One."),))).usage
    second = run.call(a_call(prefix=(Text(LONG),), varying=(Text("Two."),))).usage
    assert first.cache_write_tokens > 2048 > first.input_tokens
    assert second.cache_read_tokens == first.cache_write_tokens
    assert second.cost is not None
    assert first.cost is not None
    assert second.cost < first.cost / 2


def test_parallel_calls_pay_for_a_prefix_once(bedrock: BedrockDouble) -> None:
    """Calls side by side wait for the first one's first word: one writes the cache, the others read it."""
    run = a_run(bedrock)
    with ThreadPoolExecutor(6) as pool:
        calls = [a_call(prefix=(Text(LONG),), branch=f"Area {i}") for i in range(6)]
        usages = [reply.usage for reply in pool.map(run.call, calls)]
    assert sum(u.cache_write_tokens > 0 for u in usages) == 1
    assert sum(u.cache_read_tokens > 0 for u in usages) == 5


def test_waiting_for_the_cache_costs_one_first_token() -> None:
    """Six parallel calls take one wait for a first token longer than one call, not six times as long."""
    with BedrockDouble(SimulatedClock(0.1)) as bedrock:
        bedrock.replying(lambda _: GOOD)
        run = a_run(bedrock)
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(run.call, [a_call(prefix=(Text(LONG),), branch=f"Area {i}") for i in range(6)]))
        one = bedrock.log[0]
        assert one.ended is not None
        assert bedrock.log.seconds == pytest.approx(one.ended - one.started + 1.5, abs=0.6)


def test_the_usage_of_a_run_is_the_sum_of_its_calls(bedrock: BedrockDouble) -> None:
    """What the run shows is what its replies took, and another run starts at nothing."""
    models = ChatModels(bedrock.settings(), time=bedrock.time())
    run = models.for_run()
    usages = [run.call(a_call()).usage for _ in range(3)]
    assert run.usage == usages[0] + usages[1] + usages[2]
    assert models.for_run().usage == Usage()


def test_a_run_that_goes_on_keeps_its_count(bedrock: BedrockDouble) -> None:
    """After an interruption the usage so far can be given, and counts against the budget."""
    models = ChatModels(bedrock.settings(model_budget_calls=3), time=bedrock.time())
    run = models.for_run(spent=Usage(calls=2, output_tokens=10))
    run.call(a_call())
    assert run.usage.calls == 3
    with pytest.raises(AnalystError, match="all 3 model calls"):
        run.call(a_call())


def test_no_call_follows_one_that_showed_that_none_can_succeed(bedrock: BedrockDouble) -> None:
    """When the model is gone for good, later branches fail at once with their own name."""
    bedrock.refuse("AccessDeniedException", "User is not authorized to perform bedrock:InvokeModel.", 403)
    run = a_run(bedrock)
    with pytest.raises(ModelUnavailable, match="Meter readings: "):
        run.call(a_call())
    with pytest.raises(ModelUnavailable, match=r"Billing: .*bedrock:InvokeModel"):
        run.call(a_call(branch="Billing"))
    assert len(bedrock.log) == 1


def test_a_stopped_run_ends_its_calls(bedrock: BedrockDouble) -> None:
    """A call under way ends at the next piece of its reply, and none begins after."""
    run = a_run(bedrock)

    def stop(_: Recorded) -> Scripted:
        run.stop()
        return GOOD

    bedrock.replying(stop)
    with pytest.raises(AnalystError, match="Meter readings: stopped"):
        run.call(a_call())
    with pytest.raises(AnalystError, match="Meter readings: stopped"):
        run.call(a_call())
    assert len(bedrock.log) == 1


def test_a_guardrail_passes_with_every_call(bedrock: BedrockDouble) -> None:
    """The guardrail of the settings is in the request."""
    a_run(bedrock, model_guardrail="gr-double-1", model_guardrail_version="3").call(a_call())
    config = bedrock.log[0].body["guardrailConfig"]
    assert (config["guardrailIdentifier"], config["guardrailVersion"]) == ("gr-double-1", "3")


def test_a_stream_that_breaks_is_tried_again(bedrock: BedrockDouble) -> None:
    """A connection lost in the middle of an answer that nobody reads yet costs a second try, no more."""
    bedrock.break_stream(3)
    bedrock.break_stream(3, "throttlingException")
    assert a_run(bedrock).call(a_call()).answer.risks
    assert [r.error for r in bedrock.log] == ["ConnectionCut", "throttlingException", ""]


def test_a_stop_does_not_wait_for_a_silent_model() -> None:
    """A reply that has not begun is left behind at once, and the error is the stop's."""
    with BedrockDouble(clock=ScaledClock(1.0), latency=Latency(first_token=120.0)) as silent:
        run = ChatModels(silent.settings(), time=silent.time()).for_run()
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(run.call, a_call())
            while not len(silent.log):
                time.sleep(0.01)
            run.stop()
            with pytest.raises(AnalystError, match="Meter readings: stopped"):
                waiting.result(timeout=60)
