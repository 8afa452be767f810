"""What is at stake where a pattern fits: which data, where it lies, and how bad its loss would be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agent.analysts.data_words import CLASSES, kind_of, tags_of_asset, trade_of
from agent.analysts.matching import Match
from agent.analysts.topology import Topology
from agent.catalog.data_kinds import Trade
from agent.catalog.grams import words
from agent.catalog.vocabulary import DataTag
from agent.domain.system import Asset, Classification, Element, ElementKind, Flow

_MEANS = frozenset({DataTag.TOKENS, DataTag.LOGS, DataTag.TELEMETRY})
"""Data that is seldom what an attacker wants, where there is other."""
_MOST = 3


def data_nouns(topology: Topology, subjects: Iterable[Element | Flow]) -> list[str]:
    """What is at stake at the places, worst first: named assets, else kinds of data, else a party's trade."""
    found = _stakes(topology, tuple(subjects))
    return _distinct([name for name, _ in found])[:_MOST]


def nouns_of(topology: Topology, group: Sequence[Match]) -> list[str]:
    """What is at stake at the places of several matches: what the first puts at stake comes first."""
    found = (noun for match in group for noun in data_nouns(topology, at_stake(topology, match)))
    return _distinct(list(found))[:_MOST]


def worst_class(topology: Topology, subjects: Iterable[Element | Flow]) -> Classification:
    """The class of the worst that `data_nouns` names; internal when nothing says."""
    found = _stakes(topology, tuple(subjects))
    return found[0][1] if found else Classification.INTERNAL


def _stakes(topology: Topology, places: Sequence[Element | Flow]) -> list[tuple[str, Classification]]:
    """What is at stake at the places with its class, worst first.

    A kind of data that no asset names is added only where it is worse than every asset.
    """
    named = [(_plain(a), a.classification) for a in _wanted(_assets(topology, places))]
    tags = _tags(topology, places)
    kinds = [kind_of(t) for t in sorted(tags - _MEANS or tags, key=list(DataTag).index)]
    worst = max((_grade(c) for _, c in named), default=-1)
    named += [(k.name.lower(), k.classification) for k in kinds if _grade(k.classification) > worst]
    found = named or [(t.name, t.classification) for t in _trades(topology, places)]
    return sorted(found, key=lambda item: -_grade(item[1]))


def _grade(classification: Classification) -> int:
    return CLASSES.index(classification)


def at_stake(topology: Topology, match: Match) -> tuple[Element | Flow, ...]:
    """Where the data lies that the threat is about.

    The stores that the condition captured; else, for a process, the stores beside it; else the place itself.
    For a flow: what it says itself; else an outside party at its end whose trade is known, as a payment
    provider's is; else what its ends hold, the side that is ours first. A token opens what lies behind it.
    """
    subject = match.subject
    stores = _captured_stores(topology, match)
    if isinstance(subject, Element):
        return stores or _holding(topology, subject)
    if _says(topology, subject):
        return (subject,)
    ends = [topology.elements[e] for e in (subject.target, subject.source)]
    ours_first = sorted(ends, key=lambda e: e.id in topology.parties)
    traders = tuple(e for e in ends if not stores and _trades(topology, (e,)))
    held = (_holding(topology, e) for e in ours_first)
    return stores or traders or next((h for h in held if data_nouns(topology, h)), (subject,))


def _says(topology: Topology, flow: Flow) -> bool:
    """Whether the flow itself says what data it carries, and not only by what token it is let in."""
    tags = {t for a in _assets(topology, (flow,)) for t in tags_of_asset(a)} | topology.flow_tags[flow.id]
    return bool(tags - _MEANS) or bool(_wanted(_assets(topology, (flow,))) and not tags)


def _holding(topology: Topology, element: Element) -> tuple[Element, ...]:
    ids = [f.target for f in topology.outgoing[element.id]]
    ids += [f.source for f in topology.incoming[element.id]]
    beside = (topology.elements[e] for e in dict.fromkeys(ids))
    stores = tuple(e for e in beside if e.kind is ElementKind.DATA_STORE)
    if element.kind is ElementKind.PROCESS and data_nouns(topology, stores):
        return stores
    return (element,)


def _captured_stores(topology: Topology, match: Match) -> tuple[Element, ...]:
    """The data stores among the captures, and outside parties captured as stores whose trade is known."""
    found = (
        topology.elements[i]
        for name, ids in match.captures.items()
        if not name.startswith("path")
        for i in ids
        if topology.elements[i].kind is ElementKind.DATA_STORE
        or (name.startswith("store") and _trades(topology, (topology.elements[i],)))
    )
    return tuple(dict.fromkeys(found))


def _assets(topology: Topology, places: Sequence[Element | Flow]) -> list[Asset]:
    ids = dict.fromkeys(i for place in places for i in place.assets)
    return [topology.assets[i] for i in ids if i in topology.assets]


def _wanted(assets: Sequence[Asset]) -> list[Asset]:
    """The assets without tokens and logs, where there are others; a named one stands for its kind."""
    named = {a.tag for a in assets if not _is_kind(a)}
    said = [a for a in assets if not (_is_kind(a) and a.tag in named)]
    return [a for a in said if a.tag not in _MEANS] or said


def _is_kind(asset: Asset) -> bool:
    """Whether the asset's name only says what kind of data it is."""
    return asset.tag in set(DataTag) and kind_of(DataTag(asset.tag)).name.lower() == asset.name.lower()


def _tags(topology: Topology, places: Sequence[Element | Flow]) -> frozenset[DataTag]:
    found: frozenset[DataTag] = frozenset()
    for place in places:
        found |= (topology.own_tags if isinstance(place, Element) else topology.flow_tags)[place.id]
    return found


def _trades(topology: Topology, places: Sequence[Element | Flow]) -> list[Trade]:
    """What the outside parties among the places deal in."""
    outside = (p for p in places if isinstance(p, Element) and p.id in topology.parties)
    return [t for p in outside if (t := trade_of(topology.traits[p.id]))]


def _distinct(names: Sequence[str]) -> list[str]:
    """The names without those that only repeat another's words: "credentials" beside "user credentials"."""
    kept: list[str] = []
    for name in names:
        mine = set(words(name))
        if not any(mine <= set(words(k)) or set(words(k)) <= mine for k in kept):
            kept.append(name)
    return kept


def _plain(asset: Asset) -> str:
    """The asset's name as it stands within sentences.

    One that only says its kind begins small, and one that its evidence writes small, of one or of many: "card
    numbers", "prices".
    """
    if _is_kind(asset):
        return asset.name.lower()
    small = asset.name[:1].lower() + asset.name[1:]
    forms = {small, small.removesuffix("s"), small.removesuffix("es"), small.removesuffix("ies") + "y"}
    quote = asset.evidence.quote if asset.evidence is not None else ""
    return small if any(form in quote for form in forms) else asset.name
