"""Open Threat Model: zones, components, flows and assets, as YAML and as JSON."""

from __future__ import annotations

import json

import pytest

from agent.domain.system import Classification
from agent.errors import TooLarge, UnreadableFile
from agent.export import to_otm
from tests.agent.diagrams.drawn import arrows, element, flow, inside, kinds, read
from tests.agent.export import samples

FERRY = """
otmVersion: 0.2.0
project: {name: Ferry tickets, id: ferry, description: Tickets for a ferry.}
trustZones:
  - {id: quay, name: Quay, risk: {trustRating: 10}}
  - id: cloud
    name: Cloud
    type: aws
  - {id: inner, name: Data, parent: {trustZone: cloud}}
components:
  - {id: kiosk, name: Ticket kiosk, type: generic-client, parent: {trustZone: quay}}
  - id: net
    name: Subnet
    type: empty-component
    parent: {trustZone: cloud}
    tags: ["AWS::EC2::Subnet"]
  - id: api
    name: Fares
    type: CD-AWS-LAMBDA
    description: Sells tickets
    parent: {component: net}
    tags: ["AWS::Lambda::Function"]
  - id: part
    name: Rounding
    type: empty-component
    parent: {component: api}
  - id: db
    name: Tickets
    type: postgresql
    parent: {trustZone: inner}
    assets: {stored: [pax]}
assets:
  - {id: pax, name: Passenger names, risk: {confidentiality: 100}}
  - {id: times, name: Timetable, risk: {confidentiality: 0}}
dataflows:
  - {id: f1, name: Buy a ticket, source: kiosk, destination: api, tags: [HTTPS], assets: [pax]}
  - {id: f2, name: 7c5e8a52-0c3a-4a57-9d43-0a7a6f5a8a11, source: api, destination: db, bidirectional: true}
  - {id: f3, name: Nowhere, source: api, destination: gone}
threats: [{id: t}]
"""


def test_a_whole_model() -> None:
    """Zones and mere frames are boundaries, components elements, their types technologies."""
    ferry = read(FERRY, "ferry.otm")
    assert (ferry.format, ferry.title, ferry.text) == ("otm", "Ferry tickets", "Tickets for a ferry.")
    assert kinds(ferry) == {
        "Ticket kiosk": "external_entity",
        "Fares": "process",
        "Rounding": "process",
        "Tickets": "data_store",
    }
    assert inside(ferry) == {
        "Quay": {"Ticket kiosk"},
        "Cloud": {"Fares", "Rounding", "Tickets"},
        "Data": {"Tickets"},
        "Subnet": {"Fares", "Rounding"},
    }
    assert arrows(ferry) == [
        "Ticket kiosk -> Fares: Buy a ticket",
        "Fares -> Tickets",
        "Tickets -> Fares",
    ]
    assert element(ferry, "Fares").technologies[0] == "aws-lambda"
    assert any('"Nowhere"' in w for w in ferry.warnings)


def test_assets_and_wires() -> None:
    """Assets keep their class and hang where they are; tags tell the wire and are no data."""
    ferry = read(FERRY)
    assert {a.id: a.classification for a in ferry.assets} == {
        "passenger-names": Classification.RESTRICTED,
        "timetable": Classification.PUBLIC,
    }
    assert element(ferry, "Tickets").assets == ("passenger-names",)
    buy = flow(ferry, "Buy a ticket")
    assert (buy.protocol, buy.assets, buy.data) == ("https", ("passenger-names",), ("Buy a ticket",))


def test_json_is_the_same() -> None:
    """The same model as JSON gives the same system."""
    model = {
        "otmVersion": "0.2.0",
        "project": {"name": "Pier", "id": "p"},
        "trustZones": [{"id": "z", "name": "Sea", "risk": {"trustRating": 1}}],
        "components": [{"id": "c", "name": "Buoy", "type": "sensor", "parent": {"trustZone": "z"}}],
        "dataflows": [],
    }
    fragment = read(json.dumps(model))
    assert (fragment.format, kinds(fragment), inside(fragment)) == (
        "otm",
        {"Buoy": "external_entity"},
        {"Sea": {"Buoy"}},
    )


def test_anchors_are_followed() -> None:
    """YAML anchors and aliases stand for what they name, one that names itself for nothing."""
    text = (
        "otmVersion: 0.2.0\nproject: {name: x}\ntrustZones: [&z {id: a, name: A}]\n"
        "components:\n  - {id: c, name: &n Till, parent: {trustZone: a}}\n  - {id: d, name: *n}\n"
        "  - &loop [*loop]\n"
    )
    assert [e.name for e in read(text).elements] == ["Till", "Till"]


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("otmVersion: 0.2.0\n  bad: [\n", UnreadableFile, "YAML is broken"),
        ('{"otmVersion": "0.2.0", ', UnreadableFile, "JSON is broken"),
        ("otmVersion: 0.2.0\ncomponents: " + "[" * 5_000, TooLarge, "nests deeper"),
        ("otmVersion: 0.2.0\ncomponents: [" + "a," * 400_001 + "a]", TooLarge, "values"),
        ("a:\n  otmVersion: 0.2.0\n", UnreadableFile, "top"),
        ('{"otmVersion": ' + "[" * 100_000, UnreadableFile, "JSON"),
    ],
)
def test_broken_models_are_refused(text: str, error: type[UnreadableFile], said: str) -> None:
    """Broken, deep and oversized files are refused with the reason."""
    with pytest.raises(error) as caught:
        read(text)
    assert said in caught.value.reason


def test_parents_that_go_in_circles() -> None:
    """Components that are each other's parents, and zones too, do not hang the reader."""
    text = (
        "otmVersion: 0.2.0\nproject: {name: x}\n"
        "trustZones: [{id: a, name: A, parent: {trustZone: b}}, {id: b, name: B, parent: {trustZone: a}}]\n"
        "components:\n  - {id: c, name: Till, parent: {component: d}}\n"
        "  - {id: d, name: Tray, parent: {component: c}}\n  - {id: e, name: Desk, parent: {trustZone: a}}\n"
    )
    assert "Desk" in kinds(read(text))


def test_our_own_export_is_read() -> None:
    """What the OTM export writes, this reader reads: the same elements, flows and boundaries."""
    fragment = read(to_otm(samples.model(1)))
    system = samples.SYSTEM
    assert set(kinds(fragment)) == {e.name for e in system.elements}
    assert len(fragment.flows) == len(system.flows)
    assert {b.name for b in system.boundaries} <= set(inside(fragment))
