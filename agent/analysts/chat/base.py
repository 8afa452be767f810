"""The ChatCalls port: one call to a language model in, one validated answer out.

A call has a stable part and a varying part. The stable part (tool schema, then system, then prefix) is what
a provider's prompt cache can keep: put everything that several calls of a run share there, byte for byte
the same, and in particular give such calls the same schema class.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel

from agent.domain.request import Reasoning
from agent.domain.usage import Usage

Answer = TypeVar("Answer", bound=BaseModel)


class Role(StrEnum):
    """What a model is needed for; the settings name a model for each."""

    SEEING = "seeing"
    """Reads images."""
    THINKING = "thinking"
    """Finds, reviews and answers."""
    SMALL = "small"
    """Short tasks, where price and speed count most."""


@dataclass(frozen=True)
class Text:
    """A piece of text."""

    text: str


@dataclass(frozen=True)
class Image:
    """A picture, already of a size that the model can use."""

    content: bytes = field(repr=False)
    media_type: str = "image/png"
    """One of image/png, image/jpeg, image/gif, image/webp."""


Part = Text | Image


@dataclass(frozen=True)
class Call(Generic[Answer]):
    """One question whose answer must fill a schema."""

    stage: str
    """The graph's node that asks, such as "find"."""
    branch: str
    """Whose call it is, as a person would name it: an area's name. Stands in every error."""
    system: str
    """The method: our own words only, never anything that came from outside."""
    varying: tuple[Part, ...]
    """What only this call has."""
    schema: type[Answer]
    """Made for the run: names, letters and identifiers are enumerations of what exists."""
    prefix: tuple[Part, ...] = ()
    """What several calls share; cached from the second call on."""
    role: Role = Role.THINKING
    reasoning: Reasoning = Reasoning.LOW
    max_output: int = 4096
    """The most tokens of the answer itself; thinking is counted on top."""


@dataclass(frozen=True)
class Reply(Generic[Answer]):
    """A validated answer."""

    answer: Answer
    usage: Usage
    """Of this call, with its repair when there was one."""
    model: str
    """The model's id, as it was called."""
    text: str = field(repr=False)
    """The answer as the model wrote it: for transcripts only, never for logs."""


@dataclass(frozen=True)
class Tool:
    """Something that a model may ask for in a conversation."""

    name: str
    """Letters, digits and underscores, at most 64."""
    description: str
    schema: type[BaseModel]
    """What the model has to give."""


@dataclass(frozen=True)
class ToolUse:
    """What a model asked for."""

    id: str
    name: str
    arguments: dict[str, Any]
    """As the model wrote them: the caller validates them with the tool's schema."""


@dataclass(frozen=True)
class ToolResult:
    """What came of a ToolUse."""

    id: str
    text: str
    failed: bool = False


@dataclass(frozen=True)
class Asked:
    """What a person or a tool said."""

    parts: tuple[Part, ...] = ()
    results: tuple[ToolResult, ...] = ()
    """Answers to every tool use of the turn before, when that had any."""


@dataclass(frozen=True)
class Said:
    """What the model said: the end of a stream, and a turn of the next Talk."""

    text: str = ""
    uses: tuple[ToolUse, ...] = ()
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    opaque: Any = field(default=None, repr=False, compare=False)
    """The provider's own form of this turn (signed thoughts): hand it back unchanged."""


@dataclass(frozen=True)
class Talk:
    """One step of a conversation: everything said so far, the person's or the tools' word last."""

    stage: str
    branch: str
    system: str
    turns: tuple[Asked | Said, ...]
    """Begins and ends with an Asked."""
    prefix: tuple[Part, ...] = ()
    """Stands before the first turn, cached."""
    tools: tuple[Tool, ...] = ()
    role: Role = Role.THINKING
    reasoning: Reasoning = Reasoning.NONE
    max_output: int = 2048


class ChatCalls(Protocol):
    """Calls language models for one run, within its budget. Safe for several threads.

    Every failure is an AnalystError whose message names the branch, the cause and what to change:
    BudgetSpent when the run has used what it may, ModelUnavailable when no call can succeed until a
    setting or a permission changes; any other when only this call failed.
    """

    @property
    def usage(self) -> Usage:
        """What the run has used so far, failed calls included as far as they were answered."""
        ...

    def call(self, request: Call[Answer]) -> Reply[Answer]:
        """The validated answer; a reply that breaks the schema is asked for once more with the error."""
        ...

    def stream(self, request: Talk) -> Iterator[str | Said]:
        """Pieces of text as they come, then one Said with the whole turn.

        A caller that closes the iterator early stops the call; what had come until then is counted.
        """
        ...

    def stop(self) -> None:
        """End every call of the run, whether its reply has begun or not, and let none begin."""
        ...
