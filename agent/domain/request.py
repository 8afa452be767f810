"""The request: what the person gave."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime, Field

from agent.domain.base import Value
from agent.domain.states import Methodology as Methodology  # noqa: PLC0414 - also known from here


class Reasoning(StrEnum):
    """How long a language model may think before it answers."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Options(Value):
    """How a run is to be done."""

    methodology: Methodology = Methodology.STRIDE
    iterations: int | None = Field(default=None, ge=1, le=15)
    """Rounds of find and review; None stops by itself when no gap is left."""
    reasoning: Reasoning = Reasoning.LOW
    budget: int = Field(default=25, ge=1, le=500)
    """How many threats are shown; the rest are kept and can be asked for."""


class Attachment(Value):
    """A file that the person gave; its bytes stand under `key` in the artifacts."""

    name: str = Field(min_length=1, max_length=255)
    key: str
    """Where the artifact store keeps the bytes."""
    sha256: str
    size: int = Field(ge=0)
    """Bytes."""


class Answer(Value):
    """What an engineer answered to an open question."""

    question: str
    """The question's id."""
    value: str
    """One of the question's option values."""
    who: str
    when: AwareDatetime


class Request(Value):
    """What the person gave: text, files, options, and the answers since."""

    title: str = Field(min_length=1, max_length=150)
    description: str = Field(default="", max_length=50_000)
    assumptions: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    """Diagrams and documents, in the order given; what each one is, its content decides."""
    answers: tuple[Answer, ...] = ()
    options: Options = Options()
