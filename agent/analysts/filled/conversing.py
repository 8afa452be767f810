"""converse: a question about one threat model, answered by a language model that looks up and proposes."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field

from agent.analysts.chat.base import Asked, ChatCalls, Part, Said, Talk, Text
from agent.analysts.filled.compact import system_lines, threat_lines
from agent.analysts.filled.desk import Desk
from agent.analysts.filled.fence import Fence
from agent.analysts.filled.plain import Plain
from agent.analysts.filled.proposals import Conversed
from agent.analysts.prompts import prompt, version
from agent.conversation import answer as answered_by_rules
from agent.conversation.reply import (
    Citation,
    Reply,
    ReplyKind,
    count,
    of_part,
    of_passage,
    of_threat,
    unique,
)
from agent.domain.model import ThreatModel
from agent.domain.request import Request
from agent.domain.usage import Usage
from agent.domain.verdict import Verdict
from agent.errors import AnalystError, ConfigurationError
from knowledge.stores.base import KnowledgeStore

BRANCH = "The question"
STEPS = 6
"""Turns of the model at most; in the last one it has no tools left and must answer."""
CITED = 12
_LONGEST = 6000
_QUESTION = 4000
_CITED = re.compile(r"\[((?:T-\d+|[EF]\d+|[A-Za-z][\w.:/#-]{2,120})(?:\s*[,;]\s*[\w.:/#-]+)*)\]")
_BARE = re.compile(r"\b(?:T-\d{2,}|CWE-\d+|CAPEC-\d+)\b")
_END = re.compile(r"[.!?…]\s+|\n")


def converse(
    question: str,
    model: ThreatModel,
    request: Request,
    store: KnowledgeStore,
    calls: ChatCalls,
    fence: Fence,
    *,
    verdicts: Sequence[Verdict] = (),
    earlier: Sequence[str] = (),
) -> Iterator[str | Conversed]:
    """Pieces of the answer as plain text, then the whole with its sources and proposals.

    The pieces are what a reader may see while the model works, with what it says before it looks something
    up; the reply at the end replaces them. Nothing in the threat model changes. When the language model
    fails, the reply is the one of agent.conversation, and `trouble` says why.

    Args:
        question: the engineer's words.
        model: the threat model as its engineers have left it.
        request: what it was made from.
        store: the knowledge base.
        calls: the language model calls of this question.
        fence: of this question: its marker is fresh.
        verdicts: what engineers decided.
        earlier: messages of the thread before, the latest last.
    """
    desk = Desk(model, request, store, fence, verdicts)
    before = calls.usage
    talk = _Talk(desk, calls, question, earlier)
    try:
        yield from talk.pieces()
    except (AnalystError, ConfigurationError) as error:
        reply = answered_by_rules(
            question, model, store, earlier=lambda: tuple(earlier), said=request.description
        )
        how = f"{reply.how} The language model could not answer: {error.message}"
        used = _since(calls.usage, before)
        yield Conversed(reply=reply.model_copy(update={"how": how}), usage=used, trouble=error.message)
        return
    yield Conversed(
        reply=_reply(desk, talk), proposals=tuple(desk.proposed), usage=_since(calls.usage, before)
    )


@dataclass
class _Talk:
    """The turns of one question."""

    desk: Desk
    calls: ChatCalls
    question: str
    earlier: Sequence[str]
    last: str = ""
    cited: list[str] = field(default_factory=list)
    invented: int = 0

    def pieces(self) -> Iterator[str]:
        """Cleaned text, sentence by sentence; `last` is the last turn's."""
        turns: list[Asked | Said] = [Asked(self._asked())]
        for step in range(STEPS):
            said = yield from self._turn(turns, final=step == STEPS - 1)
            if not said.uses or step == STEPS - 1:
                return
            results = tuple(self.desk.answer(use) for use in said.uses)
            turns += [said, Asked(results=results)]

    def _turn(self, turns: Sequence[Asked | Said], *, final: bool) -> Generator[str, None, Said]:
        waiting, self.last, self.cited = "", "", []
        for piece in self.calls.stream(self._talk(tuple(turns), final=final)):
            if isinstance(piece, Said):
                yield from self._say(waiting)
                return piece
            waiting += piece
            ends = [m.end() for m in _END.finditer(waiting)]
            if ends:
                yield from self._say(waiting[: ends[-1]])
                waiting = waiting[ends[-1] :]
        raise AnalystError(f"{BRANCH}: the language model ended without an answer. Ask again.")

    def _say(self, text: str) -> Iterator[str]:
        if text and len(self.last) < _LONGEST:
            clean = self._clean(text)
            self.last += clean
            yield clean

    def _clean(self, text: str) -> str:
        """The text without links and mentions; sources that exist are noted, others taken out."""
        text = _CITED.sub(self._source, text)
        text = _BARE.sub(lambda m: m.group() if self._known(m.group()) else self._none(), text)
        return Plain(self.desk.aliases.names).text(self.desk.aliases.spoken(text))

    def _source(self, match: re.Match[str]) -> str:
        ids = re.split(r"\s*[,;]\s*", match[1])
        known = [i for i in ids if self._known(i)]
        self.invented += len(ids) - len(known) if any(re.search(r"\d", i) for i in ids) else 0
        if not known:
            return "" if re.search(r"\d", match[1]) else match.group()
        names = [self._name(i) for i in known]
        return f"({', '.join(names)})"

    def _known(self, id_: str) -> bool:
        """Whether the id stands for something that can be cited; if so it is."""
        desk = self.desk
        references = {r.id for t in desk.model.threats for r in t.references}
        known = id_ in desk.threats or id_ in desk.aliases.ids or id_ in desk.passages or id_ in references
        if known:
            self.cited.append(id_)
        return known

    def _name(self, id_: str) -> str:
        alias = self.desk.aliases.ids.get(id_)
        return id_ if alias is None else " ".join(self.desk.model.system.name_of(alias).split())

    def _none(self) -> str:
        self.invented += 1
        return "something that this model does not have"

    def _talk(self, turns: tuple[Asked | Said, ...], *, final: bool) -> Talk:
        desk = self.desk
        prefix: tuple[Part, ...] = (
            Text(desk.fence.data("the system", system_lines(desk.aliases, desk.topology))),
            Text(desk.fence.data("the threats", threat_lines(desk.aliases, desk.model.threats))),
        )
        return Talk(
            stage="converse",
            branch=BRANCH,
            system=prompt("converse").replace("{marker}", desk.fence.marker)
            + ("\n\nNo more look-ups: answer now from what you have." if final else ""),
            turns=turns,
            prefix=prefix,
            tools=desk.tools,
        )

    def _asked(self) -> tuple[Part, ...]:
        fence = self.desk.fence
        before = "\n---\n".join(m[:1000] for m in self.earlier[-6:])
        parts = [Text(fence.data("earlier messages", before))] if before else []
        return (*parts, Text(fence.data("the engineer's question", self.question[:_QUESTION])))


def _reply(desk: Desk, talk: _Talk) -> Reply:
    citations = unique(c for id_ in talk.cited for c in _citation(desk, id_))[:CITED]
    paragraphs = tuple(" ".join(p.split()) for p in talk.last.split("\n\n") if p.strip())
    if desk.missing:
        paragraphs = (*paragraphs, f"What would have to be known: {desk.missing}")
    kind = ReplyKind.ANSWER if citations else ReplyKind.UNKNOWN
    kind = ReplyKind.UNKNOWN if desk.missing else kind
    kind = ReplyKind.CHANGE if desk.proposed else kind
    return Reply(
        kind=kind,
        paragraphs=paragraphs or ("I cannot tell from this threat model.",),
        citations=citations,
        how=_how(desk, talk, cited=bool(citations)),
        threats=tuple(dict.fromkeys(i for i in talk.cited if i in desk.threats)),
    )


def _how(desk: Desk, talk: _Talk, *, cited: bool) -> str:
    looked = count(desk.used, "look-up") if desk.used else "no look-up"
    said = f"Answered by a language model with {looked} in this threat model (prompts {version()})."
    said += "" if cited else " It names no source, so take it as an opinion."
    gone = count(talk.invented, "source")
    return f"{said} {gone} that it named do not exist and were taken out." if talk.invented else said


def _citation(desk: Desk, id_: str) -> Iterator[Citation]:
    if id_ in desk.threats:
        yield of_threat(desk.threats[id_])
    elif id_ in desk.aliases.ids:
        yield of_part(desk.model, desk.aliases.ids[id_])
    elif id_ in desk.passages:
        yield of_passage(desk.passages[id_])
    else:
        found = {r.id: r for t in desk.model.threats for r in t.references}
        if id_ in found:
            yield Citation(
                kind="reference", id=id_, title=f"{id_} · {found[id_].title}".rstrip(" ·"), url=found[id_].url
            )


def _since(now: Usage, before: Usage) -> Usage:
    """What was used in between."""
    cost = None if now.cost is None or before.cost is None else max(0.0, now.cost - before.cost)
    numbers = {
        name: max(0, getattr(now, name) - getattr(before, name))
        for name in Usage.model_fields
        if name != "cost"
    }
    return Usage(**numbers, cost=cost)
