"""understand: fragments and description become one system."""

from __future__ import annotations

from collections.abc import Sequence

from agent.domain.request import Request
from agent.domain.system import System, SystemFragment
from agent.understanding import understand as join


def understand(request: Request, fragments: Sequence[SystemFragment]) -> System:
    """One system out of every fragment and the answers given so far; NothingToRead when there is none."""
    drawn = [f for f in fragments if f.source != "description"]
    said = next((f for f in fragments if f.source == "description"), None)
    return join(request.title, drawn, said, request.assumptions, request.answers)
