"""Answers about the parts of the system: who reaches them, what they hold, how they are protected."""

from __future__ import annotations

from collections.abc import Sequence

from agent.catalog.control_words import load_control_words
from agent.catalog.data_kinds import load_data_kinds
from agent.catalog.phrases import tokens
from agent.conversation import telling
from agent.conversation.context import NAMED, TOLD, Context, Draft, of_question, question_line, rest
from agent.conversation.reply import count, listed, of_part, of_threat, one_line
from agent.conversation.search import nearness
from agent.domain.system import Element, ElementKind, Flow, Known, Question, System
from agent.domain.threat import Threat


def reach(context: Context) -> Draft:
    """Who sends to a part, and the way to it from outside."""
    asked, model = context.asked, context.model
    if not asked.elements:
        return _entries(context)
    told, cited = [], []
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
    near = nearness(asked, model)
    chosen = sorted((t for t in model.threats if t.id in near), key=lambda t: -near[t.id].value)[:3]
    if chosen:
        told.append("\n".join(["What that means:", *(telling.headline(model, t) for t in chosen)]))
    return Draft(told, [*cited, *map(of_threat, chosen)], chosen)


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


def data(context: Context) -> Draft:
    """Where a kind of data lies and moves, or what a part holds."""
    asked, model = context.asked, context.model
    system = model.system
    tags = {k.tag.value for k in asked.data}
    wanted = {a.id: a for a in system.assets if a.tag in tags}
    if tags and not wanted:
        return _unlabelled(context)
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
    told, cited = [], []
    for asset in list(assets.values())[:NAMED]:
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
    return Draft(told, cited)


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
    told = [f"The model names no {names} data as held anywhere."]
    if flows:
        lines = "\n".join(f"• {telling.flow_line(model, f)}" for f in flows[:NAMED])
        told = [f"The model names no {names} data as held anywhere; these flows speak of it:\n{lines}"]
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
    told = ["\n".join(text for text in states.values() if text)] if any(states.values()) else []
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


_KNOWN = {
    Known.YES: "{fact}",
    Known.NO: "not {fact}",
    Known.UNKNOWN: "the input does not say whether it is {fact}",
}
