"""review: what was covered, and the named gaps that are worth another look."""

from __future__ import annotations

from collections.abc import Sequence

from agent.analysts.base import Analyst
from agent.coverage import coverage
from agent.domain.base import Value
from agent.domain.model import Coverage, Gap
from agent.domain.request import Methodology
from agent.domain.system import System
from agent.domain.threat import Threat


class Review(Value):
    """The coverage matrix, and where to look again."""

    coverage: Coverage
    gaps: tuple[Gap, ...] = ()


def review(
    system: System, threats: Sequence[Threat], analysts: Sequence[Analyst], methodology: Methodology
) -> Review:
    """The coverage, and every analyst's gaps; none when no analyst is asked."""
    matrix = coverage(system, threats, methodology=methodology)
    gaps = (gap for analyst in analysts for gap in analyst.review(system, tuple(threats), matrix))
    return Review(coverage=matrix, gaps=tuple(dict.fromkeys(gaps)))
