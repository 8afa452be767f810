"""The tables: families, prices, profiles, providers."""

from __future__ import annotations

import re

import pytest

from agent.analysts.chat.families import families, family_of, thinking_tokens
from agent.analysts.chat.prices import price_of
from agent.analysts.chat.profiles import bare, geography_of, profiled
from agent.analysts.chat.providers import named, provider
from agent.domain.request import Reasoning
from tests.bedrock.account import HAIKU, MODELS, NOVA, OPUS, SONNET


@pytest.mark.parametrize(
    ("model", "family"),
    [
        (SONNET, "claude-sonnet-4.6"),
        (f"eu.{HAIKU}", "claude-haiku-4.5"),
        ("anthropic.claude-sonnet-4-20250514-v1:0", "claude-4"),
        ("us.anthropic.claude-opus-5-5", "claude-5.5"),
        ("global.anthropic.claude-sonnet-5", "claude-5"),
        ("claude-opus-4-8", "claude-opus-4.8"),
        ("arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-2-lite-v1:0", "nova-2"),
        ("gpt-5-mini", "gpt-reasoning"),
        ("gpt-4.1", "gpt"),
        ("llama3.2:3b", "other"),
    ],
)
def test_a_model_has_its_family(model: str, family: str) -> None:
    """An id finds its family, with a geography or an ARN around it or without."""
    assert family_of(model).name == family


@pytest.mark.parametrize("family", families(), ids=lambda f: f.name)
def test_reasoning_is_asked_for_or_left_out(family: object) -> None:
    """Each family that can think says so in its own words, differently for each level; none says nothing."""
    found = next(f for f in families() if f is family)
    levels = [found.fields(r) for r in (Reasoning.LOW, Reasoning.MEDIUM, Reasoning.HIGH)]
    if found.thinking == "none":
        assert levels == [{}, {}, {}]
        assert found.room(Reasoning.HIGH) == 0
    else:
        assert len({str(fields) for fields in levels}) == 3
        assert found.room(Reasoning.HIGH) > found.room(Reasoning.LOW) >= 1024
    assert found.fields(Reasoning.NONE) == ({"thinking": {"type": "disabled"}} if found.resting else {})
    assert found.room(Reasoning.NONE) == 0


def test_thinking_has_no_tokens_at_rest() -> None:
    """The level none costs no room."""
    assert thinking_tokens(Reasoning.NONE) == 0


def test_a_call_costs_what_the_list_says() -> None:
    """A million of each kind at the global price is the sum of the list."""
    price = price_of(f"global.{SONNET}")
    assert price is not None
    million = 1_000_000
    assert price.cost(fresh=million, written=million, read=million, output=million) == pytest.approx(22.05)


def test_a_geography_costs_its_surcharge() -> None:
    """A regional profile is dearer than the global one by the table's factor."""
    one, other = price_of(f"eu.{SONNET}"), price_of(f"global.{SONNET}")
    assert one is not None
    assert other is not None
    assert one.output == pytest.approx(1.1 * other.output)


def test_an_unknown_price_is_none() -> None:
    """A model outside of the list has no price, not a price of nothing."""
    assert price_of("llama3.2:3b") is None


@pytest.mark.parametrize("model", [SONNET, HAIKU, OPUS, NOVA])
def test_what_the_double_serves_has_a_price(model: str) -> None:
    """The models that the tests and the bench use are priced."""
    assert price_of(model) is not None
    assert model in MODELS


@pytest.mark.parametrize(
    ("model", "wanted", "region", "called"),
    [
        (SONNET, "auto", "eu-west-3", f"eu.{SONNET}"),
        (SONNET, "auto", "ap-northeast-1", f"jp.{SONNET}"),
        (SONNET, "auto", "sa-east-1", f"global.{SONNET}"),
        (SONNET, "auto", "", f"global.{SONNET}"),
        (SONNET, "us", "eu-west-3", f"us.{SONNET}"),
        (SONNET, "none", "eu-west-3", SONNET),
        (f"apac.{SONNET}", "auto", "eu-west-3", f"apac.{SONNET}"),
        (NOVA, "auto", "eu-west-3", NOVA),
        (NOVA, "eu", "eu-west-3", f"eu.{NOVA}"),
        ("arn:aws:bedrock:eu-west-1:1:x/y", "eu", "eu-west-1", "arn:aws:bedrock:eu-west-1:1:x/y"),
    ],
)
def test_a_geography_is_put_before_an_id(model: str, wanted: str, region: str, called: str) -> None:
    """By the setting, or by the region where the model needs one; never twice, and never before an ARN."""
    assert profiled(model, wanted, region) == called


def test_the_longest_region_wins() -> None:
    """GovCloud is not taken for the United States at large."""
    assert geography_of("us-gov-west-1") == "us-gov"
    assert geography_of("us-west-2") == "us"


def test_an_id_can_be_told_from_its_wrapping() -> None:
    """The bare id is the same through a profile, an ARN and capitals."""
    arn = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us." + SONNET
    assert bare(arn) == bare(f"us.{SONNET}") == bare(SONNET.upper()) == SONNET


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (HAIKU, ("bedrock_converse", HAIKU)),
        ("bedrock_converse:" + HAIKU, ("bedrock_converse", HAIKU)),
        ("openai:gpt-4.1", ("openai", "gpt-4.1")),
        ("ollama:llama3.2:3b", ("ollama", "llama3.2:3b")),
        ("arn:aws:bedrock:x", ("bedrock_converse", "arn:aws:bedrock:x")),
    ],
)
def test_a_name_says_its_provider(name: str, found: tuple[str, str]) -> None:
    """Colons inside of Bedrock's ids and of model tags are no provider's."""
    assert named(name) == found


def test_an_unknown_provider_is_taken_as_any_other() -> None:
    """A provider without an entry has no extra of ours, and its errors are those of common clients."""
    found = provider("groq")
    assert found.extra == ""
    assert ValueError in found.catch()


def test_errors_of_missing_packages_are_passed_over() -> None:
    """A provider can be asked for its errors before its package is there."""
    assert ValueError in provider("anthropic").catch()


def test_every_error_class_that_is_installed_exists() -> None:
    """The dotted names of the providers that the tests have are names of exceptions."""
    for name in ("bedrock_converse", "openai"):
        by = provider(name)
        assert len(by.catch()) == 2 + len(by.errors)
        assert all(re.search("Error$", dotted) for dotted in by.errors)
