"""What a person reads of the acceptance of threats."""

from __future__ import annotations

import pytest

from agent.domain.acceptance import Acceptance
from agent.domain.threat import Origin
from bot.lessons.base import LessonCounts
from bot.render.limits import problems
from bot.render.stats import stats
from tests.bot.render import reader

RULES = Acceptance(origin=Origin.RULES, proposed=42, accepted=12, dismissed=4)
MODEL = Acceptance(origin=Origin.MODEL, prompts="3", proposed=9)


def test_each_proposer_has_a_line_with_its_rate() -> None:
    """Rules, and a language model under each version of its prompts; nothing judged, no rate."""
    message = stats(2, [RULES, MODEL], LessonCounts())
    text = reader.text(message.blocks)

    assert "2 threat models" in text
    assert "Rules: 42 proposed, 12 accepted, 4 dismissed, 26 to review · 75% of the judged accepted" in text
    assert "Language model, prompts 3: 9 proposed, 0 accepted, 0 dismissed, 9 to review" in text
    assert problems(message.post(), "message") == []


def test_nothing_proposed_says_what_to_do() -> None:
    """A channel without threat models learns how to start one."""
    assert "/threatmodel new" in stats(0, [], LessonCounts()).text


@pytest.mark.parametrize(
    ("lessons", "said"),
    [
        (LessonCounts(), ["Lessons: none yet"]),
        (
            LessonCounts(here=3, elsewhere=5),
            [
                "3 from this channel and 5 from other public channels",
                "at work",
                "every channel of the workspace learns",
            ],
        ),
        (LessonCounts(here=2, private=True), ["2 from this channel, at work", "stays in it"]),
        (LessonCounts(elsewhere=4), ["4 from other public channels, at work"]),
    ],
)
def test_lessons_are_counted_with_their_reach(lessons: LessonCounts, said: list[str]) -> None:
    """How many there are, from where, that they are at work, and whether others learn from here."""
    message = stats(1, [RULES], lessons)
    text = reader.text(message.blocks)

    assert all(words in text for words in said)
    assert problems(message.post(), "message") == []


def test_a_channel_without_threats_hears_of_lessons_elsewhere() -> None:
    """Its first model will be weighed with them."""
    assert "4 from other public channels" in reader.text(stats(0, [], LessonCounts(elsewhere=4)).blocks)
