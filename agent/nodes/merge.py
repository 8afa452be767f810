"""merge: what was found in every area becomes one ranked, numbered list without repetitions."""

from __future__ import annotations

from collections.abc import Sequence

from agent.analysts.base import Findings
from agent.domain.base import Value
from agent.domain.model import ThreatModel
from agent.domain.system import Question, System
from agent.domain.threat import Threat
from agent.merge import merge as join


class Merged(Value):
    """Threats with ids, and the open questions that decide them."""

    threats: tuple[Threat, ...]
    questions: tuple[Question, ...]


def merge(system: System, findings: Sequence[Findings], previous: ThreatModel | None) -> Merged:
    """One list; a threat that the revision before had keeps its id."""
    threats, questions = join(findings, system, previous)
    return Merged(threats=threats, questions=questions)
