"""threatbot's own threat model, reviewed by people, is a case that the rules analyst must go on solving."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.domain.model import ThreatModel
from bot.local import threat_model

ROOT = Path(__file__).parent.parent
CASE: dict[str, list[dict[str, str]]] = yaml.safe_load(
    (ROOT / "tests/cases/own/threatbot.yaml").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def model() -> ThreatModel:
    """The model of the example, by the rules alone."""
    folder = ROOT / "examples/threatbot"
    diagram = (folder / "threatbot.mmd").read_bytes()
    description = (folder / "description.md").read_text(encoding="utf-8")
    return threat_model([("threatbot.mmd", diagram)], description=description)


def found(model: ThreatModel) -> set[tuple[str, str]]:
    """Each threat's pattern with the name of each of its targets; a flow's is "from → to"."""
    return {(t.pattern, model.system.name_of(target)) for t in model.threats for target in t.targets}


@pytest.mark.parametrize("accepted", CASE["accepted"], ids=lambda case: case["pattern"])
def test_what_was_accepted_is_found(model: ThreatModel, accepted: dict[str, str]) -> None:
    """A threat that people accepted is found again, on the element that it is about."""
    assert (accepted["pattern"], accepted["target"]) in found(model)


def test_every_dismissal_has_a_reason() -> None:
    """Nothing is dismissed without a word, and nothing is both accepted and dismissed."""
    assert all(case["reason"] for case in CASE["dismissed"])
    both: Any = {c["pattern"] for c in CASE["accepted"]} & {c["pattern"] for c in CASE["dismissed"]}
    assert both == set()


def test_security_md_answers_every_accepted_threat() -> None:
    """docs/security.md names each accepted pattern and says what stops it."""
    text = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    assert [c["pattern"] for c in CASE["accepted"] if f"`{c['pattern']}`" not in text] == []
