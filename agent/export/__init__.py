"""Threat models written for other people and programs: one module a format, one table of them all."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from agent.domain.base import slug
from agent.domain.model import ThreatModel
from agent.errors import UnknownCommand
from agent.export.base import Export
from agent.export.csv import to_csv
from agent.export.json import from_json, to_json
from agent.export.markdown import to_markdown
from agent.export.otm import to_otm
from agent.export.threat_composer import to_threat_composer

__all__ = [
    "EXPORTS",
    "Export",
    "export",
    "from_json",
    "to_csv",
    "to_json",
    "to_markdown",
    "to_otm",
    "to_threat_composer",
]

EXPORTS: Mapping[str, Export] = MappingProxyType(
    {
        "markdown": Export(".md", "text/markdown", to_markdown, "Markdown"),
        "threat-composer": Export(".tc.json", "application/json", to_threat_composer, "Threat Composer"),
        "otm": Export(".otm.json", "application/json", to_otm, "Open Threat Model"),
        "json": Export(".json", "application/json", to_json, "JSON"),
        "csv": Export(".csv", "text/csv", to_csv, "CSV"),
    }
)
"""Formats by the name that commands and buttons use; a longer ending stands before one that it ends with."""


def export(model: ThreatModel, name: str) -> tuple[str, bytes]:
    """A file's name and content; UnknownCommand, with the names there are, for any other name."""
    if name not in EXPORTS:
        raise UnknownCommand(f"There is no export called {name[:40]}. There are: {', '.join(EXPORTS)}.")
    chosen = EXPORTS[name]
    return f"{slug(model.title)}-r{model.revision}{chosen.extension}", chosen.write(model).encode()
