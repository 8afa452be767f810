"""What the double answers: written by hand, made by a function, or generated from the tool's schema."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.bedrock import tokens
from tests.bedrock.instances import Generator
from tests.bedrock.records import Recorded


@dataclass(frozen=True)
class Output:
    """One answer of the model."""

    text: str = ""
    uses: tuple[tuple[str, dict[str, Any]], ...] = ()
    """Tools with their input."""
    thought: str = ""
    stop: str = ""
    """A stopReason; "" for what the content says."""
    raw: str | None = None
    """Written in place of the first tool's input, so that it may be broken JSON; in streams only."""
    first_token: float | None = None
    """Seconds to the first token; None as the latency model has it."""
    used: dict[str, Any] = field(default_factory=dict)

    @property
    def tokens(self) -> int:
        """Output tokens, thoughts included."""
        inputs = [
            self.raw if self.raw is not None else json.dumps(i, ensure_ascii=False) for _, i in self.uses
        ]
        return sum(tokens.of_text(t) for t in (self.thought, self.text, *inputs) if t) or 1

    @property
    def reason(self) -> str:
        """The stopReason."""
        return self.stop or ("tool_use" if self.uses else "end_turn")


Scripted = Output | dict[str, Any] | str
"""An Output, the input of the forced tool, or a text."""
Replier = Callable[[Recorded], Scripted]


def as_output(scripted: Scripted, request: Recorded) -> Output:
    """The script's word as an Output."""
    if isinstance(scripted, Output):
        return scripted
    if isinstance(scripted, str):
        return Output(text=scripted)
    return Output(uses=((request.tool, scripted),))


def generated(seed: int = 0, items: int = 2, overrides: dict[str, Any] | None = None) -> Replier:
    """Fills the one tool of each request with a valid instance of its schema; text where there is none."""
    generator = Generator(seed, items, overrides)

    def reply(request: Recorded) -> Scripted:
        if not request.tool:
            return "There is nothing in this request that I could fill in."
        return Output(uses=((request.tool, generator.instance(request.schema)),))

    return reply
