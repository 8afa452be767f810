"""Open questions: their ids, and what the answers given so far say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agent.domain.request import Answer
from agent.domain.system import Known, Option

YES_NO = (
    Option(label="Yes", value=Known.YES.value),
    Option(label="No", value=Known.NO.value),
    Option(label="Don't know", value=Known.UNKNOWN.value),
)
"""The options of a question about a control."""


def question_id(about: str, fact: str) -> str:
    """The stable id of the question whether `fact` holds of `about` (an element, a flow, or "" for all)."""
    return f"{fact}@{about}"


def question_parts(id_: str) -> tuple[str, str]:
    """The `about` and the `fact` of a question's id."""
    fact, _, about = id_.partition("@")
    return about, fact


@dataclass(frozen=True)
class Answers:
    """What engineers have answered, by what it is about and which fact it sets."""

    by_place: Mapping[tuple[str, str], Answer]

    @classmethod
    def of(cls, answers: Iterable[Answer]) -> Answers:
        """The answers, the latest to each question."""
        ordered = sorted(answers, key=lambda a: a.when)
        return cls({question_parts(a.question): a for a in ordered})

    def get(self, about: str, fact: str) -> Answer | None:
        """The answer to one question; one about the whole system stands for each part of it."""
        return self.by_place.get((about, fact)) or self.by_place.get(("", fact))
