"""What a protection is worth here: whether it is there, which ratings hang on it, what it leaves."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent import risk
from agent.catalog.control_words import load_control_words
from agent.conversation import telling
from agent.conversation.asked import strongest
from agent.conversation.context import NAMED, Context, Draft, named_parts, of_question, question_line, quoted
from agent.conversation.protections import stated_lines
from agent.conversation.reply import Citation, count, listed, of_part, of_threat
from agent.conversation.search import within_reach
from agent.conversation.whole import CLOSED
from agent.domain.threat import Severity, Threat

_CONTROL = "control: "
_SHOWN = 4
_LEFT = 3
_HALF = 0.5
_SAME_NETWORK = re.compile(
    r"\b(?:same|one|private|internal|trusted|own|isolated)\s+(?:vpc|vnet|network|subnet|cluster|account|machine"
    r"|host|vlan|namespace|region|data ?cent(?:er|re))\b|\bbehind (?:a|the|our) (?:firewall|vpn)\b"
    r"|\binternal(?:ly)?\b",
    re.IGNORECASE,
)
"""Said of where things stand, as if that answered the threat."""


def labels(context: Context) -> list[str]:
    """What the protections that were named are called."""
    words = load_control_words()
    return list(dict.fromkeys(words[kind.name].label for kind, _ in strongest(context.asked)))


def worth(context: Context) -> Draft:
    """“Do we need mTLS there?”: what is stated, each rating that it would change, and what it leaves."""
    model, named = context.model, labels(context)
    name = listed(named, "or") or "that"
    around = [t for t in within_reach(context.asked, model) if t.status not in CLOSED]
    waiting = [t for t in around if _hangs(t, named)]
    hanging = [t for t in waiting if _after(t).rank < t.effective_severity.rank]
    told, cited = _stated(context, name)
    where = f" on {named_parts(context)}" if context.asked.parts else ""
    if hanging:
        lines = [f"{telling.headline(model, t)} → {_after(t).value.capitalize()}" for t in hanging[:_SHOWN]]
        more = f"\n… and {count(len(hanging) - _SHOWN, 'more threat')}." if len(hanging) > _SHOWN else ""
        verb = "hangs" if len(hanging) == 1 else "hang"
        many = count(len(hanging), "rating")
        lead = f"By this model it is worth having: {many}{where} {verb} on {name}. With it:"
        told.append("\n".join([lead, *lines]) + more)
    elif waiting:
        ids = listed(t.id for t in waiting[:NAMED])
        verb = "hangs" if len(waiting) == 1 else "hang"
        told.append(f"No rating{where} would fall: {ids} {verb} on {name}, but low already.")
    elif any("is stated (" in line for line in told):
        told.append(f"It is counted already: no open rating{where} hangs on {name}.")
    else:
        told.append(f"No rating{where} hangs on {name}: by this model it would lower none.")
    proposed = [t for t in around if _proposes(t, named) and t not in waiting]
    if proposed:
        heads = [telling.headline(model, t) for t in proposed[:_LEFT]]
        lead = f"It is {'also ' if hanging else ''}among what is proposed against:"
        told.append("\n".join([lead, *heads]))
    hanging = [*hanging, *(t for t in waiting if t not in hanging), *proposed]
    told += _of_the_network(context, hanging)
    left = [t for t in around if t not in hanging and not risk.is_answered(t)] if context.asked.parts else []
    if left:
        heads = [telling.headline(model, t) for t in left[:_LEFT]]
        more = f"\n… and {len(left) - _LEFT} more." if len(left) > _LEFT else ""
        told.append("\n".join(["It does not touch:", *heads]) + more)
    facts = {f"control:{kind.name.value}" for kind, _ in strongest(context.asked)}
    asked = [q for q in model.questions if q.fact in facts and set(q.decides) & {t.id for t in hanging}]
    told += [f"Open question: {question_line(q)}" for q in asked[:1]]
    shown = [*hanging[:_SHOWN], *left[:_LEFT]]
    sources = [*map(of_threat, hanging[:_SHOWN]), *cited, *map(of_question, asked[:1])]
    sources += [*(of_part(model, p) for p in context.asked.parts[:3]), *map(of_threat, left[:_LEFT])]
    return Draft(told, sources, shown, more=hanging[_SHOWN:])


def _hangs(threat: Threat, named: Sequence[str]) -> bool:
    """Whether its likelihood waits for one of these protections."""
    waits = [f.name.removeprefix(_CONTROL) for f in threat.likelihood.factors if f.name.startswith(_CONTROL)]
    return any(re.search(rf"\b{re.escape(label)}\b", wait) for wait in waits for label in named)


def _proposes(threat: Threat, named: Sequence[str]) -> bool:
    return any(label.lower() in m.text.lower() for m in threat.mitigations for label in named)


def _after(threat: Threat) -> Severity:
    """What it would be with the protection in place, which leaves the least likelihood."""
    return risk.severity_of(1, threat.impact.score)


def _stated(context: Context, name: str) -> tuple[list[str], list[Citation]]:
    """Whether it is there already: as a stated fact, or in words of the description that are not counted."""
    lines, cited = stated_lines(context)
    stated = ["\n".join(lines)] if lines else []
    if any("is stated (" in line for line in lines):
        return stated, cited
    said = quoted(context, _HALF)
    if said and context.asked.parts:
        stated.append(f"That sentence is not counted there: say “we have {name} on …” with the part's name.")
    return [*said, *stated], cited


def _of_the_network(context: Context, hanging: Sequence[Threat]) -> list[str]:
    """That standing in one network does not answer what is rated without the internet."""
    inside = [
        t for t in hanging if not any(f.name == "exposure" and f.points > 0 for f in t.likelihood.factors)
    ]
    if not inside or not _SAME_NETWORK.search(context.asked.text):
        return []
    names = listed(t.id for t in inside[:_SHOWN])
    said = (
        f"Standing in one network does not answer {names}: the rating counts nobody from the internet, but"
        " somebody who is inside already, an insider or whoever has taken over a neighbouring part."
    )
    return [said]
