"""What an answer is: plain paragraphs, what they rest on, and how it was found."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from agent.domain.base import Value
from agent.domain.model import ThreatModel
from agent.domain.threat import Threat
from knowledge.passages import Passage


class ReplyKind(StrEnum):
    """What came of a question."""

    ANSWER = "answer"
    CHANGE = "change"
    """It was a statement that would change the model, which talk alone does not."""
    UNKNOWN = "unknown"
    """Nothing fits."""


class Citation(Value):
    """Something that the paragraphs rest on."""

    kind: str
    """What it is: "threat", "element", "flow", "question", "reference" or "passage"."""
    id: str
    title: str
    """As it reads in a list of sources, such as "T-003 · Forged payment confirmation"."""
    url: str = ""


class Reply(Value):
    """The answer to one question."""

    kind: ReplyKind = ReplyKind.ANSWER
    paragraphs: tuple[str, ...]
    """Plain text without markup; a paragraph may have several lines."""
    citations: tuple[Citation, ...] = ()
    how: str
    """One sentence: how the answer was found."""
    threats: tuple[str, ...] = ()
    """Ids of the threats that it speaks of, the most important first."""


def of_threat(threat: Threat) -> Citation:
    """A threat of the model."""
    return Citation(kind="threat", id=threat.id, title=f"{threat.id} · {one_line(threat.title)}")


def of_part(model: ThreatModel, id_: str) -> Citation:
    """An element or a flow of the system."""
    kind = "flow" if any(f.id == id_ for f in model.system.flows) else "element"
    return Citation(kind=kind, id=id_, title=one_line(model.system.name_of(id_)))


def of_passage(passage: Passage) -> Citation:
    """A passage of the knowledge base."""
    return Citation(
        kind="passage", id=passage.id, title=f"{passage.id} · {one_line(passage.title)}", url=passage.url
    )


def unique(citations: Iterable[Citation]) -> tuple[Citation, ...]:
    """Each source once, in order."""
    return tuple({(c.kind, c.id): c for c in reversed(list(citations))}.values())[::-1]


def one_line(text: str) -> str:
    """The text with every run of white space as one space."""
    return " ".join(text.split())


def listed(items: Iterable[str], last: str = "and") -> str:
    """The items as in a sentence: “a, b and c”."""
    names = list(items)
    if len(names) < 2:  # noqa: PLR2004 - one is no list
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def count(number: int, noun: str) -> str:
    """The number with its noun: “1 threat”, “14 threats”."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
