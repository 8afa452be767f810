"""How verdicts on earlier models stand beside a threat."""

from __future__ import annotations

from agent.domain.system import Evidence, EvidenceKind
from agent.domain.threat import Threat
from agent.export import export
from bot.render import modals
from bot.render.limits import problems
from bot.render.limits.payload import text_of
from bot.render.message import BUDGET
from bot.render.pages import page
from bot.render.text import size
from tests.agent.export import samples
from tests.bot.render import reader

WHO = "U0123ABCD"
SAID = "Dismissed in 2 earlier models here, last in “Checkout”: “TLS ends at the mesh”"


def noted(*quotes: str, number: int = 1) -> Threat:
    """A threat of which earlier models say this."""
    threat = samples.threat(number)
    notes = tuple(Evidence(kind=EvidenceKind.LESSON, quote=q, source=WHO) for q in quotes)
    return threat.model_copy(update={"evidence": (*threat.evidence, *notes)})


def test_a_page_tells_and_names_nobody() -> None:
    """A line of its own, not among what applies here; to name who decided would call for them each time."""
    shown = page(samples.model(0, threats=(noted(SAID),)), 1)
    lines = reader.text(shown.blocks).splitlines()

    assert f"Earlier: {SAID}" in lines
    assert not [line for line in lines if line.startswith("Why it applies") and SAID in line]
    assert WHO not in str(shown.blocks)


def test_a_threat_without_lessons_has_no_such_line() -> None:
    """Nothing is said where nothing is known."""
    assert "Earlier" not in reader.text(page(samples.model(1), 1).blocks)


def test_the_form_names_who_decided() -> None:
    """All about a threat: what was decided, and by whom, apart from why it applies."""
    threat = noted(SAID)
    view = modals.details(samples.model(0, threats=(threat,)), threat)
    shown = reader.text(view["blocks"])

    assert "In earlier models" in shown
    assert SAID in shown
    assert {"type": "user", "user_id": WHO} in _leaves(view)
    assert problems(view, "modal") == []


def linked(threat: Threat, link: str) -> Threat:
    """The threat, each lesson of it with this link."""
    pieces = tuple(
        e.model_copy(update={"link": link}) if e.kind is EvidenceKind.LESSON else e for e in threat.evidence
    )
    return threat.model_copy(update={"evidence": pieces})


def test_a_lesson_leads_to_the_thread_that_taught_it() -> None:
    """Beside the threat and in the form stands a link to Slack's permalink; no other address is a link."""
    there = "https://acme.slack.com/archives/C1/p17000000001"
    threat = linked(noted(SAID), there)
    model = samples.model(0, threats=(threat,))
    for shown in (page(model, 1).post(), modals.details(model, threat)):
        assert {"type": "link", "url": there, "text": "its thread"} in _leaves(shown)
    evil = linked(noted(SAID), "https://evil.example/archives/C1/p1")
    assert "its thread" not in reader.text(page(samples.model(0, threats=(evil,)), 1).blocks)


def test_long_notes_stay_within_a_page() -> None:
    """Five threats with as much to tell as there can be still make a message that Slack takes."""
    long = [SAID + "&" * 400] * 3
    there = "https://acme.slack.com/archives/C1/p17000000001?thread_ts=1700000000.000001&cid=C0123456789"
    five = tuple(linked(noted(*long, number=n), there) for n in range(1, 6))
    shown = page(samples.model(0, threats=five), 1)

    assert text_of(shown.blocks, size) <= BUDGET
    assert problems(shown.post(), "message") == []


def test_exports_tell_where_evidence_stands() -> None:
    """Every format carries the sentence."""
    model = samples.model(0, threats=(noted(SAID),))
    for name in ("markdown", "json", "csv", "otm", "threat-composer"):
        content = export(model, name)[1].decode()
        assert "TLS ends at the mesh" in content, name
    document = export(model, "markdown")[1].decode()
    assert document.index("Why it applies") < document.index("In earlier models") < document.index(SAID[:20])


def _leaves(value: object) -> list[object]:
    if isinstance(value, list):
        return [leaf for item in value for leaf in _leaves(item)]
    if not isinstance(value, dict):
        return []
    return [value, *(leaf for item in value.values() for leaf in _leaves(item))]
