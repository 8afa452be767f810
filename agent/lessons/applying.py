"""Lessons of other models, applied to what is found in one system: the same for the same input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.domain.base import slug
from agent.domain.lesson import Kinds, Lesson, LessonKind, Teaching
from agent.domain.model import Area
from agent.domain.system import EvidenceKind, Question, System
from agent.domain.threat import Threat
from agent.lessons.likeness import Surroundings, kin
from agent.lessons.past import Earlier, Past, is_local
from agent.lessons.ranking import placed
from agent.lessons.telling import answered_elsewhere, hand_added, moved, notes, told

ASKED = 3
"""Threats added by hand elsewhere that are asked about here, at most."""
LED = 2
"""Questions that an earlier dismissal puts before the others, at most: three are shown in the thread."""
LINES = 20
"""Lessons that a language model is told of one area, at most."""


@dataclass(frozen=True)
class Applied:
    """A list with what earlier verdicts say of it, in the order that they give it."""

    threats: tuple[Threat, ...]
    back: int = 0
    """How many stand further back than by their rating."""
    up: int = 0


def of_others(taught: Sequence[Teaching], model: str) -> tuple[Teaching, ...]:
    """Without what the model taught itself: its own verdicts stand in it."""
    return tuple(t for t in taught if t.model != model)


def applied(threats: Sequence[Threat], system: System, taught: Sequence[Teaching], budget: int) -> Applied:
    """The threats with notes and in their new order; neither severity nor anything else of them changes.

    Args:
        threats: ranked and scored.
        system: what they are about.
        taught: what other models taught, the newest first.
        budget: how many threats are shown.
    """
    earlier, kinds = Earlier(taught), Kinds(system)
    past = {t.key: earlier.of(t, kinds.of(t.targets)) for t in threats}
    doubted = frozenset(key for key, p in past.items() if p.is_doubted)
    known = frozenset(key for key, p in past.items() if p.is_known)
    order = placed(threats, budget, doubted=doubted, known=known)
    before = _order(threats)
    back = _order(placed(threats, budget, doubted=doubted, known=frozenset()))
    up = _order(placed(threats, budget, doubted=frozenset(), known=known))
    return Applied(
        threats=tuple(_noted(t, past[t.key]) for t in order),
        back=sum(back[key] > before[key] for key in doubted),
        up=sum(up[key] < before[key] for key in known),
    )


def _order(threats: Sequence[Threat]) -> dict[str, int]:
    return {t.key: number for number, t in enumerate(threats)}


def _noted(threat: Threat, past: Past) -> Threat:
    said = notes(past)
    if not said:
        return threat
    own = tuple(e for e in threat.evidence if e.kind is not EvidenceKind.LESSON)
    return threat.model_copy(update={"evidence": (*own, *said)})


def sentences(back: int, up: int, asked: Sequence[str]) -> tuple[str, ...]:
    """For the summary: what moved, and what is asked because engineers added it elsewhere."""
    return (*filter(None, (moved(back, up),)), *asked)


def asked_again(threats: Sequence[Threat], system: System, taught: Sequence[Teaching]) -> tuple[str, ...]:
    """Questions whether threats that engineers added elsewhere hold here; at most ASKED, the likest first.

    Only where a part of the system is of the same kind and does the same as what the threat was on, and
    where nobody says it here already.
    """
    said, kinds = {slug(t.title) for t in threats}, Kinds(system)
    here = Surroundings(place for place, _ in kinds.firsts())
    found: dict[str, tuple[int, str]] = {}
    for teaching in taught:
        for lesson in teaching.lessons:
            if lesson.kind is not LessonKind.ADDED or not here.kin(lesson.places[:1]):
                continue
            title = slug(lesson.title)
            if title not in said and title not in found:
                near, part = _likest(kinds, lesson)
                found[title] = (near, hand_added(teaching, lesson, system.name_of(part)))
    ordered = sorted(found.values(), key=lambda item: -item[0])
    return tuple(text for _, text in ordered[:ASKED])


def asked_first(
    questions: Sequence[Question], threats: Sequence[Threat], system: System, taught: Sequence[Teaching]
) -> tuple[Question, ...]:
    """The questions, led by those that earlier dismissals have answered for their own systems; at most LED.

    "We have this, it is our firewall" says nothing of another system's firewall, but that it is worth asking.
    """
    if not taught:
        return tuple(questions)
    earlier, kinds, by_id = Earlier(taught), Kinds(system), {t.id: t for t in threats}
    led: dict[str, Question] = {}
    for question in questions:
        decided = [by_id[d] for d in question.decides if d in by_id]
        hint = next((h for t in decided if (h := _hint(earlier.of(t, kinds.of(t.targets))))), "")
        if hint and len(led) < LED:
            led[question.id] = question.model_copy(update={"text": f"{hint} {question.text}"})
    return (*led.values(), *(q for q in questions if q.id not in led))


def _hint(past: Past) -> str:
    local = [s for s in past.dismissed if s.lesson.reason and is_local(s.lesson.reason)]
    return answered_elsewhere(local[0]) if local and not past.accepted else ""


def _likest(kinds: Kinds, lesson: Lesson) -> tuple[int, str]:
    """How near the likest part of the system is to what the lesson was on, and its id."""
    best, part = 0, ""
    for place, first in kinds.firsts():
        near = kin(lesson.places[:1], place)
        if near > best:
            best, part = near, first
    return best, part


def lines_for(area: Area, kinds: Kinds, taught: Sequence[Teaching]) -> tuple[str, ...]:
    """What a language model is told of earlier verdicts when it looks at an area; the most telling first.

    Args:
        area: where it looks.
        kinds: of the parts of the system whose area it is.
        taught: what other models taught, the newest first.
    """
    here = Surroundings(kinds.of((*area.elements, *area.flows)))
    found = [
        (3 * here.kin(lesson.places) + _WEIGHTS[lesson.kind], teaching, lesson)
        for teaching in taught
        for lesson in teaching.lessons
        if here.touched(lesson.places)
    ]
    lines: dict[str, None] = {}
    for _, teaching, lesson in sorted(found, key=lambda item: -item[0]):
        if len(lines) == LINES:
            break
        lines.setdefault(told(teaching, lesson))
    return tuple(lines)


_WEIGHTS = {
    LessonKind.ADDED: 2,
    LessonKind.DISMISSED: 2,
    LessonKind.SEVERITY: 1,
    LessonKind.REJECTED: 1,
    LessonKind.ACCEPTED: 0,
}
"""What a model that knows the candidates can learn from most."""
