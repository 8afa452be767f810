"""A run's steps as a person follows them: what each node's update amounts to, as progress."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from agent.domain.model import Coverage, Progress, Stage
from agent.domain.system import System
from agent.domain.text import counted
from agent.nodes.read import DESCRIPTION


class Tally:
    """Counts a run's steps into progress; picks up where a resumed run stands.

    Args:
        state: the graph's state, as JSON data, when the run begins or goes on.
        latest: what find said of each area in its last round, by the area's id.
    """

    def __init__(self, state: Mapping[str, Any], latest: Mapping[str, Any]) -> None:
        self._areas = len(state.get("context", {}).get("areas", []))
        self._looked = len(state.get("findings", []))
        self._at = {area: len(f["findings"]["threats"]) for area, f in latest.items()}
        self._threats = len(state["merged"]["threats"]) if "merged" in state else sum(self._at.values())

    def count(self, node: str, update: dict[str, Any]) -> Iterator[Progress]:
        """The progress that one node's update amounts to."""
        if node not in set(Stage):
            return
        stage = Stage(node)
        yield Progress(stage=stage, detail=self._detail(stage, update), threats=self._threats)

    def _detail(self, stage: Stage, update: dict[str, Any]) -> str:  # noqa: PLR0911 - one return a stage
        match stage:
            case Stage.READ:
                source = str(update["fragments"][0]["fragment"]["source"])
                return "" if source == DESCRIPTION else source
            case Stage.UNDERSTAND:
                return System.load(update["system"]).size
            case Stage.RETRIEVE:
                self._areas = len(update["context"]["areas"])
                count = sum(len(p) for p in update["context"]["passages"].values())
                return update["context"]["trouble"] or counted(count, "passage")
            case Stage.FIND:
                self._looked += 1
                found = update["findings"][0]["findings"]
                self._at[found["area"]] = len(found["threats"])
                self._threats = sum(self._at.values())
                return f"{min(self._looked, self._areas)} of {counted(self._areas, 'area')} looked at"
            case Stage.MERGE:
                self._threats = len(update["merged"]["threats"])
                return f"{counted(self._threats, 'threat')} without duplicates"
            case Stage.REVIEW:
                cells = Coverage.load(update["reviewed"]["coverage"]).cells
                return f"{sum(c.covered for c in cells)} of {len(cells)} cells covered"
            case Stage.SCORE | Stage.SUMMARISE:
                return ""
