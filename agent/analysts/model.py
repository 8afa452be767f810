"""The model analyst: a language model's look at each area, held to what exists."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from agent.analysts.areas import split
from agent.analysts.base import Brief, Findings
from agent.analysts.chat.base import Call, ChatCalls, Text
from agent.analysts.filled.aliases import Aliases
from agent.analysts.filled.asking import open_questions
from agent.analysts.filled.candidates import judged
from agent.analysts.filled.checking import Check, Tally
from agent.analysts.filled.compact import (
    area_lines,
    candidate_lines,
    passage_lines,
    system_lines,
    threat_lines,
)
from agent.analysts.filled.fence import Fence
from agent.analysts.filled.plain import Plain, shortened
from agent.analysts.filled.quotes import sources_of
from agent.analysts.filled.schemas import CANDIDATES, PASSAGES, findings_schema, gaps_schema, labels
from agent.analysts.filled.threats import own_threats
from agent.analysts.prompts import looked_for, prompt, version
from agent.analysts.topology import Topology
from agent.catalog.methodologies import load_methods
from agent.domain.model import Area, Coverage, Gap
from agent.domain.request import Methodology, Reasoning, Request
from agent.domain.system import ElementKind, System
from agent.domain.text import one_line
from agent.domain.threat import Origin, Threat
from agent.errors import AnalystError, ConfigurationError

OUTPUT = 6000
"""Tokens of one area's findings."""
GAPS = 8
_REVIEW_OUTPUT = 1500
_DESCRIPTION = 16_000
"""Characters of the description that each call is shown; the stage understand reads all of it."""
_LESSONS = 20


class ModelAnalyst:
    """Proposes what a language model finds, beside the rules analyst's candidates. One object a run.

    What a call shares with the others of its run (method, schema, the whole system) is byte for byte the same
    and stands first, for the provider's cache. Safe to call from several threads.

    Args:
        calls: the run's language model calls.
        run: the run's id, from which the marker of data is made.
        reviews: how often `review` asks the model in this run; after that it has nothing to add.
        salt: see Fence.
    """

    origin = Origin.MODEL

    def __init__(self, calls: ChatCalls, run: str, *, reviews: int = 1, salt: str = "") -> None:
        self._calls = calls
        self._fence = Fence(run, salt)
        self._lock = threading.Lock()
        self._reviews = reviews
        self._look: _Look | None = None
        self._asked: tuple[Request, Reasoning] | None = None
        self._tally = Tally()
        self._trouble: tuple[str, ...] = ()

    @property
    def tally(self) -> Tally:
        """What became of the model's words so far."""
        with self._lock:
            return self._tally

    @property
    def trouble(self) -> tuple[str, ...]:
        """Why a review was not done: sentences for the person; empty when nothing went wrong."""
        with self._lock:
            return self._trouble

    @property
    def prompts(self) -> str:
        """The version of the prompts."""
        return version()

    def find(self, brief: Brief) -> Findings:
        """The candidates that the model spoke of and its own threats; AnalystError names the area.

        A look at named gaps only adds: what was said of the candidates stands.
        """
        look = self._looked(brief.system)
        if not look.worth_a_look(brief.area):
            return Findings(area=brief.area.id)
        candidates = _gravest(brief.checklist)
        passages = tuple(brief.passages[:PASSAGES])
        call = self._find_call(look, brief, candidates)
        answer = self._ask(call)
        check = Check(
            aliases=look.aliases,
            topology=look.topology,
            sources=sources_of(self._fence, brief.request, brief.system, passages),
            inside=look.around(brief.area),
            passages=passages,
        )
        said = () if brief.gaps else judged(check, candidates, answer)
        own = own_threats(check, answer.threats)
        self._count(check.tally())
        return Findings(
            area=brief.area.id,
            threats=(*said, *own),
            questions=open_questions(brief.system, own),
        )

    def review(self, system: System, threats: tuple[Threat, ...], coverage: Coverage) -> tuple[Gap, ...]:
        """The gaps that the model names, at most GAPS.

        None once it was asked often enough, or when it fails: then `trouble` says why.
        """
        with self._lock:
            if self._reviews <= 0 or not system.elements:
                return ()
            self._reviews -= 1
        look = self._looked(system)
        areas = split(system)
        try:
            answer = self._ask(self._review_call(look, areas, threats, coverage))
        except AnalystError as error:
            with self._lock:
                self._trouble = (*self._trouble, error.message)
            return ()
        return self._gaps(look, areas, answer)

    def _looked(self, system: System) -> _Look:
        with self._lock:
            if self._look is None or self._look.system != system:
                self._look = _Look(system)
            return self._look

    def _find_call(self, look: _Look, brief: Brief, candidates: Sequence[Threat]) -> Call[Any]:
        area = [area_lines(look.aliases, brief.area)]
        for kind, text in (
            ("candidates", candidate_lines(look.aliases, candidates)),
            ("passages", passage_lines(brief.passages[:PASSAGES])),
            ("lessons", "\n".join(shortened(one_line(t), 240) for t in brief.lessons[:_LESSONS])),
            ("gaps named by a review", "\n".join(shortened(one_line(g.reason), 240) for g in brief.gaps)),
        ):
            area += [self._fence.data(kind, text)] if text else []
        reasoning, methodology = brief.request.options.reasoning, brief.request.options.methodology
        area += [sentence] if (sentence := _wanted(methodology)) else []
        with self._lock:
            self._asked = (brief.request, reasoning)
        return Call(
            stage="find",
            branch=brief.area.name,
            system=self._method("find"),
            prefix=(self._request(brief.request), self._system(look)),
            varying=(Text("\n\n".join(area)),),
            schema=findings_schema(len(look.system.elements), len(look.system.flows), methodology),
            reasoning=reasoning,
            max_output=OUTPUT,
        )

    def _review_call(
        self, look: _Look, areas: Sequence[Area], threats: Sequence[Threat], coverage: Coverage
    ) -> Call[Any]:
        of = look.aliases.of
        bare = [c for c in coverage.cells if not c.covered]
        empty = [f"{of[c.element]} {c.stride.value if c.stride else c.label}" for c in bare]
        inside = [
            f"N{i}: {' '.join(of[m] for m in (*a.elements, *a.flows) if m in of)}"
            for i, a in enumerate(areas, 1)
        ]
        asked = self._asked
        methodology = asked[0].options.methodology if asked else Methodology.STRIDE
        parts = [
            *([sentence] if (sentence := _wanted(methodology)) else []),
            "Areas:\n" + "\n".join(inside),
            self._fence.data("threats", threat_lines(look.aliases, threats)),
            f"Cells with neither a threat nor a reason: {', '.join(empty) or 'none'}.",
        ]
        return Call(
            stage="review",
            branch="The review of the whole",
            system=self._method("review"),
            prefix=(*((self._request(asked[0]),) if asked else ()), self._system(look)),
            varying=(Text("\n\n".join(parts)),),
            schema=gaps_schema(len(areas), len(look.system.elements), len(look.system.flows), methodology),
            reasoning=asked[1] if asked else Reasoning.LOW,
            max_output=_REVIEW_OUTPUT,
        )

    def _gaps(self, look: _Look, areas: Sequence[Area], answer: Any) -> tuple[Gap, ...]:
        """Each gap in the area that holds its part, in our words and the model's clause."""
        home = {member: a.id for a in areas for member in (*a.elements, *a.flows)}
        plain = Plain(look.aliases.names)
        found: dict[tuple[str, str, str], Gap] = {}
        for gap in answer.gaps:
            target = look.aliases.ids.get(gap.on, "")
            if target in home and len(found) < GAPS:
                clause = plain.line(look.aliases.spoken(gap.reason), 200)
                place = plain.line(look.system.name_of(target), 120)
                kind = getattr(gap, "category", "") or gap.stride.replace("_", " ")
                text = f"{kind} on {place} ({gap.on}): {clause}"
                found.setdefault((home[target], target, kind), Gap(area=home[target], reason=text))
        self._count(Tally(parts_dropped=sum(g.on not in look.aliases.ids for g in answer.gaps)))
        return tuple(found.values())

    def _method(self, stage: str) -> str:
        return prompt(stage).replace("{marker}", self._fence.marker)

    def _request(self, request: Request) -> Text:
        said = f"title: {request.title}\n{request.description}"
        said += "".join(f"\nassumed by the person: {a}" for a in request.assumptions)
        return Text(self._fence.data("the request", shortened(said, _DESCRIPTION)))

    def _system(self, look: _Look) -> Text:
        return Text(self._fence.data("the system", look.lines))

    def _ask(self, call: Call[Any]) -> Any:
        try:
            reply = self._calls.call(call)
        except ConfigurationError as error:
            raise AnalystError(f"{call.branch}: {error.message}") from error
        self._count(Tally(calls=1))
        return reply.answer

    def _count(self, tally: Tally) -> None:
        with self._lock:
            self._tally = self._tally + tally


class _Look:
    """What is worked out once for a system."""

    def __init__(self, system: System) -> None:
        from agent.catalog.technologies import load_technologies

        self.system = system
        self.aliases = Aliases(system)
        self.topology = Topology(system, load_technologies().traits_of)
        self.lines = system_lines(self.aliases, self.topology)

    @cached_property
    def _flows(self) -> tuple[tuple[str, str, str], ...]:
        return tuple((f.id, f.source, f.target) for f in self.system.flows)

    def worth_a_look(self, area: Area) -> bool:
        """Whether the area has a part of the system: parties outside are looked at with their flows."""
        outside = {e.id for e in self.system.elements if e.kind is ElementKind.EXTERNAL_ENTITY}
        return bool(area.flows) or not outside.issuperset(area.elements)

    def around(self, area: Area) -> frozenset[str]:
        """The area's own parts and the flows that touch it."""
        own = {*area.elements, *area.flows}
        return frozenset(own | {id_ for id_, *ends in self._flows if not own.isdisjoint(ends)})


def _gravest(threats: Sequence[Threat]) -> tuple[Threat, ...]:
    """At most CANDIDATES of them, the gravest first; ties keep their order."""
    return tuple(sorted(threats, key=lambda t: -t.effective_severity.rank)[:CANDIDATES])


def _wanted(methodology: Methodology) -> str:
    """What a language model is told to look for; empty for STRIDE, which the method speaks of."""
    own = labels(methodology)
    return looked_for(load_methods()[methodology].title, own) if own else ""
