"""The words by which statements find what they are about: `words.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from agent.errors import CatalogError

FILE = "words.yaml"
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(frozen=True)
class JoiningWords:
    """Sets of words, singular and in lower case; `words.yaml` says what each is for."""

    every_process: frozenset[str]
    vague: frozenset[str]
    outside: frozenset[str]
    ours: frozenset[str]
    common: frozenset[str]
    generic_data: frozenset[str]
    hubs: frozenset[str]
    telling: frozenset[str]
    near: frozenset[str]
    far: frozenset[str]


@cache
def joining_words() -> JoiningWords:
    """The words of the package; CatalogError when a set is missing or another is there."""
    text = resources.files("agent.understanding").joinpath(FILE).read_text(encoding="utf-8")
    raw = yaml.load(text, Loader=_LOADER)  # noqa: S506 - builds nothing but text, lists and maps
    try:
        return JoiningWords(**{name: frozenset(found) for name, found in raw.items()})
    except (AttributeError, TypeError) as error:
        raise CatalogError(f"{FILE}: {error}.") from error
