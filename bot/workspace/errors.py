"""How the workspace refuses: with Slack's own error words."""

from __future__ import annotations

from typing import Any

from agent.errors import DeliveryError


class Refused(DeliveryError):
    """A Web API call that is answered with ``{"ok": false, "error": code}``.

    Args:
        code: Slack's word, such as "channel_not_found".
        extra: further fields of the answer.
    """

    def __init__(self, code: str, **extra: Any) -> None:
        super().__init__(f"The workspace refused: {code}.", retryable=code == "ratelimited")
        self.code = code
        self.extra = extra


def missing(name: str) -> Refused:
    """The refusal of a call that lacks the argument `name`."""
    return invalid(f"[ERROR] missing required field: {name}")


def invalid(*messages: str) -> Refused:
    """The refusal of a call whose arguments do not fit, with a sentence for each."""
    return Refused("invalid_arguments", response_metadata={"messages": list(messages)})
