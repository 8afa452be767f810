"""What a name says an element is, where no technology does: `name_words.yaml`, checked when loaded."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib import resources
from typing import Any

from agent.catalog.grams import grams, phrase
from agent.catalog.reading import read_yaml
from agent.catalog.spelling import mended
from agent.catalog.vocabulary import Trait
from agent.errors import CatalogError

FILE = "name_words.yaml"


@lru_cache(maxsize=65536)
def traits_in(name: str) -> frozenset[Trait]:
    """What an element with this name is likely to be."""
    table = _load()
    found: frozenset[Trait] = frozenset()
    for gram in grams(mended(name)):
        found |= table.get(gram, frozenset())
    return found


@cache
def _load() -> dict[str, frozenset[Trait]]:
    return parse_name_words(resources.files("agent.catalog").joinpath(FILE).read_text(encoding="utf-8"))


def parse_name_words(text: str) -> dict[str, frozenset[Trait]]:
    """Each phrase with what it says; CatalogError names the trait and what is wrong with it."""
    raw: dict[str, Any] = read_yaml(text)
    table: dict[str, frozenset[Trait]] = {}
    for name, said in raw["traits"].items():
        if name not in set(Trait):
            raise CatalogError(f"{FILE}: {name}: no such trait.")
        for word in said:
            key = phrase(str(word))
            if not key:
                raise CatalogError(f"{FILE}: {name}: {word!r} is not a phrase of one to three words.")
            table[key] = table.get(key, frozenset()) | {Trait(name)}
    return table
