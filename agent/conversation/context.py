"""What every answer is made from and what it becomes before it is signed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from agent.conversation import telling
from agent.conversation.asked import Asked
from agent.conversation.knowing import Knowing
from agent.conversation.reply import Citation, ReplyKind, count, listed, one_line
from agent.conversation.search import NEARLY, WORDS, mentions, sentences_about
from agent.domain.model import ThreatModel
from agent.domain.system import ElementKind, Question
from agent.domain.threat import Threat
from agent.naming import key

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
    in_general: bool = False
    """Whether nothing of it is of this model: it is what the knowledge base says of such words."""
    more: Sequence[Threat] = ()
    """Threats that come after those that were told, for whoever says “more”."""


@dataclass(frozen=True)
class Context:
    """What an answer may look at."""

    asked: Asked
    model: ThreatModel
    knowing: Knowing
    before: Callable[[], ThreatModel | None] = lambda: None
    """The revision before this one as its run made it; None when there is none."""
    said: str = ""
    """The description that the model was made from."""
    more: Sequence[Threat] = ()
    """For “more”: what the answer before has not told."""


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
    said += [f"which threats touch {name}?"] if name else []
    said += ["what did you not look at?", "summarise it"]
    return f"You can ask, for example: {' · '.join(said)}"


def quoted(context: Context, least: float = NEARLY, words: int = WORDS) -> list[str]:
    """The sentence of the description that has most words of the question, as a paragraph; at most one.

    It must have one that names no part: to name the parts alone is no answer.
    """
    asked = context.asked
    ids = [*(e.id for e in asked.elements), *(f.id for f in asked.flows)]
    named = {w for id_ in ids for w in key(context.model.system.name_of(id_)).split()}
    beyond = [group for group in asked.groups if not named & {key(w) for w in group}]
    found = sentences_about(asked, context.said, least, words)
    return [
        f"The description says: “{one_line(said)}”"
        for said in found
        if any(mentions(said, group) for group in beyond)
    ]


def quoted_of_parts(context: Context) -> list[str]:
    """To “how long does it live?” the sentence that names the part that is meant; at most one."""
    asked = context.asked
    if not asked.parts or not _FACT.match(asked.text):
        return []
    names = [f.label for f in asked.flows] or [e.name for e in asked.elements]
    groups = tuple((w,) for w in dict.fromkeys(key(" ".join(names)).split()) if len(w) > _SHORT)
    found = sentences_about(replace(asked, groups=groups), context.said, _HALF, min(WORDS, len(groups)))
    return [f"The description says: “{one_line(said)}”" for said in found]


_FACT = re.compile(
    r"^(?:and\s+)?(?:how (?:long|often|many|much|big|old)|when|until when|since when)\b", re.IGNORECASE
)
_SHORT = 3
_HALF = 0.5


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


ROOM = 8
"""Paragraphs that several answers have together."""


def joined(drafts: Sequence[Draft], room: int = ROOM) -> Draft:
    """The answers one after the other, each with its share of the room; what was said is not said again."""
    share = max(1, room // len(drafts))
    told: list[str] = []
    for draft in drafts:
        above = tuple(told)
        fresh = [_fresh(paragraph, above) for paragraph in draft.paragraphs if paragraph]
        told += [p for p in fresh if p][:share]
    threats = list({t.id: t for d in drafts for t in d.threats}.values())
    return Draft(
        paragraphs=told,
        citations=_in_turn([d.citations for d in drafts]),
        threats=threats,
        kind=ReplyKind.ANSWER,
        searched=any(d.searched for d in drafts),
        more=[t for d in drafts for t in d.more],
    )


def _fresh(paragraph: str, said: Sequence[str]) -> str:
    """The paragraph without what stands above; nothing when only its heading is left."""
    before = "\n".join(said)
    above = set(before.split("\n"))
    lines = paragraph.split("\n")
    left = [
        _shorter(line, before)
        for line, under in zip(lines, [*lines[1:], ""], strict=True)
        if line not in above or under.startswith(("•", "Cheapest change: "))
    ]
    if len(left) < len(lines) and (not left or (len(left) == 1 and left[0].endswith(":"))):
        return ""
    return "\n".join(line for line in left if line)


def _shorter(line: str, before: str) -> str:
    """The line without the reasons and the change that were told above word for word."""
    pieces = _PIECES.split(line)
    fresh = [p for p in pieces[1:] if p.strip() not in before]
    if not fresh and len(pieces) > 1 and _NAMING.match(pieces[0]):
        return ""
    return " ".join([pieces[0], *fresh])


_NAMING = re.compile(r"^T-\d+ is [A-Z][a-z]+(?:, not [A-Z][a-z]+)?: ")
"""How a severity is explained: it says nothing more when its reasons stand above."""
_PIECES = re.compile(r" (?=Computed: |What would lower it: |Cheapest change: )")


def _in_turn(all_of: Sequence[Sequence[Citation]]) -> list[Citation]:
    """The first source of each answer, then the second: none is crowded out."""
    return [c for row in zip_longest(*all_of) for c in row if c is not None]
