"""Flows as sentences state them, and what else one sentence tells of who acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.diagrams.prose_mentions import Mention


@dataclass(frozen=True)
class Said:
    """A flow as a sentence states it."""

    source: Mention
    target: Mention
    label: str
    verb: int
    """The place of its verb in the sentence."""
    unsaid: bool = False
    """Whether the sentence does not say who: that is who had the goods before."""


@dataclass(frozen=True)
class Reading:
    """What a sentence says moves, and who acts in it."""

    flows: tuple[Said, ...] = ()
    subject: Mention | None = None
    """Who "it" in the next sentence means."""
    actors: tuple[Mention, ...] = ()
    """Mentions that do something, or that something is done to by name."""
    doers: Mapping[int, tuple[Mention, ...]] = field(default_factory=dict)
    """Who does what each verb says, by the verb's place."""
    worker: Mention | None = None
    """The program that has at hand what the sentence speaks of, when it ends."""
    giver: tuple[Mention, ...] = ()
    """People who handed something over, and nothing says to whom."""
