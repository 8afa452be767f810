"""What became of proposed threats, for one person."""

from __future__ import annotations

from collections.abc import Sequence

from agent.domain.acceptance import Acceptance
from agent.domain.states import Origin
from bot.render.message import Message
from bot.render.rich import Json, block, bullets, said, section
from bot.render.text import count, fallback


def stats(models: int, counts: Sequence[Acceptance]) -> Message:
    """What became of the threats of a channel's models, by who proposed them."""
    if not any(c.proposed for c in counts):
        empty = "No threat has been proposed in this channel yet. /threatmodel new starts a threat model."
        return Message(fallback(empty), (block(section(said(empty))),))
    led = f"What became of the threats of {count(models, 'threat model')}"
    told = [section(said(led, "bold")), *bullets(_accepted(c) for c in counts)]
    return Message(fallback(led), (block(*told),))


def _accepted(counts: Acceptance) -> list[Json]:
    by = f"language model, prompts {counts.prompts or '?'}" if counts.origin is Origin.MODEL else "rules"
    waiting = counts.proposed - counts.judged
    facts = f"{counts.proposed} proposed, {counts.accepted} accepted, {counts.dismissed} dismissed"
    rate = f" · {counts.rate:.0%} of the judged accepted" if counts.rate is not None else ""
    return [said(f"{by[:1].upper()}{by[1:]}: ", "bold"), said(f"{facts}, {waiting} to review{rate}")]
