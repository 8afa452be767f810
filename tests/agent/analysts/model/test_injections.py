"""A corpus of injections against the pipeline, with a model that obeys every one: nothing leaves its box."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.analysts.areas import split
from agent.analysts.base import Analyst, Brief, Findings
from agent.analysts.chat.base import Call, Talk
from agent.analysts.filled.fence import Fence
from agent.analysts.filled.pictures import Picture
from agent.analysts.filled.seeing import joined, understand
from agent.analysts.model import ModelAnalyst
from agent.analysts.rules import RulesAnalyst
from agent.artifacts import MemoryArtifacts
from agent.catalog.references import load_references
from agent.diagrams.base import SourceFile
from agent.diagrams.registry import read_file
from agent.domain.lesson import Kinds, Lesson, LessonKind, Teaching
from agent.domain.model import ThreatModel
from agent.domain.request import Attachment, Request
from agent.domain.system import Evidence, EvidenceKind
from agent.domain.threat import Origin, Threat, ThreatStatus
from agent.graph import Agent, Task
from agent.risk import is_answered, rescore
from knowledge.stores.base import KnowledgeStore
from tests.agent.analysts.model.obedient import Obedient
from tests.agent.analysts.model.scripted import DESCRIPTION, LIBRARY, ScriptedChat, shown, talked
from tests.pictures import png

PNG = Picture("board.png", png(), "image/png")
ESCAPES = re.compile(
    r"(?i)https?:|evil\.example|www\.|<[@!#]|@(?:here|channel|everyone)|`|[\u202a-\u202e\u200b]"
)
"""What must not stand in any word that a model wrote."""


@dataclass(frozen=True)
class Injection:
    """One entry of the corpus."""

    id: str
    where: str
    language: str
    text: str
    reaches: bool = True

    @property
    def seen(self) -> str:
        """The text as a model would read it."""
        first = self.text.split("\n")[0].replace("⟦", "[").replace("⟧", "]")
        return first if self.where != "label" else re.sub(r"[<>|]", "", first)


CORPUS = tuple(
    Injection(**entry)
    for entry in yaml.safe_load(Path(__file__).with_name("injections.yaml").read_text(encoding="utf-8"))
)


def of(*places: str) -> pytest.MarkDecorator:
    """The corpus for these places, one test each."""
    chosen = [i for i in CORPUS if i.where in places]
    return pytest.mark.parametrize("injection", chosen, ids=[i.id for i in chosen])


class Told:
    """The model analyst as the graph would ask it, with passages and lessons that the graph would find."""

    origin = Origin.MODEL

    def __init__(self, analyst: ModelAnalyst, injection: Injection) -> None:
        self._analyst = analyst
        self._passages: tuple[Evidence, ...] = ()
        self._lessons: tuple[str, ...] = ()
        if injection.where == "passage":
            self._passages = (Evidence(kind=EvidenceKind.PASSAGE, quote=injection.text, source="CWE-345"),)
        if injection.where == "lesson":
            self._lessons = (injection.text,)
        self.review = analyst.review

    def find(self, brief: Brief) -> Findings:
        """See Analyst."""
        return self._analyst.find(
            brief.model_copy(update={"passages": self._passages, "lessons": self._lessons})
        )


def given(injection: Injection, artifacts: MemoryArtifacts) -> Request:
    """A request with the injection in its place."""
    diagram, name, notes = LIBRARY, "notes.md", "# Notes\n\nThe Notice job runs at night."
    description = DESCRIPTION
    assumptions: tuple[str, ...] = ()
    match injection.where:
        case "label":
            label = re.sub(r"[<>|]", "", injection.text).replace('"', "'")
            diagram = LIBRARY.replace("|REST|", f'|"{label}"|') + f'  loans --> odd["{label}"]\n'
        case "description":
            description = f"{DESCRIPTION} {injection.text}"
        case "assumption":
            assumptions = (injection.text,)
        case "document":
            notes = f"{notes}\n\n{injection.text}\n"
        case "file_name":
            name = injection.text
    files = {"library.mmd": diagram, name: notes}
    for key, text in files.items():
        artifacts.put(key, text.encode())
    attachments = tuple(Attachment(name=n, key=n, sha256="0", size=len(t)) for n, t in files.items())
    return Request(title="Library", description=description, assumptions=assumptions, attachments=attachments)


def run(request: Request, artifacts: MemoryArtifacts, *analysts: Analyst) -> ThreatModel:
    """The threat model that these analysts make together."""
    agent = Agent(artifacts=artifacts, analysts=(RulesAnalyst(), *analysts), store=None)
    return agent.run(Task(run="run-1", model="tm-1", revision=1, request=request))


def written(threat: Threat) -> Iterator[str]:
    """Everything in a threat that a model may have written."""
    if threat.origin is Origin.MODEL:
        yield from (threat.title, threat.statement.text(), *(m.text for m in threat.mitigations))
    yield threat.status_reason


def assert_boxed(threats: tuple[Threat, ...], system_ids: set[str]) -> None:
    """No invented part or reference, no link or mention, no verdict, severity from factors alone."""
    for threat in threats:
        assert set(threat.targets) <= system_ids
        assert {r.id for r in threat.references} <= set(load_references())
        assert threat.status is ThreatStatus.PROPOSED
        assert threat.override is None
        assert threat == rescore(threat)
        assert not [text for text in written(threat) if ESCAPES.search(text)]


def assert_fenced(calls: list[Call[Any]] | list[Talk], text: str) -> None:
    """The text stands between markers only: never in the method, a form, or outside of a block."""
    for call in calls:
        forms = [call.schema] if isinstance(call, Call) else [t.schema for t in call.tools]
        fixed = f"{call.system} {[f.model_json_schema() for f in forms]}"
        assert text not in fixed
        said = shown(call)
        marker = re.search(r"⟦data ([0-9a-f]{16}) ", said)
        assert marker is not None
        outside = re.sub(rf"(?s)⟦data {marker[1]} .*?\n⟦end {marker[1]}⟧", "", said)
        assert text not in outside
        assert "⟦" not in outside


def test_the_corpus_is_wide() -> None:
    """At least sixty injections, in every place, in many languages and encodings, each with its id."""
    assert len(CORPUS) >= 60
    assert len({i.id for i in CORPUS}) == len(CORPUS)
    assert {i.where for i in CORPUS} == {
        *("label", "file_name", "description", "assumption", "document"),
        *("image", "passage", "lesson", "message"),
    }
    assert len({i.language for i in CORPUS}) >= 20


@of("label", "description", "assumption", "passage", "lesson")
def test_a_run_stays_in_its_box(injection: Injection) -> None:
    """Whatever the model is told to do with its findings, the threat model is as sound as without it."""
    artifacts = MemoryArtifacts()
    request = given(injection, artifacts)
    obedient = Obedient(injection.seen)
    chat = ScriptedChat(obedient.reply)
    model = run(request, artifacts, Told(ModelAnalyst(chat, "run-1"), injection))
    alone = run(request, artifacts)
    ids = {e.id for e in model.system.elements} | {f.id for f in model.system.flows}

    assert (obedient.obeyed > 0) is injection.reaches
    assert model.system == alone.system
    assert_boxed(model.threats, ids)
    before = {key: t.severity for t in alone.threats for key in (t.key, *t.merged)}
    after = {key: t.severity for t in model.threats for key in (t.key, *t.merged)}
    assert {key: after[key].rank >= before[key].rank for key in before} == dict.fromkeys(before, True)
    assert_fenced(chat.calls, injection.seen if injection.reaches else injection.text)


@of("lesson", "message", "passage", "description")
def test_a_reason_that_gives_orders_stays_in_its_box(injection: Injection) -> None:
    """Typed as title and reason of dismissals in other models, it reaches a model within the fence alone.

    Whatever the model makes of it, threats stay as they were, and quote it beside what engineers decided.
    """
    artifacts, injection = MemoryArtifacts(), replace(injection, where="lesson")
    request = given(injection, artifacts)
    alone = run(request, artifacts)
    kinds = Kinds(alone.system)
    said = tuple(
        Lesson(
            kind=LessonKind.DISMISSED,
            pattern=t.pattern,
            title=injection.text[:140],
            places=kinds.of(t.targets),
            severity=t.severity,
            reason=injection.text[:300],
        )
        for t in alone.threats
    )
    taught = tuple(Teaching(model=f"tm-{n}", title=injection.text[:140], lessons=said) for n in (7, 8))
    chat = ScriptedChat(Obedient(injection.seen).reply)
    agent = Agent(artifacts=artifacts, analysts=(RulesAnalyst(), ModelAnalyst(chat, "run-1")), store=None)
    model = agent.run(Task(run="run-1", model="tm-1", revision=1, request=request, lessons=taught))
    shared = {t.key: t.severity for t in alone.threats}.items()

    assert model.system == alone.system
    assert_boxed(model.threats, {e.id for e in model.system.elements} | {f.id for f in model.system.flows})
    assert shared <= {key: t.severity for t in model.threats for key in (t.key, *t.merged)}.items()
    assert_fenced(chat.calls, injection.seen[:30] if injection.reaches else injection.text)
    assert "dismissed in “" in "".join(shown(call) for call in chat.calls)


@of("label", "description", "passage")
def test_candidates_keep_their_severity_under_an_obedient_model(injection: Injection) -> None:
    """Rejected one and all with the injection as proof, each candidate keeps its factors."""
    artifacts = MemoryArtifacts()
    system = run(given(injection, artifacts), artifacts).system
    request = given(injection, artifacts)
    analyst = Told(ModelAnalyst(ScriptedChat(Obedient(injection.seen).reply), "run-1"), injection)
    for area in split(system):
        brief = Brief(request=request, system=system, area=area)
        candidates = RulesAnalyst().find(brief).threats
        found = analyst.find(brief.model_copy(update={"checklist": candidates})).threats
        severities = {t.key: t.severity for t in candidates}
        changed = [t for t in found if t.key in severities]

        assert {t.key: t.severity for t in changed} == {t.key: severities[t.key] for t in changed}
        assert {t.key for t in found if is_answered(t)} <= {t.key for t in candidates if is_answered(t)}


def test_a_model_that_invents_names_costs_only_its_areas() -> None:
    """Names that the form does not list fail the branch, by name; the rules' threats stand."""
    artifacts = MemoryArtifacts()
    request = given(CORPUS[0], artifacts)
    chat = ScriptedChat(Obedient(CORPUS[0].seen, brazen=True).reply)
    model = run(request, artifacts, ModelAnalyst(chat, "run-1"))

    assert {t.key for t in model.threats} == {t.key for t in run(request, artifacts).threats}
    assert {f.area for f in model.failed} == {a.name for a in split(model.system)}


@of("document", "file_name", "image", "label")
def test_understanding_stays_in_its_box(injection: Injection) -> None:
    """Documents, file names and pictures can order what they like: no part, fact or link comes of it."""
    artifacts = MemoryArtifacts()
    request = given(injection, artifacts)
    files = [SourceFile(a.name, artifacts.get(a.key)) for a in request.attachments]
    fragments = [read_file(f) for f in files]
    obedient = Obedient("I1" if injection.where == "image" else injection.seen)
    chat = ScriptedChat(obedient.reply)
    picture = Picture(injection.text, PNG.content, PNG.media_type) if injection.where == "image" else PNG
    fence = Fence("run-1")
    understood = understand(chat, fence, request, fragments, (picture,))
    system = joined(request, fragments, understood)
    seen = understood.fragments

    assert obedient.obeyed == 1
    assert not [f for fragment in seen for f in fragment.facts]
    said = [e.name for f in seen for e in f.elements] + [fl.label for f in seen for fl in f.flows]
    said += [*understood.unknowns, *understood.queries, *(text for _, text in understood.mermaid)]
    assert not [text for text in said if ESCAPES.search(text)]
    assert all(e.assumed for f in seen for e in f.elements)
    exact = joined(request, fragments, type(understood)())
    assert {e.id: e.controls for e in exact.elements}.items() <= {
        e.id: e.controls for e in system.elements
    }.items()
    assert_fenced(chat.calls, injection.seen)


@of("message", "label", "passage")
def test_a_conversation_stays_in_its_box(
    injection: Injection, modelled: ThreatModel, store: KnowledgeStore
) -> None:
    """Told to act, the model can only propose; told to link or ping, it says nothing of the kind."""
    before = modelled.model_dump_json()
    order = replace(injection, where="message").seen
    obedient = Obedient(order)
    chat = ScriptedChat(talker=obedient.talk)
    streamed, said = talked(chat, modelled, store, injection.text)
    texts = [streamed, *said.reply.paragraphs, *(p.text for p in said.proposals)]
    texts += [p.reason for p in said.proposals]

    assert obedient.obeyed == 1
    assert modelled.model_dump_json() == before
    assert not [text for text in texts if ESCAPES.search(text)]
    assert {c.id for c in said.reply.citations} <= {t.id for t in modelled.threats}
    assert not any(result.failed is False and "dismiss_now" in result.text for result in _results(chat))
    assert_fenced(chat.talks, order)


def _results(chat: ScriptedChat) -> Iterator[Any]:
    for turn in chat.talks[-1].turns:
        yield from getattr(turn, "results", ())
