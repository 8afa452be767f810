"""The tools of a conversation: some read, some propose, none changes anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ValidationError, create_model

from agent.analysts.chat.base import Tool, ToolResult, ToolUse
from agent.analysts.filled import proposals
from agent.analysts.filled.aliases import Aliases, one_of
from agent.analysts.filled.checking import Check
from agent.analysts.filled.fence import Fence
from agent.analysts.filled.plain import Plain
from agent.analysts.filled.proposals import Proposal
from agent.analysts.filled.quotes import sources_of
from agent.analysts.filled.schemas import choice, needed, new_threat_schema, part_type, word
from agent.analysts.filled.stated import CONTROLS
from agent.analysts.filled.supposing import suppose
from agent.analysts.filled.threats import own_threats
from agent.analysts.topology import Topology
from agent.conversation import telling
from agent.domain.model import ThreatModel
from agent.domain.request import Request
from agent.domain.system import Evidence, EvidenceKind, Known, Outcome
from agent.domain.text import one_line
from agent.domain.threat import Threat
from agent.domain.verdict import Verdict
from knowledge.passages import Passage, Query
from knowledge.retrieve import retrieve
from knowledge.stores.base import KnowledgeStore, StoreError

PROPOSALS = 3
"""Proposals that one question may end in."""
_PASSAGES = 6
_PASSAGE = 900
_WHOLE = "system"


@dataclass
class Desk:
    """One question's tools, and what they have shown and proposed."""

    model: ThreatModel
    request: Request
    store: KnowledgeStore
    fence: Fence
    verdicts: Sequence[Verdict] = ()
    proposed: list[Proposal] = field(default_factory=list)
    passages: dict[str, Passage] = field(default_factory=dict)
    """Passages that the model has been shown."""
    missing: str = ""
    """What the model says would have to be known."""
    used: int = 0

    @cached_property
    def aliases(self) -> Aliases:
        """Short names of the system's parts."""
        return Aliases(self.model.system)

    @cached_property
    def topology(self) -> Topology:
        """The system's paths."""
        from agent.catalog.technologies import load_technologies

        return Topology(self.model.system, load_technologies().traits_of)

    @cached_property
    def threats(self) -> dict[str, Threat]:
        """The model's threats by id."""
        return {t.id: t for t in self.model.threats}

    @cached_property
    def tools(self) -> tuple[Tool, ...]:
        """What the model may ask for."""
        return tuple(Tool(name, text, self._schemas[name]) for name, text in _TOOLS.items())

    def answer(self, use: ToolUse) -> ToolResult:
        """What came of one tool use; what was asked wrongly is said back, as a failure."""
        self.used += 1
        schema = self._schemas.get(use.name)
        if schema is None:
            return ToolResult(use.id, "There is no such tool.", failed=True)
        try:
            said = schema.model_validate(use.arguments)
        except ValidationError as error:
            problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}"[:200] for e in error.errors())
            return ToolResult(use.id, f"The arguments do not fit: {problems}", failed=True)
        text = self._does[use.name](said)
        return ToolResult(use.id, self.fence.data(f"result of {use.name}", text))

    @cached_property
    def _does(self) -> Mapping[str, Callable[[Any], str]]:
        return {name: getattr(self, f"_{name}") for name in _TOOLS}

    @cached_property
    def _schemas(self) -> Mapping[str, type[BaseModel]]:
        system = self.model.system
        part = part_type(len(system.elements), len(system.flows))
        threat = one_of(tuple(self.threats), r"^T-\d+$")
        fact: dict[str, Any] = {
            "on": word(_WHOLE, f"an E or an F, or “{_WHOLE}” for all of it"),
            "control": needed(one_of(CONTROLS)),
            "state": choice(("present", "absent"), "present"),
        }
        return {
            "read_threat": create_model("ReadThreat", id=needed(threat)),
            "read_part": create_model("ReadPart", id=needed(part)),
            "search_passages": create_model("SearchPassages", query=needed(str)),
            "read_verdicts": create_model("ReadVerdicts", id=needed(threat)),
            "what_if": create_model("WhatIf", **fact),
            "propose_fact": create_model("ProposeFact", **fact),
            "propose_threat": new_threat_schema(len(system.elements), len(system.flows)),
            "propose_dismissal": create_model("ProposeDismissal", id=needed(threat), reason=needed(str)),
            "propose_mitigation": create_model("ProposeMitigation", id=needed(threat), text=needed(str)),
            "cannot_tell": create_model("CannotTell", missing=needed(str, "what would have to be known")),
        }

    # tools that read

    def _read_threat(self, said: Any) -> str:
        threat = self.threats.get(said.id)
        if threat is None:
            return "There is no such threat."
        references = ", ".join(r.id for r in threat.references) or "none"
        remedies = "; ".join(f"{m.text} ({m.effort.value}, {m.status.value})" for m in threat.mitigations)
        evidence = " ".join(telling.evidence(threat))
        return (
            f"{telling.headline(self.model, threat)}\n{threat.statement.text()}\n"
            f"{telling.explained(threat)}\nEvidence: {evidence}\nMitigations: {remedies}\n"
            f"References: {references}\n{telling.standing(threat)}"
        )

    def _read_part(self, said: Any) -> str:
        id_ = self.aliases.ids.get(said.id, "")
        element = next((e for e in self.model.system.elements if e.id == id_), None)
        near = [t for t in self.model.threats if id_ in t.targets]
        lines = [telling.headline(self.model, t) for t in near]
        if element is None:
            flows = [f for f in self.model.system.flows if f.id == id_]
            lines[:0] = [telling.flow_line(self.model, f) for f in flows]
        else:
            into, out = telling.flows_of(self.model, element)
            lines[:0] = [telling.flow_line(self.model, f) for f in (*into, *out)]
            lines[:0] = [telling.element_line(self.model, element)]
        return "\n".join(lines) or "There is no such part."

    def _search_passages(self, said: Any) -> str:
        try:
            hits = retrieve(self.store, Query(text=said.query[:500], limit=_PASSAGES))
        except StoreError as error:
            return f"The knowledge base does not answer: {error}"
        self.passages |= {h.passage.id: h.passage for h in hits}
        lines = [f"[{h.passage.id}] {h.passage.title}: {one_line(h.passage.text)[:_PASSAGE]}" for h in hits]
        return "\n".join(lines) or "No passage fits."

    def _read_verdicts(self, said: Any) -> str:
        lines = [
            f"{v.when.date()} {v.who}: {v.kind.value} {v.after}" + (f" ({v.reason})" if v.reason else "")
            for v in self.verdicts
            if v.threat == said.id
        ]
        return "\n".join(lines) or "Nobody has decided anything about it."

    def _what_if(self, said: Any) -> str:
        about, state = self._about(said), _state(said)
        if about is None:
            return "There is no such part."
        return proposals.effects(self.model, self._outcomes(about, said.control, state))

    # tools that propose

    def _propose_fact(self, said: Any) -> str:
        about, state = self._about(said), _state(said)
        if about is None:
            return "There is no such part."
        outcomes = self._outcomes(about, said.control, state)
        return self._propose(proposals.of_fact(self.model, about, said.control, state, outcomes))

    def _propose_threat(self, said: Any) -> str:
        parts = frozenset(self.aliases.ids.values())
        passages = [_quoted(p) for p in self.passages.values()]
        sources = sources_of(self.fence, self.request, self.model.system, passages)
        check = Check(self.aliases, self.topology, sources, parts, passages)
        made = own_threats(check, [said])
        if not made:
            return "That names no part of the system, or no action."
        return self._propose(proposals.of_threat(self.model, made[0]))

    def _propose_dismissal(self, said: Any) -> str:
        threat, reason = self.threats.get(said.id), self._words(said.reason)
        if threat is None or not reason:
            return "That needs a threat of this model and a reason."
        return self._propose(proposals.of_dismissal(self.model, threat, reason))

    def _propose_mitigation(self, said: Any) -> str:
        threat, text = self.threats.get(said.id), self._words(said.text)
        if threat is None or not text:
            return "That needs a threat of this model and a text."
        return self._propose(proposals.of_mitigation(self.model, threat, text))

    def _cannot_tell(self, said: Any) -> str:
        self.missing = self._words(said.missing)
        return "Noted. Say so in one sentence."

    def _propose(self, proposal: Proposal) -> str:
        if len(self.proposed) >= PROPOSALS:
            return f"Not proposed: {PROPOSALS} proposals wait already."
        if proposal.id not in {p.id for p in self.proposed}:
            self.proposed.append(proposal)
        return f"It waits for a person to confirm it; nothing has changed. {proposal.text}"

    def _about(self, said: Any) -> str | None:
        return "" if said.on == _WHOLE else self.aliases.ids.get(said.on)

    def _outcomes(self, about: str, control: str, state: Known) -> tuple[Outcome, ...]:
        return suppose(self.model, self.request, about, control, state)

    def _words(self, text: str) -> str:
        return Plain(self.aliases.names).line(self.aliases.spoken(text), 300)


def _quoted(passage: Passage) -> Evidence:
    return Evidence(kind=EvidenceKind.PASSAGE, quote=passage.text, source=passage.id)


def _state(said: Any) -> Known:
    return Known.YES if said.state == "present" else Known.NO


_TOOLS = {
    "read_threat": "All of one threat: statement, evidence, factors of its severity, mitigations, state.",
    "read_part": "All of one element or flow, with its flows and threats.",
    "search_passages": "Passages of the knowledge base that fit a few words.",
    "read_verdicts": "What engineers decided about one threat.",
    "what_if": "Which computed severities a control that is there or missing would change. Changes nothing.",
    "propose_fact": "Propose to note that a control is there or missing. A person decides.",
    "propose_threat": "Propose a new threat. A person decides.",
    "propose_dismissal": "Propose to dismiss a threat, with the engineer's reason. A person decides.",
    "propose_mitigation": "Propose a further mitigation of a threat. A person decides.",
    "cannot_tell": "Say that neither the model nor the knowledge base answers the question.",
}
