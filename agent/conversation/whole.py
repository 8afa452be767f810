"""Answers about the model as a whole: its gaps, questions, assumptions, decisions, and what comes first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.conversation import telling
from agent.conversation.context import (
    NAMED,
    Context,
    Draft,
    named_parts,
    of_question,
    question_line,
    quoted,
    rest,
)
from agent.conversation.reply import Citation, count, listed, of_part, of_threat, one_line
from agent.conversation.search import Near, mentions, nearness
from agent.conversation.turns import how_many
from agent.difference import difference
from agent.domain.model import ThreatModel
from agent.domain.threat import Severity, Threat, ThreatStatus

LISTED = 8
"""Threats that a list names."""
CLOSED = frozenset({ThreatStatus.DISMISSED, ThreatStatus.MITIGATED, ThreatStatus.RISK_ACCEPTED})


_AT_ONCE = 6
"""Threats that come first, at most, each with its cheapest change."""


def first(context: Context) -> Draft:
    """The open threats that press most, each with its cheapest change, and the question that decides most."""
    model = context.model
    open_ = [t for t in model.threats if t.status not in CLOSED]
    if not open_:
        return Draft([f"No threat is open: all {len(model.threats)} are decided."])
    if context.asked.parts:
        near = nearness(context.asked, model)
        here = [t for t in open_ if t.id in near]
        open_ = sorted(here, key=lambda t: (-t.effective_severity.rank, near[t.id] is not Near.ON))
        if not open_:
            return Draft([f"No open threat stands on {named_parts(context)}."], _parts(context))
    most = min(how_many(context.asked.text, 3), _AT_ONCE)
    chosen = sorted(open_, key=lambda t: -t.effective_severity.rank)[:most]
    told = ["\n".join(filter(None, [telling.headline(model, t), telling.cheapest(t)])) for t in chosen]
    if context.asked.parts:
        told[0] = "\n".join([telling.headline(model, chosen[0]), telling.happens(chosen[0])])
    cited = [of_threat(t) for t in chosen]
    if model.questions and not context.asked.parts:
        question = model.questions[0]
        told.append(f"Answer first: {question_line(question)}")
        cited.append(of_question(question))
    left = sorted(open_, key=lambda t: -t.effective_severity.rank)[most:]
    return Draft(told, cited, chosen, more=left)


def _parts(context: Context) -> list[Citation]:
    return [of_part(context.model, p) for p in context.asked.parts[:3]]


def gaps(context: Context) -> Draft:
    """What was not looked at."""
    model = context.model
    if context.asked.elements:
        return _in_scope(context)
    cells = model.coverage.cells
    told = []
    if model.coverage.not_looked_at:
        told.append(
            f"Not looked at, because the input does not show it: {'; '.join(model.coverage.not_looked_at)}."
        )
    if cells:
        covered = sum(c.covered for c in cells)
        matrix = f"{model.coverage.methodology} × element matrix"
        told.append(f"{covered} of {len(cells)} cells of the {matrix} have a threat or a reason.")
        bare = [f"{c.label} of {one_line(model.system.name_of(c.element))}" for c in cells if not c.covered]
        if bare:
            told.append(f"Neither a threat nor a reason: {'; '.join(bare[:NAMED])}{rest(bare)}.")
    told += [f"Not finished: {f.area}: {telling.sentence(f.reason)}" for f in model.failed]
    if model.partial:
        told.append("The run was stopped before its end.")
    if model.system.warnings:
        told.append(f"Not taken over: {' '.join(map(telling.sentence, model.system.warnings[:NAMED]))}")
    return Draft(told or ["The model names nothing that was left out."])


def _in_scope(context: Context) -> Draft:
    """Whether the parts that are named were looked at: their threats, and their cells without any."""
    model, told = context.model, []
    for element in context.asked.elements[:NAMED]:
        cells = [c for c in model.coverage.cells if c.element == element.id]
        ids = list(dict.fromkeys(t for c in cells for t in c.threats))
        bare = [c.label.lower() for c in cells if not c.covered]
        known = f"{one_line(element.name)} was looked at: {count(len(ids), 'threat')}"
        known += f" ({listed(ids[:NAMED])}{rest(ids)})" if ids else ""
        told.append(f"{known}{f'; nothing was found or ruled out for {listed(bare)}' if bare else ''}.")
    if model.coverage.not_looked_at:
        told.append(f"Not looked at in all of it: {'; '.join(model.coverage.not_looked_at)}.")
    return Draft(["\n".join(told)], [of_part(model, e.id) for e in context.asked.elements[:NAMED]])


def questions(context: Context) -> Draft:
    """The open questions."""
    chosen = context.model.questions
    if not chosen:
        return Draft(["There is no open question: nothing that could be answered would change this model."])
    lines = "\n".join(f"• {question_line(q)}" for q in chosen[:NAMED])
    return Draft(
        [f"{count(len(chosen), 'open question')}:\n{lines}"], [of_question(q) for q in chosen[:NAMED]]
    )


def assumptions(context: Context) -> Draft:
    """What was taken as true: of the parts that are named, or about what the question's own words say."""
    asked, system = context.asked, context.model.system
    wanted = set(asked.parts)
    wanted |= {f.id for f in system.flows if wanted & {f.source, f.target}}
    chosen = [a for a in system.assumptions if not wanted or wanted & set(a.targets)]
    guessed = [e for e in system.elements if e.assumed and (not wanted or e.id in wanted)]
    sought = [g for g in asked.groups if not set(g) & _TAKEN]
    told = []
    if wanted and not chosen and not guessed:
        told.append(f"Nothing was assumed of {named_parts(context)}: what is said of it stands in the input.")
    elif sought and not wanted and not any(mentions(a.text, g) for a in chosen for g in sought):
        told.append("No assumption speaks of that.")
    if told:
        told += quoted(replace(context, asked=replace(asked, groups=tuple(sought))), _ONE_IN_THREE, 1)
        chosen, guessed = list(system.assumptions), []
    if chosen:
        lines = "\n".join(f"• {telling.sentence(a.text)}" for a in chosen[:NAMED])
        told.append(f"{count(len(chosen), 'assumption')}{' in all' if told else ''}:\n{lines}")
    if guessed:
        told.append(f"Guessed, in that it exists or what kind it is: {telling.names(guessed)}.")
    cited = [of_part(context.model, t) for a in chosen[:NAMED] for t in a.targets]
    return Draft(told or ["Nothing was assumed: all of it stands in the input."], cited)


_TAKEN = frozenset(
    {"assume", "assumed", "assumption", "assumptions", "assuming", "based", "granted", "took", "taken"}
)
"""Words of a question after assumptions that do not say of what."""
_ONE_IN_THREE = 0.3


def decided(context: Context) -> Draft:
    """What engineers have decided."""
    model = context.model
    chosen = list(context.asked.threats)
    if not chosen:
        said = context.asked.text.lower()
        states = [s for s in ThreatStatus if s.value.replace("_", " ") in said]
        if _OPEN & set(said.replace("?", " ").split()):
            states = [ThreatStatus.PROPOSED]
        chosen = [
            t
            for t in model.threats
            if (t.status in states if states else t.status is not ThreatStatus.PROPOSED)
        ]
        if not chosen:
            what = listed((s.value.replace("_", " ") for s in states), "or") or "decided"
            return Draft([f"No threat is {what}: of {len(model.threats)}, {_by_status(model)}."])
    lines = [_decision(model, t) for t in chosen[:LISTED]]
    more = [f"… and {len(chosen) - LISTED} more."] if len(chosen) > LISTED else []
    lead = [f"{len(chosen)} of {count(len(model.threats), 'threat')}:"] if len(chosen) > 1 else []
    cited = [of_threat(t) for t in chosen[:LISTED]]
    return Draft(["\n".join([*lead, *lines, *more])], cited, chosen, more=chosen[LISTED:])


_OPEN = frozenset({"open", "left", "remaining", "undecided", "unreviewed", "review"})


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


def changed(context: Context) -> Draft:
    """What the latest run made different from the revision before."""
    model, before = context.model, context.before()
    if before is None:
        return Draft(["This is the first revision: there is none before it to compare with."])
    found = difference(before, model)
    now = {t.id: t for t in model.threats}
    lead = (
        f"Revision {model.revision} beside revision {before.revision}: {count(len(found.new), 'threat')} new,"
        f" {len(found.gone)} gone, {len(found.changed)} changed, {len(found.kept)} as before."
    )
    parts = [
        f"{word}: {listed(one_line(n) for n in names[:NAMED])}{rest(names)}."
        for word, names in (("New in the system", found.elements_new), ("Gone from it", found.elements_gone))
        if names
    ]
    told = [lead, *(["\n".join(parts)] if parts else [])]
    new = [t for t in found.new if t.id in now]
    for word, threats, its in (("New:", new, model), ("Gone:", found.gone, before)):
        lines = [telling.headline(its, t) for t in threats[:NAMED]]
        told += ["\n".join([word, *lines, *_more(threats)])] if lines else []
    lines = [f"{telling.headline(model, c.after)} · {listed(c.what)}" for c in found.changed[:NAMED]]
    told += ["\n".join(["Changed:", *lines, *_more(found.changed)])] if lines else []
    shown = [*new, *(c.after for c in found.changed)]
    return Draft(told, [of_threat(t) for t in shown[: 2 * NAMED]], shown)


def _more(items: Sequence[object]) -> list[str]:
    return [f"… and {len(items) - NAMED} more."] if len(items) > NAMED else []


def _holding(context: Context, tags: set[str]) -> set[str]:
    """The elements and flows that hold or carry such data."""
    system = context.model.system
    ids = {a.id for a in system.assets if a.tag in tags}
    holders = {e.id for e in system.elements if ids & set(e.assets)}
    return holders | {f.id for f in system.flows if ids & set(f.assets)}


def listing(context: Context) -> Draft:
    """Threats by severity, category and place."""
    asked, model = context.asked, context.model
    near = nearness(asked, model)
    tags = set() if asked.parts else {k.tag.value for k in asked.data}
    held = _holding(context, tags)
    chosen = [
        t
        for t in model.threats
        if (not tags or held & set(t.targets))
        and (not asked.severities or t.effective_severity in asked.severities)
        and (not asked.strides or set(asked.strides) & set(t.stride))
        and (not asked.parts or t.id in near)
    ]
    what = " ".join([*(s.value for s in asked.severities), *(s.label.lower() for s in asked.strides)])
    where = f" on or next to {named_parts(context)}" if asked.parts else ""
    if tags:
        where = f" where {listed(sorted(t.replace('_', ' ') for t in tags))} data is held or passes"
    if tags and not held:
        return Draft([f"The model names no {listed(sorted(tags), 'or')} data, so no threat is listed by it."])
    if not chosen:
        return Draft(
            [f"No threat{f' is {what}' if what else ''}{where}; the model has {len(model.threats)} in all."]
        )
    lead = f"{len(chosen)} of {count(len(model.threats), 'threat')}{f', {what}' if what else ''}{where}:"
    if len(chosen) == len(model.threats):
        counts = {s.value: sum(t.effective_severity is s for t in chosen) for s in reversed(Severity)}
        told = ", ".join(f"{number} {name}" for name, number in counts.items() if number)
        lead = f"{count(len(chosen), 'threat')}, {told}:"
    lines = [telling.headline(model, t) for t in chosen[:LISTED]]
    more = [f"… and {len(chosen) - LISTED} more."] if len(chosen) > LISTED else []
    listed_ = ["\n".join([lead, *lines, *more])]
    return Draft(listed_, [of_threat(t) for t in chosen[:LISTED]], chosen, more=chosen[LISTED:])
