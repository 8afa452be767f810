"""One answer a form. Each sentence comes from the model or from a passage; nothing is made up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from agent.conversation import telling
from agent.conversation.asked import Asked, Form, unknown_threats
from agent.conversation.knowing import Knowing
from agent.conversation.reply import (
    Citation,
    ReplyKind,
    count,
    listed,
    of_part,
    of_passage,
    of_threat,
    one_line,
)
from agent.conversation.search import FITS, nearness, threats_about
from agent.domain.model import ThreatModel
from agent.domain.system import Element, ElementKind, Flow, Known, Question
from agent.domain.threat import Severity, Threat, ThreatStatus

TOLD = 2
"""Threats that are told in full."""
NAMED = 6
"""Further ones that are only named."""
CLOSED = frozenset({ThreatStatus.DISMISSED, ThreatStatus.MITIGATED, ThreatStatus.RISK_ACCEPTED})


@dataclass(frozen=True)
class Draft:
    """An answer before it is signed with how it was found."""

    paragraphs: Sequence[str]
    citations: Sequence[Citation] = ()
    threats: Sequence[Threat] = ()
    kind: ReplyKind = ReplyKind.ANSWER
    searched: bool = False
    """Whether words were matched; otherwise it was read from a known place of the model."""


@dataclass(frozen=True)
class Context:
    """What an answer may look at."""

    asked: Asked
    model: ThreatModel
    knowing: Knowing


Answer = Callable[[Context], Draft]


def helping(context: Context) -> Draft:
    """What can be asked."""
    return Draft(["I answer from this threat model and the knowledge base. " + offers(context.model)])


def offers(model: ThreatModel) -> str:
    """Questions that this very model has answers to."""
    first = model.threats[0].id if model.threats else ""
    part = next((e for e in model.system.elements if e.kind is not ElementKind.EXTERNAL_ENTITY), None)
    name = one_line(part.name) if part else ""
    said = ["what should we do first?"]
    said += [f"why is {first} {telling.severity(model.threats[0])}?"] if first else []
    said += [f"which threats touch {name}?", f"who can reach {name}?", f"what about {name}?"] if name else []
    said += ["what happens if somebody steals a login?", "what did you not look at?", "what did you assume?"]
    return f"You can ask, for example: {' · '.join(said)}"


def why(context: Context) -> Draft:
    """How severities come about."""
    asked, model = context.asked, context.model
    chosen = _meant(context)
    if not chosen:
        known = [
            t for t in model.threats if t.effective_severity in (asked.severities or (Severity.CRITICAL,))
        ]
        if not known:
            return _unsure(context, "I cannot tell which threat you mean.")
        lines = "\n".join(telling.headline(model, t) for t in known[:NAMED])
        return Draft(
            [f"Which one do you mean?\n{lines}"], [of_threat(t) for t in known[:NAMED]], known[:NAMED]
        )
    chosen = chosen[:3]
    told = [" ".join(filter(None, [telling.explained(t), telling.cheapest(t)])) for t in chosen]
    return Draft(told, [*map(of_threat, chosen), *context.knowing.references(chosen[:1])], chosen)


def fix(context: Context) -> Draft:
    """What to do, the cheapest first."""
    model = context.model
    chosen = _meant(context)
    searched = not chosen
    if not chosen:
        chosen = [t for t, score in threats_about(context.asked, model) if score >= FITS][:TOLD]
    if not chosen:
        return general(context)
    told = []
    for threat in chosen[: TOLD + 1]:
        left = telling.remedies(threat)
        lines = [f"• {telling.remedy(m)}" for m in left] or [
            "Nothing is left to do: all is done or rejected."
        ]
        told.append("\n".join([telling.headline(model, threat), *lines]))
    more = chosen[TOLD + 1 :]
    if more:
        told.append(_also(model, more))
    return Draft(
        told, [*map(of_threat, chosen), *context.knowing.references(chosen[:1])], chosen, searched=searched
    )


def first(context: Context) -> Draft:
    """The open threats that press most, each with its cheapest change, and the question that decides most."""
    model = context.model
    open_ = [t for t in model.threats if t.status not in CLOSED]
    if not open_:
        return Draft([f"No threat is open: all {len(model.threats)} are decided."])
    chosen = sorted(open_, key=lambda t: -t.effective_severity.rank)[:3]
    told = ["\n".join(filter(None, [telling.headline(model, t), telling.cheapest(t)])) for t in chosen]
    cited = [of_threat(t) for t in chosen]
    if model.questions:
        question = model.questions[0]
        told.append(f"Answer first: {_question_line(question)}")
        cited.append(_of_question(question))
    return Draft(told, cited, chosen)


def gaps(context: Context) -> Draft:
    """What was not looked at."""
    model = context.model
    cells = model.coverage.cells
    told = []
    if model.coverage.not_looked_at:
        told.append(
            f"Not looked at, because the input does not show it: {'; '.join(model.coverage.not_looked_at)}."
        )
    if cells:
        covered = sum(c.covered for c in cells)
        told.append(
            f"{covered} of {len(cells)} cells of the STRIDE × element matrix have a threat or a reason."
        )
        bare = [
            f"{c.stride.label} of {one_line(model.system.name_of(c.element))}" for c in cells if not c.covered
        ]
        if bare:
            told.append(f"Neither a threat nor a reason: {'; '.join(bare[:NAMED])}{_rest(bare)}.")
    told += [f"Not finished: {f.area}: {telling.sentence(f.reason)}" for f in model.failed]
    if model.partial:
        told.append("The run was stopped before its end.")
    if model.system.warnings:
        told.append(f"Not taken over: {' '.join(map(telling.sentence, model.system.warnings[:NAMED]))}")
    return Draft(told or ["The model names nothing that was left out."])


def questions(context: Context) -> Draft:
    """The open questions."""
    chosen = context.model.questions
    if not chosen:
        return Draft(["There is no open question: nothing that could be answered would change this model."])
    lines = "\n".join(f"• {_question_line(q)}" for q in chosen[:NAMED])
    return Draft(
        [f"{count(len(chosen), 'open question')}:\n{lines}"], [_of_question(q) for q in chosen[:NAMED]]
    )


def assumptions(context: Context) -> Draft:
    """What was taken as true."""
    system = context.model.system
    wanted = set(context.asked.parts)
    chosen = [a for a in system.assumptions if not wanted or wanted & set(a.targets)] or list(
        system.assumptions
    )
    guessed = [e for e in system.elements if e.assumed and (not wanted or e.id in wanted)]
    told = []
    if chosen:
        lines = "\n".join(f"• {telling.sentence(a.text)}" for a in chosen[:NAMED])
        told.append(f"{count(len(chosen), 'assumption')}:\n{lines}")
    if guessed:
        told.append(f"Guessed, in that it exists or what kind it is: {telling.names(guessed)}.")
    cited = [of_part(context.model, t) for a in chosen[:NAMED] for t in a.targets]
    return Draft(told or ["Nothing was assumed: all of it stands in the input."], cited)


def decided(context: Context) -> Draft:
    """What engineers have decided."""
    model = context.model
    chosen = list(context.asked.threats)
    if not chosen:
        said = context.asked.text.lower()
        states = [s for s in ThreatStatus if s.value.replace("_", " ") in said]
        if "open" in said:
            states = [ThreatStatus.PROPOSED]
        chosen = [
            t
            for t in model.threats
            if (t.status in states if states else t.status is not ThreatStatus.PROPOSED)
        ]
        if not chosen:
            what = listed((s.value.replace("_", " ") for s in states), "or") or "decided"
            return Draft([f"No threat is {what}: of {len(model.threats)}, {_by_status(model)}."])
    lines = [_decision(model, t) for t in chosen[: 2 * NAMED]]
    return Draft(["\n".join(lines)], [of_threat(t) for t in chosen[: 2 * NAMED]], chosen)


def _decision(model: ThreatModel, threat: Threat) -> str:
    line = telling.headline(model, threat)
    if threat.status is ThreatStatus.PROPOSED:
        line += " · not decided"
    line += f" by {threat.decided_by}" if threat.decided_by else ""
    line += f": {one_line(threat.status_reason)}" if threat.status_reason else ""
    if threat.override:
        line += f" · severity set by {threat.override.who}"
    return line


def _by_status(model: ThreatModel) -> str:
    counts = {s: sum(t.status is s for t in model.threats) for s in ThreatStatus}
    return listed(f"{n} {s.value.replace('_', ' ')}" for s, n in counts.items() if n) or "none at all"


def listing(context: Context) -> Draft:
    """Threats by severity, category and place."""
    asked, model = context.asked, context.model
    near = nearness(asked, model)
    chosen = [
        t
        for t in model.threats
        if (not asked.severities or t.effective_severity in asked.severities)
        and (not asked.strides or set(asked.strides) & set(t.stride))
        and (not asked.parts or t.id in near)
    ]
    what = " ".join([*(s.value for s in asked.severities), *(s.label.lower() for s in asked.strides)])
    where = f" on or next to {_named_parts(context)}" if asked.parts else ""
    if not chosen:
        return Draft(
            [f"No threat{f' is {what}' if what else ''}{where}; the model has {len(model.threats)} in all."]
        )
    lead = f"{len(chosen)} of {count(len(model.threats), 'threat')}{f', {what}' if what else ''}{where}:"
    lines = [telling.headline(model, t) for t in chosen[: 2 * NAMED]]
    more = [f"… and {len(chosen) - 2 * NAMED} more."] if len(chosen) > 2 * NAMED else []
    return Draft(["\n".join([lead, *lines, *more])], [of_threat(t) for t in chosen[: 2 * NAMED]], chosen)


def touching(context: Context) -> Draft:
    """The threats on a part and around it."""
    asked, model = context.asked, context.model
    if not asked.parts:
        return general(context)
    near = nearness(asked, model)
    on = [t for t in model.threats if near.get(t.id) == 0.5]  # noqa: PLR2004 - see nearness
    beside = [t for t in model.threats if t.id in near and t not in on]
    name = _named_parts(context)
    told = []
    if on:
        lines = "\n".join(telling.headline(model, t) for t in on[: 2 * NAMED])
        told.append(f"{count(len(on), 'threat')} on {name}:\n{lines}")
        told.append(telling.story(model, on[0]))
    if beside:
        lines = "\n".join(telling.headline(model, t) for t in beside[:NAMED])
        told.append(f"{'Next to it' if on else f'None on {name} itself; next to it'}:\n{lines}")
    if not told:
        told = [f"No threat of this model stands on {name} or on a flow of it.", *_empty_cells(context)]
    cited = [of_part(model, p) for p in asked.parts]
    return Draft(told, [*cited, *map(of_threat, [*on, *beside][: 2 * NAMED])], [*on, *beside])


def _empty_cells(context: Context) -> list[str]:
    """Why the named elements have no threats, where the coverage says so."""
    wanted = set(context.asked.parts)
    cells = [c for c in context.model.coverage.cells if c.element in wanted and c.reason]
    return [f"{c.stride.label}: {telling.sentence(c.reason)}" for c in cells[:3]]


def about(context: Context) -> Draft:
    """A part of the system, and what threatens it."""
    asked, model = context.asked, context.model
    if asked.threats:
        return telling_threats(context)
    if not asked.parts:
        return general(context)
    told = [telling.element_line(model, e) for e in asked.elements[:TOLD]]
    flows = asked.flows or [
        f for e in asked.elements[:1] for side in telling.flows_of(model, e) for f in side
    ]
    if flows:
        lines = "; ".join(telling.flow_line(model, f) for f in flows[:NAMED])
        told.append(f"{'Flow' if len(flows) == 1 else 'Flows'}: {lines}{_rest(flows)}.")
    near = nearness(asked, model)
    chosen = sorted((t for t in model.threats if t.id in near), key=lambda t: -near[t.id])
    told += [telling.story(model, t) for t in chosen[:TOLD]] or ["No threat of this model stands on it."]
    told += [_also(model, chosen[TOLD:])] if chosen[TOLD:] else []
    cited = [*(of_part(model, p) for p in asked.parts[:NAMED]), *map(of_threat, chosen[: TOLD + NAMED])]
    return Draft(told, [*cited, *context.knowing.references(chosen[:1])], chosen)


def telling_threats(context: Context) -> Draft:
    """The named threats in full."""
    model, chosen = context.model, context.asked.threats
    told = [f"{one_line(t.title)}. {telling.story(model, t)}" for t in chosen[:3]]
    told += [telling.explained(chosen[0])] if len(chosen) == 1 else []
    cited = [*map(of_threat, chosen), *(of_part(model, p) for p in chosen[0].targets[:3])]
    return Draft(told, [*cited, *context.knowing.references(chosen)], chosen)


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
            f"Drawn as sending to {name}: {lines}{_rest(into)}."
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
    chosen = sorted((t for t in model.threats if t.id in near), key=lambda t: -near[t.id])[:3]
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
    wanted = {a.id: a for a in system.assets if a.tag in tags} if tags else {}
    if asked.elements and not wanted:
        told = [telling.element_line(model, e) for e in asked.elements[:3]]
        moving = [
            f
            for e in asked.elements[:1]
            for side in telling.flows_of(model, e)
            for f in side
            if f.data or f.label
        ]
        told += (
            [f"What moves: {'; '.join(telling.flow_line(model, f) for f in moving[:NAMED])}."]
            if moving
            else []
        )
        return Draft(told, [of_part(model, e.id) for e in asked.elements])
    assets = wanted or ({a.id: a for a in system.assets} if not tags else {})
    if not assets:
        return general(context)
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
        told.append(
            f"{one_line(asset.name)} ({asset.classification.value}):{held}{moves}."
            if held or moves
            else f"{one_line(asset.name)} ({asset.classification.value}): no place is named."
        )
        cited += [of_part(model, id_) for id_ in (*(e.id for e in holders), *(f.id for f in flows))]
    return Draft(told, cited)


def control(context: Context) -> Draft:
    """Whether a protection is there, as far as the input says."""
    asked = context.asked
    wanted = [s.control for s in asked.controls if s.control is not None]
    if not wanted:
        return reach(context)
    facts = {f"control:{k.name.value}" for k in wanted} | {k.sets for k in wanted if k.sets}
    names = listed(dict.fromkeys(k.name.value.replace("_", " ") for k in wanted))
    flows, elements = _places(context)
    told, cited = [], []
    for flow in flows[:NAMED]:
        told.append(_state(context, flow, facts, names))
        cited.append(of_part(context.model, flow.id))
    for element in elements[:TOLD]:
        told.append(_state(context, element, facts, names))
        cited.append(of_part(context.model, element.id))
    told = [t for t in dict.fromkeys(told) if t]
    hanging = [q for q in context.model.questions if q.fact in facts and _belongs(q, context)]
    for question in hanging[:2]:
        told.append(f"Open question: {_question_line(question)}")
        cited.append(_of_question(question))
    if not told:
        return Draft(
            [f"Nothing in the input says anything about {names}. " + offers(context.model)],
            kind=ReplyKind.UNKNOWN,
        )
    threats = [t for q in hanging for t in context.model.threats if t.id in q.decides]
    return Draft(told, [*cited, *map(of_threat, threats)], threats)


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
    return (
        f"{name}: nothing says so ({names})."
        if context.asked.parts and place.id in context.asked.parts
        else ""
    )


_KNOWN = {
    Known.YES: "{fact}",
    Known.NO: "not {fact}",
    Known.UNKNOWN: "the input does not say whether it is {fact}",
}


def identifier(context: Context) -> Draft:
    """What an identifier stands for, and which threats cite it."""
    model, wanted = context.model, context.asked.identifiers
    passages = context.knowing.passages(wanted)
    cited = [t for t in model.threats if {r.id for r in t.references} & set(wanted)]
    told = [f"{p.id} · {one_line(p.title)}: {one_line(p.text)}" for p in passages]
    missing = [i for i in wanted if i not in {p.id for p in passages}]
    if missing:
        told.append(f"The knowledge base has no passage for {listed(missing)}.")
    if cited:
        told.append(
            "\n".join(["In this model it is cited by:", *(telling.headline(model, t) for t in cited[:NAMED])])
        )
    else:
        told.append("No threat of this model cites it.")
    kind = ReplyKind.ANSWER if passages or cited else ReplyKind.UNKNOWN
    return Draft(told, [*map(of_passage, passages), *map(of_threat, cited[:NAMED])], cited, kind)


def general(context: Context) -> Draft:
    """What of the model, or else of the knowledge base, fits the words of the question."""
    model = context.model
    if context.asked.threats:
        return telling_threats(context)
    rated = threats_about(context.asked, model)
    best = rated[0][1] if rated else 0.0
    if best < FITS:
        return _from_knowledge(context)
    chosen = [t for t, score in rated if score >= max(FITS, 0.6 * best)]
    told = [telling.story(model, t) for t in chosen[:TOLD]]
    rest = chosen[TOLD : TOLD + NAMED]
    told += [_also(model, rest)] if rest else []
    passages = context.knowing.about(context.asked)[:1]
    told += [f"In general, {_general_line(p.id, p.title, p.text)}" for p in passages]
    cited = [*map(of_threat, [*chosen[:TOLD], *rest]), *(of_part(model, p) for p in chosen[0].targets[:2])]
    references = context.knowing.references(chosen[:1])
    return Draft(told, [*cited, *map(of_passage, passages), *references], chosen, searched=True)


def _general_line(id_: str, title: str, text: str) -> str:
    return f"{id_} ({one_line(title)}): {one_line(text)}"


def _from_knowledge(context: Context) -> Draft:
    """What is known in general, said to be just that; or that nothing fits."""
    passages = context.knowing.about(context.asked)[:2]
    if not passages:
        return _unsure(
            context, "I do not know: nothing in this threat model or the knowledge base fits your words."
        )
    told = ["Nothing in this threat model fits your words. What the knowledge base says in general:"]
    told += [_general_line(p.id, p.title, p.text) for p in passages]
    return Draft(told, [of_passage(p) for p in passages], searched=True)


def _unsure(context: Context, lead: str) -> Draft:
    missing = unknown_threats(context.asked, context.model)
    if missing:
        have = context.model.threats
        span = f"it has {have[0].id} to {max(t.id for t in have)}" if have else "it has none"
        lead = f"This model has no threat {listed(missing, 'or')}; {span}."
    return Draft([f"{lead} {offers(context.model)}"], kind=ReplyKind.UNKNOWN, searched=not missing)


def _meant(context: Context) -> list[Threat]:
    """The threats that are named, else those on the parts that are named."""
    if context.asked.threats or unknown_threats(context.asked, context.model):
        return list(context.asked.threats)
    near = nearness(context.asked, context.model)
    on = [t for t in context.model.threats if near.get(t.id) == 0.5]  # noqa: PLR2004 - see nearness
    return on or [t for t in context.model.threats if t.id in near]


def _named_parts(context: Context) -> str:
    return listed(one_line(context.model.system.name_of(p)) for p in context.asked.parts[:3])


def _also(model: ThreatModel, threats: Sequence[Threat]) -> str:
    lines = "\n".join(telling.headline(model, t) for t in threats[:NAMED])
    return f"Also:\n{lines}{_rest(threats)}"


def _rest(items: Sequence[object]) -> str:
    return f", and {len(items) - NAMED} more" if len(items) > NAMED else ""


def _question_line(question: Question) -> str:
    decides = f" It decides {listed(question.decides[:NAMED])}." if question.decides else ""
    return f"{one_line(question.text)}{decides}"


def _of_question(question: Question) -> Citation:
    return Citation(kind="question", id=question.id, title=one_line(question.text))


ANSWERS: Mapping[Form, Answer] = {
    Form.HELP: helping,
    Form.WHY: why,
    Form.LOWER: why,
    Form.DECIDED: decided,
    Form.FIRST: first,
    Form.GAPS: gaps,
    Form.QUESTIONS: questions,
    Form.ASSUMPTIONS: assumptions,
    Form.LIST: listing,
    Form.FIX: fix,
    Form.REACH: reach,
    Form.DATA: data,
    Form.CONTROL: control,
    Form.IDENTIFIER: identifier,
    Form.TOUCHING: touching,
    Form.HAPPENS: general,
    Form.ABOUT: about,
    Form.OTHER: general,
}
