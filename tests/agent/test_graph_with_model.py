"""What a run of the agent with a language model promises, through the Bedrock double."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agent.analysts.chat.base import ChatCalls
from agent.artifacts import MemoryArtifacts
from agent.domain.model import Progress, ThreatModel
from agent.domain.request import Attachment, Options, Reasoning, Request
from agent.domain.system import Question
from agent.domain.threat import Origin, Threat
from agent.domain.usage import Usage
from agent.errors import NothingToRead
from agent.graph import Agent, Task
from bot.wiring import make_agent, make_store
from tests.agent.analysts.model.scripted import LIBRARY, ScriptedChat, shown
from tests.bedrock.double import BedrockDouble
from tests.pictures import png

QUIET = Options(reasoning=Reasoning.NONE)


def ask(*files: tuple[str, bytes], description: str = "") -> tuple[MemoryArtifacts, Task]:
    """A run of these files and this description."""
    artifacts, attachments = MemoryArtifacts(), []
    for name, content in files:
        sha256 = hashlib.sha256(content).hexdigest()
        artifacts.put(sha256, content)
        attachments.append(Attachment(name=name, key=sha256, sha256=sha256, size=len(content)))
    request = Request(title="Library", description=description, attachments=tuple(attachments), options=QUIET)
    return artifacts, Task(run="run-1", model="tm-1", revision=1, request=request)


def agent_with(chat: ChatCalls, artifacts: MemoryArtifacts) -> Agent:
    """An agent whose language model calls are these."""
    return make_agent(artifacts, make_store(":memory:"), None, calls=lambda _run, _spent: chat)


def scripted(**stages: dict[str, Any]) -> ScriptedChat:
    """A model that answers each stage alike, and says nothing in the others."""
    return ScriptedChat(lambda call: stages.get(call.stage, {}))


SEEN = {
    "elements": [
        {"id": "N1", "name": "Shop API", "kind": "process", "seen_in": "I1", "zone": "VPC"},
        {"id": "N2", "name": "Orders", "kind": "data_store", "seen_in": "I1", "zone": "VPC"},
        {"id": "N3", "name": "Buyer", "kind": "external_entity", "seen_in": "I1"},
    ],
    "flows": [
        {"source": "N3", "target": "N1", "label": "HTTPS", "seen_in": "I1"},
        {"source": "N1", "target": "N2", "label": "SQL", "seen_in": "I1"},
    ],
    "unknowns": ["how Orders is backed up"],
    "queries": ["authorization bypass through user-controlled key"],
}
OWN = {
    "title": "Loan records altered by the notice job",
    "stride": ["tampering"],
    "does": "send loan changes that nobody asked for",
    "leads_to": "wrong fines",
    "harm": "money",
    "control": "message_validation",
}


def own(part: str = "E3") -> dict[str, Any]:
    """A threat of the model's own on this part of the system."""
    return {"threats": [{**OWN, "on": [part]}]}


def test_a_picture_becomes_a_threat_model() -> None:
    """What no reader can read, the model sees; its drawing comes back as text that can be corrected."""
    artifacts, task = ask(("plan.png", png()))
    model = agent_with(scripted(understand=SEEN), artifacts).run(task)

    assert {e.name for e in model.system.elements} == {"Shop API", "Orders", "Buyer"}
    assert len(model.system.flows) == 2
    assert model.threats
    assert not any("plan.png" in w for w in model.system.warnings)
    assert model.drawings[0].source == "plan.png"
    assert "Shop API" in model.drawings[0].mermaid
    assert "how Orders is backed up" in model.coverage.not_looked_at


def test_a_corrected_drawing_stands_in_the_pictures_place() -> None:
    """Sent back as text under the picture's name, the drawing is read exactly and the picture not at all."""
    chat = scripted(understand={})
    artifacts, task = ask(("plan.png", png()), ("plan.png.mmd", LIBRARY.encode()))
    model = agent_with(chat, artifacts).run(task)

    assert "Loan API" in {e.name for e in model.system.elements}
    assert not any("plan.png" in w for w in model.system.warnings)
    assert not model.drawings
    assert not any(hasattr(part, "content") for call in chat.calls for part in call.varying)


def test_the_rules_threats_are_told_before_the_model_looks() -> None:
    """The first threats come from the rules, with the system as it was read exactly."""
    artifacts, task = ask(("library.mmd", LIBRARY.encode()))
    told = threading.Event()
    waited: list[bool] = []

    def reply(_: Any) -> dict[str, Any]:
        waited.append(told.wait(30))
        return {}

    for event in agent_with(ScriptedChat(reply), artifacts).stream(task):
        if isinstance(event, Progress) and event.first:
            assert 1 <= len(event.first) <= 5
            assert {t.origin for t in event.first} == {Origin.RULES}
            told.set()

    assert waited
    assert all(waited)


def test_the_models_threats_join_those_of_the_rules() -> None:
    """Both stand in one list, and the model's control that nobody spoke of becomes an open question."""
    artifacts, task = ask(("small.mmd", b"flowchart LR\n  job[Notice job] --> loans[Loan API]\n"))
    model = agent_with(scripted(find=own("E2")), artifacts).run(task)
    mine = [t for t in model.threats if t.origin is Origin.MODEL]

    assert mine
    assert any(t.origin is Origin.RULES for t in model.threats)
    asked = [q for q in model.questions if mine[0].id in q.decides]
    assert asked
    assert differ(asked[0], mine[0])


def differ(question: Question, threat: Threat) -> bool:
    """Whether an answer would give the threat another severity, and says which."""
    outcomes = [o for option in question.options for o in option.outcomes if o.threat == threat.id]
    return bool(outcomes) and all(o.severity != threat.severity.value for o in outcomes)


def test_gaps_add_and_what_was_said_stands() -> None:
    """A second look at an area adds to the first; a rejected candidate stays doubted."""
    artifacts, task = ask(("library.mmd", LIBRARY.encode()))

    def reply(call: Any) -> dict[str, Any]:
        if call.stage == "review":
            return {"gaps": [{"area": "N1", "on": "E3", "stride": "tampering", "reason": "nobody looked"}]}
        if call.stage != "find":
            return {}
        again = "nobody looked" in shown(call)
        return own() if again else {"rejected": [{"id": "C1", "why": "not_here", "reason": "no such thing"}]}

    chat = ScriptedChat(reply)
    model = agent_with(chat, artifacts).run(task)

    assert any("nobody looked" in shown(call) for call in chat.calls)
    assert any("doubts it: no such thing" in t.status_reason for t in model.threats)
    assert any(t.origin is Origin.MODEL for t in model.threats)


def test_usage_and_prompts_are_kept_with_the_model() -> None:
    """What the run took stands in the threat model, and the summary says it."""
    artifacts, task = ask(("library.mmd", LIBRARY.encode()))
    model = agent_with(scripted(), artifacts).run(task)

    assert model.usage.calls >= 3
    assert model.prompts
    assert any("language model took" in note for note in model.summary.notes)


@pytest.fixture
def bedrock() -> Iterator[BedrockDouble]:
    """A double that never waits."""
    with BedrockDouble() as double:
        yield double


def live(double: BedrockDouble, **settings: Any) -> Callable[[str, Usage], ChatCalls]:
    """Calls that go through HTTP to the double."""
    from agent.analysts.chat.models import ChatModels

    models = ChatModels(double.settings(**settings), time=double.time())
    return lambda _run, spent: models.for_run(spent=spent)


@pytest.mark.parametrize("trouble", ["denied", "throttled", "nonsense", "no credentials"])
def test_without_the_model_the_rules_stand_and_one_note_says_why(
    bedrock: BedrockDouble, trouble: str
) -> None:
    """Taken away, the model costs its threats and nothing else; the reason is told once."""
    settings: dict[str, Any] = {"model_attempts": 2}
    if trouble == "denied":
        bedrock.refuse("AccessDeniedException", "You don't have access to the model.", 403, times=50)
    elif trouble == "throttled":
        bedrock.throttle(500)
    elif trouble == "nonsense":
        bedrock.replying(lambda _: "I would rather not.")
    else:
        settings["model_aws_access_key_id"] = "AKIAUNKNOWN"
    artifacts, task = ask(("library.mmd", LIBRARY.encode()), ("plan.png", png()))
    agent = make_agent(artifacts, make_store(":memory:"), None, calls=live(bedrock, **settings))
    model = agent.run(task)
    alone = make_agent(artifacts, make_store(":memory:"), None).run(task)

    assert [t.title for t in model.threats] == [t.title for t in alone.threats]
    assert any("plan.png" in w for w in model.system.warnings)
    notes = [n for n in model.summary.notes if "not finished by the language model" in n]
    assert len(notes) == (3 if trouble == "nonsense" else 1), notes


def test_only_a_picture_and_no_model_says_both(bedrock: BedrockDouble) -> None:
    """When the model that should see the only picture cannot, the refusal names the file and the cause."""
    bedrock.refuse("AccessDeniedException", "You don't have access to the model.", 403, times=50)
    artifacts, task = ask(("plan.png", png()))
    agent = make_agent(artifacts, make_store(":memory:"), None, calls=live(bedrock))

    with pytest.raises(NothingToRead, match=r"plan\.png[\s\S]*access"):
        agent.run(task)


def test_stop_ends_the_calls_in_flight_and_keeps_the_rules_threats() -> None:
    """Stopped while the model thinks, a run ends at once with what the rules found."""
    from tests.bedrock.clock import ScaledClock

    with BedrockDouble(clock=ScaledClock(1.0)) as slow:
        artifacts, task = ask(("library.mmd", LIBRARY.encode()))
        agent = make_agent(artifacts, make_store(":memory:"), None, calls=live(slow))
        *_, last = agent.stream(task, lambda: bool(len(slow.log)))

    assert isinstance(last, ThreatModel)
    assert last.partial
    assert last.threats
    assert {t.origin for t in last.threats} == {Origin.RULES}


def test_a_run_that_goes_on_counts_what_it_has_used(bedrock: BedrockDouble) -> None:
    """After an interruption the budget is not given anew."""
    artifacts, task = ask(("library.mmd", LIBRARY.encode()))
    spent: list[Usage] = []

    def calls(run: str, used: Usage) -> ChatCalls:
        spent.append(used)
        return live(bedrock)(run, used)

    agent = make_agent(artifacts, make_store(":memory:"), None, calls=calls)
    for event in agent.stream(task):
        if isinstance(event, Progress) and event.stage.value == "retrieve":
            break
    model = agent.run(task)

    assert spent[0].calls == 0
    assert spent[1].calls == 1
    assert model.usage.calls > 1
