"""ASVS as the publisher's flat JSON: one passage a requirement."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.corpora.clean import joined
from knowledge.corpora.starter import address
from knowledge.passages import Passage


def read(files: Mapping[str, bytes]) -> Iterator[Passage]:
    """Every requirement, in the standard's order."""
    for path in sorted(files):
        requirements: list[dict[str, Any]] = json.loads(files[path])["requirements"]
        for entry in requirements:
            number: str = entry["req_id"].removeprefix("V")
            yield Passage(
                id=f"ASVS-{number}",
                source="asvs",
                kind="requirement",
                title=f"{entry['section_name']} ({entry['chapter_name']}, level {entry['L']})",
                text=joined(entry["req_description"]),
                url=address("asvs", f"ASVS-{number}"),
            )
