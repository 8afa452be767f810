"""The names of exports, for those who only name them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

EXPORTS: Mapping[str, str] = MappingProxyType(
    {
        "markdown": "Markdown",
        "threat-composer": "Threat Composer",
        "otm": "Open Threat Model",
        "json": "JSON",
        "csv": "CSV",
    }
)
"""Names of agent.export's formats and how a person reads them."""
