"""The references table: every identifier that a pattern may cite, with a short title and its address."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from agent.catalog.reading import read_yaml
from agent.domain.threat import Reference
from agent.errors import CatalogError

_OWASP_LLM = "https://genai.owasp.org/llmrisk/"
_ASVS = "https://github.com/OWASP/ASVS/tree/v5.0.0/5.0/en"


@cache
def load_references() -> dict[str, Reference]:
    """Every known identifier; CatalogError when the table breaks its form."""
    text = resources.files("agent.catalog").joinpath("references.yaml").read_text(encoding="utf-8")
    raw: dict[str, Any] = read_yaml(text)
    table: dict[str, Reference] = {}
    for id_, title in raw.items():
        if not isinstance(title, str) or not title:
            raise CatalogError(f"references.yaml: {id_}: expected a title.")
        table[id_] = Reference(id=id_, title=title, url=url_of(id_))
    return table


def url_of(id_: str) -> str:  # noqa: PLR0911 - one return a source
    """Where the identifier can be opened; CatalogError for a form that no source has."""
    source, _, rest = id_.partition("-")
    if source == "CWE" and rest.isdigit():
        return f"https://cwe.mitre.org/data/definitions/{rest}.html"
    if source == "CAPEC" and rest.isdigit():
        return f"https://capec.mitre.org/data/definitions/{rest}.html"
    if source == "ASVS":
        return _ASVS
    if id_.startswith("AML.T"):
        return f"https://atlas.mitre.org/techniques/{id_}"
    if id_[0] == "T" and id_[1:5].isdigit():
        return f"https://attack.mitre.org/techniques/{id_.replace('.', '/')}/"
    if id_.startswith("API") and id_.endswith(":2023"):
        return f"https://owasp.org/API-Security/editions/2023/en/0xa{_API[id_[3:-5]]}/"
    if id_.startswith("LLM") and id_.endswith(":2025"):
        return _OWASP_LLM
    if id_.startswith("A") and id_.endswith(":2025"):
        return f"https://owasp.org/Top10/2025/{id_.replace(':', '_')}/"
    raise CatalogError(f"references.yaml: {id_}: an identifier of no known source.")


_API = {
    "1": "1-broken-object-level-authorization",
    "2": "2-broken-authentication",
    "3": "3-broken-object-property-level-authorization",
    "4": "4-unrestricted-resource-consumption",
    "5": "5-broken-function-level-authorization",
    "6": "6-unrestricted-access-to-sensitive-business-flows",
    "7": "7-server-side-request-forgery",
    "8": "8-security-misconfiguration",
    "9": "9-improper-inventory-management",
    "10": "a-unsafe-consumption-of-apis",
}
