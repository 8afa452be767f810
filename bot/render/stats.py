"""What became of proposed threats, for one person."""

from __future__ import annotations

from collections.abc import Sequence

from agent.domain.acceptance import Acceptance
from agent.domain.states import Origin
from bot.lessons.base import LessonCounts
from bot.render.message import Message
from bot.render.rich import Json, block, bullets, said, section
from bot.render.text import count, fallback


def stats(models: int, counts: Sequence[Acceptance], lessons: LessonCounts) -> Message:
    """What became of the threats of a channel's models, by who proposed them; what the next one learns."""
    if not any(c.proposed for c in counts):
        empty = "No threat has been proposed in this channel yet. /threatmodel new starts a threat model."
        known = [section(*_lessons(lessons))] if lessons.here or lessons.elsewhere else []
        return Message(fallback(empty), (block(section(said(empty)), *known),))
    led = f"What became of the threats of {count(models, 'threat model')}"
    told = [section(said(led, "bold")), *bullets(_accepted(c) for c in counts), section(*_lessons(lessons))]
    return Message(fallback(led), (block(*told),))


def _lessons(counts: LessonCounts) -> list[Json]:
    """How many there are, from where, that they are at work, and who else learns from this channel."""
    led = said("Lessons: ", "bold")
    if not counts.here + counts.elsewhere:
        return [
            led,
            said("none yet. What is accepted, dismissed or corrected here, the next models are told."),
        ]
    whence = [
        *([f"{counts.here} from this channel"] if counts.here else []),
        *([f"{counts.elsewhere} from other public channels"] if counts.elsewhere else []),
    ]
    reach = "This channel is private: what it teaches stays in it." if counts.private else ""
    if counts.here and not counts.private:
        reach = "This channel is public: every channel of the workspace learns from it."
    told = (
        f"{' and '.join(whence)}, at work in every new model and Re-run here: they say what was decided"
        " before, move lesser threats and put questions first; no severity changes by them."
    )
    return [led, said(f"{told} {reach}".rstrip())]


def _accepted(counts: Acceptance) -> list[Json]:
    by = f"language model, prompts {counts.prompts or '?'}" if counts.origin is Origin.MODEL else "rules"
    waiting = counts.proposed - counts.judged
    facts = f"{counts.proposed} proposed, {counts.accepted} accepted, {counts.dismissed} dismissed"
    rate = f" · {counts.rate:.0%} of the judged accepted" if counts.rate is not None else ""
    return [said(f"{by[:1].upper()}{by[1:]}: ", "bold"), said(f"{facts}, {waiting} to review{rate}")]
