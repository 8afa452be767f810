"""A rendered message, and the arguments it makes for Slack's methods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

Json = dict[str, Any]
BUDGET = 9_000
"""Characters of a message's text, escaped: a quarter below what Slack is known to take."""
_SILENT = {"parse": "none", "link_names": False}
"""Slack is to read nothing out of the text."""


@dataclass(frozen=True)
class Message:
    """What is to be shown, where and when left open."""

    text: str
    """For notifications and screen readers; escaped."""
    blocks: tuple[Json, ...]
    metadata: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """event_type and event_payload, ids only: everybody in the workspace can read it."""

    def post(self) -> Json:
        """The arguments of chat.postMessage but for channel and thread; nothing unfurls."""
        return self.update() | {"unfurl_links": False, "unfurl_media": False}

    def update(self) -> Json:
        """The arguments of chat.update but for channel and ts."""
        told = self.ephemeral() | _SILENT
        return told | ({"metadata": dict(self.metadata)} if self.metadata else {})

    def ephemeral(self) -> Json:
        """The arguments of chat.postEphemeral but for channel, thread and user, or of an acknowledgement."""
        return {"text": self.text, "blocks": list(self.blocks)}
