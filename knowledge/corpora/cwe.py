"""CWE as JSON: one file a weakness, as in the json_repo of the CWE/CAPEC REST API working group."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.corpora.clean import joined
from knowledge.corpora.starter import address
from knowledge.passages import Passage

SCOPES = {
    "Confidentiality": "information_disclosure",
    "Integrity": "tampering",
    "Availability": "denial_of_service",
    "Authentication": "spoofing",
    "Authorization": "elevation_of_privilege",
    "Access Control": "elevation_of_privilege",
    "Non-Repudiation": "repudiation",
    "Accountability": "repudiation",
}
"""The STRIDE category behind each scope of a consequence, as CWE and CAPEC name them."""

_GONE = frozenset({"Deprecated", "Obsolete"})


def read(files: Mapping[str, bytes]) -> Iterator[Passage]:
    """A passage for each weakness that is not deprecated. Examples and observed cases stay out."""
    for path in sorted(files, key=_number):
        entry: dict[str, Any] = json.loads(files[path])
        if entry["Status"] not in _GONE:
            yield _passage(entry)


def _passage(entry: dict[str, Any]) -> Passage:
    id_ = f"CWE-{entry['ID']}"
    terms = "; ".join(t["Term"] for t in entry.get("AlternateTerms", ()))
    scopes = [s for c in entry.get("CommonConsequences", ()) for s in c.get("Scope", ())]
    related = [f"CWE-{r['CweID']}" for r in entry.get("RelatedWeaknesses", ())]
    related += [f"CAPEC-{n}" for n in entry.get("RelatedAttackPatterns", ())]
    return Passage(
        id=id_,
        source="cwe",
        kind="weakness",
        title=entry["Name"],
        text=joined(
            entry["Description"],
            entry.get("ExtendedDescription", ""),
            f"Also called: {terms}." if terms else "",
        ),
        url=address("cwe", id_),
        stride=tuple(dict.fromkeys(SCOPES[s] for s in scopes if s in SCOPES)),
        related=tuple(dict.fromkeys(related)),
    )


def _number(path: str) -> tuple[int, str]:
    digits = "".join(c for c in path.rpartition("/")[2] if c.isdigit())
    return (int(digits or 0), path)
