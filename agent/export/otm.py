"""The Open Threat Model format, version 0.2.0 (JSON).

Scores go over on its scale of 0 to 100. Where it demands a number that nobody has estimated, the middle
of the scale stands: integrity and availability of data, trust of a boundary, effect of a mitigation.
"""

from __future__ import annotations

import json
from typing import Any

from agent.domain.base import slug
from agent.domain.model import ThreatModel
from agent.domain.system import Boundary, Classification, Element, ElementKind, Flow, System
from agent.domain.text import one_line
from agent.domain.threat import Mitigation, MitigationStatus, Rating, Threat, ThreatStatus

Json = dict[str, Any]

OUTSIDE = "outside"
"""The trust zone of elements that stand in no boundary."""
_UNKNOWN = 50
_SECRECY = {
    Classification.PUBLIC: 0,
    Classification.INTERNAL: 25,
    Classification.CONFIDENTIAL: 75,
    Classification.RESTRICTED: 100,
}
_TYPES = {
    ElementKind.EXTERNAL_ENTITY: "external-entity",
    ElementKind.PROCESS: "process",
    ElementKind.DATA_STORE: "data-store",
}
_STATES = {
    ThreatStatus.PROPOSED: "exposed",
    ThreatStatus.ACCEPTED: "exposed",
    ThreatStatus.DISMISSED: "not-applicable",
    ThreatStatus.MITIGATED: "mitigated",
    ThreatStatus.RISK_ACCEPTED: "accepted",
}
_MITIGATION_STATES = {
    MitigationStatus.PROPOSED: "recommended",
    MitigationStatus.ACCEPTED: "required",
    MitigationStatus.DONE: "implemented",
    MitigationStatus.REJECTED: "rejected",
}


def to_otm(model: ThreatModel) -> str:
    """The model as an Open Threat Model; each threat hangs on the components and flows that it targets."""
    system = model.system
    data: Json = {
        "otmVersion": "0.2.0",
        "project": {
            "name": one_line(model.title),
            "id": slug(model.id),
            "description": one_line(model.summary.headline),
            "attributes": {"revision": model.revision},
        },
        "representations": [],
        "assets": [
            {
                "id": a.id,
                "name": one_line(a.name),
                "risk": {
                    "confidentiality": _SECRECY[a.classification],
                    "integrity": _UNKNOWN,
                    "availability": _UNKNOWN,
                },
            }
            for a in system.assets
        ],
        "trustZones": _zones(system),
        "components": [_component(model, element) for element in system.elements],
        "dataflows": [_flow(model, flow) for flow in system.flows],
        "threats": [_threat(threat) for threat in model.threats],
        "mitigations": [_mitigation(t, m) for t in model.threats for m in t.mitigations],
    }
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _zones(system: System) -> list[Json]:
    known = {boundary.id for boundary in system.boundaries}
    zones = [_zone(boundary, known) for boundary in system.boundaries]
    bare = {"id": OUTSIDE, "name": "Outside every boundary", "risk": {"trustRating": 0}}
    return [*zones, bare] if OUTSIDE not in known else zones


def _zone(boundary: Boundary, known: set[str]) -> Json:
    zone: Json = {
        "id": boundary.id,
        "name": one_line(boundary.name),
        "risk": {"trustRating": _UNKNOWN},
    }
    return zone | ({"parent": {"trustZone": boundary.parent}} if boundary.parent in known else {})


def _innermost(system: System, element: str) -> str:
    """The id of the boundary around the element that holds no smaller one around it."""
    around = [b for b in system.boundaries if element in b.members]
    outer = {b.parent for b in around}
    return next((b.id for b in around if b.id not in outer), OUTSIDE)


def _component(model: ThreatModel, element: Element) -> Json:
    held = "stored" if element.kind is ElementKind.DATA_STORE else "processed"
    return {
        "id": element.id,
        "name": one_line(element.name),
        "type": element.technologies[0] if element.technologies else _TYPES[element.kind],
        "description": one_line(element.description),
        "parent": {"trustZone": _innermost(model.system, element.id)},
        "assets": {held: list(element.assets)},
        "threats": _instances(model, element.id),
        "tags": list(element.technologies),
        "attributes": {"kind": element.kind.value, "assumed": element.assumed},
    }


def _flow(model: ThreatModel, flow: Flow) -> Json:
    return {
        "id": flow.id,
        "name": one_line(flow.label) or one_line(model.system.name_of(flow.id)),
        "source": flow.source,
        "destination": flow.target,
        "bidirectional": False,
        "assets": list(flow.assets),
        "threats": _instances(model, flow.id),
        "tags": [flow.protocol] if flow.protocol else [],
        "attributes": {"encrypted": flow.encrypted.value, "authenticated": flow.authenticated.value},
    }


def _instances(model: ThreatModel, target: str) -> list[Json]:
    return [
        {
            "threat": _id(threat),
            "state": _STATES[threat.status],
            "mitigations": [
                {
                    "mitigation": _mitigation_id(threat, item),
                    "state": _MITIGATION_STATES[item.status],
                }
                for item in threat.mitigations
            ],
        }
        for threat in model.threats
        if target in threat.targets
    ]


def _threat(threat: Threat) -> Json:
    return {
        "id": _id(threat),
        "name": one_line(threat.title),
        "description": one_line(threat.statement.text()),
        "categories": list(threat.kinds),
        "cwes": [r.id for r in threat.references if r.id.startswith("CWE-")],
        "risk": {
            "likelihood": threat.likelihood.score * 20,
            "likelihoodComment": _reasons(threat.likelihood),
            "impact": threat.impact.score * 20,
            "impactComment": _reasons(threat.impact),
        },
        "tags": [r.id for r in threat.references if not r.id.startswith("CWE-")],
        "attributes": {
            "severity": threat.effective_severity.value,
            "status": threat.status.value,
            "evidence": [one_line(piece.quote) for piece in threat.evidence],
        },
    }


def _mitigation(threat: Threat, item: Mitigation) -> Json:
    return {
        "id": _mitigation_id(threat, item),
        "name": one_line(item.text),
        "riskReduction": _UNKNOWN,
        "attributes": {"effort": item.effort.value, "status": item.status.value},
    }


def _id(threat: Threat) -> str:
    return threat.id or threat.key


def _mitigation_id(threat: Threat, item: Mitigation) -> str:
    return f"{_id(threat)}.{item.id}"


def _reasons(rating: Rating) -> str:
    return "; ".join(one_line(factor.reason) for factor in rating.factors)
