"""The Open Threat Model: places, flows, threats where they hang."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings

from agent.domain.model import ThreatModel
from agent.domain.system import Boundary
from agent.domain.threat import ThreatStatus
from agent.export import to_otm
from agent.export.otm import OUTSIDE
from tests.agent.export import samples


def _written(model: ThreatModel) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(to_otm(model))
    return data


def _by_id(entries: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {entry["id"]: entry for entry in entries}


def test_components_stand_in_their_innermost_zone() -> None:
    """An element of an inner boundary hangs there; one in no boundary hangs outside."""
    inner = Boundary(id="vault", name="Vault", members=("db",), parent="cloud")
    system = samples.SYSTEM.model_copy(update={"boundaries": (*samples.SYSTEM.boundaries, inner)})
    written = _written(samples.model(1, system=system))
    parents = {c["id"]: c["parent"]["trustZone"] for c in written["components"]}
    assert parents == {"recipient": OUTSIDE, "locker": "street", "api": "cloud", "db": "vault"}
    zones = _by_id(written["trustZones"])
    assert zones["vault"]["parent"] == {"trustZone": "cloud"}
    assert "parent" not in zones["cloud"]
    assert OUTSIDE in zones


def test_flows_say_what_is_known_of_them() -> None:
    """Ends, name, protocol and protection."""
    flow = _by_id(_written(samples.model(1))["dataflows"])["recipient--api"]
    assert (flow["source"], flow["destination"], flow["name"]) == ("recipient", "api", "pick-up code")
    assert flow["tags"] == ["https"]
    assert flow["attributes"] == {"encrypted": "yes", "authenticated": "unknown"}


def test_a_threat_hangs_on_everything_that_it_targets() -> None:
    """The flow and the component both carry it, with its state and its mitigations'."""
    decided = samples.threat(status=ThreatStatus.RISK_ACCEPTED)
    written = _written(samples.model(0, threats=(decided,)))
    on_flow = _by_id(written["dataflows"])["api--locker"]["threats"]
    on_component = _by_id(written["components"])["locker"]["threats"]
    assert on_flow == on_component
    assert on_flow[0]["state"] == "accepted"
    assert [m["state"] for m in on_flow[0]["mitigations"]] == ["recommended", "implemented"]
    assert _by_id(written["components"])["db"]["threats"] == []


def test_scores_are_on_a_scale_of_100() -> None:
    """4 of 5 is 80, with the factors as its comment; CWEs are told apart from other references."""
    (threat,) = _written(samples.model(1))["threats"]
    assert (threat["risk"]["likelihood"], threat["risk"]["impact"]) == (80, 80)
    assert threat["risk"]["likelihoodComment"] == "the locker stands in the street; no signature seen"
    assert (threat["cwes"], threat["tags"]) == (["CWE-306"], ["CAPEC-115"])


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(model=samples.MODELS)
def test_every_id_that_is_used_is_there(model: ThreatModel) -> None:
    """Zones of components, threats of instances and mitigations of threats are all defined."""
    written = _written(model)
    zones, threats = _by_id(written["trustZones"]), _by_id(written["threats"])
    mitigations = _by_id(written["mitigations"])
    for holder in (*written["components"], *written["dataflows"]):
        assert "parent" not in holder or holder["parent"]["trustZone"] in zones
        for instance in holder["threats"]:
            assert instance["threat"] in threats
            assert all(m["mitigation"] in mitigations for m in instance["mitigations"])
