"""Whether the model has it: a threat that says it, a protection that answers it, somebody who does it."""

from __future__ import annotations

from collections import Counter

from agent import risk
from agent.conversation import telling, turns
from agent.conversation.context import ALSO, NAMED, TOLD, Context, Draft, also, quoted
from agent.conversation.overview import open_threats
from agent.conversation.reply import count, listed, of_part, of_threat, one_line
from agent.conversation.search import FITS, sayings, threats_about, within_reach
from agent.domain.threat import Threat

_CONTROL = "control: "
_HALF = 0.5
_OWN = (
    "If it is a threat here, add it: “add a threat that … in …”, with the part's name as it is drawn; a"
    " person confirms it."
)


def whether(context: Context) -> Draft:
    """“Is there anything about …?”: the threats that say it, or that none does and which are nearest."""
    model = context.model
    rated = [t for t, score in threats_about(context.asked, model) if score >= _NEAR]
    heard = [t for t in rated if sayings(context.asked, model, t)]
    told = quoted(context, _HALF)
    if heard:
        told += [telling.story(model, t) for t in heard[:TOLD]]
        told += [also(model, heard[TOLD:])] if heard[TOLD:] else []
        shown = heard[: TOLD + ALSO]
        references = context.knowing.references(heard[:1])
        return Draft(
            told, [*map(of_threat, shown), *references], heard, searched=True, more=heard[TOLD + ALSO :]
        )
    asks = turns.YES_OR_NO.match(context.asked.text)
    told.append(f"{'No: no' if asks else 'No'} threat of this model says that in such words.")
    near = rated[:3]
    if near:
        told.append("\n".join(["The nearest that it has:", *(telling.headline(model, t) for t in near)]))
    told.append(_OWN)
    cited = [*map(of_threat, near), *(of_part(model, p) for p in context.asked.parts[:3])]
    return Draft(told, cited, near, searched=True, more=rated[3:])


_NEAR = 0.3
"""How well a threat must fit to be called near."""


def covered(context: Context) -> Draft:
    """“Isn't that handled already?”: what the input says of it, and what the rating waits for."""
    asked, model = context.asked, context.model
    rated = [t for t, score in threats_about(asked, model) if score >= FITS]
    chosen = list(asked.threats[:TOLD]) or rated[:TOLD]
    said = quoted(context, _THIRD, 1)
    told = [*said] or ["The description does not say so."]
    told += [f"{telling.headline(model, t)}\n{_waiting(context, t)}" for t in chosen]
    if not chosen:
        return whether(context)
    cited = [*map(of_threat, chosen), *(of_part(model, p) for t in chosen for p in t.targets[:2])]
    return Draft(told, [*cited, *context.knowing.references(chosen[:1])], chosen, searched=not asked.threats)


_THIRD = 0.3


def _waiting(context: Context, threat: Threat) -> str:
    """Which protection its rating waits for, and how to say that it is there."""
    factors = threat.likelihood.factors
    waits = [f.name.removeprefix(_CONTROL) for f in factors if f.name.startswith(_CONTROL)]
    if risk.is_answered(threat):
        return "It is counted as answered already, and stays as a control to test."
    if not waits:
        return "Its rating hangs on no protection; a reason to dismiss it can be given."
    lower = risk.lowering_facts(threat)
    gives = f" {lower[0]}." if lower else ""
    one = waits[0].rpartition(" or ")[2]
    where = telling.places(context.model, threat)
    return (
        f"It counts that nothing names {listed(waits, 'or')}.{gives} If that is what you have, say so with"
        f" the part's name, such as “we have {one} on {where}”, and it is proposed as a fact."
    )


def attackers(context: Context) -> Draft:
    """Who acts in the threats, and how often; the gravest threats of each."""
    model = context.model
    left = open_threats(model)
    by: dict[str, list[Threat]] = {}
    for threat in left:
        by.setdefault(one_line(threat.statement.source), []).append(threat)
    if not by:
        return Draft(["No threat is open, so nobody acts in one."])
    counts = Counter({who: sum(2**t.effective_severity.rank for t in ts) for who, ts in by.items()})
    lines = []
    firsts = []
    for who, _ in counts.most_common(NAMED - 1):
        worst = by[who][0]
        firsts.append(worst)
        lines.append(
            f"• {who}: {count(len(by[who]), 'threat')}, the gravest {worst.id} ({telling.severity(worst)})"
            f" {one_line(worst.title)}"
        )
    lead = "Who acts in the open threats, those first who act in the most and the gravest:"
    told = ["\n".join([lead, *lines])]
    told.append("How likely each comes the model does not say; a threat's likelihood counts what it takes.")
    return Draft(told, [*map(of_threat, firsts)], firsts)


def least(context: Context) -> Draft:
    """What presses least: answered threats first, then the lowest; that they may be left a person decides."""
    model = context.model
    left = [t for t in open_threats(model) if t in within_reach(context.asked, model)]
    lowest = sorted(left, key=lambda t: (t.effective_severity.rank, t.likelihood.score * t.impact.score))
    if not lowest:
        return Draft(["No threat is open there."])
    heads = [telling.headline(model, t) for t in lowest[:NAMED]]
    told = ["\n".join(["What presses least by this model:", *heads])]
    told.append(
        "Whether one may be left is for a person to decide: “accept the risk of"
        f" {lowest[0].id} because …”, or dismiss it with a reason."
    )
    return Draft(told, [*map(of_threat, lowest[:NAMED])], lowest[:NAMED], more=lowest[NAMED:])
