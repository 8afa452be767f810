"""Answers about all threats together: the whole in short, counts, work, and who does it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from agent.conversation import telling
from agent.conversation.context import NAMED, Context, Draft, of_question
from agent.conversation.reply import count, listed, of_part, of_threat, one_line
from agent.conversation.turns import how_many
from agent.conversation.whole import CLOSED
from agent.domain.model import ThreatModel
from agent.domain.threat import Effort, Severity, Stride, Threat

PRESSING = 3
_HOURS = {Effort.SMALL: "hours", Effort.MEDIUM: "days", Effort.LARGE: "weeks"}


def open_threats(model: ThreatModel) -> list[Threat]:
    """What nobody has closed, the gravest first."""
    found = [t for t in model.threats if t.status not in CLOSED]
    return sorted(found, key=lambda t: -t.effective_severity.rank)


def summary(context: Context) -> Draft:
    """What somebody needs who reads nothing else: how many, the gravest, what to do, what is open."""
    model = context.model
    left = open_threats(model)
    if not model.threats:
        return Draft([f"{one_line(model.title)}: no threat was found."])
    if not left:
        return Draft([f"{one_line(model.title)}: all {count(len(model.threats), 'threat')} are decided."])
    done = len(model.threats) - len(left)
    closed = f" {done} of {len(model.threats)} are closed." if done else ""
    lead = f"{one_line(model.title)}: {count(len(left), 'open threat')} ({by_severity(left)}).{closed}"
    chosen = left[:PRESSING]
    lines = [f"• {t.id} · {one_line(t.title)} ({telling.severity(t)}). {telling.cheapest(t)}" for t in chosen]
    told = [lead, "\n".join(["What presses most:", *lines])]
    if model.questions:
        told.append(
            f"{count(len(model.questions), 'question')} are open; the first decides"
            f" {listed(model.questions[0].decides[:NAMED]) or 'most'}: {one_line(model.questions[0].text)}"
        )
    if model.coverage.not_looked_at:
        told.append(f"Not looked at: {'; '.join(model.coverage.not_looked_at[:PRESSING])}.")
    cited = [*map(of_threat, chosen), *map(of_question, model.questions[:1])]
    return Draft(told, cited, chosen, more=left[PRESSING:])


def by_severity(threats: Sequence[Threat]) -> str:
    """Such as “1 critical, 7 high”."""
    counts = Counter(t.effective_severity for t in threats)
    return ", ".join(f"{counts[s]} {s.value}" for s in reversed(Severity) if counts[s])


def breakdown(context: Context) -> Draft:
    """How many threats each category has, and the gravest of each."""
    threats = context.model.threats
    lines = []
    firsts = []
    for kind in _categories(threats):
        found = [t for t in threats if kind in t.kinds]
        if found:
            worst = max(found, key=lambda t: t.effective_severity.rank)
            firsts.append(worst)
            lines.append(f"• {kind}: {len(found)} ({by_severity(found)}), first {worst.id}")
        else:
            lines.append(f"• {kind}: none")
    lead = f"{count(len(threats), 'threat')} ({by_severity(threats)}); one may count in several categories:"
    return Draft(
        ["\n".join([lead if threats else "No threat was found.", *lines])], [*map(of_threat, firsts)]
    )


def _categories(threats: Sequence[Threat]) -> list[str]:
    """The methodology's, as far as the threats name them, else those of STRIDE."""
    named = list(dict.fromkeys(kind for t in threats for kind in t.categories))
    return named or [s.label for s in Stride]


def bare(context: Context) -> Draft:
    """Threats for which nothing is left to do, or nothing was proposed."""
    model = context.model
    found = [t for t in open_threats(model) if not telling.remedies(t)]
    done = sum(m.status.value == "done" for t in model.threats for m in t.mitigations)
    if not found:
        planned = sum(m.status.value == "planned" for t in model.threats for m in t.mitigations)
        number = count(len(open_threats(model)), "open threat")
        told = f"None: each of the {number} has at least one mitigation proposed."
        return Draft([f"{told} Marked done so far: {done}; planned: {planned}."])
    lines = [telling.headline(model, t) for t in found[:NAMED]]
    lead = f"{count(len(found), 'open threat')} without a mitigation left to do:"
    return Draft(["\n".join([lead, *lines])], [*map(of_threat, found[:NAMED])], found, more=found[NAMED:])


def effort(context: Context) -> Draft:
    """What the cheapest changes cost in all, as far as the efforts of mitigations say."""
    asked, model = context.asked, context.model
    chosen = list(asked.threats) or open_threats(model)
    if asked.severities:
        chosen = [t for t in chosen if t.effective_severity in asked.severities]
    firsts = [(t, telling.remedies(t)[0]) for t in chosen if telling.remedies(t)]
    if not firsts:
        return Draft(["Nothing is left to do on what you ask about."])
    if len(chosen) == 1:
        lines = [f"• {telling.remedy(m)}" for m in telling.remedies(chosen[0])]
        return Draft(
            ["\n".join([telling.headline(model, chosen[0]), *lines])], [of_threat(chosen[0])], chosen
        )
    counts = Counter(m.effort for _, m in firsts)
    told = ", ".join(f"{counts[e]} {e.value} ({_HOURS[e]} each)" for e in Effort if counts[e])
    high = [t for t in chosen if t.effective_severity.rank >= Severity.HIGH.rank]
    first = Counter(telling.remedies(t)[0].effort for t in high if telling.remedies(t))
    pressing = ", ".join(f"{first[e]} {e.value}" for e in Effort if first[e])
    lines = [f"The cheapest change for each of {count(len(firsts), 'open threat')}: {told}."]
    if pressing and len(high) < len(chosen):
        lines.append(f"For the {len(high)} critical and high ones alone: {pressing}.")
    lines.append("These are sizes, no estimate of your team's; a cheapest change may not close its threat.")
    return Draft([" ".join(lines)], [*map(of_threat, high[:PRESSING])], chosen)


def owner(context: Context) -> Draft:
    """That the model knows neither people nor tickets; where the threat stands, who has decided."""
    asked, model = context.asked, context.model
    told = ["The model keeps no owners, dates or tickets."]
    if asked.threats:
        threat = asked.threats[0]
        who = f" It was decided by {threat.decided_by}." if threat.decided_by else ""
        told = [
            f"The model names no owner for {threat.id}. It stands on {telling.places(model, threat)}, so it"
            f" is for whoever runs that.{who} {telling.cheapest(threat)}".strip()
        ]
    told.append("To plan the work elsewhere, take “Export as … CSV” under the summary: one line a threat.")
    return Draft(told, [*map(of_threat, asked.threats[:1])], asked.threats[:1])


def quick(context: Context) -> Draft:
    """Small changes against the gravest threats."""
    model = context.model
    small = [
        (t, m)
        for t in open_threats(model)
        for m in telling.remedies(t)[:1]
        if m.effort is Effort.SMALL and (not context.asked.parts or set(context.asked.parts) & set(t.targets))
    ]
    if not small:
        return Draft(
            ["No open threat has a small change left; “what should we do first?” names the larger ones."]
        )
    most = how_many(context.asked.text, NAMED - 1)
    lines = [f"• {t.id} ({telling.severity(t)}): {telling.remedy(m)}" for t, m in small[:most]]
    lead = f"{count(len(small), 'open threat')} can be answered by a change of hours; against the gravest:"
    chosen = [t for t, _ in small]
    return Draft(
        ["\n".join([lead, *lines])],
        [*map(of_threat, chosen[:most])],
        chosen[:most],
        more=chosen[most:],
    )


def why_all(context: Context) -> Draft:
    """Why so many are rated as they are: the facts that most of them share."""
    model = context.model
    wanted = context.asked.severities or (Severity.CRITICAL, Severity.HIGH)
    found = [t for t in model.threats if t.effective_severity in wanted]
    name = listed([s.value for s in wanted], "or")
    if not found:
        return Draft([f"No threat is {name}: {by_severity(model.threats) or 'there is none'}."])
    reasons = Counter(
        "reachable from the internet" if f.name == "exposure" else f.reason
        for t in found
        for f in t.likelihood.factors
        if f.reason and (f.points > 0 or f.name.startswith("control: "))
    )
    every = f"{count(len(model.threats), 'threat')} ({by_severity(model.threats)})"
    told = [f"Not everything is: {len(found)} of {every} are {name}."]
    if reasons:
        shared = listed(f"{reason} ({n} of them)" for reason, n in reasons.most_common(3))
        told.append(f"What raises them most often: {shared}.")
    if model.questions:
        told.append(f"One answer lowers most: {one_line(model.questions[0].text)}")
    return Draft(
        [" ".join(told)],
        [*map(of_threat, found[:PRESSING]), *map(of_question, model.questions[:1])],
        found[:PRESSING],
    )


def attacker(context: Context) -> Draft:
    """Who acts in a threat, what they need, and from where."""
    model, chosen = context.model, context.asked.threats[:2]
    told = []
    for threat in chosen:
        said = threat.statement
        who = one_line(f"{said.source} {said.prerequisites}")
        needs = [f.reason for f in threat.likelihood.factors if f.name in {"skill", "exposure"} and f.reason]
        told.append(f"{threat.id}: {who}. {telling.sentence('; '.join(needs))}".strip())
    cited = [*map(of_threat, chosen), *(of_part(model, p) for t in chosen for p in t.targets[:1])]
    return Draft(told, cited, chosen)


def evidence(context: Context) -> Draft:
    """On what a threat rests, each with where it was read."""
    model, chosen = context.model, context.asked.threats[:2]
    told = []
    for threat in chosen:
        lines = [f"• {text}" for text in telling.evidence(threat)[:NAMED]]
        told.append(
            "\n".join(
                [f"{telling.headline(model, threat)} rests on:", *(lines or ["• nothing that was kept."])]
            )
        )
    cited = [*map(of_threat, chosen), *(of_part(model, p) for t in chosen for p in t.targets[:2])]
    return Draft(told, [*cited, *context.knowing.references(chosen[:1])], chosen)
