"""What earlier models say of one threat that is found here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from agent.catalog.reading import read_yaml
from agent.domain.base import slug
from agent.domain.lesson import Lesson, LessonKind, Place, Teaching
from agent.domain.threat import Severity, Threat
from agent.lessons.likeness import covers, key_of, touches

FULL, HALF = 2, 1
ENOUGH = 2 * FULL
"""Two dismissals that hold beyond their system; of those that may not, twice as many."""
AGREED = 2
"""Models in which engineers must have corrected a severity the same way before it is told."""


@dataclass(frozen=True)
class Said:
    """A lesson, and the model that teaches it."""

    teaching: Teaching
    lesson: Lesson


@dataclass(frozen=True)
class Past:
    """What was decided about the like of one threat, one word a model, the newest model first."""

    dismissed: tuple[Said, ...] = ()
    accepted: tuple[Said, ...] = ()
    corrected: tuple[Said, ...] = ()
    """Severities that engineers set to the same, in at least AGREED models."""
    weight: int = 0
    """What the dismissals weigh together."""

    @property
    def is_doubted(self) -> bool:
        """Whether it was dismissed often enough, in different models, and never accepted."""
        return len(self.dismissed) > 1 and self.weight >= ENOUGH and not self.accepted

    @property
    def is_known(self) -> bool:
        """Whether it was accepted before and never dismissed."""
        return bool(self.accepted) and not self.dismissed


class Earlier:
    """What models before this one teach, found by what it is about.

    Args:
        taught: of other models, the newest first.
    """

    def __init__(self, taught: Iterable[Teaching]) -> None:
        self._by_key: dict[str, list[tuple[Teaching, list[Lesson]]]] = {}
        for teaching in taught:
            alike: dict[str, list[Lesson]] = {}
            for lesson in teaching.lessons:
                alike.setdefault(key_of(lesson), []).append(lesson)
            for key, found in alike.items():
                self._by_key.setdefault(key, []).append((teaching, found))

    def of(self, threat: Threat, places: Sequence[Place]) -> Past:
        """What is known of the like of a threat.

        A dismissal counts where it was about all kinds of things that the threat is on here, and about a
        threat no less severe: a graver one has facts that nobody judged. An acceptance counts where it was
        about any of them. Of one model, an acceptance outweighs dismissals of the same.

        Args:
            threat: as it is scored here.
            places: what it is on.
        """
        accepted: list[Said] = []
        dismissed: list[Said] = []
        corrected: list[Said] = []
        for teaching, lessons in self._by_key.get(key_of(threat), ()):
            alike = [x for x in lessons if touches(x.places, places)]
            said = {x.kind: Said(teaching, x) for x in reversed(alike) if x.kind is not LessonKind.DISMISSED}
            no = next((x for x in alike if _dismisses(x, threat, places)), None)
            if LessonKind.ACCEPTED in said:
                accepted.append(said[LessonKind.ACCEPTED])
            elif no is not None:
                dismissed.append(Said(teaching, no))
            if LessonKind.SEVERITY in said:
                corrected.append(said[LessonKind.SEVERITY])
        return Past(
            dismissed=tuple(dismissed),
            accepted=tuple(accepted),
            corrected=_agreed(corrected, threat.severity),
            weight=_weight(dismissed),
        )


def _dismisses(lesson: Lesson, threat: Threat, places: Sequence[Place]) -> bool:
    return (
        lesson.kind is LessonKind.DISMISSED
        and lesson.severity.rank >= threat.severity.rank
        and covers(lesson.places, places)
    )


def is_local(reason: str) -> bool:
    """Whether a dismissal's reason speaks of what that system has, or says nothing."""
    return not reason.strip() or _local().search(reason) is not None


def _weight(dismissed: Sequence[Said]) -> int:
    """A reason that may hold in its system alone weighs half, unless two models give the very same."""
    reasons = [slug(said.lesson.reason) for said in dismissed]
    return sum(
        HALF if is_local(s.lesson.reason) and (not s.lesson.reason or reasons.count(r) == 1) else FULL
        for s, r in zip(dismissed, reasons, strict=True)
    )


def _agreed(corrected: Sequence[Said], computed: Severity) -> tuple[Said, ...]:
    """Those of the severity that most models were set to, where it is not what is computed here anyway."""
    by_severity: dict[str, list[Said]] = {}
    for said in corrected:
        by_severity.setdefault(said.lesson.after, []).append(said)
    most = max(by_severity.values(), key=len, default=[])
    different = len(most) >= AGREED and most[0].lesson.after != computed.value
    return tuple(most) if different else ()


@cache
def _local() -> re.Pattern[str]:
    text = resources.files("agent.lessons").joinpath("local_reasons.yaml").read_text(encoding="utf-8")
    phrases = "|".join(re.escape(str(phrase)).replace(r"\ ", r"\s+") for phrase in read_yaml(text))
    return re.compile(rf"(?<!\w)(?:{phrases})(?!\w)", re.IGNORECASE)
