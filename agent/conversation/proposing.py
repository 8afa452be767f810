"""Statements that would change the model, proposed for a person to confirm.

Which control is there on which part, said for certain; and threats of the engineers' own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent import risk
from agent.analysts.filled.proposals import (
    Conversed,
    Proposal,
    effects,
    of_dismissal,
    of_fact,
    of_note,
    of_severity,
    of_status,
)
from agent.analysts.filled.proposals import of_threat as proposed_threat
from agent.analysts.filled.supposing import suppose
from agent.catalog.control_words import load_control_words
from agent.catalog.controls import ControlKind, Holder
from agent.conversation.adding import drafted
from agent.conversation.asked import Asked, strongest, understand
from agent.conversation.joining import stated
from agent.conversation.reply import Citation, Reply, ReplyKind, listed, of_part, of_threat, one_line
from agent.conversation.speech import Decision, Form
from agent.domain.model import ThreatModel
from agent.domain.request import Request
from agent.domain.system import Known, Outcome
from agent.domain.threat import Threat, ThreatStatus

_NOT = re.compile(r"\b(?:no|not|never|without|neither|nor|cannot|\w+n't)\b", re.IGNORECASE)
_UNSURE = re.compile(
    r"\b(?:maybe|perhaps|might|should|could|would|will|plan|planned|planning|soon|want|if|partly|mostly|some)\b",
    re.IGNORECASE,
)
"""Words of one who does not say that it is so now, and everywhere."""
_POINTING = re.compile(r"\b(?:there|that|this|it|here)\b", re.IGNORECASE)
_TWO_WAYS = 2
"""Flows between two parts, one each way, may be meant together."""


def noted(
    statement: str, model: ThreatModel, request: Request, earlier: Sequence[str] = ()
) -> Conversed | None:
    """The statement as a proposal and what it would change; None when it does not say what and where.

    Args:
        statement: the engineer's words, such as “we sign the webhook”.
        model: the threat model as its engineers have left it.
        request: what it was made from.
        earlier: messages of the thread before, the latest last: what “there” points to.
    """
    asked = understand(stated(statement, model), model)
    if asked.form is Form.ADD:
        return _added(asked, model)
    if asked.form is Form.DECIDE:
        return _decided(asked, model)
    if asked.form is Form.SUPPOSE:
        return _supposed(asked, model, request, earlier)
    said = _said(asked)
    if said is None:
        return None
    kind, state = said
    places = _places(kind, asked, model) or _pointed(kind, asked, model, earlier)
    if not places:
        return None
    control = kind.name.value
    proposals = tuple(
        of_fact(model, place, control, state, suppose(model, request, place, control, state))
        for place in places
    )
    return Conversed(reply=_reply(model, kind, state, places, proposals), proposals=proposals)


def described(statement: str, model: ThreatModel) -> Proposal | None:
    """A statement about the system as a sentence for its description; None when it is none."""
    asked = understand(stated(statement, model), model)
    if asked.form is not Form.CHANGE or len(asked.text) > _SENTENCE:
        return None
    return of_note(model, one_line(asked.text))


_SENTENCE = 300
"""Characters of a sentence that may join the description."""
_REASON = re.compile(
    r"(?:\b(?:because|since|as|reason)\b[:\s]*|[:;,–—]\s+|\s-\s+)(?P<reason>\S.*)$", re.IGNORECASE
)
_MOST = 3
"""Proposals under one answer."""


def _decided(asked: Asked, model: ThreatModel) -> Conversed | None:
    """A verdict on the threats that are named, as a proposal for each; None when it lacks what it needs."""
    said = _REASON.search(_after_ids(asked.text))
    reason = said["reason"].strip(" .!") if said else ""
    if asked.decision is Decision.DISMISSED and not reason:
        return None
    if asked.decision is Decision.SEVERITY and len(asked.severities) != 1:
        return None
    proposals = tuple(_verdict(asked, model, threat, reason) for threat in asked.threats[:_MOST])
    reply = Reply(
        kind=ReplyKind.CHANGE,
        paragraphs=("Nothing is decided before somebody confirms it.",),
        citations=tuple(of_threat(t) for t in asked.threats[:_MOST]),
        how="Read by the rules from your sentence; no language model was used.",
        threats=tuple(t.id for t in asked.threats[:_MOST]),
    )
    return Conversed(reply=reply, proposals=proposals)


def _after_ids(text: str) -> str:
    """The sentence behind the last threat that it names: what is said before is no reason."""
    return re.split(r"(?i)\bt-?\d{1,5}\b", text)[-1]


def _verdict(asked: Asked, model: ThreatModel, threat: Threat, reason: str) -> Proposal:
    if asked.decision is Decision.DISMISSED:
        return of_dismissal(model, threat, reason)
    if asked.decision is Decision.SEVERITY:
        return of_severity(model, threat, asked.severities[0], reason)
    return of_status(model, threat, ThreatStatus(str(asked.decision)), reason)


def _supposed(asked: Asked, model: ThreatModel, request: Request, earlier: Sequence[str]) -> Conversed | None:
    """What would change if a control were on the parts that are named; nothing is proposed."""
    heard = {kind.name: kind for kind, _ in strongest(asked)}
    if len(heard) != 1 or asked.threats:
        return None
    kind = next(iter(heard.values()))
    places = (
        _places(kind, asked, model) or _pointed(kind, asked, model, earlier) or _around(kind, asked, model)
    )[:_MOST]
    if not places:
        return None
    outcomes: dict[str, Outcome] = {}
    for place in places:
        for outcome in suppose(model, request, place, kind.name.value, Known.YES):
            outcomes.setdefault(outcome.threat, outcome)
    known = {t.id: t for t in model.threats}
    label = load_control_words()[kind.name].label
    where = listed(one_line(model.system.name_of(p)) for p in places)
    found = effects(model, tuple(outcomes.values())) if outcomes else "no computed severity would change."
    told = [f"With {label} on {where}: {found}{_stated(kind, model, places)}"]
    if not outcomes:
        told += [
            f"{t.id} is {t.effective_severity.value.capitalize()} there; {lower}."
            for t, lower in _hanging(model, places)
        ]
    told.append(f"Nothing is noted by that. Once it is so, say “we have {label} on {where}”.")
    reply = Reply(
        kind=ReplyKind.CHANGE,
        paragraphs=tuple(told),
        citations=(*(of_part(model, p) for p in places), *(of_threat(known[t]) for t in outcomes)),
        how="Worked out by the rules from this threat model; no language model was used.",
        threats=tuple(outcomes),
    )
    return Conversed(reply=reply)


def _stated(kind: ControlKind, model: ThreatModel, places: Sequence[str]) -> str:
    """That it is there already, as far as the input says so."""
    into = [f for f in model.system.flows if f.id in places or f.target in places]
    controls = [c for f in into for c in f.controls]
    controls += [c for e in model.system.elements if e.id in places for c in e.controls]
    quotes = [c.evidence.quote for c in controls if c.name == kind.name.value and c.state is Known.YES]
    if kind.sets == "authenticated":
        quotes += [f.evidence.quote for f in into if f.authenticated is Known.YES and f.evidence]
    return f" The input says so already: “{one_line(quotes[0])}”." if quotes else ""


def _around(kind: ControlKind, asked: Asked, model: ThreatModel) -> tuple[str, ...]:
    """Where it is only supposed: the one part that is named, or what comes into it."""
    if len(asked.elements) != 1:
        return ()
    alone = asked.elements[0].id
    into = tuple(f.id for f in model.system.flows if f.target == alone)
    return into if kind.kept is Holder.FLOW else (alone,)


def _hanging(model: ThreatModel, places: Sequence[str]) -> list[tuple[Threat, str]]:
    """The gravest threats there with what would lower each."""
    found = [(t, risk.lowering_facts(t)) for t in model.threats if set(places) & set(t.targets)]
    return [(t, lower[0]) for t, lower in found if lower][:2]


def _added(asked: Asked, model: ThreatModel) -> Conversed | None:
    """The engineer's own threat as a proposal."""
    draft = drafted(asked, model)
    if draft is None:
        return None
    label = listed(s.label.lower() for s in draft.stride)
    reply = Reply(
        kind=ReplyKind.CHANGE,
        paragraphs=(f"I read that as a threat of {label}. It is not added before somebody confirms it.",),
        citations=tuple(of_part(model, p) for p in draft.targets),
        how="Read by the rules from your sentence and this threat model; no language model was used.",
    )
    return Conversed(reply=reply, proposals=(proposed_threat(model, draft),))


def _said(asked: Asked) -> tuple[ControlKind, Known] | None:
    """The one control that is named, and whether it is there."""
    heard = {(k.name, present): k for k, present in strongest(asked)}
    if asked.form is not Form.CHANGE or len(heard) != 1 or _UNSURE.search(asked.text):
        return None
    ((_, present), kind) = heard.popitem()
    if present and _NOT.search(asked.text):
        return None
    return kind, Known.YES if present else Known.NO


def _places(kind: ControlKind, asked: Asked, model: ThreatModel) -> tuple[str, ...]:
    """The parts that are named, when they are such as can have the control; none when it is not clear."""
    if kind.kept is Holder.ELEMENT:
        return tuple(e.id for e in asked.elements) if len(asked.elements) == 1 else ()
    flows = [f.id for f in asked.flows]
    if not flows and len(asked.elements) == 1:
        alone = asked.elements[0].id
        if kind.kept is Holder.BOTH:
            return (alone,)
        flows = [f.id for f in model.system.flows if alone in {f.source, f.target}]
        return tuple(flows) if len(flows) == 1 else ()
    return tuple(flows) if 0 < len(flows) <= _TWO_WAYS and len(asked.elements) in {0, 2} else ()


def _pointed(kind: ControlKind, asked: Asked, model: ThreatModel, earlier: Sequence[str]) -> tuple[str, ...]:
    """What “there” means: the threat that is named, or what the latest message spoke of that named any."""
    if asked.parts or not (asked.threats or _POINTING.search(asked.text)):
        return ()
    if asked.threats:
        return _targets(kind, asked, model)
    for message in reversed(earlier):
        before = understand(message, model)
        if before.parts or before.threats:
            return _places(kind, before, model) if before.parts else _targets(kind, before, model)
    return ()


def _targets(kind: ControlKind, asked: Asked, model: ThreatModel) -> tuple[str, ...]:
    """The one target of the one threat that is named, when it can have the control."""
    if len(asked.threats) != 1:
        return ()
    flows = {f.id for f in model.system.flows}
    fits = [t for t in asked.threats[0].targets if kind.kept is Holder.BOTH or (t in flows) is _on_flow(kind)]
    return tuple(fits) if len(fits) == 1 else ()


def _on_flow(kind: ControlKind) -> bool:
    return kind.kept is Holder.FLOW


def _reply(
    model: ThreatModel, kind: ControlKind, state: Known, places: Sequence[str], proposals: Sequence[Proposal]
) -> Reply:
    label = load_control_words()[kind.name].label
    said = label if state is Known.YES else f"no {label}"
    names = listed(one_line(model.system.name_of(p)) for p in places)
    known = {t.id: t for t in model.threats}
    touched = tuple(dict.fromkeys(o.threat for p in proposals for o in p.outcomes))
    cited: list[Citation] = [of_part(model, p) for p in places]
    cited += [of_threat(known[t]) for t in touched]
    return Reply(
        kind=ReplyKind.CHANGE,
        paragraphs=(
            f"I understand that as {said} on {names}. Nothing is noted before somebody confirms it.",
        ),
        citations=tuple(cited),
        how="Worked out by the rules from this threat model; no language model was used.",
        threats=touched,
    )
