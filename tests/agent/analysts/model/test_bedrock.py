"""The model analyst through the Bedrock double: the whole way, with real messages, schemas and caching."""

from __future__ import annotations

import pytest

from agent.analysts.chat.models import ChatModels
from agent.analysts.model import ModelAnalyst
from agent.analysts.rules import RulesAnalyst
from agent.artifacts import MemoryArtifacts
from agent.domain.model import ThreatModel
from agent.domain.request import Attachment, Options, Reasoning, Request
from agent.domain.threat import Origin
from agent.graph import Agent, Task
from agent.risk import rescore
from tests.agent.analysts.model.scripted import DESCRIPTION, LIBRARY
from tests.bedrock.double import BedrockDouble

WIDE = LIBRARY + "\n".join(f"  loans --> s{i}[(Branch {i} store)]" for i in range(30)) + "\n"
"""Enough for several areas and for a prefix that a provider keeps."""


def run(bedrock: BedrockDouble, diagram: str = LIBRARY) -> tuple[ThreatModel, ModelAnalyst]:
    """The threat model of rules and model together, and the model analyst."""
    calls = ChatModels(bedrock.settings(model_attempts=1), time=bedrock.time()).for_run()
    analyst = ModelAnalyst(calls, "run-1")
    artifacts = MemoryArtifacts()
    artifacts.put("k", diagram.encode())
    attachment = Attachment(name="library.mmd", key="k", sha256="0", size=len(diagram))
    options = Options(reasoning=Reasoning.NONE)
    request = Request(title="Library", description=DESCRIPTION, attachments=(attachment,), options=options)
    agent = Agent(artifacts=artifacts, analysts=(RulesAnalyst(), analyst), store=None)
    return agent.run(Task(run="run-1", model="tm-1", revision=1, request=request)), analyst


@pytest.fixture
def bedrock() -> BedrockDouble:
    """A double that never waits; each test opens it."""
    return BedrockDouble()


def test_a_run_through_converse_adds_the_models_threats(bedrock: BedrockDouble) -> None:
    """A model that fills the form at random adds threats that are sound, and breaks nothing."""
    with bedrock:
        model, analyst = run(bedrock)
        bedrock.log.assert_complete("⟦data", "Payment provider")

    assert not model.failed
    assert [t for t in model.threats if t.origin is Origin.MODEL]
    assert all(t == rescore(t) for t in model.threats)
    assert analyst.tally.calls == len(bedrock.log)
    assert analyst.tally.quotes == 0
    assert analyst.tally.quotes_dropped > 0


def test_areas_share_a_cached_prefix(bedrock: BedrockDouble) -> None:
    """The second area's call reads method, form and system from the cache."""
    with bedrock:
        run(bedrock, WIDE)
    found = [r for r in bedrock.log.answered if "look at" in r.text.lower()]

    assert len(found) > 2
    assert all(r.counted.read > r.counted.fresh for r in found[1:])


@pytest.mark.parametrize("nonsense", ["I would rather not.", "{}}", '{"threats": [{"on": "the moon"}]}'])
def test_nonsense_costs_the_model_and_not_the_run(bedrock: BedrockDouble, nonsense: str) -> None:
    """When the model never keeps to the form, every area is named and the rules' threats stand."""
    with bedrock:
        bedrock.replying(lambda _: nonsense)
        model, _ = run(bedrock)

    assert model.threats
    assert {t.origin for t in model.threats} == {Origin.RULES}
    assert model.failed
    assert all("broke the schema" in f.reason for f in model.failed)


def test_a_denied_model_costs_one_sentence(bedrock: BedrockDouble) -> None:
    """Without access the rules' threats stand and the reason names what to change."""
    with bedrock:
        bedrock.refuse("AccessDeniedException", "You don't have access to the model.", 403, times=50)
        model, _ = run(bedrock)

    assert model.threats
    assert all("access" in f.reason.lower() for f in model.failed)
