"""How models are made of settings, where no call is needed to see it."""

from __future__ import annotations

from typing import Any

import pytest

from agent.analysts.chat.base import Role, Text
from agent.analysts.chat.messages import opening
from agent.analysts.chat.models import ChatModels
from agent.analysts.chat.settings import ModelSettings
from agent.analysts.chat.switch import check, forbid_remote_calls, remote_calls
from agent.domain.usage import Usage
from agent.errors import ConfigurationError
from tests.agent.analysts.chat.asked import METHOD, a_call
from tests.bedrock.account import HAIKU, SONNET
from tests.bedrock.double import BedrockDouble

PROFILE = "arn:aws:bedrock:eu-central-1:123456789012:application-inference-profile/abc"


def test_a_profile_of_ones_own_is_known_by_its_base(bedrock: BedrockDouble) -> None:
    """An ARN that hides its model is called as it is; family and price are those of the model behind it."""
    settings = bedrock.settings(model_thinking=PROFILE, model_base=SONNET, model_small=HAIKU)
    models = ChatModels(settings)
    model, small = models.model(Role.THINKING), models.model(Role.SMALL)
    assert model.place.model == PROFILE
    assert (model.family.name, small.family.name) == ("claude-sonnet-4.6", "claude-haiku-4.5")
    assert model.price is not None
    assert model.streams


def test_a_profile_without_its_base_is_refused(bedrock: BedrockDouble) -> None:
    """Without the bare id nothing is known about the model: the setting for it is named."""
    with pytest.raises(ConfigurationError, match="THREATBOT_MODEL_BASE"):
        ChatModels(bedrock.settings(model_thinking=PROFILE)).model(Role.THINKING)


def test_the_region_of_the_environment_decides_the_geography(
    bedrock: BedrockDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where AWS says the region, as on Lambda, requests stay in its geography without a setting of ours."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    models = ChatModels(bedrock.settings(model_region=""))
    assert models.for_run().call(a_call()).model == f"eu.{SONNET}"


def test_a_model_is_made_once(bedrock: BedrockDouble) -> None:
    """Runs and roles share the client and the pace of a model."""
    models = ChatModels(bedrock.settings())
    assert models.model(Role.THINKING) is models.model(Role.SEEING)


@pytest.mark.parametrize(
    ("caching", "marks"), [("converse", "cachePoint"), ("anthropic", "cache_control"), ("none", "")]
)
def test_stable_parts_are_marked(caching: Any, marks: str) -> None:
    """Each way to mark a prefix stands behind the system and behind the prefix, and nowhere else."""
    system, human = opening(a_call(prefix=(Text("Stable."),)), caching)
    assert METHOD in str(system.content)
    assert str(human.content).index("Stable.") < str(human.content).index("kiosk")
    marked = [marks in str(message.content) for message in (system, human)] if marks else []
    assert all(marked)
    assert (
        str(human.content).count("cachePoint") + str(human.content).count("cache_control") == len(marked) / 2
    )


def test_the_switch_can_be_thrown_for_good() -> None:
    """Once thrown, the switch stays."""
    with remote_calls(forbidden=False):
        forbid_remote_calls()
        with pytest.raises(ConfigurationError):
            check("m", "https://example.com")


def test_an_unknown_cost_spoils_the_sum() -> None:
    """Known and unknown make unknown; nothing at all costs nothing."""
    assert (Usage(calls=1, cost=1.0) + Usage(calls=1, cost=None)).cost is None
    assert (Usage(cost=1.0) + Usage()).cost == 1.0


def test_keys_are_not_shown() -> None:
    """Settings that are printed keep their keys to themselves."""
    settings = ModelSettings.model_validate({"model_api_key": "sk-1", "model_aws_secret_access_key": "s2"})
    assert "sk-1" not in repr(settings)
    assert "s2" not in repr(settings)
