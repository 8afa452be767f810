"""Answers about threats, and which answer each form of a question gets.

Each sentence comes from the model or from a passage; nothing is made up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from agent.catalog.phrases import tokens
from agent.conversation import (
    certainty,
    changes,
    comparing,
    guarding,
    haves,
    overview,
    parts,
    planning,
    protections,
    saying,
    spreading,
    standards,
    telling,
    whole,
    worth,
)
from agent.conversation.asked import unknown_threats
from agent.conversation.context import (
    ALSO,
    NAMED,
    TOLD,
    Answer,
    Context,
    Draft,
    also,
    named_parts,
    offers,
    quoted,
)
from agent.conversation.finding import about, general, unsure
from agent.conversation.following import PAGE
from agent.conversation.reply import ReplyKind, count, listed, of_part, of_passage, of_threat, one_line
from agent.conversation.search import (
    FITS,
    Near,
    nearest,
    nearness,
    sayings,
    threats_about,
    within_reach,
)
from agent.conversation.speech import Form
from agent.domain.threat import Severity, Threat


def why(context: Context) -> Draft:
    """How severities come about."""
    asked, model = context.asked, context.model
    chosen = meant(context)
    if not chosen and asked.groups and not asked.severities:
        rated = threats_about(asked, model)
        chosen = [t for t, score in rated[:1] if score >= FITS and sayings(asked, model, t)]
    if not chosen and _ALL & {t.word for t in tokens(asked.text)}:
        return overview.why_all(context)
    if not chosen:
        known = [
            t for t in model.threats if t.effective_severity in (asked.severities or (Severity.CRITICAL,))
        ]
        if unknown_threats(asked, model) or not model.threats:
            return unsure(context, "I cannot tell which threat you mean.")
        known = known or list(model.threats[:3])
        lines = "\n".join(telling.headline(model, t) for t in known[:NAMED])
        return Draft(
            [f"Which one do you mean?\n{lines}"], [of_threat(t) for t in known[:NAMED]], known[:NAMED]
        )
    rest, chosen = chosen[WHY:], chosen[:WHY]
    told = [
        " ".join(filter(None, [telling.explained(t, asked.severities), telling.cheapest(t)])) for t in chosen
    ]
    if rest:
        told.append(also(model, rest))
    if _PREMISE.search(asked.text):
        told[0:0] = quoted(context, _THIRD, 1)
    cited = [*map(of_threat, chosen), *context.knowing.references(chosen[:1])]
    return Draft(told, cited, chosen, more=rest[ALSO:])


WHY = 2
"""Threats whose severity is explained at once."""
_PREMISE = re.compile(r"\b(?:if|since|because|although|though|given|when|while|as)\b", re.IGNORECASE)
"""What begins a fact that the question holds against the rating; the description's word on it is quoted."""
_THIRD = 0.3
_ALL = frozenset({"everything", "all", "many", "every", "anything"})


def fix(context: Context) -> Draft:
    """What to do, the cheapest first."""
    model = context.model
    chosen = meant(context)
    searched = not chosen
    if not chosen:
        chosen = [t for t, score in threats_about(context.asked, model) if score >= FITS][:TOLD]
    elif not context.asked.threats:
        scores = {t.id: score for t, score in threats_about(context.asked, model)}
        chosen = sorted(chosen, key=lambda t: -scores.get(t.id, 0.0))
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
        told.append(also(model, more))
    return Draft(
        told, [*map(of_threat, chosen), *context.knowing.references(chosen[:1])], chosen, searched=searched
    )


def touching(context: Context) -> Draft:
    """The threats on a part and around it."""
    asked, model = context.asked, context.model
    wide = asked.severities or asked.data
    if (wide and not asked.parts) or not (asked.parts or asked.groups):
        return whole.listing(context)
    if not asked.parts:
        return general(context)
    near = nearness(asked, model)
    on = [t for t in model.threats if near.get(t.id) is Near.ON]
    beside = [t for t in model.threats if t.id in near and t not in on]
    name = named_parts(context)
    told = []
    if not near:
        beside = within_reach(asked, model)
        flows = [f for e in asked.elements for f in telling.flows_of(model, e)[1]]
        told += (
            [f"It comes in by {'; '.join(telling.flow_line(model, f) for f in flows[:3])}."] if beside else []
        )
    if on:
        lines = "\n".join(telling.headline(model, t) for t in on[:NAMED])
        more = f"\n… and {len(on) - NAMED} more." if len(on) > NAMED else ""
        told.append(f"{count(len(on), 'threat')} on {name}:\n{lines}{more}")
    if beside:
        most = NAMED // 2 if on else NAMED
        lines = "\n".join(telling.headline(model, t) for t in beside[:most])
        more = f"\n… and {len(beside) - most} more." if len(beside) > most else ""
        told.append(f"{'Next to it' if on else f'None on {name} itself; next to it'}:\n{lines}{more}")
    if not on and not beside:
        told = [f"No threat of this model stands on {name} or on a flow of it.", *_empty_cells(context)]
    cited = [of_part(model, p) for p in asked.parts]
    left = [*on[NAMED:], *beside[NAMED // 2 if on else NAMED :]]
    shown = [t for t in (*on, *beside) if t not in left]
    return Draft(told, [*cited, *map(of_threat, shown)], [*on, *beside], more=left)


def _empty_cells(context: Context) -> list[str]:
    """Why the named elements have no threats, where the coverage says so."""
    wanted = set(context.asked.parts)
    cells = [c for c in context.model.coverage.cells if c.element in wanted and c.reason]
    return [f"{c.label}: {telling.sentence(c.reason)}" for c in cells[:3]]


def more(context: Context) -> Draft:
    """The next of what the answer before has not told."""
    model, left = context.model, list(context.more)
    if not left:
        return Draft([f"That was all of it. {offers(model)}"])
    lines = "\n".join(telling.headline(model, t) for t in left[:PAGE])
    rest = f"\n… and {len(left) - PAGE} more." if len(left) > PAGE else ""
    return Draft([f"{lines}{rest}"], [*map(of_threat, left[:PAGE])], left[:PAGE])


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


def meant(context: Context) -> list[Threat]:
    """The threats that are named, else those on the parts that are named."""
    if context.asked.threats or unknown_threats(context.asked, context.model):
        return list(context.asked.threats)
    near = nearness(context.asked, context.model)
    on = [t for t in context.model.threats if near.get(t.id) is Near.ON]
    return on or [t for t in context.model.threats if t.id in near]


def attacker(context: Context) -> Draft:
    """Who acts in the threats that are meant; without one, who acts in all of them."""
    if context.asked.threats:
        return overview.attacker(context)
    rated = [t for t, score in threats_about(context.asked, context.model)[:2] if score >= FITS]
    if rated and sayings(context.asked, context.model, *rated):
        return overview.attacker(replace(context, asked=replace(context.asked, threats=tuple(rated))))
    seeks = any(not set(g) & _WHO for g in context.asked.groups)
    return haves.whether(context) if seeks or context.asked.parts else haves.attackers(context)


_WHO = frozenset({"likely", "attacker", "attackers", "actor", "hacker", "adversary", "interested", "threat"})
"""Words of a question after attackers that do not say of what."""


def evidence(context: Context) -> Draft:
    """What the threats that are meant rest on."""
    if context.asked.threats:
        return overview.evidence(context)
    if context.asked.parts and not certainty.asks_more(context):
        return certainty.origin(context)
    if found := certainty.seen(context):
        return found
    rated = [t for t, s in threats_about(context.asked, context.model)[:2] if s >= FITS]
    heard = tuple(t for t in rated if sayings(context.asked, context.model, t))
    if heard and context.asked.groups:
        return overview.evidence(replace(context, asked=replace(context.asked, threats=heard[:1])))
    return whole.assumptions(context)


def sure(context: Context) -> Draft:
    """How sure the threats that are meant are; without one, what the whole rests on."""
    return certainty.sure(context) if context.asked.threats else evidence(context)


def plain(context: Context) -> Draft:
    """The threats that are meant in plain words; without one, the whole in short."""
    if context.asked.threats:
        return planning.plain(context)
    rated = [t for t, score in threats_about(context.asked, context.model)[:2] if score >= FITS]
    chosen = rated[:1] or (nearest(context.asked, context.model) if context.asked.parts else [])
    if not chosen:
        return overview.summary(context)
    worst = sorted(chosen, key=lambda t: -t.effective_severity.rank)
    told = planning.plain(replace(context, asked=replace(context.asked, threats=tuple(worst[:2]))))
    return replace(told, more=worst[2:])


def whether(context: Context) -> Draft:
    """Whether the model has it; of a part that is only named, the threats on it."""
    if context.asked.parts and not certainty.asks_more(context):
        return touching(context)
    return haves.whether(context)


def summary(context: Context) -> Draft:
    """The whole in short; of threats that are named, these."""
    return planning.plain(context) if context.asked.threats else overview.summary(context)


def guard(context: Context) -> Draft:
    """What protects the part that is named; without one, what is found by the words."""
    if context.asked.threats:
        return fix(context)
    return guarding.guard(context) if context.asked.parts else general(context)


def hypothesis(context: Context) -> Draft:
    """What a protection would do against the threats that are named, or what it would be worth at all."""
    found = changes.hypothesis(context) if context.asked.threats else need(context)
    return replace(found, kind=ReplyKind.CHANGE)


def need(context: Context) -> Draft:
    """What a protection would be worth; where none is named, what is found by the words."""
    if context.asked.threats and context.asked.controls:
        return changes.hypothesis(context)
    if not worth.labels(context):
        return changes.hypothesis(context) if context.asked.exposures else general(context)
    return worth.worth(context)


ANSWERS: Mapping[Form, Answer] = {
    Form.HELP: saying.helping,
    Form.DENY: saying.denied,
    Form.PRESS: saying.pressing,
    Form.MEANS: saying.meaning,
    Form.FOREIGN: saying.foreign,
    Form.DECIDE: changes.decision,
    Form.SUPPOSE: hypothesis,
    Form.NEED: need,
    Form.WHETHER: whether,
    Form.SPREAD: spreading.spread,
    Form.LEAST: haves.least,
    Form.COVERED: haves.covered,
    Form.REDRAW: guarding.redraw,
    Form.BEYOND: guarding.beyond,
    Form.GUARD: guard,
    Form.SURE: sure,
    Form.PLAIN: plain,
    Form.BACKLOG: planning.backlog,
    Form.UNTOUCHED: planning.untouched,
    Form.HOTSPOTS: planning.hotspots,
    Form.COMPARE: comparing.compare,
    Form.MORE: more,
    Form.SUMMARY: summary,
    Form.BREAKDOWN: overview.breakdown,
    Form.BARE: overview.bare,
    Form.EFFORT: overview.effort,
    Form.OWNER: overview.owner,
    Form.QUICK: overview.quick,
    Form.ATTACKER: attacker,
    Form.EVIDENCE: evidence,
    Form.FRAMEWORK: standards.standard,
    Form.ADD: changes.addition,
    Form.CHANGE: changes.statement,
    Form.CHANGED: whole.changed,
    Form.WHY: why,
    Form.LOWER: why,
    Form.DECIDED: whole.decided,
    Form.FIRST: whole.first,
    Form.GAPS: whole.gaps,
    Form.QUESTIONS: whole.questions,
    Form.ASSUMPTIONS: whole.assumptions,
    Form.LIST: whole.listing,
    Form.FIX: fix,
    Form.REACH: parts.reach,
    Form.DATA: parts.data,
    Form.CONTROL: protections.control,
    Form.IDENTIFIER: identifier,
    Form.TOUCHING: touching,
    Form.HAPPENS: general,
    Form.ABOUT: about,
    Form.OTHER: general,
}
