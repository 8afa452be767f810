"""Threat Composer's data exchange format, version 1 (AWS, `.tc.json`).

Its statement grammar is the domain's own, so threats go over part by part. Lengths are the schema's; what is
longer is cut with "…". It knows three priorities: critical goes over as High, with the severity beside it.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import UUID

from agent.domain.model import ThreatModel
from agent.domain.text import clean, one_line
from agent.domain.threat import Mitigation, MitigationStatus, Severity, Threat, ThreatStatus
from agent.export.markdown_system import boundary_list, elements_table, flows_table

Json = dict[str, Any]

_NAME, _PART, _STATEMENT, _CONTENT, _COMMENT, _TAG = 200, 200, 1_400, 1_000, 1_000, 30
_DOCUMENT = 100_000
_THREAT_STATUS = {
    ThreatStatus.PROPOSED: "threatIdentified",
    ThreatStatus.ACCEPTED: "threatIdentified",
    ThreatStatus.DISMISSED: "threatResolvedNotUseful",
    ThreatStatus.MITIGATED: "threatResolved",
    ThreatStatus.RISK_ACCEPTED: "threatResolved",
}
_MITIGATION_STATUS = {
    MitigationStatus.PROPOSED: "mitigationIdentified",
    MitigationStatus.ACCEPTED: "mitigationInProgress",
    MitigationStatus.DONE: "mitigationResolved",
    MitigationStatus.REJECTED: "mitigationResolvedWillNotAction",
}
_PRIORITY = {
    Severity.CRITICAL: "High",
    Severity.HIGH: "High",
    Severity.MEDIUM: "Medium",
    Severity.LOW: "Low",
}


def to_threat_composer(model: ThreatModel) -> str:
    """The model as a Threat Composer file; a mitigation of several threats stands once, linked to each."""
    mitigations = _mitigations(model)
    system = model.system
    data: Json = {
        "schema": 1,
        "applicationInfo": {
            "name": _clip(model.title, _NAME),
            "description": _clip(model.summary.headline, _DOCUMENT),
        },
        "architecture": {"description": _document([*elements_table(system), *boundary_list(system)])},
        "dataflow": {"description": _document(flows_table(system))},
        "assumptions": [
            {
                "id": _uuid(model, "assumption", a.id),
                "numericId": number,
                "displayOrder": number,
                "content": _clip(a.text, _CONTENT),
            }
            for number, a in enumerate(system.assumptions, start=1)
        ],
        "mitigations": [
            _mitigation(model, number, item) for number, item in enumerate(mitigations.values(), start=1)
        ],
        "assumptionLinks": _assumption_links(model),
        "mitigationLinks": [
            {
                "mitigationId": _mitigation_id(model, item),
                "linkedId": _threat_id(model, threat),
            }
            for threat in model.threats
            for item in {_same(m): m for m in threat.mitigations}.values()
        ],
        "threats": [_threat(model, order, t) for order, t in enumerate(model.threats, start=1)],
    }
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _threat(model: ThreatModel, order: int, threat: Threat) -> Json:
    statement = threat.statement
    return {
        "id": _threat_id(model, threat),
        "numericId": _number(threat, order),
        "displayOrder": order,
        "status": _THREAT_STATUS[threat.status],
        "threatSource": _clip(statement.source, _PART),
        "prerequisites": _clip(statement.prerequisites, _PART),
        "threatAction": _clip(statement.action, _PART),
        "threatImpact": _clip(statement.impact, _PART),
        "impactedGoal": [_clip(goal, _PART) for goal in statement.goal],
        "impactedAssets": [_clip(asset, _PART) for asset in statement.assets],
        "statement": _clip(statement.text(), _STATEMENT),
        "metadata": _metadata(model, threat),
        "tags": [tag for r in threat.references if (tag := _clip(r.id, _TAG))],
    }


def _metadata(model: ThreatModel, threat: Threat) -> list[Json]:
    names = [one_line(model.system.name_of(target)) for target in threat.targets]
    severity = threat.effective_severity
    return [
        {"key": "STRIDE", "value": [kind.label[0] for kind in threat.stride]},
        {"key": "Priority", "value": _PRIORITY[severity]},
        {"key": "Comments", "value": _clip(_comment(threat), _COMMENT)},
        {"key": "custom:title", "value": one_line(threat.title)},
        {"key": "custom:severity", "value": severity.value},
        {"key": "custom:targets", "value": names},
        *([{"key": "custom:categories", "value": list(threat.categories)}] if threat.categories else []),
    ]


def _comment(threat: Threat) -> str:
    evidence = "; ".join(piece.quote for piece in threat.evidence)
    decided = (
        f" {threat.status.value} by {threat.decided_by}: {threat.status_reason}" if threat.decided_by else ""
    )
    rated = f"Likelihood {threat.likelihood.score} of 5, impact {threat.impact.score} of 5."
    return f"{threat.title}. {rated}{decided} Why it applies: {evidence}"


def _mitigations(model: ThreatModel) -> dict[tuple[str, str], Mitigation]:
    return {_same(item): item for threat in model.threats for item in threat.mitigations}


def _mitigation(model: ThreatModel, number: int, item: Mitigation) -> Json:
    return {
        "id": _mitigation_id(model, item),
        "numericId": number,
        "displayOrder": number,
        "status": _MITIGATION_STATUS[item.status],
        "content": _clip(item.text, _CONTENT),
        "metadata": [{"key": "custom:effort", "value": item.effort.value}],
    }


def _same(item: Mitigation) -> tuple[str, str]:
    """What makes two mitigations one: the words and the status."""
    return one_line(item.text), item.status.value


def _assumption_links(model: ThreatModel) -> list[Json]:
    """An assumption about an element or flow is linked to the threats on it."""
    return [
        {
            "type": "Threat",
            "assumptionId": _uuid(model, "assumption", assumption.id),
            "linkedId": _threat_id(model, threat),
        }
        for assumption in model.system.assumptions
        for threat in model.threats
        if set(assumption.targets) & set(threat.targets)
    ]


def _threat_id(model: ThreatModel, threat: Threat) -> str:
    return _uuid(model, "threat", threat.id or threat.key)


def _mitigation_id(model: ThreatModel, item: Mitigation) -> str:
    return _uuid(model, "mitigation", *_same(item))


def _uuid(model: ThreatModel, *parts: str) -> str:
    """A UUID in the form of version 4, made of the parts: the same in every export of the same model."""
    seed = "\x1f".join((model.id, *parts))
    return str(UUID(bytes=hashlib.sha256(seed.encode()).digest()[:16], version=4))


def _number(threat: Threat, order: int) -> int:
    digits = threat.id.rpartition("-")[2]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 9 else order  # noqa: PLR2004 - a sane number


def _clip(value: str, limit: int) -> str:
    plain = one_line(value)
    return plain if len(plain) <= limit else plain[: limit - 1].rstrip() + "…"


def _document(lines: list[str]) -> str:
    """The lines as Markdown, whole lines left out at the end where there is no room."""
    kept, room = [], _DOCUMENT
    for entry in lines:
        room -= len(entry) + 1
        if room < 0:
            break
        kept.append(entry)
    return clean("\n".join(kept)).strip()
