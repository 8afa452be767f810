"""How sure a threat is: what was seen of it, what was concluded, and what is only not said."""

from __future__ import annotations

from dataclasses import replace

from agent import risk
from agent.conversation import telling
from agent.conversation.context import Context, Draft, quoted
from agent.conversation.reply import listed, of_part, of_threat, one_line
from agent.conversation.search import FITS, threats_about
from agent.domain.system import EvidenceKind
from agent.domain.threat import Threat
from agent.naming import key

_SEEN = (EvidenceKind.ANSWER, EvidenceKind.DESCRIPTION, EvidenceKind.DIAGRAM)
_MOST = 2


def sure(context: Context) -> Draft:
    """“Is that something you saw, or a guess?”: seen, concluded, and missing, apart from each other."""
    chosen = list(context.asked.threats[:_MOST])
    told = [_weighed(context, t) for t in chosen]
    cited = [*map(of_threat, chosen), *(of_part(context.model, p) for t in chosen for p in t.targets[:2])]
    return Draft(told, cited, chosen)


def _weighed(context: Context, threat: Threat) -> str:
    kept = {
        kind: [one_line(e.quote) for e in threat.evidence if e.kind is kind and e.quote]
        for kind in EvidenceKind
    }
    seen = [f"“{quote}”" for kind in _SEEN for quote in kept[kind]]
    lines = [telling.headline(context.model, threat)]
    lines.append(
        f"• Seen in the input: {listed(seen[:3])}." if seen else "• Seen in the input: nothing of it."
    )
    if kept[EvidenceKind.TOPOLOGY]:
        lines.append(f"• Concluded from the drawing: {'; '.join(kept[EvidenceKind.TOPOLOGY][:2])}.")
    if kept[EvidenceKind.ABSENCE]:
        silent = "; ".join(kept[EvidenceKind.ABSENCE][:2])
        lines.append(f"• Only not said, which proves nothing: {silent}.")
    lower = [fact for fact in risk.lowering_facts(threat) if "in place" in fact]
    if lower:
        lines.append(f"• What would settle it: {lower[0]}. Say so here and it is proposed as a fact.")
    return "\n".join(lines)


def seen(context: Context) -> Draft | None:
    """“Where did you see that?” without a threat: the sentence of the description, and what rests on it."""
    sought = tuple(g for g in context.asked.groups if not set(g) & _META)
    context = replace(context, asked=replace(context.asked, groups=sought))
    told = quoted(context, _HALF)
    if not told:
        return None
    chosen = [t for t, score in threats_about(context.asked, context.model) if score >= FITS][:3]
    quotes = told[0]
    resting = [
        t
        for t in context.model.threats
        if any(one_line(e.quote) in quotes for e in t.evidence if len(e.quote) > _QUOTE)
    ]
    chosen = (resting or chosen)[:3]
    if chosen:
        heads = [telling.headline(context.model, t) for t in chosen]
        lead = "Threats that rest on it:" if resting else "The threats that are nearest to it:"
        told.append("\n".join([lead, *heads]))
    told.append("It is in the description, not in the drawing.")
    return Draft(told, [*map(of_threat, chosen)], chosen, searched=True)


_META = frozenset(
    {"diagram", "drawing", "description", "text", "input", "document", "see", "saw", "read", "find", "found"}
    | {"written", "stated", "said", "mentioned", "conclude", "learn", "take", "source", "evidence", "proof"}
)
"""Words that say where it may have been seen, and not what."""
_HALF = 0.5
_QUOTE = 20
"""Characters from which on a quote is a sentence and no mere name."""


def asks_more(context: Context) -> bool:
    """Whether the question says more than the names of parts and where something may be written."""
    names = {w for p in context.asked.parts for w in key(context.model.system.name_of(p)).split()}
    return any(not set(g) & (_META | names) for g in context.asked.groups)


def origin(context: Context) -> Draft:
    """Where the parts that are named were read."""
    asked, model = context.asked, context.model
    told = []
    for element in asked.elements[:_MOST]:
        where = "description" if element.source.kind is EvidenceKind.DESCRIPTION else "drawing"
        told.append(f"{one_line(element.name)} stands in the {where}: “{one_line(element.source.quote)}”.")
    for flow in asked.flows[:_MOST]:
        quote = f": “{one_line(flow.evidence.quote)}”" if flow.evidence else ""
        told.append(f"{one_line(model.system.name_of(flow.id))} stands in the input{quote}.")
    return Draft(told, [of_part(model, p) for p in asked.parts[:_MOST]])
