"""Failures of a provider, as the sentence that a person reads and the setting that it names."""

from __future__ import annotations

import re
import socket
from string import Formatter

import pytest

from agent.analysts.chat.faults import Place, explained, fault_of, faults
from agent.analysts.chat.models import ChatModels
from agent.analysts.chat.settings import PREFIX, ModelSettings
from agent.errors import AnalystError, ConfigurationError, ModelUnavailable
from tests.agent.analysts.chat.asked import a_call, a_run
from tests.bedrock.account import MODELS, NOVA, SONNET
from tests.bedrock.double import BedrockDouble
from tests.bedrock.refusals import Served


def failure(bedrock: BedrockDouble, **settings: object) -> AnalystError:
    """What a call ends in."""
    with pytest.raises(AnalystError) as caught:
        a_run(bedrock, **settings).call(a_call())
    return caught.value


def test_a_model_that_is_not_enabled(bedrock: BedrockDouble) -> None:
    """The account has not asked for the model: the console's page and the model's setting are named."""
    with BedrockDouble(models={**MODELS, SONNET: Served(enabled=False)}) as other:
        error = failure(other)
    assert isinstance(error, ModelUnavailable)
    assert (error.cause, error.setting) == ("not_enabled", "THREATBOT_MODEL_THINKING")
    assert "model access" in error.message


def test_a_bare_id_that_needs_a_profile(bedrock: BedrockDouble) -> None:
    """On-demand calls to a model that wants an inference profile name the setting for its geography."""
    error = failure(bedrock, model_inference_profile="none")
    assert isinstance(error, ModelUnavailable)
    assert (error.cause, error.setting) == ("on_demand", "THREATBOT_MODEL_INFERENCE_PROFILE")


@pytest.mark.parametrize(
    "settings",
    [
        {"model_thinking": "anthropic.claude-nine"},
        {"model_region": "us-east-1", "model_inference_profile": "eu"},
    ],
)
def test_a_model_that_is_not_there(bedrock: BedrockDouble, settings: dict[str, str]) -> None:
    """An unknown id, or one of another geography, names the model, the region and both settings."""
    error = failure(bedrock, **settings)
    assert isinstance(error, ModelUnavailable)
    assert error.cause == "unknown_model"
    assert "THREATBOT_MODEL_REGION" in error.message


def test_a_role_without_the_right(bedrock: BedrockDouble) -> None:
    """A denial by policy says which actions to allow, and repeats what AWS said."""
    bedrock.refuse("AccessDeniedException", "User: arn:aws:sts::1:x is not authorized.", 403)
    error = failure(bedrock)
    assert isinstance(error, ModelUnavailable)
    assert error.cause == "access_denied"
    assert "bedrock:InvokeModelWithResponseStream" in error.message
    assert "arn:aws:sts::1:x" in error.message


def test_throttled_for_a_while(bedrock: BedrockDouble) -> None:
    """Fewer refusals than attempts are waited out."""
    bedrock.throttle(4)
    assert a_run(bedrock).call(a_call()).answer.risks
    assert len(bedrock.log) == 5


def test_throttled_for_good(bedrock: BedrockDouble) -> None:
    """After the last attempt the error says how often, and what to lower."""
    bedrock.throttle(5)
    error = failure(bedrock)
    assert isinstance(error, ModelUnavailable)
    assert "5 times" in error.message
    assert "THREATBOT_MODEL_PARALLEL" in error.message
    assert len(bedrock.log) == 5


def test_too_long_for_the_model(bedrock: BedrockDouble) -> None:
    """A request over the context is this call's own failure and is not sent again."""
    with BedrockDouble(models={SONNET: Served(context=50)}) as small:
        error = failure(small)
        assert len(small.log) == 1
    assert not isinstance(error, ModelUnavailable)
    assert "Split the diagram" in error.message


def test_credentials_that_are_refused(bedrock: BedrockDouble) -> None:
    """A key that AWS does not know names the credentials' setting."""
    error = failure(bedrock, model_aws_access_key_id="AKIAOTHER")
    assert isinstance(error, ModelUnavailable)
    assert (error.cause, error.setting) == ("credentials", "THREATBOT_MODEL_AWS_PROFILE")


@pytest.mark.parametrize(
    ("settings", "cause"),
    [
        ({"model_aws_access_key_id": "", "model_aws_secret_access_key": ""}, "credentials"),
        ({"model_aws_profile": "nobody"}, "credentials"),
        ({"model_region": ""}, "no_region"),
    ],
)
def test_what_is_missing_is_named(bedrock: BedrockDouble, settings: dict[str, str], cause: str) -> None:
    """No credentials, no such profile and no region are said before or at the first call, with the branch."""
    error = failure(bedrock, **settings)
    assert isinstance(error, ModelUnavailable)
    assert error.cause == cause
    assert error.message.startswith("Meter readings: ")


def test_an_endpoint_that_nobody_answers_at(bedrock: BedrockDouble) -> None:
    """An address where nothing listens is tried again, then named."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    error = failure(bedrock, model_endpoint_url=url, model_attempts=2)
    assert isinstance(error, ModelUnavailable)
    assert error.cause == "unreachable"
    assert url in error.message


def test_a_guardrail_that_does_not_exist(bedrock: BedrockDouble) -> None:
    """A wrong guardrail id names its setting."""
    error = failure(bedrock, model_guardrail="gr-other")
    assert isinstance(error, ModelUnavailable)
    assert error.setting == "THREATBOT_MODEL_GUARDRAIL"


def test_an_error_that_nobody_knows(bedrock: BedrockDouble) -> None:
    """Anything else is told in the service's own words, without another try."""
    bedrock.refuse("ValidationException", "The moon is in the wrong phase.")
    error = failure(bedrock)
    assert "The moon is in the wrong phase." in error.message
    assert len(bedrock.log) == 1


def test_a_busy_service_is_asked_again(bedrock: BedrockDouble) -> None:
    """Errors of the moment are waited out."""
    bedrock.refuse("ServiceUnavailableException", "Bedrock is unable to process your request.", 503, times=2)
    assert a_run(bedrock).call(a_call()).answer.risks


def test_retry_after_is_kept_to() -> None:
    """The wait that the provider asks for is the wait that is made."""
    waited: list[float] = []
    with BedrockDouble() as bedrock:
        bedrock.throttle(1, Retry_After="7")
        time = bedrock.time()
        models = ChatModels(bedrock.settings(), time=type(time)(time.now, waited.append, lambda: 0.5))
        models.for_run().call(a_call())
    assert waited == [7.0]


def test_a_missing_package_names_its_extra() -> None:
    """A provider whose package is not installed is a matter of configuration."""
    settings = ModelSettings(model_thinking="ollama:llama3.2:3b", model_endpoint_url="http://127.0.0.1:9")
    with pytest.raises(ConfigurationError, match=r"threatbot\[ollama\]"):
        ChatModels(settings).for_run().call(a_call())


def test_every_fault_can_be_told() -> None:
    """Each sentence uses only what there is to fill in, each setting exists, the last fits everything."""
    known = {"model", "region", "endpoint", "provider", "setting", "tries", "detail"}
    for fault in faults():
        assert {name for _, name, _, _ in Formatter().parse(fault.sentence) if name} <= known
        named = re.findall(PREFIX + r"([A-Z_]+)", fault.sentence)
        fields = [n.lower() for n in named] + ([fault.setting] if fault.setting != "role" else [])
        assert set(fields) <= set(ModelSettings.model_fields)
    assert faults()[-1].fits(frozenset(), frozenset(), "")


def test_what_caused_an_error_counts_as_well() -> None:
    """An adapter's own exception is told by the error behind it."""
    inner = TimeoutError("the read timed out")
    outer = ValueError("something went wrong")
    outer.__cause__ = inner
    assert fault_of(outer).cause == "timed_out"


def test_the_service_is_quoted_briefly() -> None:
    """A long message of a service is cut, so that it cannot flood the thread."""
    place = Place(model=NOVA, provider="Amazon Bedrock", field="model_thinking")
    error = explained(ValueError("word " * 500), "Area", place, 1)
    assert len(error.message) < 600
