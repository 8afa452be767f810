"""The rules analyst: the catalog's patterns over the system, with no language model."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent.analysts.asking import ask
from agent.analysts.base import Brief, Findings
from agent.analysts.matching import Match, matches
from agent.analysts.people import touches_people
from agent.analysts.protection import Protection
from agent.analysts.questions import Answers
from agent.analysts.sight import Sight
from agent.analysts.topology import Topology, TraitsOf
from agent.analysts.writing import write
from agent.catalog.methodologies import load_methods
from agent.catalog.patterns import Pattern, load_patterns
from agent.domain.model import Coverage, Gap
from agent.domain.request import Answer, Methodology
from agent.domain.system import Flow, Question, System
from agent.domain.threat import Origin, Threat


@dataclass(frozen=True)
class _Found:
    """What the rules find in one system."""

    threats: tuple[Threat, ...]
    questions: tuple[Question, ...]


class RulesAnalyst:
    """Proposes what the catalog's patterns find.

    Patterns look at the whole system, so that the result does not hang on how it is split into areas: a
    threat is given with the area that holds its first target. What was worked out for the last system is
    kept, so the areas of one run share it; safe to call from several threads.

    Args:
        patterns: the catalog; the packaged one by default.
        traits_of: technologies to traits; the packaged technology table by default.
    """

    origin = Origin.RULES

    def __init__(self, patterns: Sequence[Pattern] | None = None, traits_of: TraitsOf | None = None) -> None:
        self._patterns = tuple(load_patterns() if patterns is None else patterns)
        self._traits_of = traits_of or _packaged_traits()
        self._lock = threading.Lock()
        self._last: _SystemLook | None = None

    def find(self, brief: Brief) -> Findings:
        """The threats whose first target lies in the area, and the questions that they raise."""
        found = self._all(brief)
        mine = {*brief.area.elements, *brief.area.flows}
        threats = tuple(t for t in found.threats if t.targets[0] in mine)
        keys = {t.key for t in threats}
        questions = tuple(q for q in found.questions if not keys.isdisjoint(q.decides))
        return Findings(area=brief.area.id, threats=threats, questions=questions)

    def review(
        self,
        system: System,  # noqa: ARG002 - the port's signature
        threats: tuple[Threat, ...],  # noqa: ARG002 - same
        coverage: Coverage,  # noqa: ARG002 - same
    ) -> tuple[Gap, ...]:
        """Nothing: a second look with the same rules finds the same."""
        return ()

    def _all(self, brief: Brief) -> _Found:
        methodology = brief.request.options.methodology
        answers = Answers.of(brief.request.answers)
        patterns = [p for p in self._patterns if methodology in p.categories]
        with self._lock:
            if self._last is None or not self._last.is_of(brief.system):
                self._last = _SystemLook(brief.system, Topology(brief.system, self._traits_of))
            parts = [self._last.found(pattern, answers) for pattern in patterns]
            if methodology is not Methodology.STRIDE:
                parts = [
                    self._last.under(methodology, p, part) for p, part in zip(patterns, parts, strict=True)
                ]
        return _Found(
            threats=tuple(t for part in parts for t in part.threats),
            questions=tuple(q for part in parts for q in part.questions),
        )


class _SystemLook:
    """What each pattern finds in one system, worked out once for each set of answers that bear on it."""

    def __init__(self, system: System, topology: Topology) -> None:
        self._system = system
        self._topology = topology
        self._plain = Sight(topology, Protection(topology, Answers.of(())))
        self._known: dict[tuple[str, tuple[Answer, ...]], _Found] = {}

    def is_of(self, system: System) -> bool:
        """Whether it is about this very system."""
        return self._system is system or self._system == system

    def found(self, pattern: Pattern, answers: Answers) -> _Found:
        """What the pattern finds, given the answers."""
        bearing = answers.about_controls(pattern.controls) if answers.by_place else answers
        key = (pattern.id, bearing.key)
        if key not in self._known:
            self._known[key] = self._look(pattern, bearing)
        return self._known[key]

    def under(self, methodology: Methodology, pattern: Pattern, found: _Found) -> _Found:
        """The same under the methodology's own categories; what these ask of no such place is left out."""
        labels = pattern.categories[methodology]
        asked = [c for c in load_methods()[methodology].categories if c.label in labels]
        borrowed = Methodology.STRIDE in pattern.categories  # others say themselves where they fit
        everywhere = not borrowed or not all(c.personal for c in asked)
        threats = tuple(
            t.model_copy(update={"categories": labels})
            for t in found.threats
            if everywhere or touches_people(self._topology, t)
        )
        keys = {t.key for t in threats}
        return _Found(threats, tuple(q for q in found.questions if not keys.isdisjoint(q.decides)))

    def _look(self, pattern: Pattern, answers: Answers) -> _Found:
        topology = self._topology
        sight = Sight(topology, Protection(topology, answers)) if answers.by_place else self._plain
        threats: list[Threat] = []
        questions: list[Question] = []
        for place, group in _groups(pattern, matches(sight, pattern)).items():
            threat = write(topology, group, place)
            threats.append(threat)
            question = ask(topology, group, threat)
            if question is not None:
                questions.append(question)
        return _Found(tuple(threats), tuple(questions))


def _groups(pattern: Pattern, found: Iterable[Match]) -> dict[tuple[str, ...], list[Match]]:
    """The matches that make one threat each, by what the threat's key is made of."""
    groups: dict[tuple[str, ...], list[Match]] = {}
    for match in found:
        groups.setdefault(_place(pattern, match), []).append(match)
    return groups


def _place(pattern: Pattern, match: Match) -> tuple[str, ...]:
    subject = match.subject
    match pattern.spread:
        case "system":
            return ()
        case "source" if isinstance(subject, Flow):
            return (subject.source,)
        case "target" if isinstance(subject, Flow):
            return (subject.target,)
        case _:
            return (subject.id,)


def _packaged_traits() -> TraitsOf:
    from agent.catalog.technologies import load_technologies

    return load_technologies().traits_of
