"""One entry of the technology table, and what keeps an everyday word from being taken for a product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from agent.catalog.vocabulary import Trait
from agent.domain.system import ElementKind

ROLES = "roles"
"""The provider of entries that say what something does, and name no product."""


class Technology(NamedTuple):
    """One entry of the table."""

    id: str
    name: str
    kind: ElementKind
    """The DFD kind that it implies."""
    traits: frozenset[Trait]
    provider: str
    """The group that it stands in: "aws", "databases", …; "roles" for words that name no product."""
    ends: bool = False
    """Whether it is heard only at the end of a phrase."""
    rules: bool = False
    """Whether it decides the kind even beside a product's name."""
    unless: frozenset[str] = frozenset()
    after: frozenset[ElementKind] = frozenset()
    """The kinds of products right after whose name it decides: a client of Redis is no Redis."""
    stands_for: str = ""
    """The entry that it then is; itself when empty."""

    @property
    def is_role(self) -> bool:
        """Whether it says what something does ("queue") rather than which product it is ("Amazon SQS")."""
        return self.provider == ROLES


class Guard(NamedTuple):
    """When a name that is an everyday word, too, is heard as the product."""

    fits: frozenset[str]
    """Words that make it the product: "payments" for Square."""
    alone: bool
    """Whether a capital letter is enough where the name fills its phrase: Paddle in "Billing (Paddle)"."""


class Entry(NamedTuple):
    """A technology with all that it is recognised by."""

    where: str
    """Its place in the file, for messages."""
    technology: Technology
    phrases: Sequence[tuple[str, ...]]
    """Names and aliases as lower-case words."""
    branded: Sequence[tuple[str, ...]] = ()
    """The same with the provider's name in front."""
    icons: Sequence[str] = ()
    guards: Mapping[tuple[str, ...], Guard] = MappingProxyType({})
    """For each phrase that is an everyday word, when it counts."""


class Family(NamedTuple):
    """Products that differ in nothing but their names.

    Most of them a run never meets, so they wait as text.
    """

    where: str
    technology: Technology
    """What each of them is."""
    each: str
    """Their names with commas between them, and other names of one after "="."""
    guards: Mapping[tuple[str, ...], Guard] = MappingProxyType({})
