"""Answers about the parts of the system: who reaches them, what they hold, how they are protected."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.catalog.data_kinds import load_data_kinds
from agent.catalog.phrases import tokens
from agent.conversation import telling
from agent.conversation.context import NAMED, TOLD, Context, Draft, quoted, rest
from agent.conversation.reply import Citation, count, listed, of_part, of_threat, one_line
from agent.conversation.search import nearest
from agent.domain.model import ThreatModel
from agent.domain.system import Asset, Element, ElementKind, Flow, System
from agent.domain.threat import Stride, Threat


def reach(context: Context) -> Draft:
    """Who sends to a part, and the way to it from outside."""
    asked, model = context.asked, context.model
    if asked.flows and not asked.elements:
        return _carried(context)
    if not asked.elements:
        return _entries(context) if not asked.data else data(context)
    if asked.data and not any(telling.flows_of(model, e)[0] for e in asked.elements):
        return data(context)
    told, cited = quoted(context), []
    outward = _OUTWARD.search(asked.text)
    for element in asked.elements[:TOLD]:
        into, out = telling.flows_of(model, element)
        if outward:
            told.append(_sent_by(model, element, out))
            cited += [of_part(model, f.id) for f in out[:NAMED]]
            cited.append(of_part(model, element.id))
            if into:
                told.append(f"The other way, it hears from {telling.names(_sources(model, into))}.")
            continue
        name = one_line(element.name)
        lines = "; ".join(telling.flow_line(model, f) for f in into[:NAMED])
        told.append(
            f"Drawn as sending to {name}: {lines}{rest(into)}."
            if into
            else f"Nothing is drawn as sending to {name}."
        )
        readers = _readers(context, element, out)
        told += readers
        cited += [of_part(model, f.id) for f in out[:NAMED] if readers]
        way = telling.way_in(model, element)
        if element.kind is ElementKind.EXTERNAL_ENTITY:
            goals = telling.names(model.system.element(f.target) for f in out)
            told.append(f"{name} stands outside{f'; it sends to {goals}' if goals else ''}.")
        elif way:
            told.append(f"The shortest way from outside: {' → '.join(one_line(e.name) for e in way)}.")
        else:
            told.append(f"No way from outside to {name} is drawn.")
        cited += [of_part(model, element.id), *(of_part(model, f.id) for f in into[:NAMED])]
    chosen = nearest(asked, model)
    if chosen:
        told.append("\n".join(["What that means:", *(telling.headline(model, t) for t in chosen[:3])]))
    return Draft(told, [*cited, *map(of_threat, chosen[:3])], chosen[:3], more=chosen[3:])


_READS = re.compile(r"\b(?:reads?|see|sees|consumes?|takes?|gets?|pulls?|polls?)\b", re.IGNORECASE)
"""After who reads, and not only who writes."""
_OUTWARD = re.compile(
    r"\b(?:does|do|can|could|may|is|are)\s+(?:the|our|its|this|that|a|an|it|they)\b.*"
    r"\b(?:talk|speak|call|connect|send|write|publish|depend|rely|reach|access|go|read|use|see|get)\b",
    re.IGNORECASE,
)
"""After what a part does itself: “what does it talk to”, and not “who can reach it”."""


def _sent_by(model: ThreatModel, element: Element, out: Sequence[Flow]) -> str:
    name = one_line(element.name)
    if not out:
        return f"{name} is drawn as sending to nothing."
    lines = "; ".join(telling.flow_line(model, f) for f in out[:NAMED])
    return f"{name} is drawn as sending to: {lines}{rest(out)}."


def _readers(context: Context, element: Element, out: Sequence[Flow]) -> list[str]:
    """Who is drawn to read a store, where the question is after that."""
    if not out or element.kind is not ElementKind.DATA_STORE or not _READS.search(context.asked.text):
        return []
    readers = (context.model.system.element(id_) for id_ in dict.fromkeys(f.target for f in out))
    return [f"Drawn as reading from it: {telling.names(readers)}."]


def _sources(model: ThreatModel, flows: Sequence[Flow]) -> list[Element]:
    return [model.system.element(id_) for id_ in dict.fromkeys(f.source for f in flows)]


def _carried(context: Context) -> Draft:
    """Between whom goes what the labels of flows name."""
    asked, model = context.asked, context.model
    told = quoted(context)
    lines = "\n".join(_carrying(model, asked.flows[:NAMED]))
    told.append(f"Drawn as passing there:\n{lines}")
    chosen = nearest(asked, model)
    if chosen:
        told.append("\n".join(["What that means:", *(telling.headline(model, t) for t in chosen[:3])]))
    cited = [*(of_part(model, f.id) for f in asked.flows[:NAMED]), *map(of_threat, chosen[:3])]
    return Draft(told, cited, chosen[:3], more=chosen[3:])


def _entries(context: Context) -> Draft:
    """Every flow that comes from outside."""
    system = context.model.system
    outside = {e.id for e in system.elements if e.kind is ElementKind.EXTERNAL_ENTITY}
    flows = [f for f in system.flows if f.source in outside and f.target not in outside]
    if not flows:
        return Draft(["No flow from an external entity is drawn, so no way in is known."])
    lines = "\n".join(f"• {telling.flow_line(context.model, f)}" for f in flows[: 2 * NAMED])
    return Draft(
        [f"{count(len(flows), 'way')} in from outside:\n{lines}"],
        [of_part(context.model, f.id) for f in flows[: 2 * NAMED]],
    )


def data(context: Context) -> Draft:  # noqa: PLR0911 - one return a way to ask
    """Where a kind of data lies and moves, or what a part holds."""
    asked, model = context.asked, context.model
    system = model.system
    tags = {k.tag.value for k in asked.data}
    wanted = {a.id: a for a in system.assets if a.tag in tags}
    if asked.threats and not asked.parts:
        return _at_stake(context)
    if asked.flows and not wanted:
        return _carried(context)
    if tags and asked.elements and _HOLDS.search(asked.text):
        return _held(context, tags)
    if tags and not wanted:
        return _unlabelled(context)
    if asked.elements and _INTO.search(asked.text):
        return _into(context)
    holders = [e for e in asked.elements if e.kind is not ElementKind.EXTERNAL_ENTITY]
    if holders and not tags:
        return _of_holders(model, holders)
    said = quoted(context, _HALF, 1)
    return Draft(said) if said and not tags else _lying(context, list(wanted.values()), said)


def _of_holders(model: ThreatModel, holders: Sequence[Element]) -> Draft:
    """What parts hold, and what moves to and from the first."""
    told = [telling.element_line(model, e) for e in holders[:3]]
    sides = [side for e in holders[:1] for side in telling.flows_of(model, e)]
    moving = [f for side in sides for f in side if f.data or f.label]
    lines = "; ".join(telling.flow_line(model, f) for f in moving[:NAMED])
    told += [f"What moves: {lines}{rest(moving)}."] if moving else []
    return Draft(told, [of_part(model, e.id) for e in holders[:3]])


def _lying(context: Context, wanted: Sequence[Asset], said: Sequence[str]) -> Draft:
    """Where the data that is meant, else all of it, is held and moves, and how others may come to see it."""
    model = context.model
    system = model.system
    assets = {a.id: a for a in wanted or system.assets}
    if not assets:
        return Draft(["The model names no data that is worth protecting."])
    told = list(said)
    cited: list[Citation] = []
    held_or_moved = {a for e in system.elements for a in e.assets} | {
        a for f in system.flows for a in f.assets
    }
    placed = [a for a in assets.values() if a.id in held_or_moved]
    for asset in (placed or list(assets.values()))[:NAMED]:
        holders = [e for e in system.elements if asset.id in e.assets]
        flows = [f for f in system.flows if asset.id in f.assets]
        held = f" held or handled by {telling.names(holders)}" if holders else ""
        moves = (
            f"{';' if held else ''} moves on {listed(one_line(system.name_of(f.id)) for f in flows[:NAMED])}"
            if flows
            else ""
        )
        reaching = _reaching(system, holders)
        users = f" Drawn as reading or writing it there: {telling.names(reaching)}." if reaching else ""
        told.append(
            f"{one_line(asset.name)} ({asset.classification.value}):{held}{moves}.{users}"
            if held or moves
            else f"{one_line(asset.name)} ({asset.classification.value}): no place is named."
        )
        cited += [of_part(model, id_) for id_ in (*(e.id for e in holders), *(f.id for f in flows))]
        cited += [of_part(model, e.id) for e in reaching]
    chosen = _disclosing(model, {a.id for a in placed}) if wanted else []
    if chosen:
        heads = [telling.headline(model, t) for t in chosen[:3]]
        told.append("\n".join(["How others may come to see it:", *heads]))
    return Draft(told, [*map(of_threat, chosen[:3]), *cited], chosen[:3], more=chosen[3:])


def _disclosing(model: ThreatModel, assets: set[str]) -> list[Threat]:
    """Threats to the confidentiality of what holds or carries the data."""
    on = {e.id for e in model.system.elements if assets & set(e.assets)}
    on |= {f.id for f in model.system.flows if assets & set(f.assets)}
    return [t for t in model.threats if Stride.INFORMATION_DISCLOSURE in t.stride and on & set(t.targets)]


_INTO = re.compile(
    r"^(?:what|which)\b.*\b(?:goes?|going|sent|sends?|flows?|leaves?|passed|shared|given|transferred|exported)\b.*\b(?:to|into|with)\b"
    r"|^(?:what|which)\b.*\b(?:sees?|gets?|receives?)\b",
    re.IGNORECASE,
)
_HALF = 0.4
"""The part of a question about data that a sentence of the description must have to be quoted."""


_HOLDS = re.compile(
    r"\b(?:does|do|did|has|have)\b.*\b(?:hold|store|contain|keep|process|carry|include|see|receive|get|log|have)\b",
    re.IGNORECASE,
)
"""After whether a part holds a kind of data, and not where that lies."""


def _held(context: Context, tags: set[str]) -> Draft:
    """Whether each part that is named holds such data, and what it holds."""
    asked, model = context.asked, context.model
    assets = {a.id: a for a in model.system.assets}
    names = listed([k.tag.value.replace("_", " ") for k in asked.data], "or")
    told = quoted(context, _HALF, 1)
    for element in asked.elements[:TOLD]:
        flows = [f for side in telling.flows_of(model, element) for f in side]
        here = [a for a in element.assets if a in assets]
        passing = [f for f in flows if any(assets[a].tag in tags for a in f.assets if a in assets)]
        known = [a for a in here if assets[a].tag in tags]
        said = "yes, " if known else f"no {names} data is named there; "
        held = listed(f"{one_line(assets[a].name)} ({assets[a].classification.value})" for a in here)
        rest_of_it = f"it holds or handles {held}" if here else "nothing else either"
        told.append(f"{one_line(element.name)}: {said}{rest_of_it}.")
        if passing:
            told.append("\n".join(["Such data passes on:", *_carrying(model, passing[:NAMED])]))
    where = [
        e
        for e in model.system.elements
        if e not in asked.elements and any(assets[a].tag in tags for a in e.assets if a in assets)
    ]
    if where:
        told.append(f"Where the model does name it: {telling.names(where[:NAMED])}.")
    return Draft(told, [of_part(model, e.id) for e in (*asked.elements[:TOLD], *where[:NAMED])])


def _at_stake(context: Context) -> Draft:
    """The data of the threats that are named: what their statements say, and what their parts hold."""
    model, told = context.model, []
    assets = {a.id: a for a in model.system.assets}
    ends = {f.id: (f.source, f.target) for f in model.system.flows}
    for threat in context.asked.threats[:TOLD]:
        places = dict.fromkeys(p for t in threat.targets for p in (t, *ends.get(t, ())))
        held = [e for e in model.system.elements if e.id in places]
        ids = [
            *(a for e in held for a in e.assets),
            *(a for f in model.system.flows if f.id in places for a in f.assets),
        ]
        near = listed(
            f"{one_line(assets[a].name)} ({assets[a].classification.value})"
            for a in dict.fromkeys(ids)
            if a in assets
        )
        said = listed(dict.fromkeys(map(one_line, threat.statement.assets)))
        line = f"{threat.id} is about {said}." if said else f"{threat.id} names no data of its own."
        told.append(f"{line} Held or passing where it stands: {near}." if near else line)
        told.append(telling.brief(threat))
    chosen = context.asked.threats[:TOLD]
    cited = [*map(of_threat, chosen), *(of_part(model, p) for t in chosen for p in t.targets[:3])]
    return Draft(told, cited, chosen)


def _carrying(model: ThreatModel, flows: Sequence[Flow]) -> list[str]:
    """A line a flow, with the data on it."""
    names = {a.id: f"{one_line(a.name)} ({a.classification.value})" for a in model.system.assets}
    lines = []
    for flow in flows:
        carried = listed(
            dict.fromkeys([*(names[a] for a in flow.assets if a in names), *map(one_line, flow.data)])
        )
        lines.append(f"• {telling.flow_line(model, flow)}{f': {carried}' if carried else ''}")
    return lines


def _into(context: Context) -> Draft:
    """What comes into the parts that are named."""
    asked, model = context.asked, context.model
    flows = [f for e in asked.elements[:TOLD] for f in telling.flows_of(model, e)[0]]
    lines = _carrying(model, flows[:NAMED])
    name = telling.names(asked.elements[:TOLD])
    told = (
        ["\n".join([f"Drawn as going to {name}:", *lines])]
        if lines
        else [f"Nothing is drawn as going to {name}."]
    )
    about = [t for t in nearest(asked, model) if Stride.INFORMATION_DISCLOSURE in t.stride]
    if about:
        told.append("\n".join(["What that means:", *(telling.headline(model, t) for t in about[:3])]))
    told[0:0] = quoted(context)
    cited = [*(of_part(model, f.id) for f in flows[:NAMED]), *map(of_threat, about[:3])]
    return Draft(told, cited, about[:3], more=about[3:])


def _reaching(system: System, holders: Sequence[Element]) -> tuple[Element, ...]:
    """Who has a flow to or from a store that holds it."""
    stores = {e.id for e in holders if e.kind is ElementKind.DATA_STORE}
    ends = {f.source for f in system.flows if f.target in stores}
    ends |= {f.target for f in system.flows if f.source in stores}
    return tuple(e for e in system.elements if e.id in ends - {h.id for h in holders})


def _unlabelled(context: Context) -> Draft:
    """Data that no asset stands for: flows whose label names it."""
    asked, model = context.asked, context.model
    book = load_data_kinds()
    flows = [
        f
        for f in model.system.flows
        if {m.payload for m in book.of_text(tokens(f"{f.label} {' '.join(f.data)}"))} & set(asked.data)
    ]
    names = listed(k.tag.value.replace("_", " ") for k in asked.data)
    said = quoted(context, _HALF, 1)
    told = [f"The model names no {names} data as held anywhere.", *said]
    if flows:
        lines = "\n".join(f"• {telling.flow_line(model, f)}" for f in flows[:NAMED])
        told = [f"The model names no {names} data as held anywhere; these flows speak of it:\n{lines}", *said]
    return Draft(told, [of_part(model, f.id) for f in flows[:NAMED]])
