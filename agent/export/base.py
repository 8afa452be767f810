"""What an export is: an ending, a media type, and a pure function from a threat model to text."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from agent.domain.model import ThreatModel


class Export(NamedTuple):
    """One format that threat models are written in."""

    extension: str
    """With its dot, such as ".md"."""
    media_type: str
    write: Callable[[ThreatModel], str]
    """Same model in, same text out; ends with a newline; to be encoded as UTF-8."""
    label: str
    """As a person reads it, such as "Markdown"."""
