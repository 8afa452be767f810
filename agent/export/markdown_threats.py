"""One chapter a threat, with everything there is about it; and the references of all."""

from __future__ import annotations

from agent.domain.model import ThreatModel
from agent.domain.system import Evidence, EvidenceKind
from agent.domain.threat import Mitigation, MitigationStatus, Rating, Threat, ThreatStatus
from agent.export.markup import bullets, heading, link, part, text

_BOXES = {
    MitigationStatus.PROPOSED: "[ ]",
    MitigationStatus.ACCEPTED: "[ ]",
    MitigationStatus.DONE: "[x]",
    MitigationStatus.REJECTED: "[ ]",
}
_QUOTED = (EvidenceKind.DIAGRAM, EvidenceKind.DESCRIPTION, EvidenceKind.PASSAGE, EvidenceKind.ANSWER)


def threat_chapter(model: ThreatModel, threat: Threat) -> list[str]:
    """The chapter, from its heading to the blank line at its end."""
    names = ", ".join(model.system.name_of(target) for target in threat.targets)
    kinds = ", ".join(threat.kinds)
    severity = threat.effective_severity.value.capitalize()
    return [
        *heading(3, f"{text(threat.id, 'Threat')} · {text(threat.title)}"),
        f"**{severity}** · {kinds or '–'} · on {text(names, 'the system')}",
        "",
        text(threat.statement.text()),
        "",
        *bullets(_verdicts(threat)),
        *part("Why it applies", bullets(map(_evidence, _found(threat))), 4),
        *part("In earlier models", bullets(map(_evidence, _learned(threat))), 4),
        *part("Why this severity", bullets(_ratings(threat)), 4),
        *part("What to do", bullets(map(_mitigation, threat.mitigations)), 4),
        *_references(threat),
        _origin(threat),
        "",
    ]


def reference_index(model: ThreatModel) -> list[str]:
    """Every reference of the model once, in the order of its id, with its title and link."""
    found = {r.id: r for threat in model.threats for r in threat.references}
    return bullets(
        link(r.id, r.url) + (f": {text(r.title)}" if r.title else "") for _, r in sorted(found.items())
    )


def _verdicts(threat: Threat) -> list[str]:
    found = []
    if threat.status is not ThreatStatus.PROPOSED:
        state = threat.status.value.replace("_", " ").capitalize()
        day = f" on {threat.decided_at:%Y-%m-%d}" if threat.decided_at else ""
        by = f" by {text(threat.decided_by)}" if threat.decided_by else ""
        found.append(
            f"{state}{by}{day}" + (f": {text(threat.status_reason)}" if threat.status_reason else "")
        )
    elif threat.status_reason:
        found.append(text(threat.status_reason))
    if override := threat.override:
        steps = f"Severity {threat.severity.value} → {override.severity.value}"
        reason = f": {text(override.reason)}" if override.reason else ""
        found.append(f"{steps} by {text(override.who)} on {override.when:%Y-%m-%d}{reason}")
    return found


def _found(threat: Threat) -> list[Evidence]:
    return [e for e in threat.evidence if e.kind is not EvidenceKind.LESSON]


def _learned(threat: Threat) -> list[Evidence]:
    return [e for e in threat.evidence if e.kind is EvidenceKind.LESSON]


def _evidence(piece: Evidence) -> str:
    if piece.kind not in _QUOTED:
        return text(piece.quote)
    where = f" ({text(piece.source)})" if piece.source else ""
    return f"“{text(piece.quote)}”{where}"


def _ratings(threat: Threat) -> list[str]:
    return [_rating("Likelihood", threat.likelihood), _rating("Impact", threat.impact)]


def _rating(name: str, rating: Rating) -> str:
    factors = [f"{text(f.reason or f.name)} ({f.points:+d})" for f in rating.factors]
    return f"{name} {rating.score} of 5" + (f": from {rating.base}; {'; '.join(factors)}" if factors else "")


def _mitigation(item: Mitigation) -> str:
    state = "" if item.status is MitigationStatus.PROPOSED else f", {item.status.value}"
    return f"{_BOXES[item.status]} {text(item.text)} ({item.effort.value}{state})"


def _references(threat: Threat) -> list[str]:
    found = " · ".join(link(r.id, r.url) for r in threat.references)
    return [f"References: {found}", ""] if found else []


def _origin(threat: Threat) -> str:
    pattern = f", pattern {text(threat.pattern)}" if threat.pattern else ""
    also = f"; stands for {len(threat.merged)} more of the same" if threat.merged else ""
    return f"Proposed by {threat.origin.value}{pattern}; confidence {threat.confidence:.2f}{also}."
