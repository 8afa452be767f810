"""The evaluation systems of a folder: what is given to an analyst, and what its threats are held against."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from agent.domain.base import Value
from agent.domain.threat import Severity, Stride
from agent.errors import InputError
from agent.evaluation.compared import Compared, Place

DIAGRAMS = ("diagram.mmd", "diagram.puml")
"""The structured diagrams that a system may have; they are given, pictures and sources are not."""


class ReferenceSystem(Value):
    """One system with a threat model that people made of it."""

    name: str
    title: str
    """The description's first heading, or the name."""
    description: str
    files: tuple[tuple[str, bytes], ...] = ()
    """Diagrams: name and content."""
    listed: tuple[Place, ...] = ()
    """The elements and flows of its data-flow diagram, where one is given."""
    references: tuple[Compared, ...]


def load_systems(folder: Path) -> tuple[ReferenceSystem, ...]:
    """Every system of the folder, by name: the sub-folders that have a `system.md` and a `threats.json`.

    InputError when there is none, or when a file of one is not what it should be.
    """
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}. Give the folder that holds the evaluation systems.")
    found = [
        p for p in sorted(folder.iterdir()) if (p / "system.md").exists() and (p / "threats.json").exists()
    ]
    if not found:
        raise InputError(
            f"There is no evaluation system in {folder}. Each is a folder with system.md and threats.json."
        )
    return tuple(_system(path) for path in found)


def _system(path: Path) -> ReferenceSystem:
    description = (path / "system.md").read_text(encoding="utf-8", errors="replace")
    return ReferenceSystem(
        name=path.name,
        title=_title(description) or path.name.replace("_", " "),
        description=description,
        files=tuple((name, (path / name).read_bytes()) for name in DIAGRAMS if (path / name).exists()),
        listed=_listed(path / "dfd.json"),
        references=_references(path / "threats.json"),
    )


def _title(description: str) -> str:
    first = next((line for line in description.splitlines() if line.startswith("# ")), "")
    return first.removeprefix("# ").strip()


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise InputError(f"I could not read {path}: {error}. It must be JSON in UTF-8.") from error


def _references(path: Path) -> tuple[Compared, ...]:
    try:
        return tuple(_reference(threat) for threat in _json(path))
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"I could not read {path}: {error!r}. It must be a list of threats with id and statement."
        ) from error


def _reference(threat: dict[str, Any]) -> Compared:
    """One reference threat; categories and severities of other scales than ours are left out."""
    severity = str(threat.get("severity") or "").lower()
    return Compared(
        id=str(threat["id"]),
        title=threat.get("title") or "",
        statement=threat["statement"],
        stride=tuple(
            s for word in threat.get("stride") or () for s in Stride if s.label.lower() == word.lower()
        ),
        component=threat.get("component") or "",
        severity=Severity(severity) if severity in set(Severity) else None,
    )


def _listed(path: Path) -> tuple[Place, ...]:
    if not path.exists():
        return ()
    given = _json(path)
    try:
        names = {node["id"]: " ".join(node["name"].split()) for node in given["nodes"]}
        ends = [
            (flow.get("name") or "", names[flow["source"]], names[flow["target"]]) for flow in given["flows"]
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"I could not read {path}: {error!r}. It must hold nodes and flows.") from error
    elements = [Place(name=name, elements=(name,)) for name in names.values()]
    return (*elements, *(Place(name=name or f"{a} → {b}", elements=(a, b)) for name, a, b in ends))
