"""Data: what texts, labels and names say lies in elements and moves on flows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from agent.catalog.data_kinds import DataKind, load_data_kinds
from agent.catalog.phrases import tokens
from agent.catalog.vocabulary import DataTag
from agent.domain.base import slug
from agent.domain.system import Asset, Element, ElementKind, Evidence, Fact, Flow, SystemFragment
from agent.naming import core
from agent.understanding.canvas import Canvas
from agent.understanding.spread import spread
from agent.understanding.targets import Finder
from agent.understanding.words import joining_words


def value(canvas: Canvas, said: Sequence[SystemFragment]) -> None:
    """Names the assets and says where they are: first what texts say, then what labels and names tell."""
    for fragment in said:
        _told(canvas, fragment)
    for flow in list(canvas.flows.values()):
        _labelled(canvas, flow)
    texts = tokens(" . ".join(f.text for f in said))
    other = load_data_kinds().otherwise(texts)
    for element in list(canvas.elements.values()):
        if element.kind is ElementKind.DATA_STORE:
            _stored(canvas, element, other)
    spread(canvas, said)


def _told(canvas: Canvas, fragment: SystemFragment) -> None:
    finder = Finder(canvas)
    named: dict[tuple[str, str], str] = {}
    for asset in fragment.assets:
        id_ = canvas.add_asset(asset)
        if asset.evidence:
            named.setdefault((asset.tag, asset.evidence.quote), id_)
    for fact in fragment.facts:
        if fact.fact.startswith("data:"):
            _place(canvas, finder, fact, named)
    for asset in fragment.assets:
        _by_name(canvas, asset)


def _place(canvas: Canvas, finder: Finder, fact: Fact, named: dict[tuple[str, str], str]) -> None:
    tag = fact.fact.removeprefix("data:")
    if tag not in set(DataTag):
        return
    if not fact.about:
        return
    asset = named.get((tag, fact.evidence.quote)) or default_asset(canvas, DataTag(tag), fact.evidence)
    targets = finder.named(fact.about)
    for id_ in targets.flows or targets.elements:
        if id_ in canvas.elements and canvas.is_outside(id_):
            for flow in canvas.touching(id_):
                if flow.source == id_:
                    canvas.hold(flow.id, asset)
        else:
            canvas.hold(id_, asset)
            _settle(canvas, id_, asset)


def _settle(canvas: Canvas, flow: str, asset: str) -> None:
    """What moves on a flow lies in the store at its end."""
    if flow not in canvas.flows or canvas.assets[asset].tag == DataTag.TOKENS:
        return
    for end in (canvas.flows[flow].source, canvas.flows[flow].target):
        if canvas.elements[end].kind is ElementKind.DATA_STORE:
            canvas.hold(end, asset)


def default_asset(canvas: Canvas, tag: DataTag, evidence: Evidence) -> str:
    """The asset that stands for all data of a kind that has no name of its own."""
    kind = load_data_kinds().kinds[tag]
    return canvas.add_asset(
        Asset(
            id=f"asset-{slug(kind.name)}",
            name=kind.name,
            classification=kind.classification,
            tag=kind.tag,
            evidence=evidence,
        )
    )


def _by_name(canvas: Canvas, asset: Asset) -> None:
    """Ties a named asset to the stores and flows whose names speak of it: patient notes to "Patients DB"."""
    own = next((i for i, a in canvas.assets.items() if a.name == asset.name and a.tag == asset.tag), None)
    telling = set(core(asset.name)) - joining_words().generic_data
    if own is None or not telling:
        return
    for element in canvas.elements.values():
        if element.kind is ElementKind.DATA_STORE and telling & set(core(element.name)):
            canvas.hold(element.id, own)
    for flow in canvas.flows.values():
        if telling <= set(core(flow.label)):
            canvas.hold(flow.id, own)


def _labelled(canvas: Canvas, flow: Flow) -> None:
    """What a flow's label names moves on it, and lies in the store at its end."""
    told = {canvas.assets[a].tag for a in flow.assets}
    for kind in _kinds(f"{flow.label}. {'. '.join(flow.data)}"):
        if kind.tag in told:
            continue
        asset = default_asset(canvas, kind.tag, flow.evidence)
        canvas.hold(flow.id, asset)
        _settle(canvas, flow.id, asset)


def _kinds(text: str) -> Iterable[DataKind]:
    return dict.fromkeys(m.payload for m in load_data_kinds().of_text(tokens(text)))


def _stored(canvas: Canvas, element: Element, other: Collection[DataKind]) -> None:
    """What a store's name says lies in it, unless a text has said it of that store."""
    told = {canvas.assets[a].tag for a in element.assets}
    for kind in load_data_kinds().of_store(element.name, other):
        if kind.tag not in told:
            canvas.hold(element.id, default_asset(canvas, kind.tag, element.source))
