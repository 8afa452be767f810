"""Open questions: their ids, and what the answers given so far say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from agent.catalog.vocabulary import ControlName
from agent.domain.request import Answer
from agent.domain.system import Known, Option, question_parts

YES_NO = (
    Option(label="Yes", value=Known.YES.value),
    Option(label="No", value=Known.NO.value),
    Option(label="Don't know", value=Known.UNKNOWN.value),
)
"""The options of a question about a control."""


_FLOW_FACTS = {ControlName.TRANSPORT_ENCRYPTION: "encrypted", ControlName.AUTHENTICATION: "authenticated"}
"""Controls that are a flow's own properties."""


def fact_of(control: ControlName, *, flow: bool) -> str:
    """The fact that an answer about the control sets, at a flow or elsewhere, as in Question.fact."""
    return _FLOW_FACTS[control] if flow and control in _FLOW_FACTS else f"control:{control.value}"


@dataclass(frozen=True)
class Answers:
    """What engineers have answered, by what it is about and which fact it sets."""

    by_place: Mapping[tuple[str, str], Answer]

    @classmethod
    def of(cls, answers: Iterable[Answer]) -> Answers:
        """The answers, the latest to each question."""
        ordered = sorted(answers, key=lambda a: a.when)
        return cls({question_parts(a.question): a for a in ordered})

    def about_controls(self, controls: Collection[ControlName]) -> Answers:
        """Only the answers that set one of the controls."""
        facts = {fact for c in controls for fact in (f"control:{c.value}", _FLOW_FACTS.get(c, ""))}
        return Answers({place: a for place, a in self.by_place.items() if place[1] in facts})

    @property
    def key(self) -> tuple[Answer, ...]:
        """What makes two sets of answers the same."""
        return tuple(self.by_place[place] for place in sorted(self.by_place))

    def get(self, about: str, fact: str) -> Answer | None:
        """The answer to one question; one about the whole system stands for each part of it."""
        return self.by_place.get((about, fact)) or self.by_place.get(("", fact))
