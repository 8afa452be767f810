"""One threat as it stands on a page, at three sizes."""

from __future__ import annotations

from dataclasses import dataclass

from agent.domain.model import ThreatModel
from agent.domain.threat import Mitigation, MitigationStatus, Severity, Threat, ThreatStatus
from bot.render import actions as act
from bot.render import why
from bot.render.blocks import actions, button, overflow, routed, select
from bot.render.dismissal import dismissable
from bot.render.rich import Json, block, joined, person, reference, said, section
from bot.render.routing import Route
from bot.render.text import line, listed


@dataclass(frozen=True)
class Caps:
    """How much of a threat is shown: numbers of items, and characters of each."""

    title: int
    targets: int
    name: int
    statement: int
    evidence: int
    quote: int
    factors: int
    factor: int
    mitigations: int
    mitigation: int
    references: int
    reason: int


ROOMY = Caps(140, 4, 60, 700, 4, 260, 5, 90, 5, 260, 8, 300)
SNUG = Caps(110, 3, 40, 420, 2, 160, 4, 60, 3, 160, 6, 160)
TIGHT = Caps(80, 2, 30, 220, 1, 120, 2, 40, 2, 100, 3, 80)
SIZES = (ROOMY, SNUG, TIGHT)
"""From what is pleasant to what always fits five times into a page."""

MARKS = {
    MitigationStatus.PROPOSED: "○",
    MitigationStatus.ACCEPTED: "◐",
    MitigationStatus.DONE: "●",
    MitigationStatus.REJECTED: "✕",
}
"""To decide, to do, done, not to be done."""

_DECIDED = {
    ThreatStatus.ACCEPTED: "accepted by ",
    ThreatStatus.DISMISSED: "dismissed by ",
    ThreatStatus.MITIGATED: "marked as mitigated by ",
    ThreatStatus.RISK_ACCEPTED: "risk accepted by ",
}


def threat_blocks(model: ThreatModel, threat: Threat, caps: Caps) -> list[Json]:
    """The blocks of one threat; a dismissed one is two short lines and a button to reopen it."""
    route = Route(model.id, model.revision, threat.id)
    if threat.status is ThreatStatus.DISMISSED:
        return [block(*_dismissed(threat, caps)), *actions(button("Reopen", act.REOPEN, route))]
    paragraphs = [_title(model, threat, caps), *_verdicts(threat, caps), *_body(threat, caps)]
    return [block(*paragraphs), *actions(*_controls(threat, route))]


def label(threat: Threat) -> str:
    """The threat's id, or a word for one that has none."""
    return line(threat.id, 24, "Threat")


def mitigation(item: Mitigation, limit: int) -> list[Json]:
    """Such as "○ verify the signature over the raw body (small)"; a rejected one is struck through."""
    text = line(item.text, limit, "(no text)")
    struck = item.status is MitigationStatus.REJECTED
    words = said(text, "strike") if struck else said(text)
    return [said(f"{MARKS[item.status]} "), words, said(f" ({item.effort.value})")]


def references(threat: Threat, most: int) -> list[Json]:
    """The identifiers, separated by dots, each a link where its page is on a host that we link to."""
    groups = [[reference(line(r.id, 24, "reference"), r.url)] for r in threat.references[:most]]
    left = len(threat.references) - len(groups)
    return joined(groups + ([[said(f"{left} more")]] if left else []), " · ")


def verdict(threat: Threat, limit: int) -> list[Json]:
    """Such as "accepted by @dana"; nothing while the threat is proposed and nothing is noted."""
    reason = line(threat.status_reason, limit, "")
    if threat.status is ThreatStatus.PROPOSED:
        return [said(reason)] if reason else []
    told = [said(_DECIDED[threat.status]), person(threat.decided_by)]
    return told + ([said(f": {reason}")] if reason else [])


def change(threat: Threat, limit: int) -> list[Json]:
    """Such as "severity Critical → Low by @dana: it is signed"; nothing without an engineer's severity."""
    if threat.override is None:
        return []
    now = why.name(threat.override.severity)
    changed = threat.override.severity is not threat.severity
    steps = f"severity {why.name(threat.severity)} → {now} by " if changed else f"severity {now} set by "
    reason = line(threat.override.reason, limit, "")
    return [said(steps), person(threat.override.who), *([said(f": {reason}")] if reason else [])]


def _dismissed(threat: Threat, caps: Caps) -> list[Json]:
    title = f"{label(threat)} · {line(threat.title, caps.title)}"
    return [
        section(said(title, "strike"), said(f" · {why.name(threat.effective_severity)}")),
        section(*verdict(threat, caps.reason)),
    ]


def _title(model: ThreatModel, threat: Threat, caps: Caps) -> Json:
    kinds = ", ".join(threat.kinds)
    names = [model.system.name_of(target) for target in threat.targets]
    return section(
        said(f"{label(threat)} · {line(threat.title, caps.title)}", "bold"),
        said(f" · {kinds} · " if kinds else " · "),
        said(why.name(threat.effective_severity), "bold"),
        said(" · on " if names else ""),
        *([said(listed(names, caps.targets, caps.name), "italic")] if names else []),
    )


def _verdicts(threat: Threat, caps: Caps) -> list[Json]:
    found = (verdict(threat, caps.reason), change(threat, caps.reason))
    return [section(said("→ "), *leaves) for leaves in found if leaves]


def _body(threat: Threat, caps: Caps) -> list[Json]:
    paragraphs = [section(said(line(threat.statement.text(), caps.statement)))]
    if evidence := why.found(threat.evidence):
        found = why.all_evidence(evidence, caps.evidence, caps.quote)
        paragraphs.append(section(said("Why it applies: ", "italic"), *found))
    if earlier := why.earlier(threat.evidence, caps.quote):
        paragraphs.append(section(said("Earlier: ", "italic"), *earlier))
    paragraphs.append(section(*why.severity(threat, caps.factors, caps.factor)))
    if threat.mitigations:
        paragraphs.append(section(said("Do: ", "italic"), *_mitigations(threat, caps)))
    if threat.references:
        paragraphs.append(section(*references(threat, caps.references)))
    return paragraphs


def _mitigations(threat: Threat, caps: Caps) -> list[Json]:
    groups = [mitigation(item, caps.mitigation) for item in threat.mitigations[: caps.mitigations]]
    left = len(threat.mitigations) - len(groups)
    return joined(groups + ([[said(f"{left} more")]] if left else []), " · ")


def _controls(threat: Threat, route: Route) -> list[Json]:
    accepted = threat.status is ThreatStatus.PROPOSED
    return [
        *_severity(threat, route),
        *([button("Accept", act.ACCEPT, route, "primary")] if accepted else []),
        button("Dismiss", act.DISMISS, dismissable(route, threat.title)),
        button("Mitigations", act.MITIGATIONS, route),
        *_more(threat, route),
    ]


def _severity(threat: Threat, route: Route) -> list[Json]:
    options = {level: routed(why.name(level), route, level.value) for level in reversed(Severity)}
    if not all(options.values()):
        return []
    now = options[threat.effective_severity]
    return [select(act.SEVERITY, [o for o in options.values() if o], "Severity", now)]


def _more(threat: Threat, route: Route) -> list[Json]:
    entries = {
        act.DETAILS: f"All about {label(threat)}",
        ThreatStatus.MITIGATED.value: "Mark as mitigated",
        ThreatStatus.RISK_ACCEPTED.value: "Accept the risk",
        ThreatStatus.PROPOSED.value: "Reopen",
    }
    options = [routed(text, route, value) for value, text in entries.items() if value != threat.status.value]
    found = [o for o in options if o]
    return [overflow(act.MORE, found)] if found else []
