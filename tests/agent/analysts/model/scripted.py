"""A scripted language model, and a small system for it to look at."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from agent.analysts.base import Brief
from agent.analysts.chat.base import Answer, Asked, Call, Image, Reply, Said, Talk, Text, ToolUse
from agent.analysts.filled.conversing import converse
from agent.analysts.filled.fence import Fence
from agent.analysts.filled.proposals import Conversed
from agent.diagrams.base import SourceFile
from agent.diagrams.registry import read_file
from agent.domain.model import Area, ThreatModel
from agent.domain.request import Request
from agent.domain.system import System
from agent.domain.threat import Threat
from agent.domain.usage import Usage
from agent.errors import AnalystError
from agent.understanding import understand
from knowledge.stores.base import KnowledgeStore

LIBRARY = """flowchart LR
  reader([Customer]) -->|HTTPS| site[Library site]
  subgraph hall [Library network]
    site -->|REST| loans[Loan API]
    loans -->|SQL| books[(Loans DB)]
    loans --> notices[[Notice queue]]
    notices --> mailer[Notice job]
  end
  partner([Payment provider]) -->|webhook| loans
"""
DESCRIPTION = (
    "Customers borrow books and pay fines online. Payments are reported by webhook. "
    "The loan history of a customer is confidential. Audit logs are not kept."
)

Replier = Callable[[Call[Any]], dict[str, Any]]
Turns = Iterable[str | tuple[str, dict[str, Any]]]


def _silent(_: Call[Any]) -> dict[str, Any]:
    return {}


def _lost(_: Talk) -> Turns:
    return ("I do not know.",)


@dataclass
class ScriptedChat:
    """ChatCalls whose answers are written beforehand; what breaks the schema fails the branch."""

    replier: Replier = _silent
    talker: Callable[[Talk], Turns] = _lost
    calls: list[Call[Any]] = field(default_factory=list)
    talks: list[Talk] = field(default_factory=list)

    @property
    def usage(self) -> Usage:
        """One call each."""
        return Usage(calls=len(self.calls) + len(self.talks))

    def call(self, request: Call[Answer]) -> Reply[Answer]:
        """See ChatCalls."""
        self.calls.append(request)
        written = self.replier(request)
        try:
            answer = request.schema.model_validate(written)
        except ValidationError as error:
            raise AnalystError(f"{request.branch}: the reply broke the schema twice.") from error
        return Reply(answer, Usage(calls=1), "scripted", json.dumps(written))

    def stop(self) -> None:
        """See ChatCalls; what is written beforehand takes no time."""

    def stream(self, request: Talk) -> Iterator[str | Said]:
        """See ChatCalls; a tuple of the script is a tool use."""
        self.talks.append(request)
        said = list(self.talker(request))
        uses = tuple(ToolUse(str(i), s[0], s[1]) for i, s in enumerate(said) if isinstance(s, tuple))
        texts = [s for s in said if isinstance(s, str)]
        for text in texts:
            yield from (text[i : i + 7] for i in range(0, len(text), 7))
        yield Said("".join(texts), uses, Usage(calls=1), "scripted")


def shown(request: Call[Any] | Talk) -> str:
    """All text of the messages."""
    parts = list(request.prefix)
    if isinstance(request, Call):
        parts += request.varying
        return "\n".join(p.text for p in parts if isinstance(p, Text))
    asked = [t for t in request.turns if isinstance(t, Asked)]
    parts += [p for turn in asked for p in turn.parts]
    results = [r.text for turn in asked for r in turn.results]
    return "\n".join([*(p.text for p in parts if isinstance(p, Text)), *results])


def pictures(request: Call[Any]) -> int:
    """How many pictures it carries."""
    return sum(isinstance(p, Image) for p in (*request.prefix, *request.varying))


def system_of(diagram: str = LIBRARY, description: str = DESCRIPTION) -> System:
    """The system that readers and rules make of it."""
    from agent.diagrams.prose import read_prose

    drawn = read_file(SourceFile("library.mmd", diagram.encode()))
    return understand("Library", [drawn], read_prose(description))


@dataclass(frozen=True)
class Case:
    """One area with the rules' candidates, and everything that a brief needs."""

    system: System
    request: Request
    area: Area
    candidates: tuple[Threat, ...]

    def brief(self, **more: Any) -> Brief:
        """The brief of the area."""
        given: dict[str, Any] = {"checklist": self.candidates, **more}
        return Brief(request=self.request, system=self.system, area=self.area, **given)

    def alias(self, name: str) -> str:
        """E1 or F1 for the element's name, or for "A → B"."""
        parts = [f"E{i}" for i, e in enumerate(self.system.elements, 1) if e.name == name]
        flows = enumerate(self.system.flows, 1)
        return next(iter([*parts, *(f"F{i}" for i, f in flows if self.system.name_of(f.id) == name)]))

    def candidate(self, pattern: str) -> str:
        """C1 for the candidate of this pattern, as `find` shows them."""
        ordered = sorted(self.candidates, key=lambda t: -t.effective_severity.rank)
        return next(f"C{i}" for i, t in enumerate(ordered, 1) if t.pattern == pattern)


def talked(
    chat: ScriptedChat, model: ThreatModel, store: KnowledgeStore, question: str, **more: Any
) -> tuple[str, Conversed]:
    """The streamed text and the end of a conversation."""
    request = Request(title=model.title, description=DESCRIPTION)
    *pieces, last = converse(question, model, request, store, chat, Fence("talk"), **more)
    assert isinstance(last, Conversed)
    return "".join(str(p) for p in pieces), last
