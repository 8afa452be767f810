"""Short names of our own for what a model may speak of, so that no word from outside stands in a schema."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from agent.analysts.filled.fence import visible
from agent.domain.system import System

ENUMERATED = 400
"""Up to so many names a schema lists them; beyond, it gives their form, and they are checked afterwards."""
_MENTION = re.compile(r"[{\[(]([EFA]\d+)[}\])]|\b([EFA]\d+)\b")


@dataclass(frozen=True)
class Aliases:
    """E1, E2, … for elements, F1, F2, … for flows, in the order of the system."""

    system: System

    @cached_property
    def ids(self) -> dict[str, str]:
        """Alias → id of the element or flow."""
        elements = {f"E{i}": e.id for i, e in enumerate(self.system.elements, 1)}
        return elements | {f"F{i}": f.id for i, f in enumerate(self.system.flows, 1)}

    @cached_property
    def of(self) -> dict[str, str]:
        """Id → alias."""
        return {id_: alias for alias, id_ in self.ids.items()}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What elements, flows and boundaries are called in the input."""
        labels = [e.name for e in self.system.elements] + [f.label for f in self.system.flows]
        return tuple(n for n in (*labels, *(b.name for b in self.system.boundaries)) if n)

    @cached_property
    def _taken(self) -> frozenset[str]:
        """Words of the input that look like an alias: F5 is a product too."""
        return frozenset(w for name in self.names for w in re.findall(r"\b[EFA]\d+\b", name))

    def known(self, aliases: Iterable[str]) -> tuple[str, ...]:
        """The ids behind the aliases, each once; unknown ones are left out."""
        return tuple(dict.fromkeys(self.ids[a] for a in aliases if a in self.ids))

    def spoken(self, text: str) -> str:
        """The text with the parts' own names for their aliases; one of nothing becomes "another part"."""
        return _MENTION.sub(self._name, text)

    def _name(self, match: re.Match[str]) -> str:
        alias = match[1] or match[2]
        if match[2] and (alias in self._taken or alias not in self.ids):
            return match.group()
        if alias not in self.ids:
            return "another part"
        return " ".join(visible(self.system.name_of(self.ids[alias])).split())


def one_of(names: Sequence[str], form: str = "") -> Any:
    """The type of a schema's field that takes one of the names.

    Args:
        names: what exists, in a stable order.
        form: a regular expression that all of them have, for lists too long to be written out.
    """
    if not names or (form and len(names) > ENUMERATED):
        return str
    return Literal[tuple(names)]
