"""Answers that are searched for by the words of a question: a part, a threat, what is nearest, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.catalog.phrases import tokens
from agent.conversation import comparing, guarding, haves, telling
from agent.conversation.asked import unknown_threats
from agent.conversation.context import (
    ALSO,
    NAMED,
    TOLD,
    Context,
    Draft,
    also,
    named_parts,
    offers,
    quoted,
    quoted_of_parts,
    rest,
)
from agent.conversation.knowing import COMPANY
from agent.conversation.reply import ReplyKind, listed, of_part, of_passage, of_threat, one_line
from agent.conversation.search import FITS, excerpt, nearest, nearness, sayings, threats_about
from agent.conversation.speech import Form, load_speech
from agent.domain.threat import Threat
from knowledge.passages import Passage


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


def general(context: Context) -> Draft:
    """What of the model, or else of the knowledge base, fits the words of the question."""
    model = context.model
    if context.asked.threats:
        return telling_threats(context)
    described = quoted(context) or quoted_of_parts(context)
    rated = threats_about(context.asked, model)
    best = rated[0][1] if rated else 0.0
    lost = guarding.after_a_loss(context)
    if best < FITS:
        return _unfit(context, described, lost)
    chosen = [t for t, score in rated if score >= max(FITS, 0.6 * best)]
    if not described and context.asked.form is Form.OTHER and not _is_heard(context, chosen):
        return _near_misses(context, chosen)
    full = 1 if described else TOLD
    lacking = [*lost, *_lacking_kind(context, chosen)]
    told = [*described, *lacking, *(telling.story(model, t) for t in chosen[:full])]
    rest = chosen[full:]
    told += [also(model, rest)] if rest else []
    shown = chosen[: full + ALSO]
    cited = [*map(of_threat, shown), *(of_part(model, p) for p in chosen[0].targets[:2])]
    ours = context.knowing.of_company(context.asked)[:1]
    told += [f"The company's own documents say: {_quoted(context, p)}" for p in ours]
    cited[len(chosen[:full]) : 0] = map(of_passage, ours)
    references = context.knowing.references(chosen[:1])
    return Draft(told, [*cited, *references], chosen, searched=True, more=chosen[full + ALSO :])


def _unfit(context: Context, described: Sequence[str], lost: Sequence[str]) -> Draft:
    """Where no threat fits: what hangs on the part, what the description says, the part, or what is known."""
    asked, model = context.asked, context.model
    if lost:
        near = nearest(asked, model)[:3]
        heads = [telling.headline(model, t) for t in near]
        standing = ["\n".join(["Threats that stand there:", *heads])] if near else []
        cited = [*(of_part(model, p) for p in asked.parts[:3]), *map(of_threat, near)]
        return Draft([*described, *lost, *standing], cited, near)
    if asked.parts and asked.form is Form.HAPPENS and asked.groups:
        return haves.whether(context)
    if asked.parts:
        found = about(context)
        return replace(found, paragraphs=[*described, *found.paragraphs])
    return Draft(described, searched=True) if described else _from_knowledge(context)


def _is_heard(context: Context, chosen: Sequence[Threat]) -> bool:
    """Whether the best threats have most of the question's words beside the names of parts."""
    themes = load_speech().themes.all(tokens(context.asked.text))
    few = len(context.asked.groups) < _ENOUGH
    return few or bool(themes) or sayings(context.asked, context.model, *chosen[:TOLD])


_ENOUGH = 2
"""Words that a question must have to be called not understood."""


def _near_misses(context: Context, chosen: Sequence[Threat]) -> Draft:
    """That the question was not understood, of what it is, and what comes nearest."""
    model, asked = context.model, context.asked
    of = f" of {named_parts(context)}" if asked.parts else ""
    told = [f"I am not sure what you ask{of}: most of your words stand nowhere in this model."]
    heads = [telling.headline(model, t) for t in chosen[:ALSO]]
    told.append("\n".join(["The nearest that it has:", *heads]))
    told.append(_askable(context))
    cited = [*(of_part(model, p) for p in asked.parts[:3]), *map(of_threat, chosen[:ALSO])]
    return Draft(told, cited, chosen[:ALSO], ReplyKind.UNKNOWN, searched=True, more=chosen[ALSO:])


def _askable(context: Context) -> str:
    """Questions about the parts that were named, else about the whole, which have answers."""
    if not context.asked.elements:
        return offers(context.model)
    name = one_line(context.asked.elements[0].name)
    asks = [f"who can reach {name}?", f"what protects {name}?", f"what data does {name} hold?"]
    asks.append(f"what should we fix first at {name}?")
    return f"You can ask, for example: {' · '.join(asks)}"


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
    if not passages and context.asked.form in {Form.TOUCHING, Form.LIST}:
        return unsure(context, _UNSORTED)
    if not passages:
        return unsure(
            context, "I do not know: nothing in this threat model or the knowledge base fits your words."
        )
    told = ["Nothing in this threat model fits your words. What the knowledge base says in general:"]
    told += [_quoted(context, p) for p in passages]
    return Draft(told, [of_passage(p) for p in passages], searched=True, in_general=True)


_UNSORTED = (
    "I do not know: the threats are not sorted by that. Known of each are its severity, STRIDE category,"
    " parts, evidence, mitigations with their size (small, medium, large), references and what was decided."
)


def unsure(context: Context, lead: str) -> Draft:
    """That it is not known, or which threat does not exist, and what can be asked."""
    missing = unknown_threats(context.asked, context.model)
    if missing:
        have = context.model.threats
        span = f"it has {have[0].id} to {max(t.id for t in have)}" if have else "it has none"
        lead = f"This model has no threat {listed(missing, 'or')}; {span}."
    return Draft([f"{lead} {offers(context.model)}"], kind=ReplyKind.UNKNOWN, searched=not missing)
