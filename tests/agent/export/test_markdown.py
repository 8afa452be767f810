"""The threat model as a Markdown document."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings

from agent.domain.model import ThreatModel
from agent.domain.threat import Severity, SeverityOverride, ThreatStatus
from agent.export import to_markdown
from agent.export.markup import link, text
from tests.agent.export import samples


def test_the_document_has_every_part_in_order() -> None:
    """Summary first, then the overview, the system, what was assumed and asked, the threats, the coverage."""
    heads = re.findall(r"^(#{1,3}) (.+)$", to_markdown(samples.model(1)), re.MULTILINE)
    assert heads == [
        ("#", "Parcel lockers"),
        ("##", "Summary"),
        ("##", "Threats at a glance"),
        ("##", "System"),
        ("###", "Flows"),
        ("###", "Trust boundaries"),
        ("###", "Data"),
        ("###", "Controls stated"),
        ("##", "Assumptions"),
        ("##", "Open questions"),
        ("##", "Threats"),
        ("###", "T-001 · Locker opened by a forged command"),
        ("##", "Coverage"),
        ("##", "Not looked at"),
        ("##", "Notes"),
        ("##", "References"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Threat model tm-lockers, revision 2, made 2026-03-04 12:00 UTC.",
        "2 threats: 2 high (2 proposed).",
        "- forged open commands",
        (
            "| T-002 | Locker opened by a forged command | Spoofing, Tampering | High | proposed "
            "| Locker API → Locker controller, Locker controller |"
        ),
        "| Locker controller | process | Street | iot-device | unknown |",
        "| Locker API | Parcels DB | parcels; names; addresses | sql | unknown | unknown |",
        "- **Cloud**: Locker API, Parcels DB",
        "- names and addresses: confidential (personal)",
        "- Locker API: rate limit – yes, “Codes can be tried ten times an hour.”",
        "- The API checks who a pick-up code belongs to.",
        "- Does the locker check a signature on the open command? (decides T-001, T-002)",
        "- “open command” (lockers.mmd)",
        "- Likelihood 4 of 5: from 2; the locker stands in the street (+1); no signature seen (+1)",
        "- [ ] Sign each open command for one locker and one minute (small)",
        "- [x] Give every locker its own client certificate (large, done)",
        "| Locker API | T-001 |  |  |  | (1) |  |",
        "| Parcels DB |  |  | **gap** |  |  |  |",
        "1. a rate limit is stated",
        "- firmware updates",
        "- One label looked like an instruction; it was treated as data.",
        "- Street could not be looked at: the analyst ran out of time",
        "- lockers.mmd: line 9 is no edge, so I left it out.",
        (
            "- [CWE-306](<https://cwe.mitre.org/data/definitions/306.html>): "
            "Missing authentication for a critical function"
        ),
    ],
)
def test_the_document_says_everything(line: str) -> None:
    """Each fact of the model stands in a line of its own."""
    assert line in to_markdown(samples.model(2)).splitlines()


def test_verdicts_are_in_the_document() -> None:
    """Who decided what, when and why; and from which severity to which."""
    override = SeverityOverride(severity=Severity.LOW, who="U1", when=samples.NOON, reason="signed")
    judged = samples.threat(
        status=ThreatStatus.DISMISSED,
        decided_by="U1",
        decided_at=samples.NOON,
        status_reason="wired",
        override=override,
    )
    lines = to_markdown(samples.model(0, threats=(judged,))).splitlines()
    assert "- Dismissed by U1 on 2026-03-04: wired" in lines
    assert "- Severity high → low by U1 on 2026-03-04: signed" in lines


def test_an_empty_model_is_still_a_document() -> None:
    """No threats, no time, nothing covered: it says so and has no empty parts."""
    made = samples.model(0, created=None, questions=(), failed=(), partial=True)
    written = to_markdown(made)
    assert "No threats were found." in written
    assert "revision 2. The run was stopped before its end." in written
    assert "## Open questions" not in written
    assert "## Threats at a glance" not in written


@pytest.mark.parametrize(
    ("given_", "written"),
    [
        ("a|b", r"a\|b"),
        ("<b>&", "&lt;b&gt;&amp;"),
        ("[x](y)", r"\[x\](y)"),
        ("*a* _b_ `c`", r"\*a\* \_b\_ \`c\`"),
        ("# head", r"\# head"),
        ("- item", r"\- item"),
        ("+ item", r"\+ item"),
        ("1. item", r"1\. item"),
        ("12) item", r"12\) item"),
        ("a\nb", "a b"),
        ("https://evil.example", "https:&#47;/evil.example"),
        ("WWW.evil.example", "WWW&#46;evil.example"),
        ("\\", "\\\\"),
        ("", "–"),
        ("v1.2 - done (ok)", "v1.2 - done (ok)"),
    ],
)
def test_text_stays_text(given_: str, written: str) -> None:
    """What would be mark-up, HTML or a link in a label is escaped; plain words are left alone."""
    assert text(given_) == written


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(model=samples.MODELS)
def test_no_label_becomes_mark_up(model: ThreatModel) -> None:
    """Whatever stands in a model: no tag, no image, no bare address, and every table row keeps its cells."""
    written = to_markdown(model)
    assert not re.search(r"<(?!https?://)", written)
    assert not re.search(r"(?<![\\])!\[", written)
    assert not re.search(r"(?<!\(<)https?://", written)
    assert written.endswith("\n")
    assert not written.endswith("\n\n")
    widths = {
        len(re.findall(r"(?<!\\)(?:\\\\)*\|", row))
        for row in written.splitlines()
        if row.startswith("| T-") and row.endswith("|")
    }
    assert widths <= {7}


def test_links_are_addresses_and_nothing_else() -> None:
    """An address with anything odd in it is not linked."""
    assert link("CWE-1", "https://cwe.mitre.org/1.html") == "[CWE-1](<https://cwe.mitre.org/1.html>)"
    for url in ("", "javascript:alert(1)", "https://a.example/> <b>", "https://a.example/ x"):
        assert link("CWE-1", url) == "CWE-1"


def test_the_same_model_gives_the_same_bytes() -> None:
    """Writing twice gives the same document."""
    assert to_markdown(samples.model()) == to_markdown(samples.model())
