"""How far somebody gets who has taken over a part: what it sends to, what lies behind, and the data there."""

from __future__ import annotations

from agent.conversation import telling
from agent.conversation.context import NAMED, Context, Draft, rest
from agent.conversation.reply import listed, of_part, of_threat, one_line
from agent.conversation.search import Near, nearness
from agent.domain.model import ThreatModel
from agent.domain.system import Element

_FAR = 4
"""Steps that are followed."""


def spread(context: Context) -> Draft:
    """“What if it is compromised?”: the parts that it reaches, step by step, the data there, its threats."""
    asked, model = context.asked, context.model
    told, cited = [], []
    for element in asked.elements[:2]:
        name = one_line(element.name)
        steps = _steps(model, element)
        cited.append(of_part(model, element.id))
        if not steps:
            asks = list(dict.fromkeys(f.source for f in telling.flows_of(model, element)[0]))
            rely = listed(one_line(model.system.element(id_).name) for id_ in asks[:NAMED])
            taken = f"What it answers is taken as true by those that ask it: {rely}."
            behind = taken if asks else "Nothing lies behind it."
            told.append(f"{name} is drawn as sending to nothing. {behind}")
            continue
        near = ", ".join(one_line(e.name) for e in steps[0][:NAMED])
        far = [e for step in steps[1:] for e in step]
        behind = (
            f" Behind these: {', '.join(one_line(e.name) for e in far[:NAMED])}{rest(far)}." if far else ""
        )
        told.append(f"Whoever holds {name} can send to {near}{rest(steps[0])}.{behind}")
        data = _data(model, [element, *steps[0]])
        if data:
            told.append(f"Data on {name} and one step further: {data}.")
        cited += [of_part(model, e.id) for e in steps[0][:3]]
    near_by = nearness(asked, model)
    on = sorted(
        (t for t in model.threats if near_by.get(t.id) is Near.ON), key=lambda t: -t.effective_severity.rank
    )
    if on:
        heads = [telling.headline(model, t) for t in on[:NAMED]]
        told.append("\n".join(["Threats on it:", *heads]))
    return Draft(told, [*cited, *map(of_threat, on[:NAMED])], on[:NAMED], more=on[NAMED:])


def _steps(model: ThreatModel, start: Element) -> list[list[Element]]:
    """The elements that are reached along the flows, by the number of steps."""
    seen = {start.id}
    found: list[list[Element]] = []
    at = [start]
    while at and len(found) < _FAR:
        ends = [f.target for e in at for f in telling.flows_of(model, e)[1] if f.target not in seen]
        seen |= set(ends)
        at = [model.system.element(id_) for id_ in dict.fromkeys(ends)]
        found += [at] if at else []
    return found


def _data(model: ThreatModel, elements: list[Element]) -> str:
    names = {a.id: f"{one_line(a.name)} ({a.classification.value})" for a in model.system.assets}
    ids = dict.fromkeys(a for e in elements for a in e.assets if a in names)
    return listed(names[i] for i in ids)
