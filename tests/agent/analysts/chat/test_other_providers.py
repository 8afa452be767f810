"""Models of other providers by name: the same calls, through langchain's own adapters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

import pytest
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from langsmith import utils as langsmith_utils

from agent.analysts.chat.base import Said
from agent.analysts.chat.calls import RunCalls
from agent.analysts.chat.models import ChatModels
from agent.analysts.chat.pacing import Time
from agent.analysts.chat.settings import ModelSettings
from agent.errors import ModelUnavailable
from tests.agent.analysts.chat.asked import BAD, GOOD, METHOD, REQUEST, a_call, a_picture, a_talk
from tests.agent.analysts.chat.openai_server import Completions, completions


@pytest.fixture
def server() -> Iterator[Completions]:
    """An OpenAI-compatible server."""
    with completions() as found:
        yield found


def a_run_at(server: Completions, **more: Any) -> RunCalls:
    """A run against it that never waits."""
    given: dict[str, Any] = {
        "model_thinking": "openai:small-one",
        "model_endpoint_url": server.url,
        "model_api_key": "none",
        **more,
    }
    time = Time(sleep=lambda _: None, chance=lambda: 0.5)
    return ChatModels(ModelSettings.model_validate(given), time=time).for_run()


def test_a_tool_is_forced(server: Completions) -> None:
    """An OpenAI-compatible server gets the same schema as one forced function, images included."""
    server.answers.append(GOOD)
    reply = a_run_at(server).call(a_call(prefix=(a_picture(),)))
    asked = server.asked[0]
    assert reply.answer.risks[0].target == "collector"
    assert asked["tool_choice"]["function"]["name"] == "Risks"
    assert asked["messages"][0]["content"] == METHOD
    assert [part["type"] for part in asked["messages"][1]["content"]] == ["image_url", "text"]


def test_usage_is_counted_and_an_unknown_price_stays_unknown(server: Completions) -> None:
    """Cached tokens are told apart; a model without a price has no cost, not a cost of nothing."""
    server.answers.append(GOOD)
    usage = a_run_at(server).call(a_call()).usage
    assert (usage.input_tokens, usage.cache_read_tokens, usage.output_tokens) == (20, 100, 30)
    assert usage.cost is None


def test_a_server_that_holds_to_a_json_schema(server: Completions) -> None:
    """Where tools are not understood, the schema goes as the form of the reply; a broken one is repaired."""
    server.answers.extend([json.dumps(BAD), json.dumps(GOOD)])
    reply = a_run_at(server, model_structured="json_schema").call(a_call())
    assert reply.usage.repairs == 1
    assert "tools" not in server.asked[0]
    assert server.asked[0]["response_format"]["json_schema"]["name"] == "Risks"
    assert REQUEST in json.dumps(server.asked[1])


def test_a_conversation_streams(server: Completions) -> None:
    """Text comes in pieces, with the usage at the end."""
    server.answers.append("Nobody checks the reading.")
    *pieces, last = a_run_at(server).stream(a_talk())
    assert len(pieces) == 4
    assert cast("Said", last).usage.output_tokens == 30


def test_a_refused_key_names_its_setting(server: Completions) -> None:
    """401 is a matter of the key."""
    server.answers.append((401, "Incorrect API key provided."))
    with pytest.raises(ModelUnavailable, match="THREATBOT_MODEL_API_KEY"):
        a_run_at(server).call(a_call())


def test_throttling_is_waited_out(server: Completions) -> None:
    """429 and 503 are tried again, by us and not by the client behind our back."""
    server.answers.extend([(429, "Rate limit reached."), (503, "Overloaded."), GOOD])
    assert a_run_at(server).call(a_call()).answer.risks
    assert len(server.asked) == 3


class Scripted(BaseChatModel):
    """A langchain model that is no provider's; remembers whether it was traced."""

    traced: list[bool]

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Any, **kwargs: Any) -> Runnable[Any, AIMessage]:
        """Takes whatever it is given."""
        return self.bind(tools=tools, **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],  # noqa: ARG002 - the base class's signature, here and below
        stop: list[str] | None = None,  # noqa: ARG002
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> ChatResult:
        self.traced.append(bool(langsmith_utils.tracing_is_enabled()))
        call = {"name": "Risks", "args": GOOD, "id": "1", "type": "tool_call"}
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content="", tool_calls=[call]))])


def forget_environment() -> None:
    """Let langsmith look at the environment again."""
    langsmith_utils.get_env_var.cache_clear()  # type: ignore[attr-defined]  # cached, under its overloads


def test_nothing_is_traced(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tracer that the environment switches on is off while a model works, whatever model it is."""
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    forget_environment()
    scripted = Scripted(traced=[])
    settings = ModelSettings(model_thinking="scripted:one")
    run = ChatModels(settings, given={"scripted:one": scripted}).for_run()
    try:
        assert langsmith_utils.tracing_is_enabled()
        assert run.call(a_call()).answer.risks
        assert [*run.stream(a_talk())]
        assert scripted.traced == [False, False]
    finally:
        forget_environment()
