"""Templates of threat texts: names in braces, from a closed list that is checked when a pattern is loaded.

`{element}` stands for one or several names, listed as a person would; `{element?holds|hold}` gives the
first form for one name and the second for several.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.catalog.grams import listed
from agent.errors import CatalogError

_HOLE = re.compile(r"\{([a-z_]+)(?:\?([^{}|]*)\|([^{}|]*))?\}")

Values = Mapping[str, Sequence[str]]
"""Each placeholder's names."""


@dataclass(frozen=True)
class Template:
    """A text with placeholders."""

    text: str

    @property
    def names(self) -> frozenset[str]:
        """The placeholders in it."""
        return frozenset(m.group(1) for m in _HOLE.finditer(self.text))

    @property
    def bare(self) -> str:
        """The text without its placeholders."""
        return " ".join(_HOLE.sub(" ", self.text).split())

    def fill(self, values: Values, most: int | None = None) -> str:
        """The text with every placeholder replaced; KeyError when a value is missing.

        Args:
            values: the names of each placeholder.
            most: how many names of one placeholder are spelt out at most; the rest are counted.
        """

        def put(match: re.Match[str]) -> str:
            names = values[match.group(1)]
            if match.group(2) is None:
                return listed(_first(names, most))
            return match.group(2) if len(dict.fromkeys(names)) <= 1 else match.group(3)

        return _HOLE.sub(put, self.text)


def _first(names: Sequence[str], most: int | None) -> list[str]:
    unique = list(dict.fromkeys(names))
    if most is None or len(unique) <= most:
        return unique
    return [*unique[:most], f"{len(unique) - most} more"]


def template(text: object, allowed: frozenset[str], place: str) -> Template:
    """The template; CatalogError when it is no text, has a loose brace or a name that is not allowed."""
    if not isinstance(text, str) or not text.strip():
        raise CatalogError(f"{place}: expected a text.")
    made = Template(" ".join(text.split()))
    if re.search(r"[{}]", _HOLE.sub("", made.text)):
        raise CatalogError(f"{place}: a brace that opens or closes no placeholder.")
    strange = made.names - allowed
    if strange:
        raise CatalogError(f"{place}: {', '.join(sorted(strange))}: no such placeholder here.")
    return made
