"""What kinds of data labels and names say, by the catalog's table of data kinds."""

from __future__ import annotations

from functools import lru_cache

from agent.catalog.data_kinds import DataKind, Trade, load_data_kinds
from agent.catalog.phrases import tokens
from agent.catalog.vocabulary import DataTag, Trait
from agent.domain.system import Asset, Classification

CLASSES = tuple(Classification)
"""From harmless to worst."""

_TAGS = frozenset(t.value for t in DataTag)


@lru_cache(maxsize=65536)
def tags_in(text: str) -> frozenset[DataTag]:
    """The kinds of data that a label or a name of data says."""
    return frozenset(m.payload.tag for m in load_data_kinds().of_text(tokens(text)))


@lru_cache(maxsize=65536)
def tags_of_name(name: str) -> frozenset[DataTag]:
    """The kinds of data that the name of a store or process says it holds."""
    return frozenset(k.tag for k in load_data_kinds().of_store(name))


def tags_of_asset(asset: Asset) -> frozenset[DataTag]:
    """The asset's tag; where it has none, what its name says."""
    return frozenset({DataTag(asset.tag)}) if asset.tag in _TAGS else tags_in(asset.name)


def kind_of(tag: DataTag) -> DataKind:
    """What the catalog knows of a kind of data."""
    return load_data_kinds().kinds[tag]


def trade_of(traits: frozenset[Trait]) -> Trade | None:
    """What an outside party with these traits deals in; None where its traits do not say."""
    return next((trade for trait, trade in load_data_kinds().trades.items() if trait in traits), None)
