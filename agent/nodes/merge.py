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


def merge(
    system: System,
    findings: Sequence[Findings],
    previous: ThreatModel | None,
    asked: Sequence[Question] = (),
) -> Merged:
    """One list; a threat that the revision before had keeps its id.

    Args:
        system: what the findings are about.
        findings: of every area.
        previous: the revision before.
        asked: questions of a language model, which decide nothing yet: each is kept when a threat of its own
            hangs on it.
    """
    said = (*findings, Findings(area="", questions=_deciding(findings, asked)))
    threats, questions = join(said, system, previous)
    return Merged(threats=threats, questions=questions)


def _deciding(findings: Sequence[Findings], asked: Sequence[Question]) -> tuple[Question, ...]:
    if not asked:
        return ()
    from agent.analysts.filled.asking import control_of, deciding

    own = [t for f in findings for t in f.threats if not t.pattern]
    known = [(q, control) for q in asked if (control := control_of(q)) is not None]
    return tuple(deciding(q, control, own) for q, control in known)
