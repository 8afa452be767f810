"""What every answer is made from and what it becomes before it is signed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.conversation import telling
from agent.conversation.asked import Asked
from agent.conversation.knowing import Knowing
from agent.conversation.reply import Citation, ReplyKind, count, listed, one_line
from agent.domain.model import ThreatModel
from agent.domain.system import ElementKind, Question
from agent.domain.threat import Threat

TOLD = 2
"""Threats that are told in full."""

NAMED = 6
"""Further things that are only named."""

ALSO = 4
"""Further threats after those told in full."""


@dataclass(frozen=True)
class Draft:
    """An answer before it is signed with how it was found."""

    paragraphs: Sequence[str]
    citations: Sequence[Citation] = ()
    threats: Sequence[Threat] = ()
    kind: ReplyKind = ReplyKind.ANSWER
    searched: bool = False
    """Whether words were matched; otherwise it was read from a known place of the model."""


@dataclass(frozen=True)
class Context:
    """What an answer may look at."""

    asked: Asked
    model: ThreatModel
    knowing: Knowing
    before: Callable[[], ThreatModel | None] = lambda: None
    """The revision before this one as its run made it; None when there is none."""


Answer = Callable[[Context], Draft]


def offers(model: ThreatModel) -> str:
    """Questions that this very model has answers to."""
    first = model.threats[0].id if model.threats else ""
    pressed = [t for threat in model.threats for t in threat.targets]
    inner = [e for e in model.system.elements if e.kind is not ElementKind.EXTERNAL_ENTITY]
    part = max(inner, key=lambda e: pressed.count(e.id), default=None)
    name = one_line(part.name) if part else ""
    said = ["what should we do first?"]
    said += [f"why is {first} {telling.severity(model.threats[0])}?"] if first else []
    said += [f"which threats touch {name}?", f"who can reach {name}?", f"what about {name}?"] if name else []
    said += ["what happens if somebody steals a login?", "what did you not look at?", "what did you assume?"]
    return f"You can ask, for example: {' · '.join(said)}"


def named_parts(context: Context) -> str:
    """The names of the parts that the question is about."""
    return listed(one_line(context.model.system.name_of(p)) for p in context.asked.parts[:3])


def also(model: ThreatModel, threats: Sequence[Threat]) -> str:
    """Further threats, by their headlines."""
    lines = "\n".join(telling.headline(model, t) for t in threats[:ALSO])
    more = f"\n… and {count(len(threats) - ALSO, 'more threat')}." if len(threats) > ALSO else ""
    return f"Also:\n{lines}{more}"


def rest(items: Sequence[object]) -> str:
    """How many more there are than can be named, or nothing."""
    return f", and {len(items) - NAMED} more" if len(items) > NAMED else ""


def question_line(question: Question) -> str:
    """An open question and what it decides."""
    decides = f" It decides {listed(question.decides[:NAMED])}." if question.decides else ""
    return f"{one_line(question.text)}{decides}"


def of_question(question: Question) -> Citation:
    """An open question as a source."""
    return Citation(kind="question", id=question.id, title=one_line(question.text))
