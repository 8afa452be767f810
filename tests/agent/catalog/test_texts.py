"""How the catalog's texts read when they are filled: with data that is known, and with none."""

from __future__ import annotations

import re

from agent.catalog.patterns import load_patterns
from agent.domain.threat import Threat
from tests.agent.catalog.test_patterns_fire import ALL, PATTERNS, found

_STAND_INS = ("what it carries", "unlabelled", "““", "””", "“message”")
"""Words that only fill a gap."""
_CLUMSY = re.compile(
    r"\b(an|a) (an?|the)\b|\bthe (the|an?)\b|\bof of\b| ,|neither \S+( \S+)? and ", re.IGNORECASE
)


def texts(threat: Threat) -> list[str]:
    """Everything of a threat that a person reads."""
    quotes = (e.quote for e in threat.evidence)
    return [threat.title, threat.statement.text(), *(m.text for m in threat.mitigations), *quotes]


def bare(text: str) -> str:
    """The sketch without what it says of data."""
    return re.sub(r" \| data: [a-z_ ]+", "", text)


def test_no_gap_is_filled_with_a_stand_in() -> None:
    """No text says "what it carries" or the like, whether or not the system says what data there is."""
    said = [
        (id_, text)
        for id_, pattern in PATTERNS.items()
        for system in (str(ALL[id_]["fires"]), bare(str(ALL[id_]["fires"])))
        for threat in found(pattern, system)
        for text in texts(threat)
    ]
    assert [(i, t) for i, t in said if any(s in t for s in _STAND_INS)] == []


def test_no_template_doubles_an_article() -> None:
    """The words around a gap leave room for a name and for several names alike."""
    bad = [
        (id_, text)
        for id_, pattern in PATTERNS.items()
        for threat in found(pattern, str(ALL[id_]["fires"]))
        for text in texts(threat)
        if _CLUMSY.search(text)
    ]
    assert bad == []


def test_a_name_in_a_gap_is_not_quoted_by_the_template() -> None:
    """Words of the input are quoted where they are put in, so a gap without any has no marks around it."""
    templates = [
        (p.id, t.text)
        for p in load_patterns()
        for t in (p.title, p.action, p.source, *p.why, *(r.text for r in p.remedies))
    ]
    assert [(i, t) for i, t in templates if "“{label}" in t or "“{what}" in t] == []
