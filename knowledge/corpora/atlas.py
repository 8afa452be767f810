"""ATLAS as the publisher's ATLAS.yaml: techniques and mitigations. Case studies stay out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from knowledge.corpora.clean import joined
from knowledge.corpora.starter import LOADER, address
from knowledge.passages import Passage


def read(files: Mapping[str, bytes]) -> Iterator[Passage]:
    """A passage for each technique and mitigation of each matrix."""
    for path in sorted(files):
        data: dict[str, Any] = yaml.load(files[path], Loader=LOADER)  # noqa: S506 - safe, see LOADER
        for matrix in data["matrices"]:
            names = {t["id"]: t["name"] for t in matrix["techniques"]}
            for technique in matrix["techniques"]:
                yield _technique(technique, names)
            for mitigation in matrix["mitigations"]:
                yield _mitigation(mitigation)


def _technique(entry: dict[str, Any], names: Mapping[str, str]) -> Passage:
    parent: str = entry.get("subtechnique-of", "")
    twin: str = entry.get("ATT&CK-reference", {}).get("id", "")
    title: str = entry["name"]
    return Passage(
        id=entry["id"],
        source="atlas",
        kind="technique",
        title=f"{names[parent]}: {title}" if parent else title,
        text=joined(entry["description"]),
        url=address("atlas", entry["id"]),
        related=tuple(r for r in (parent, twin) if r),
    )


def _mitigation(entry: dict[str, Any]) -> Passage:
    return Passage(
        id=entry["id"],
        source="atlas",
        kind="mitigation",
        title=entry["name"],
        text=joined(entry["description"]),
        url=address("atlas", entry["id"]).replace("/techniques/", "/mitigations/"),
        related=tuple(t["id"] for t in entry.get("techniques", ())),
    )
