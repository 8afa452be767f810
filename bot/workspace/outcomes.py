"""What came of something that a person did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.workspace.values import View


@dataclass(frozen=True)
class Outcome:
    """The least that any action comes to."""

    error: str = ""
    """Empty when the app answered: else "operation_timeout", "dispatch_failed", "no_app", or Slack's word
    for an answer that could not be shown."""
    status: int = 0
    """The HTTP status of the app's answer; 0 when there was none."""

    @property
    def ok(self) -> bool:
        """Whether the app answered in time and its answer could be shown."""
        return not self.error


@dataclass(frozen=True)
class CommandOutcome(Outcome):
    """What a slash command or a shortcut came to."""

    body: Any = None
    """What the app acknowledged with: parsed JSON, text, or None when empty."""
    text: str = ""
    """What the acknowledgement showed, as plain text."""
    view: View | None = None
    """The modal that the app had opened by the time it acknowledged."""


@dataclass(frozen=True)
class ActionOutcome(Outcome):
    """What using an element came to."""

    view: View | None = None
    """The modal that the person sees afterwards."""


@dataclass(frozen=True)
class SubmitOutcome(Outcome):
    """What sending a modal's form came to."""

    errors: Mapping[str, str] = field(default_factory=dict)
    """block_id → sentence, by the app or (for required and length) by the workspace itself."""
    view: View | None = None
    """The modal that the person sees afterwards; None when all are closed."""
    response_action: str = ""
    """ "errors", "update", "push", "clear", or empty for a plain acknowledgement."""
