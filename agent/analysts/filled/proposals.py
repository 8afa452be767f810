"""Proposals: what a conversation would change, for a person to confirm. Nothing here changes anything."""

from __future__ import annotations

from enum import StrEnum

from agent.catalog.control_words import load_control_words
from agent.catalog.vocabulary import ControlName
from agent.conversation.reply import Reply, listed, one_line
from agent.domain.base import Value, digest
from agent.domain.model import ThreatModel
from agent.domain.system import Known, Outcome
from agent.domain.threat import Severity, Threat, ThreatStatus
from agent.domain.usage import Usage


class ProposalKind(StrEnum):
    """What a proposal would do."""

    FACT = "fact"
    """Note that a control is there or missing, as an answer would."""
    THREAT = "threat"
    """Add a threat."""
    DISMISS = "dismiss"
    """Dismiss a threat with a reason."""
    MITIGATION = "mitigation"
    """Add a mitigation to a threat."""
    STATUS = "status"
    """Take a threat to be one, or say what became of it."""
    SEVERITY = "severity"
    """Set a threat's severity."""
    NOTE = "note"
    """Add a sentence to the description."""


class Proposal(Value):
    """One change that waits for a person."""

    id: str
    """The same for the same change to the same revision."""
    kind: ProposalKind
    text: str
    """What would be done and what it would change, as a question, in our own words."""
    about: str = ""
    """For a fact: the id of the element or flow; "" for the whole system."""
    control: str = ""
    state: Known = Known.UNKNOWN
    threat: str = ""
    """For the others: the threat's id."""
    reason: str = ""
    """For a verdict: the engineer's reason; for a mitigation or a note: its text."""
    after: str = ""
    """For a status or a severity: which."""
    draft: Threat | None = None
    """For a new threat."""
    outcomes: tuple[Outcome, ...] = ()
    """Computed severities that would change."""


class Conversed(Value):
    """The answer to one question, and what it proposes."""

    reply: Reply
    proposals: tuple[Proposal, ...] = ()
    usage: Usage = Usage()
    """Of this question alone."""
    trouble: str = ""
    """Why the language model could not answer; the reply is then the one without it."""


def of_fact(
    model: ThreatModel, about: str, control: str, state: Known, outcomes: tuple[Outcome, ...]
) -> Proposal:
    """Such as “Shall I note that … is there on …? T-005 would go from Critical to Low”."""
    label = load_control_words()[ControlName(control)].label
    place = f"on {one_line(model.system.name_of(about))}" if about else "in the whole system"
    said = "is there" if state is Known.YES else "is missing"
    return Proposal(
        id=digest("fact", model.id, str(model.revision), about, control, state.value),
        kind=ProposalKind.FACT,
        text=f"Shall I note that {label} {said} {place}? {effects(model, outcomes)}",
        about=about,
        control=control,
        state=state,
        outcomes=outcomes,
    )


def of_dismissal(model: ThreatModel, threat: Threat, reason: str) -> Proposal:
    """Such as “Shall I dismiss T-003 …?”."""
    return Proposal(
        id=digest("dismiss", model.id, str(model.revision), threat.id, reason),
        kind=ProposalKind.DISMISS,
        text=f"Shall I dismiss {threat.id} ({one_line(threat.title)}) with the reason “{reason}”?",
        threat=threat.id,
        reason=reason,
    )


def of_mitigation(model: ThreatModel, threat: Threat, text: str) -> Proposal:
    """Such as “Shall I add to T-003 …?”."""
    return Proposal(
        id=digest("mitigation", model.id, str(model.revision), threat.id, text),
        kind=ProposalKind.MITIGATION,
        text=f"Shall I add this mitigation to {threat.id} ({one_line(threat.title)}): “{text}”?",
        threat=threat.id,
        reason=text,
    )


def of_status(model: ThreatModel, threat: Threat, status: ThreatStatus, reason: str) -> Proposal:
    """Such as “Shall I mark T-003 … as accepted?”."""
    return Proposal(
        id=digest("status", model.id, str(model.revision), threat.id, status.value, reason),
        kind=ProposalKind.STATUS,
        text=f"Shall I mark {threat.id} ({one_line(threat.title)}) as {status.value.replace('_', ' ')}?",
        threat=threat.id,
        after=status.value,
        reason=reason,
    )


def of_severity(model: ThreatModel, threat: Threat, severity: Severity, reason: str) -> Proposal:
    """Such as “Shall I set T-003 … from High to Low?”."""
    steps = f"from {threat.effective_severity.value.capitalize()} to {severity.value.capitalize()}"
    return Proposal(
        id=digest("severity", model.id, str(model.revision), threat.id, severity.value, reason),
        kind=ProposalKind.SEVERITY,
        text=f"Shall I set {threat.id} ({one_line(threat.title)}) {steps}?",
        threat=threat.id,
        after=severity.value,
        reason=reason,
    )


def of_note(model: ThreatModel, text: str) -> Proposal:
    """Such as “Shall I add “…” to the description?”."""
    return Proposal(
        id=digest("note", model.id, str(model.revision), text),
        kind=ProposalKind.NOTE,
        text=f"Shall I add “{text}” to the description? It counts from the next Re-run on.",
        reason=text,
    )


def of_threat(model: ThreatModel, draft: Threat) -> Proposal:
    """Such as “Shall I add this threat …?”."""
    places = listed(one_line(model.system.name_of(t)) for t in draft.targets)
    return Proposal(
        id=digest("threat", model.id, str(model.revision), draft.key),
        kind=ProposalKind.THREAT,
        text=f"Shall I add the threat “{draft.title}” on {places}? Computed it is {draft.severity.value}.",
        draft=draft,
    )


def effects(model: ThreatModel, outcomes: tuple[Outcome, ...]) -> str:
    """Such as “T-005 would go from Critical to Low.”, or that nothing would change."""
    known = {t.id: t for t in model.threats}
    said = [
        f"{o.threat} would go from {known[o.threat].severity.value.capitalize()} to "
        f"{Severity(o.severity).value.capitalize()}"
        for o in outcomes
        if o.threat in known
    ]
    return f"{listed(said)}." if said else "No computed severity would change."
