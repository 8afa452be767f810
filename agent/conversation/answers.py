"""Answers about threats, and which answer each form of a question gets.

Each sentence comes from the model or from a passage; nothing is made up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from agent.catalog.phrases import tokens
from agent.conversation import changes, comparing, overview, parts, saying, standards, telling, whole
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
    quoted_of_parts,
    rest,
)
from agent.conversation.following import PAGE
from agent.conversation.knowing import COMPANY
from agent.conversation.reply import ReplyKind, count, listed, of_part, of_passage, of_threat, one_line
from agent.conversation.search import FITS, Near, excerpt, nearest, nearness, threats_about
from agent.conversation.speech import Form, load_speech
from agent.domain.threat import Severity, Threat
from knowledge.passages import Passage


def why(context: Context) -> Draft:
    """How severities come about."""
    asked, model = context.asked, context.model
    chosen = meant(context)
    if not chosen and _ALL & {t.word for t in tokens(asked.text)}:
        return overview.why_all(context)
    if not chosen:
        known = [
            t for t in model.threats if t.effective_severity in (asked.severities or (Severity.CRITICAL,))
        ]
        if unknown_threats(asked, model) or not model.threats:
            return _unsure(context, "I cannot tell which threat you mean.")
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
    cited = [*map(of_threat, chosen), *context.knowing.references(chosen[:1])]
    return Draft(told, cited, chosen, more=rest[ALSO:])


WHY = 2
"""Threats whose severity is explained at once."""
_ALL = frozenset({"everything", "all", "many", "every"})


def fix(context: Context) -> Draft:
    """What to do, the cheapest first."""
    model = context.model
    chosen = meant(context)
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
        told.append(also(model, more))
    return Draft(
        told, [*map(of_threat, chosen), *context.knowing.references(chosen[:1])], chosen, searched=searched
    )


def touching(context: Context) -> Draft:
    """The threats on a part and around it."""
    asked, model = context.asked, context.model
    if (asked.severities and not asked.parts) or not (asked.parts or asked.groups):
        return whole.listing(context)
    if not asked.parts:
        return general(context)
    near = nearness(asked, model)
    on = [t for t in model.threats if near.get(t.id) is Near.ON]
    beside = [t for t in model.threats if t.id in near and t not in on]
    name = named_parts(context)
    told = []
    if on:
        lines = "\n".join(telling.headline(model, t) for t in on[:NAMED])
        more = f"\n… and {len(on) - NAMED} more." if len(on) > NAMED else ""
        told.append(f"{count(len(on), 'threat')} on {name}:\n{lines}{more}")
    if beside:
        most = NAMED // 2 if on else NAMED
        lines = "\n".join(telling.headline(model, t) for t in beside[:most])
        more = f"\n… and {len(beside) - most} more." if len(beside) > most else ""
        told.append(f"{'Next to it' if on else f'None on {name} itself; next to it'}:\n{lines}{more}")
    if not told:
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
        told.append(f"{'Flow' if len(flows) == 1 else 'Flows'}: {lines}{rest(flows)}.")
    chosen = nearest(asked, model)
    told += [telling.story(model, t) for t in chosen[:1]] or ["No threat of this model stands on it."]
    told += [also(model, chosen[1:])] if chosen[1:] else []
    cited = [*(of_part(model, p) for p in asked.parts[:NAMED]), *map(of_threat, chosen[: 1 + ALSO])]
    references = context.knowing.references(chosen[:1])
    return Draft(told, [*cited, *references], chosen, more=chosen[1 + ALSO :])


def telling_threats(context: Context) -> Draft:
    """The named threats in full."""
    model, chosen = context.model, context.asked.threats
    if len(chosen) > 1:
        return comparing.compare(context)
    told = [telling.told(model, t) for t in chosen]
    cited = [*map(of_threat, chosen), *(of_part(model, p) for p in chosen[0].targets[:3])]
    return Draft(told, [*cited, *context.knowing.references(chosen)], chosen)


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


def general(context: Context) -> Draft:
    """What of the model, or else of the knowledge base, fits the words of the question."""
    model = context.model
    if context.asked.threats:
        return telling_threats(context)
    described = quoted(context) or quoted_of_parts(context)
    rated = threats_about(context.asked, model)
    best = rated[0][1] if rated else 0.0
    if best < FITS:
        if context.asked.parts:
            found = about(context)
            return replace(found, paragraphs=[*described, *found.paragraphs])
        return Draft(described, searched=True) if described else _from_knowledge(context)
    chosen = [t for t, score in rated if score >= max(FITS, 0.6 * best)]
    full = 1 if described else TOLD
    told = [*described, *_lacking_kind(context, chosen), *(telling.story(model, t) for t in chosen[:full])]
    rest = chosen[full:]
    told += [also(model, rest)] if rest else []
    shown = chosen[: full + ALSO]
    cited = [*map(of_threat, shown), *(of_part(model, p) for p in chosen[0].targets[:2])]
    ours = context.knowing.of_company(context.asked)[:1]
    told += [f"The company's own documents say: {_quoted(context, p)}" for p in ours]
    cited[len(chosen[:full]) : 0] = map(of_passage, ours)
    references = context.knowing.references(chosen[:1])
    return Draft(told, [*cited, *references], chosen, searched=True, more=chosen[full + ALSO :])


def _lacking_kind(context: Context, chosen: Sequence[Threat]) -> list[str]:
    """That no threat of the kind that the question is after stands where it asks."""
    themes = load_speech().themes.all(tokens(context.asked.text))
    strides = {s for m in themes for s in m.payload.strides}
    near = nearness(context.asked, context.model)
    there = [t for t in chosen if t.id in near]
    if not context.asked.parts or len(strides) != 1 or any(strides & set(t.stride) for t in there):
        return []
    kind = strides.pop().label.lower()
    return [f"No threat of {kind} is listed for {named_parts(context)}; what is listed there:"]


def _quoted(context: Context, passage: Passage) -> str:
    """A passage with its id; of a company document, which may be long, what the question is about."""
    text = excerpt(context.asked.groups, passage.text) if passage.source == COMPANY else passage.text
    return f"{passage.id} ({one_line(passage.title)}): {one_line(text)}"


def _from_knowledge(context: Context) -> Draft:
    """What is known in general, said to be just that; or that nothing fits."""
    passages = context.knowing.about(context.asked)[:2]
    if not passages:
        return _unsure(
            context, "I do not know: nothing in this threat model or the knowledge base fits your words."
        )
    told = ["Nothing in this threat model fits your words. What the knowledge base says in general:"]
    told += [_quoted(context, p) for p in passages]
    return Draft(told, [of_passage(p) for p in passages], searched=True)


def _unsure(context: Context, lead: str) -> Draft:
    """That it is not known, or which threat does not exist, and what can be asked."""
    missing = unknown_threats(context.asked, context.model)
    if missing:
        have = context.model.threats
        span = f"it has {have[0].id} to {max(t.id for t in have)}" if have else "it has none"
        lead = f"This model has no threat {listed(missing, 'or')}; {span}."
    return Draft([f"{lead} {offers(context.model)}"], kind=ReplyKind.UNKNOWN, searched=not missing)


def meant(context: Context) -> list[Threat]:
    """The threats that are named, else those on the parts that are named."""
    if context.asked.threats or unknown_threats(context.asked, context.model):
        return list(context.asked.threats)
    near = nearness(context.asked, context.model)
    on = [t for t in context.model.threats if near.get(t.id) is Near.ON]
    return on or [t for t in context.model.threats if t.id in near]


def attacker(context: Context) -> Draft:
    """Who acts in the threats that are meant."""
    return overview.attacker(context) if context.asked.threats else general(context)


def evidence(context: Context) -> Draft:
    """What the threats that are meant rest on."""
    return overview.evidence(context) if context.asked.threats else whole.assumptions(context)


ANSWERS: Mapping[Form, Answer] = {
    Form.HELP: saying.helping,
    Form.DENY: saying.denied,
    Form.PRESS: saying.pressing,
    Form.MEANS: saying.meaning,
    Form.FOREIGN: saying.foreign,
    Form.DECIDE: changes.decision,
    Form.SUPPOSE: changes.hypothesis,
    Form.COMPARE: comparing.compare,
    Form.MORE: more,
    Form.SUMMARY: overview.summary,
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
    Form.CONTROL: parts.control,
    Form.IDENTIFIER: identifier,
    Form.TOUCHING: touching,
    Form.HAPPENS: general,
    Form.ABOUT: about,
    Form.OTHER: general,
}
