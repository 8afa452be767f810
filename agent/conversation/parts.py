"""Answers about the parts of the system: who reaches them, what they hold, how they are protected."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from agent.catalog.control_words import load_control_words
from agent.catalog.data_kinds import load_data_kinds
from agent.catalog.phrases import tokens
from agent.conversation import telling
from agent.conversation.context import NAMED, TOLD, Context, Draft, of_question, question_line, quoted, rest
from agent.conversation.reply import count, listed, of_part, of_threat, one_line
from agent.conversation.search import nearest, nearness
from agent.domain.model import ThreatModel
from agent.domain.system import Element, ElementKind, Flow, Known, Question, System
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
    for element in asked.elements[:TOLD]:
        into, out = telling.flows_of(model, element)
        name = one_line(element.name)
        lines = "; ".join(telling.flow_line(model, f) for f in into[:NAMED])
        told.append(
            f"Drawn as sending to {name}: {lines}{rest(into)}."
            if into
            else f"Nothing is drawn as sending to {name}."
        )
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


def _carried(context: Context) -> Draft:
    """Between whom goes what the labels of flows name."""
    asked, model = context.asked, context.model
    told = quoted(context)
    lines = "\n".join(f"• {telling.flow_line(model, f)}" for f in asked.flows[:NAMED])
    told.append(f"Drawn as passing between these:\n{lines}")
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
    if asked.flows and not asked.elements and not wanted:
        return _carried(context)
    if tags and not wanted:
        return _unlabelled(context)
    if asked.elements and _INTO.search(asked.text):
        return _into(context)
    holders = [e for e in asked.elements if e.kind is not ElementKind.EXTERNAL_ENTITY]
    if holders and not tags:
        told = [telling.element_line(model, e) for e in holders[:3]]
        sides = [side for e in holders[:1] for side in telling.flows_of(model, e)]
        moving = [f for side in sides for f in side if f.data or f.label]
        lines = "; ".join(telling.flow_line(model, f) for f in moving[:NAMED])
        told += [f"What moves: {lines}{rest(moving)}."] if moving else []
        return Draft(told, [of_part(model, e.id) for e in holders[:3]])
    assets = wanted or {a.id: a for a in system.assets}
    if not assets:
        return Draft(["The model names no data that is worth protecting."])
    told, cited = quoted(context, _HALF, 1), []
    if told and not tags:
        return Draft(told)
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
    chosen = _disclosing(model, {a.id for a in placed}) if tags else []
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


def _into(context: Context) -> Draft:
    """What comes into the parts that are named."""
    asked, model = context.asked, context.model
    names = {a.id: f"{one_line(a.name)} ({a.classification.value})" for a in model.system.assets}
    flows = [f for e in asked.elements[:TOLD] for f in telling.flows_of(model, e)[0]]
    lines = []
    for flow in flows[:NAMED]:
        carried = listed(
            dict.fromkeys([*(names[a] for a in flow.assets if a in names), *map(one_line, flow.data)])
        )
        lines.append(f"• {telling.flow_line(model, flow)}{f': {carried}' if carried else ''}")
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


def control(context: Context) -> Draft:
    """Whether a protection is there, as far as the input says."""
    asked = context.asked
    wanted = [s.control for s in asked.controls if s.control is not None]
    if not wanted:
        return reach(context)
    facts = {f"control:{k.name.value}" for k in wanted} | {k.sets for k in wanted if k.sets}
    labels = [load_control_words()[k.name].label for k in wanted]
    names = listed(dict.fromkeys(labels), "or")
    flows, elements = _places(context)
    asked_of: list[Flow | Element] = [*flows[:NAMED], *elements[:TOLD]]
    states = {p.id: _state(context, p, facts, names) for p in asked_of}
    told = quoted(context, _HALF)
    told += ["\n".join(_gathered(context.model, states))] if any(states.values()) else []
    cited = [of_part(context.model, id_) for id_, text in states.items() if text]
    hanging = [q for q in context.model.questions if q.fact in facts and _belongs(q, context)]
    for question in hanging[:2]:
        told.append(f"Open question: {question_line(question)}")
        cited.append(of_question(question))
    if not told:
        told = [f"Nothing in the input names {names}."]
    threats = _hanging_on(context, labels, hanging)
    if threats:
        told.append(
            "\n".join(["What hangs on it:", *(telling.headline(context.model, t) for t in threats[:NAMED])])
        )
    return Draft(told, [*cited, *map(of_threat, threats)], threats)


def _hanging_on(context: Context, labels: Sequence[str], questions: Sequence[Question]) -> list[Threat]:
    """Threats that an open question decides, and those near the named parts whose rating waits for it."""
    decided = {id_ for q in questions for id_ in q.decides}
    near = nearness(context.asked, context.model)
    waiting = {
        t.id
        for t in context.model.threats
        if (t.id in near or not context.asked.parts)
        and any(label in f.name for f in t.likelihood.factors for label in labels)
    }
    return [t for t in context.model.threats if t.id in decided | waiting]


def _places(context: Context) -> tuple[Sequence[Flow], Sequence[Element]]:
    """What the question is about: the flows between two parts, a part with its flows, or all of it."""
    asked, system = context.asked, context.model.system
    if asked.flows:
        return asked.flows, ()
    if asked.elements:
        ids = {e.id for e in asked.elements}
        return [f for f in system.flows if ids & {f.source, f.target}], asked.elements
    return system.flows, system.elements


def _belongs(question: Question, context: Context) -> bool:
    flows, elements = _places(context)
    return question.about in {*(f.id for f in flows), *(e.id for e in elements), ""}


def _state(context: Context, place: Flow | Element, facts: set[str], names: str) -> str:
    """One sentence about one place, or nothing where nothing was said of it."""
    stated = [c for c in place.controls if f"control:{c.name}" in facts and c.state is not Known.UNKNOWN]
    name = one_line(context.model.system.name_of(place.id))
    if stated:
        found = stated[0]
        there = "is stated" if found.state is Known.YES else "is stated to be missing"
        return f"{name}: {found.name.replace('_', ' ')} {there} (“{one_line(found.evidence.quote)}”)."
    if isinstance(place, Flow):
        for fact, state in (("encrypted", place.encrypted), ("authenticated", place.authenticated)):
            if fact in facts:
                return f"{name}: {_KNOWN[state].format(fact=fact)}."
    return f"{name}: nothing in the input names {names}." if place.id in context.asked.parts else ""


def _gathered(model: ThreatModel, states: Mapping[str, str]) -> list[str]:
    """A line a place; three and more of which the same is said have one together."""
    by_text: dict[str, list[str]] = {}
    for id_, text in states.items():
        name = one_line(model.system.name_of(id_))
        if text:
            by_text.setdefault(text.removeprefix(f"{name}: "), []).append(name)
    return [
        line
        for text, names in by_text.items()
        for line in (
            [f"{'; '.join(names)}: {text}"]
            if len(names) >= _TOGETHER
            else [f"{name}: {text}" for name in names]
        )
    ]


_TOGETHER = 3
_KNOWN = {
    Known.YES: "{fact}",
    Known.NO: "not {fact}",
    Known.UNKNOWN: "the input does not say whether it is {fact}",
}
