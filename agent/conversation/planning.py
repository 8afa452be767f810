"""Answers to take elsewhere: lines for a backlog, a threat in plain words, parts with most and with none."""

from __future__ import annotations

from agent import risk
from agent.conversation import telling
from agent.conversation.context import NAMED, Context, Draft, named_parts, rest
from agent.conversation.overview import by_severity, open_threats
from agent.conversation.reply import count, listed, of_part, of_threat, one_line
from agent.conversation.search import within_reach
from agent.conversation.turns import how_many
from agent.domain.system import ElementKind
from agent.domain.threat import Threat

_LINES = 8
_EXPORT = "All of them, one line a threat: “Export as … CSV” under the summary."


def backlog(context: Context) -> Draft:
    """The gravest open threats as work items: what to do, how big, and against what."""
    asked, model = context.asked, context.model
    chosen = list(asked.threats) or [t for t in open_threats(model) if t in within_reach(asked, model)]
    if asked.severities:
        chosen = [t for t in chosen if t.effective_severity in asked.severities]
    chosen = [t for t in chosen if telling.remedies(t)]
    most = how_many(asked.text, _LINES)
    where = f" on or next to {named_parts(context)}" if asked.parts else ""
    if not chosen:
        return Draft([f"Nothing is left to do{where}: no open threat has a mitigation that nobody has done."])
    lines = [
        f"• {telling.remedy(telling.remedies(t)[0])} — {t.id}, {telling.severity(t)}" for t in chosen[:most]
    ]
    lead = f"{count(len(chosen[:most]), 'item')}{where}, the gravest first, each with its cheapest change:"
    return Draft(
        ["\n".join([lead, *lines]), _EXPORT],
        [*map(of_threat, chosen[:most])],
        chosen[:most],
        more=chosen[most:],
    )


def plain(context: Context) -> Draft:
    """One threat without the words of the trade: what can happen, what it costs, what it takes."""
    chosen = context.asked.threats[:2]
    told = [paragraph for t in chosen for paragraph in _plainly(t)]
    return Draft(told, [*map(of_threat, chosen)], chosen)


def _plainly(threat: Threat) -> list[str]:
    said = threat.statement
    who = one_line(f"{said.source} {said.prerequisites}")
    action = one_line(said.action)
    happens = f"{threat.id} in short: {who} could {action}."
    costs = f" What it would mean: {one_line(said.impact)}." if said.impact else ""
    harm = next((f.reason for f in threat.impact.factors if f.name == "harm" and f.reason), "")
    stake = f" At stake: {harm}." if harm else ""
    bad = (
        f"How bad: {telling.severity(threat)} — likelihood {threat.likelihood.score} of 5, damage"
        f" {threat.impact.score} of 5.{stake}"
    )
    lower = risk.lowering_facts(threat)
    bad += f" It would be {lower[0][:1].lower()}{lower[0][1:]}." if lower else ""
    left = telling.remedies(threat)
    take = f"What it takes: {telling.remedy(left[0])}" if left else "Nothing is left to do about it."
    take += f" Other ways that are proposed: {len(left) - 1}." if len(left) > 1 else ""
    return [f"{happens[:1].upper()}{happens[1:]}{costs}", bad, take]


def untouched(context: Context) -> Draft:
    """The parts on which no threat stands, and why as far as the coverage says."""
    model = context.model
    on = {p for t in model.threats for p in t.targets}
    ends = {f.id: {f.source, f.target} for f in model.system.flows}
    beside = {e for id_ in on & set(ends) for e in ends[id_]}
    bare = [e for e in model.system.elements if e.id not in on]
    if not bare:
        return Draft(["None: every element has at least one threat on it."])
    alone = [e for e in bare if e.id not in beside]
    names = listed(one_line(e.name) for e in bare[: 2 * NAMED])
    lead = f"{len(bare)} of {count(len(model.system.elements), 'element')} have no threat on themselves:"
    told = [f"{lead} {names}{_more(len(bare))}."]
    if len(alone) < len(bare):
        names = listed(one_line(e.name) for e in alone[:NAMED])
        told.append(
            f"Of these, no threat on a flow either: {names}{rest(alone)}."
            if alone
            else "Each of them has one on a flow to or from it."
        )
    outside = [e for e in bare if e.kind is ElementKind.EXTERNAL_ENTITY]
    if outside:
        told.append(
            f"{len(outside)} of them stand outside: what they may do is counted on the parts that they reach."
        )
    return Draft(told, [of_part(model, e.id) for e in bare[:NAMED]])


def _more(many: int) -> str:
    return f", and {many - 2 * NAMED} more" if many > 2 * NAMED else ""


def hotspots(context: Context) -> Draft:
    """The parts with the gravest and the most threats."""
    model = context.model
    left = open_threats(model)
    rated = []
    for element in model.system.elements:
        ends = {f.id for f in model.system.flows if element.id == f.target}
        here = [t for t in left if {element.id, *ends} & set(t.targets)]
        if here:
            weight = sum(t.likelihood.score * t.impact.score / len(t.targets) for t in here)
            rated.append((here[0].effective_severity.rank, weight, element, here))
    if not rated:
        return Draft(["No part has an open threat."])
    best = sorted(rated, key=lambda r: (-r[0], -r[1], r[2].id))[: NAMED - 1]
    lines = [
        f"• {one_line(e.name)}: {count(len(here), 'threat')} ({by_severity(here)}), first {here[0].id}"
        f" {one_line(here[0].title)}"
        for _, _, e, here in best
    ]
    told = "\n".join(
        ["Most at risk, by the gravest threat on it or on a flow into it, then by all of them:", *lines]
    )
    firsts = list(dict.fromkeys(here[0].id for _, _, _, here in best))
    shown = [t for t in left if t.id in firsts]
    return Draft([told], [*(of_part(model, e.id) for _, _, e, _ in best), *map(of_threat, shown)], shown)
