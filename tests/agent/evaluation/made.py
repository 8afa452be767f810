"""Evaluation systems made for the tests, in our own words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.domain.model import ThreatModel
from agent.domain.system import System
from agent.domain.threat import Rating, Severity, Statement, Stride, Threat

GREENHOUSE = """\
# Greenhouse

A gardener waters plants from a phone.
"""


def write_system(
    folder: Path,
    name: str,
    references: Sequence[Mapping[str, Any]],
    *,
    description: str = GREENHOUSE,
    diagram: str = "",
    dfd: Mapping[str, Any] | None = None,
) -> Path:
    """A system of an evaluation folder; its path."""
    path = folder / name
    path.mkdir(parents=True)
    (path / "system.md").write_text(description, encoding="utf-8")
    (path / "threats.json").write_text(json.dumps(references), encoding="utf-8")
    if diagram:
        (path / "diagram.mmd").write_text(diagram, encoding="utf-8")
    if dfd is not None:
        (path / "dfd.json").write_text(json.dumps(dfd), encoding="utf-8")
    return path


def reference(
    id_: str,
    statement: str,
    stride: str = "",
    component: str | None = None,
    severity: str | None = None,
) -> dict[str, Any]:
    """A reference threat as a publisher's file has it."""
    return {
        "id": id_,
        "statement": statement,
        "stride": [stride] if stride else [],
        "component": component,
        "severity": severity,
    }


def threat(
    number: int, action: str, target: str, stride: Stride, severity: Severity = Severity.MEDIUM
) -> Threat:
    """A produced threat that says "Anyone can <action>."."""
    return Threat(
        id=f"T-{number:03d}",
        key=f"key-{number}",
        pattern=f"pattern-{number}",
        title=action.capitalize(),
        statement=Statement(source="anyone", action=action, impact=""),
        stride=(stride,),
        targets=(target,),
        likelihood=Rating(score=3, base=3),
        impact=Rating(score=3, base=3),
        severity=severity,
    )


def model(system: System, *threats: Threat) -> ThreatModel:
    """A threat model of the system with these threats, in rank order."""
    return ThreatModel(id="tm", revision=1, title=system.name, system=system, threats=threats)
