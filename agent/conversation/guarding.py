"""What protects a part: what is stated, and what nobody has said."""

from __future__ import annotations

import re
from dataclasses import replace

from agent import risk
from agent.catalog.technologies import load_technologies
from agent.catalog.vocabulary import ControlName
from agent.conversation import telling
from agent.conversation.context import NAMED, TOLD, Context, Draft, named_parts, offers, quoted
from agent.conversation.reply import ReplyKind, listed, of_part, of_threat, one_line
from agent.conversation.search import nearest, sentences_about
from agent.conversation.speech import Form
from agent.domain.system import Element, ElementKind, Flow, Known
from agent.domain.threat import Threat
from agent.naming import key

_CONTROL = "control: "
_SHORT = 3
_MANY = 0.5
"""The part of the question's words that a sentence of the description must have to be quoted."""


def guard(context: Context) -> Draft:
    """The controls that are stated on a part and its flows, what is not said, and what that leaves open."""
    asked, model = context.asked, context.model
    places: list[Element | Flow] = [*asked.flows] or [*asked.elements[:TOLD]]
    told = quoted(context, _MANY) or [
        f"The description says: “{one_line(said)}”" for said in _said_of(context, places)
    ]
    told += [_stated(context, place) for place in places[:NAMED]]
    chosen = nearest(asked, model)
    chosen = sorted(chosen, key=lambda t: -t.effective_severity.rank)
    missing = list(dict.fromkeys(label for t in chosen for label in _waits(t)))
    if missing:
        told.append(f"Not said, and so rated as unknown: {listed(missing[:NAMED], 'or')}.")
    if chosen:
        heads = [telling.headline(model, t) for t in chosen[:3]]
        told.append("\n".join(["What that leaves open:", *heads]))
    cited = [*(of_part(model, p.id) for p in places[:NAMED]), *map(of_threat, chosen[:3])]
    return Draft(told, cited, chosen[:3], more=chosen[3:])


def _stated(context: Context, place: Element | Flow) -> str:
    """What is stated to be there, or stated to be missing, with the words that say so."""
    name = one_line(context.model.system.name_of(place.id))
    there = [c for c in place.controls if c.state is Known.YES]
    missing = [c for c in place.controls if c.state is Known.NO]
    if isinstance(place, Flow):
        return f"{telling.flow_line(context.model, place)}."
    if not there and not missing:
        return f"{name}: the input states no protection of it."
    said = [f"{c.name.replace('_', ' ')} (“{one_line(c.evidence.quote)}”)" for c in there]
    text = f"{name}: stated {listed(said)}" if said else f"{name}: no protection is stated"
    lacking = [f"{c.name.replace('_', ' ')} (“{one_line(c.evidence.quote)}”)" for c in missing]
    return f"{text}; stated to be missing: {listed(lacking)}." if lacking else f"{text}."


def _waits(threat: Threat) -> list[str]:
    if risk.is_answered(threat):
        return []
    return [
        f.name.removeprefix(_CONTROL)
        for f in threat.likelihood.factors
        if f.name.startswith(_CONTROL) and f.points <= 0
    ]


def _said_of(context: Context, places: list[Element | Flow]) -> list[str]:
    """The sentence of the description that names the part, or what it is made of; at most one."""
    names = {t.id: t.name for t in load_technologies()}
    for place in places[:1]:
        if not isinstance(place, Element):
            continue
        into, out = telling.flows_of(context.model, place)
        spoken = [place.name, *(names.get(t, "") for t in place.technologies)]
        spoken += [f.protocol or f.label for f in (*into, *out)][:2]
        for said in spoken:
            words = [w for w in dict.fromkeys(key(said).split()) if len(w) > _SHORT]
            groups = tuple((w,) for w in words)
            asked = replace(context.asked, groups=groups)
            found = sentences_about(asked, context.said, 1.0, len(groups)) if groups else []
            stated = {one_line(c.evidence.quote) for c in place.controls}
            if found and not any(one_line(f) in stated for f in found):
                return found
    return []


_LOST = re.compile(
    r"\b(?:deleted?|wiped?|lost|lose|destroy(?:s|ed)?|erased?|encrypted by|ransomware|corrupt(?:s|ed)?)\b",
    re.IGNORECASE,
)
_DOWN = re.compile(
    r"\b(?:down|offline|unavailable|outage|away|fails?|failed|dies|died|unreachable|crash(?:es|ed)?|breaks?)\b",
    re.IGNORECASE,
)


def after_a_loss(context: Context) -> list[str]:
    """To “what if it is down” what hangs on the one part that is meant; to “lost” what is said of backups."""
    elements = [e for e in context.asked.elements if e.kind is not ElementKind.EXTERNAL_ENTITY]
    if len(elements) != 1 or context.asked.form not in {Form.HAPPENS, Form.OTHER}:
        return []
    (element,) = elements
    name = one_line(element.name)
    if element.kind is ElementKind.DATA_STORE and _LOST.search(context.asked.text):
        said = [c for c in element.controls if c.name == ControlName.BACKUP and c.state is not Known.UNKNOWN]
        if said:
            there = "is stated" if said[0].state is Known.YES else "is stated to be missing"
            return [f"{name}: a backup {there} (“{one_line(said[0].evidence.quote)}”)."]
        return [f"{name}: the input names no backup of it."]
    if not _DOWN.search(context.asked.text):
        return []
    into, out = telling.flows_of(context.model, element)
    system = context.model.system
    asks = listed(dict.fromkeys(one_line(system.element(f.source).name) for f in into))
    waits = listed(dict.fromkeys(one_line(system.element(f.target).name) for f in out))
    parts = [
        f"{asks} cannot send to it" if asks else "",
        f"nothing from it comes to {waits}" if waits else "",
    ]
    told = "; ".join(p for p in parts if p)
    return [f"While {name} is away, as it is drawn: {told}."] if told else []


_DROPS = re.compile(
    r"\b(?:drop|remove|delete|get rid|do without|switch off|turn off|retire)(?:p?ed|d)?\b", re.IGNORECASE
)


def redraw(context: Context) -> Draft:
    """“What if we moved it?”: that is not worked out by talk; which threats stand there now is told."""
    asked, model = context.asked, context.model
    how = (
        "I cannot work out a change of the design by talk: put it into the diagram or the description and"
        " press Re-run; “what changed?” then names what is new, gone and rated otherwise."
    )
    told = [how]
    chosen = sorted(nearest(asked, model), key=lambda t: -t.effective_severity.rank)
    alone = [t for t in chosen if set(t.targets) <= {*asked.parts, *(e.id for e in asked.elements)}]
    if alone and _DROPS.search(asked.text):
        heads = [telling.headline(model, t) for t in alone[:NAMED]]
        told.append("\n".join([f"Threats that stand nowhere but on {named_parts(context)}:", *heads]))
    elif chosen:
        heads = [telling.headline(model, t) for t in chosen[:NAMED]]
        more = f"\n… and {len(chosen) - NAMED} more." if len(chosen) > NAMED else ""
        told.append("\n".join([f"Threats on {named_parts(context)} that it would touch:", *heads]) + more)
    elif not asked.parts:
        told.append(
            "I found no part of this model in your words; with a part's name I tell which stand on it."
        )
    cited = [*(of_part(model, p) for p in asked.parts[:3]), *map(of_threat, chosen[:NAMED])]
    return Draft(told, cited, chosen[:NAMED], more=chosen[NAMED:])


def beyond(context: Context) -> Draft:
    """Something is to be written that is no threat model: that it is not done here, and what should hold."""
    asked, model = context.asked, context.model
    told = [
        "I write no code, configuration or documents; I answer from this threat model and the knowledge base."
    ]
    chosen = list(asked.threats) or [t for t in nearest(asked, model) if asked.parts]
    chosen = sorted(chosen, key=lambda t: -t.effective_severity.rank)
    lines = [
        f"• {telling.remedy(telling.remedies(t)[0])} ({t.id}, {telling.severity(t)})"
        for t in chosen
        if telling.remedies(t)
    ][:NAMED]
    if lines:
        where = f" of {named_parts(context)}" if asked.parts else ""
        told.append("\n".join([f"What should hold{where} by this model, whoever writes it:", *lines]))
        cited = [*(of_part(model, p) for p in asked.parts[:3]), *map(of_threat, chosen[: len(lines)])]
        return Draft(told, cited, chosen[: len(lines)])
    return Draft([f"{told[0]} {offers(model)}"], kind=ReplyKind.UNKNOWN)
