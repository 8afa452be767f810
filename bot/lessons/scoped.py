"""One workspace's part of the lessons: no other teaches it, and it teaches no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.errors import NotFound
from bot.intake import owner_of
from bot.lessons.base import MODELS, Home, LessonCounts, Lessons
from bot.records.scoped import UNKNOWN

if TYPE_CHECKING:
    from agent.domain.lesson import Teaching


class ScopedLessons:
    """Lessons in which only those of one workspace exist.

    Args:
        lessons: everybody's.
        workspace: whose part; "" is nobody's, and finds nothing.
    """

    def __init__(self, lessons: Lessons, workspace: str) -> None:
        self._lessons = lessons
        self._workspace = workspace

    def keep(self, home: Home, teaching: Teaching) -> None:
        """See Lessons; NotFound when the model is another workspace's."""
        self._check(home.workspace, teaching.model)
        self._lessons.keep(home, teaching)

    def of(self, workspace: str, channel: str, limit: int = MODELS) -> tuple[Teaching, ...]:
        """See Lessons; nothing of another workspace's."""
        if not self._workspace or workspace != self._workspace:
            return ()
        return self._lessons.of(workspace, channel, limit)

    def counts(self, workspace: str, channel: str) -> LessonCounts:
        """See Lessons; nothing of another workspace's."""
        if not self._workspace or workspace != self._workspace:
            return LessonCounts()
        return self._lessons.counts(workspace, channel)

    def unlearn(self, workspace: str, model: str = "") -> int:
        """See Lessons; NotFound for another workspace's."""
        self._check(workspace, model)
        return self._lessons.unlearn(workspace, model)

    def workspaces(self, enterprise: str) -> tuple[str, ...]:
        """See Lessons; none but this one."""
        return tuple(w for w in self._lessons.workspaces(enterprise) if w == self._workspace)

    def close(self) -> None:
        """See Lessons."""
        self._lessons.close()

    def _check(self, workspace: str, model: str) -> None:
        if not self._workspace or workspace != self._workspace or owner_of(model) not in {"", workspace}:
            raise NotFound(UNKNOWN)
