"""Data that a text names for the whole system: which stores may hold it, said as an assumption."""

from __future__ import annotations

from collections.abc import Sequence

from agent.catalog.data_kinds import load_data_kinds
from agent.catalog.vocabulary import DataTag, Trait
from agent.domain.system import Classification, Element, ElementKind, Fact, SystemFragment
from agent.naming import core, words
from agent.understanding.canvas import Canvas, listing
from agent.understanding.guard import speaks_to_a_model
from agent.understanding.targets import Finder

_KINDS = frozenset(
    {DataTag.PAYMENT, DataTag.FINANCIAL, DataTag.HEALTH, DataTag.PERSONAL, DataTag.CHILDREN}
    | {DataTag.LOCATION, DataTag.MESSAGES, DataTag.DOCUMENTS}
)
"""Data that a system holds for people; credentials, tokens and logs have places of their own."""
_RECORDS = frozenset(
    {Trait.DATABASE, Trait.SQL, Trait.NOSQL, Trait.DATA_WAREHOUSE, Trait.OBJECT_STORAGE, Trait.FILE_STORAGE}
)
_OTHERWISE = frozenset(
    {Trait.CACHE, Trait.QUEUE, Trait.STREAM, Trait.LOG_STORE, Trait.CONFIG_STORE, Trait.SECRETS_MANAGER}
    | {Trait.REGISTRY, Trait.CI_CD, Trait.SOURCE_CONTROL, Trait.VECTOR_STORE, Trait.BLOCKCHAIN}
)
_STORES = 4
"""Stores from which on nobody could guess which of them holds it."""
_QUOTED = 140


def spread(canvas: Canvas, said: Sequence[SystemFragment]) -> None:
    """Ties data that texts name without a place to the stores that hold records, and says so.

    Only stores of which nothing else is known are taken, four at most; a diagram or a text that says what a
    store holds always wins. With no such store, or too many, nothing is tied and the data stays listed.
    """
    unplaced = _unplaced(canvas, said)
    if not unplaced:
        return
    stores = [e for e in canvas.elements.values() if _takes_any(canvas, e)]
    if not 0 < len(stores) <= _STORES:
        stores = []
    for (tag, quote), fact in unplaced.items():
        asset = _asset(canvas, tag, quote)
        if asset is None or not (stores or _named_store(canvas, quote)):
            continue
        own = _named_store(canvas, quote)
        if own:
            canvas.hold(own, asset)
            continue
        for store in stores:
            canvas.hold(store.id, asset)
        names = listing(s.name for s in stores)
        holds = "holds" if len(stores) == 1 else "hold"
        canvas.assume(
            f'The {fact.evidence.source} says "{quote[:_QUOTED]}" and not where it is kept; '
            f"I assumed that {names} {holds} {canvas.assets[asset].name.lower()}.",
            (s.id for s in stores),
        )


def _named_store(canvas: Canvas, quote: str) -> str:
    """The one store that is named for the sentence's first thing: "Shipments hold names …", Shipments DB."""
    first = next((w for w in words(quote) if w not in _ARTICLES), "")
    named = [
        e.id
        for e in canvas.elements.values()
        if e.kind is ElementKind.DATA_STORE
        and core(e.name)[:1] == (first,)
        and not canvas.traits(e.id) & _OTHERWISE
    ]
    return named[0] if len(named) == 1 else ""


_ARTICLES = frozenset({"a", "an", "the", "our", "all", "each", "every"})


def _unplaced(canvas: Canvas, said: Sequence[SystemFragment]) -> dict[tuple[DataTag, str], Fact]:
    """The first sentence on each kind of data that no element and no flow is said to have."""
    finder = Finder(canvas)
    held = {canvas.assets[a].tag for e in canvas.elements.values() for a in e.assets}
    found: dict[DataTag, Fact] = {}
    for fragment in said:
        for fact in fragment.facts:
            tag = fact.fact.removeprefix("data:")
            if not fact.fact.startswith("data:") or tag not in _KINDS or tag in held:
                continue
            if (fact.about and finder.named(fact.about)) or speaks_to_a_model(fact.evidence.quote):
                continue
            found.setdefault(DataTag(tag), fact)
    return {(tag, fact.evidence.quote): fact for tag, fact in found.items()}


def _takes_any(canvas: Canvas, element: Element) -> bool:
    """Whether the store keeps records, and nothing says of what kind."""
    traits = canvas.traits(element.id)
    return (
        element.kind is ElementKind.DATA_STORE
        and not element.assets
        and not traits & _OTHERWISE
        and bool(traits & _RECORDS)
    )


def _asset(canvas: Canvas, tag: DataTag, quote: str) -> str | None:
    """The asset that the sentence named; None for data that everybody may see."""
    named = [
        i
        for i, a in canvas.assets.items()
        if a.tag == tag.value and a.evidence is not None and a.evidence.quote == quote
    ]
    if load_data_kinds().kinds[tag].classification is Classification.PUBLIC:
        return None
    return named[0] if named else None
