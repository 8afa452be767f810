"""ATT&CK as the JSON clusters of misp-galaxy: techniques and mitigations of all domains."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.corpora.clean import joined
from knowledge.corpora.starter import address
from knowledge.passages import Passage

_TACTICS = {
    "credential-access": "spoofing",
    "initial-access": "spoofing",
    "impact": "denial_of_service",
    "exfiltration": "information_disclosure",
    "collection": "information_disclosure",
    "discovery": "information_disclosure",
    "privilege-escalation": "elevation_of_privilege",
    "lateral-movement": "elevation_of_privilege",
    "execution": "elevation_of_privilege",
    "defense-impairment": "repudiation",
}
"""The STRIDE category that a tactic serves most; tactics that serve several are left out."""

_KINDS = (("T", "technique", "techniques"), ("M", "mitigation", "mitigations"))
_OLD = re.compile(r"deprecated|revoked", re.IGNORECASE)


def read(files: Mapping[str, bytes]) -> Iterator[Passage]:
    """A passage for each technique and mitigation that is neither revoked nor deprecated."""
    found: dict[str, Passage] = {}
    for path in sorted(files):
        values: list[dict[str, Any]] = json.loads(files[path])["values"]
        techniques = {v["uuid"]: v["meta"]["external_id"] for v in values}
        names = {v["meta"]["external_id"]: _name(v) for v in values}
        for value in values:
            if not _gone(value):
                passage = _passage(value, techniques, names)
                found.setdefault(passage.id, passage)
    yield from (found[id_] for id_ in sorted(found))


def _name(value: dict[str, Any]) -> str:
    whole: str = value["value"]
    return whole.removesuffix(f" - {value['meta']['external_id']}")


def _gone(value: dict[str, Any]) -> bool:
    id_: str = value["meta"]["external_id"]
    start: str = value["description"][:120]
    modern = any(id_.startswith(letter) for letter, _, _ in _KINDS) and id_[1:5].isdigit()
    old_mitigation = id_.startswith("T") and value["value"].endswith(f"Mitigation - {id_}")
    return bool(value.get("revoked")) or not modern or old_mitigation or bool(_OLD.search(start))


def _passage(value: dict[str, Any], techniques: Mapping[str, str], names: Mapping[str, str]) -> Passage:
    id_: str = value["meta"]["external_id"]
    _, kind, folder = next(k for k in _KINDS if id_.startswith(k[0]))
    tactics = [chain.rpartition(":")[2] for chain in value["meta"].get("kill_chain", ())]
    related = [techniques[r["dest-uuid"]] for r in value.get("related", ()) if r["dest-uuid"] in techniques]
    parent, _, part = id_.partition(".")
    title = f"{names[parent]}: {names[id_]}" if part and parent in names else names[id_]
    return Passage(
        id=id_,
        source="attack",
        kind=kind,
        title=title,
        text=joined(value["description"]),
        url=address("attack", id_).replace("/techniques/", f"/{folder}/"),
        stride=tuple(dict.fromkeys(_TACTICS[t] for t in tactics if t in _TACTICS)),
        related=tuple(dict.fromkeys(r for r in (parent, *related) if r != id_)),
    )
