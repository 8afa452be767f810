"""Threat Composer's exchange format: its lengths, its words, its links."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings

from agent.domain.model import ThreatModel
from agent.domain.system import Assumption
from agent.domain.threat import MitigationStatus, Severity, ThreatStatus
from agent.export import to_threat_composer
from tests.agent.export import samples

LENGTHS = {
    "threatSource": 200,
    "prerequisites": 200,
    "threatAction": 200,
    "threatImpact": 200,
    "statement": 1_400,
}


def _written(model: ThreatModel) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(to_threat_composer(model))
    return data


def test_a_threat_goes_over_part_by_part() -> None:
    """The statement's parts, the number of its id, categories, priority, references as tags."""
    found = _written(samples.model(1))["threats"][0]
    assert found["numericId"] == 1
    assert found["threatSource"] == "someone on the locker's network"
    assert found["prerequisites"] == "who can reach its message broker"
    assert found["threatAction"] == "send the Locker controller an open command of their own"
    assert found["impactedGoal"] == ["integrity"]
    assert found["statement"] == samples.threat().statement.text()
    assert found["tags"] == ["CWE-306", "CAPEC-115"]
    metadata = {entry["key"]: entry["value"] for entry in found["metadata"]}
    assert metadata["STRIDE"] == ["S", "T"]
    assert metadata["Priority"] == "High"
    assert "nothing names a signature on the command" in metadata["Comments"]


@pytest.mark.parametrize(
    ("status", "written"),
    [
        (ThreatStatus.PROPOSED, "threatIdentified"),
        (ThreatStatus.ACCEPTED, "threatIdentified"),
        (ThreatStatus.DISMISSED, "threatResolvedNotUseful"),
        (ThreatStatus.MITIGATED, "threatResolved"),
        (ThreatStatus.RISK_ACCEPTED, "threatResolved"),
    ],
)
def test_statuses_have_their_counterparts(status: ThreatStatus, written: str) -> None:
    """Each status is said in the format's own word."""
    made = samples.model(0, threats=(samples.threat(status=status),))
    assert _written(made)["threats"][0]["status"] == written


def test_a_critical_threat_keeps_its_severity_beside_the_priority() -> None:
    """The format has no fourth priority, so nothing is lost."""
    made = samples.model(0, threats=(samples.threat(severity=Severity.CRITICAL),))
    metadata = {e["key"]: e["value"] for e in _written(made)["threats"][0]["metadata"]}
    assert (metadata["Priority"], metadata["custom:severity"]) == ("High", "critical")


def test_a_mitigation_of_several_threats_stands_once() -> None:
    """Same words and same status are one mitigation, linked to each of its threats."""
    written = _written(samples.model(3))
    assert [m["status"] for m in written["mitigations"]] == ["mitigationIdentified", "mitigationResolved"]
    assert len(written["mitigationLinks"]) == 6
    other = samples.threat(2)
    changed = other.mitigations[0].model_copy(update={"status": MitigationStatus.REJECTED})
    apart = samples.model(0, threats=(samples.threat(), other.model_copy(update={"mitigations": (changed,)})))
    assert len(_written(apart)["mitigations"]) == 3


def test_assumptions_are_linked_to_the_threats_on_the_same_thing() -> None:
    """An assumption about a flow points to the threats that target it."""
    assumed = Assumption(id="a1", text="The broker is private.", targets=("api--locker",))
    made = samples.model(2, system=samples.SYSTEM.model_copy(update={"assumptions": (assumed,)}))
    written = _written(made)
    assert [link["linkedId"] for link in written["assumptionLinks"]] == [t["id"] for t in written["threats"]]


def test_the_system_goes_over_as_markdown() -> None:
    """Elements and boundaries stand in the architecture, flows in the data flow; headings are left out."""
    written = _written(samples.model(1))
    assert "| Locker controller | process |" in written["architecture"]["description"]
    assert "**Cloud**" in written["architecture"]["description"]
    assert "| Recipient | Locker API | pick-up code |" in written["dataflow"]["description"]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(model=samples.MODELS)
def test_lengths_and_links_hold_whatever_the_model(model: ThreatModel) -> None:
    """No text is longer than the schema says, ids are UUIDs, and every link leads somewhere."""
    written = _written(model)
    assert len(written["applicationInfo"]["name"]) <= 200
    for threat in written["threats"]:
        assert all(len(threat[name]) <= limit for name, limit in LENGTHS.items())
        assert all(1 <= len(tag) <= 30 for tag in threat["tags"])
        assert all(len(part) <= 200 for part in (*threat["impactedGoal"], *threat["impactedAssets"]))
        assert UUID(threat["id"]).version == 4
    assert all(len(m["content"]) <= 1_000 for m in (*written["mitigations"], *written["assumptions"]))
    threats = {t["id"] for t in written["threats"]}
    mitigations = {m["id"] for m in written["mitigations"]}
    for link in written["mitigationLinks"]:
        assert link["mitigationId"] in mitigations
        assert link["linkedId"] in threats


def test_ids_are_the_same_in_every_export() -> None:
    """The same model gives the same bytes, so a second import finds what the first brought."""
    assert to_threat_composer(samples.model()) == to_threat_composer(samples.model())
