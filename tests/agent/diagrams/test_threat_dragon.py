"""Threat Dragon: both versions of its JSON, flags, boundary boxes, loose ends."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agent.errors import TooLarge, UnreadableFile, UnsupportedFormat
from tests.agent.diagrams.drawn import arrows, element, flow, inside, kinds, read


def node(
    id_: str, type_: str, name: str, place: tuple[int, int, int, int], **flags: object
) -> dict[str, Any]:
    """A cell of version 2 with its place."""
    x, y, width, height = place
    shape = {"Actor": "actor", "Process": "process", "Store": "store"}.get(type_, "trust-boundary-box")
    return {
        "id": id_,
        "shape": shape,
        "position": {"x": x, "y": y},
        "size": {"width": width, "height": height},
        "data": {"type": f"tm.{type_}", "name": name, **flags},
    }


def link(source: str, target: str, name: str, **flags: object) -> dict[str, Any]:
    """A flow of version 2."""
    return {
        "id": f"{source}-{target}-{name}",
        "shape": "flow",
        "source": {"cell": source},
        "target": {"cell": target},
        "data": {"type": "tm.Flow", "name": name, **flags},
    }


def saved(*diagrams: list[dict[str, Any]]) -> str:
    """A file of version 2."""
    return json.dumps(
        {
            "version": "2.3.0",
            "summary": {"title": "Clinic lift", "description": "A lift that calls for help."},
            "detail": {"diagrams": [{"title": "d", "cells": cells} for cells in diagrams]},
        }
    )


LIFT = [
    node("b1", "BoundaryBox", "Building", (0, 0, 600, 400)),
    node("b2", "BoundaryBox", "Shaft", (20, 20, 200, 200)),
    node("a", "Actor", "Janitor", (700, 50, 100, 60), providesAuthentication=True),
    node("p", "Process", "Lift control", (40, 40, 100, 60), description="An old PLC", isWebApplication=True),
    node("s", "Store", "Ride log", (300, 40, 100, 60), isALog=True, isEncrypted=True, storesCredentials=True),
    node("c", "Process", "Call centre", (900, 300, 100, 60), outOfScope=True, reasonOutOfScope="bought"),
    link("a", "p", "Commands", protocol="HTTP/S", isEncrypted=True, isPublicNetwork=True),
    link("p", "s", "Rides", protocol="SQL", isBidirectional=True),
    link("p", "c", "Data Flow", protocol="Carrier pigeon"),
]


def test_version_2() -> None:
    """Kinds are as drawn, boxes boundaries with what lies in them, text and title from the summary."""
    lift = read(saved(LIFT))
    assert (lift.format, lift.title, lift.text) == (
        "threat-dragon",
        "Clinic lift",
        "A lift that calls for help.",
    )
    assert kinds(lift) == {
        "Janitor": "external_entity",
        "Lift control": "process",
        "Ride log": "data_store",
        "Call centre": "process",
    }
    assert inside(lift) == {"Building": {"Lift control", "Ride log"}, "Shaft": {"Lift control"}}
    assert {b.name: b.parent for b in lift.boundaries} == {"Building": None, "Shaft": "building"}
    assert arrows(lift) == [
        "Janitor -> Lift control: Commands",
        "Lift control -> Ride log: Rides",
        "Ride log -> Lift control: Rides",
        "Lift control -> Call centre",
    ]


def test_flags_of_flows() -> None:
    """Protocol, encryption and public networks are taken from their fields; unset flags say nothing."""
    lift = read(saved(LIFT))
    commands = flow(lift, "Commands")
    assert (commands.protocol, commands.encrypted.value) == ("https", "yes")
    assert commands.authenticated.value == "yes"
    assert (lift.flows[1].protocol, lift.flows[1].encrypted.value) == ("sql", "unknown")
    assert lift.flows[3].protocol == "carrier-pigeon"
    assert ("Janitor -> Lift control", "exposure", "internet") in [
        (f.about, f.fact, f.value) for f in lift.facts
    ]


def test_flags_of_elements() -> None:
    """Encryption at rest, credentials, logs, web applications and scope are heard."""
    lift = read(saved(LIFT))
    log = element(lift, "Ride log")
    assert [(c.name, c.state.value) for c in log.controls] == [("encryption_at_rest", "yes")]
    assert "log-store" in log.technologies
    assert "web-app" in element(lift, "Lift control").technologies
    assert element(lift, "Lift control").description == "An old PLC"
    assert ("Ride log", "data:credentials") in [(f.about, f.fact) for f in lift.facts]
    (scope,) = lift.assumptions
    assert (scope.text, scope.targets) == ("Call centre is out of scope: bought.", ("call-centre",))


def test_version_1() -> None:
    """Version 1 keeps names in the drawing and diagrams one level deeper."""
    cells = [
        {"type": "tm.Actor", "id": "a", "attrs": {"text": {"text": "Night\nporter"}}},
        {"type": "tm.Process", "id": "p", "attrs": {".label": {"text": "Bell"}}},
        {
            "type": "tm.Flow",
            "id": "f",
            "source": {"id": "a"},
            "target": {"id": "p"},
            "labels": [{"attrs": {"text": {"text": "rings\ntwice"}}}],
            "isEncrypted": True,
        },
        {"type": "tm.Boundary", "id": "b", "source": {"x": 1, "y": 1}, "target": {"x": 9, "y": 9}},
    ]
    fragment = read(
        json.dumps(
            {"summary": {"title": "Bell"}, "detail": {"diagrams": [{"diagramJson": {"cells": cells}}]}}
        )
    )
    assert kinds(fragment) == {"Night porter": "external_entity", "Bell": "process"}
    assert arrows(fragment) == ["Night porter -> Bell: rings twice"]
    assert fragment.flows[0].encrypted.value == "yes"
    assert any("curve" in w for w in fragment.warnings)


def test_loose_ends_touch_elements() -> None:
    """A flow that ends at a point means the element that the point touches, or nothing."""
    loose = link("x", "p", "Alarm") | {"source": {"x": 805, "y": 80}}
    lost = link("x", "p", "Echo") | {"source": {"x": 5000, "y": 80}}
    fragment = read(saved([*LIFT, loose, lost]))
    assert "Janitor -> Lift control: Alarm" in arrows(fragment)
    assert any('"Echo"' in w for w in fragment.warnings)


def test_diagrams_are_one_system() -> None:
    """What bears the same name in two diagrams is one element."""
    second = [
        node("p9", "Process", "Lift control", (0, 0, 9, 9)),
        node("m", "Store", "Manuals", (90, 0, 9, 9)),
        link("p9", "m", "reads"),
    ]
    fragment = read(saved(LIFT, second))
    assert len([e for e in fragment.elements if e.name == "Lift control"]) == 1
    assert "Lift control -> Manuals: reads" in arrows(fragment)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('{"summary": {"title": "x"}, "detail": {"diagrams": [', UnsupportedFormat),
        ('{"summary": {}, "diagrams": 3}', UnsupportedFormat),
        ('{"summary": {"title": "x"}, "detail": {"diagrams": 3}}', UnsupportedFormat),
        ('{"summary": {}, "detail": {"diagrams": [' + "[" * 100_000, UnsupportedFormat),
    ],
)
def test_other_json_is_refused(text: str, error: type[UnreadableFile]) -> None:
    """JSON that is broken or of another kind is refused, never a traceback."""
    with pytest.raises(error):
        read(text)


def test_odd_values_do_not_break_it() -> None:
    """Values of wrong types are passed over."""
    cells: list[Any] = [
        3,
        None,
        {},
        {"data": []},
        {
            "id": 5,
            "data": {"type": "tm.Process", "name": ["x"]},
            "position": "here",
            "size": {"width": "wide"},
        },
        {"id": 6, "data": {"type": "tm.Store", "name": 7}, "position": {"x": 1e400, "y": None}},
        {"id": 8, "data": {"type": "tm.Flow"}, "source": 4, "target": {"cell": []}},
    ]
    fragment = read(saved(cells))
    assert set(kinds(fragment)) == {"process", "7"}


def test_too_many_cells() -> None:
    """Elements are limited as in every format."""
    cells = [node(str(n), "Process", f"p{n}", (0, 0, 1, 1)) for n in range(5_001)]
    with pytest.raises(TooLarge):
        read(saved(cells))
