"""Every pattern of the catalog, where it must fire and where it must not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.analysts.areas import split
from agent.analysts.base import Brief
from agent.analysts.rules import RulesAnalyst
from agent.catalog.patterns import Pattern, load_patterns
from agent.domain.request import Methodology, Options, Request
from agent.domain.threat import Threat
from tests.sketching import sketch, traits_of

CASES = Path(__file__).parents[2] / "cases" / "patterns"
PATTERNS = {p.id: p for p in load_patterns()}


def _cases() -> dict[str, dict[str, Any]]:
    cases: dict[str, dict[str, Any]] = {}
    for file in sorted(CASES.glob("*.yaml")):
        cases |= yaml.safe_load(file.read_text(encoding="utf-8"))
    return cases


ALL = _cases()


def found(pattern: Pattern, text: str) -> tuple[Threat, ...]:
    """What the pattern alone finds in the sketched system."""
    system = sketch(text)
    methodology = next(m for m in Methodology if m in pattern.categories)
    request = Request(title="Sketch", options=Options(methodology=methodology))
    analyst = RulesAnalyst(patterns=[pattern], traits_of=traits_of)
    areas = (Brief(request=request, system=system, area=area) for area in split(system))
    return tuple(t for brief in areas for t in analyst.find(brief).threats)


def changed(case: dict[str, Any]) -> str:
    """The case's system after the change that must silence the pattern."""
    text = str(case["fires"])
    for old, new in case["change"].items():
        assert old in text, f"the change {old!r} touches nothing"
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("id_", sorted(PATTERNS))
def test_a_pattern_has_a_case(id_: str) -> None:
    """No pattern stands in the catalog without a system where it fires and one where it does not."""
    assert set(ALL[id_]) - {"quiet"} == {"fires", "change"}


def test_no_case_outlives_its_pattern() -> None:
    """A case names a pattern that exists."""
    assert set(ALL) <= set(PATTERNS)


@pytest.mark.parametrize("id_", sorted(PATTERNS))
def test_a_pattern_fires_once_on_its_system(id_: str) -> None:
    """The pattern finds its threat, with evidence, targets of the system and no hole left in its texts."""
    threats = found(PATTERNS[id_], ALL[id_]["fires"])
    assert threats
    for threat in threats:
        texts = [threat.title, threat.statement.text(), *(m.text for m in threat.mitigations)]
        assert not any(mark in text for text in texts for mark in "{}|")
        assert threat.evidence
        assert threat.targets


@pytest.mark.parametrize("id_", sorted(PATTERNS))
def test_a_pattern_is_quiet_after_the_change(id_: str) -> None:
    """The same system with the fact that answers or removes the threat gives none."""
    assert not found(PATTERNS[id_], changed(ALL[id_]))


QUIET = [(id_, i, text) for id_ in sorted(ALL) for i, text in enumerate(ALL[id_].get("quiet", []))]


@pytest.mark.parametrize(("id_", "text"), [pytest.param(d, t, id=f"{d}-{i}") for d, i, t in QUIET])
def test_a_pattern_is_quiet_on_what_only_looks_like_it(id_: str, text: str) -> None:
    """A system with the same words or the same shape, which the threat does not concern, gives none."""
    assert not found(PATTERNS[id_], text)
