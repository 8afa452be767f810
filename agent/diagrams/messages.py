"""Sequence diagrams as flows: what one participant says to another, whatever the format."""

from __future__ import annotations

from dataclasses import dataclass, field

from agent.diagrams.sketch import Edge, Sketch

_SHOWN = 6
"""Messages between the same two that a flow's label names."""


@dataclass
class _Talk:
    texts: dict[str, None] = field(default_factory=dict)
    """Different messages in their order, one more than is shown at most."""
    replies_only: bool = True


class Messages:
    """Collects messages; each pair of participants that talk makes one flow a direction."""

    def __init__(self) -> None:
        self._talks: dict[tuple[str, str], _Talk] = {}

    def add(self, source: str, target: str, text: str, *, reply: bool = False) -> None:
        """One message. What a participant says to itself moves no data and is passed over."""
        if source == target:
            return
        talk = self._talks.setdefault((source, target), _Talk())
        talk.replies_only = talk.replies_only and reply
        if text and len(talk.texts) <= _SHOWN:
            talk.texts[text] = None

    def draw(self, sketch: Sketch) -> None:
        """The flows. An answer to a call is part of the call's own flow, unless nothing was called."""
        for (source, target), talk in self._talks.items():
            asked = self._talks.get((target, source))
            if talk.replies_only and asked is not None and not asked.replies_only:
                continue
            more = "; …" if len(talk.texts) > _SHOWN else ""
            sketch.edge(Edge(source, target, label="; ".join(list(talk.texts)[:_SHOWN]) + more))
