"""Statements that would change the model, proposed for a person to confirm.

Which control is there on which part, said for certain; and threats of the engineers' own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.analysts.filled.proposals import Conversed, Proposal, of_fact
from agent.analysts.filled.proposals import of_threat as proposed_threat
from agent.analysts.filled.supposing import suppose
from agent.catalog.control_words import load_control_words
from agent.catalog.controls import ControlKind, Holder
from agent.conversation.adding import drafted
from agent.conversation.asked import Asked, Form, understand
from agent.conversation.reply import Citation, Reply, ReplyKind, listed, of_part, of_threat, one_line
from agent.domain.model import ThreatModel
from agent.domain.request import Request
from agent.domain.system import Known

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
    asked = understand(statement, model)
    if asked.form is Form.ADD:
        return _added(asked, model)
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
    heard = {(s.control.name, s.present): s.control for s in asked.controls if s.control is not None}
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
