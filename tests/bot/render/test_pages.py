"""Pages of threats: what stands on them, and what a verdict changes."""

from __future__ import annotations

import pytest

from agent.domain.system import Evidence, EvidenceKind
from agent.domain.threat import MitigationStatus, Origin, Severity, SeverityOverride, Threat, ThreatStatus
from bot.render import actions as act
from bot.render.pages import added_pages, page, page_of, pages, rest, shown_pages
from bot.render.routing import Route, decode
from tests.agent.export import samples
from tests.bot.render import reader

WHO = "U0123ABCD"


def _one(threat: Threat) -> list[dict[str, object]]:
    return list(page(samples.model(0, threats=(threat,)), 1).blocks)


def _decided(status: ThreatStatus, reason: str = "") -> Threat:
    return samples.threat(status=status, decided_by=WHO, status_reason=reason)


def test_a_page_holds_five_threats_in_rank_order() -> None:
    """Twelve threats are three pages, and each says where it stands."""
    made = pages(samples.model(12))
    assert len(made) == shown_pages(samples.model(12)) == 3
    assert reader.text(made[0].blocks).startswith("Threats 1–5 of 12 · Parcel lockers · revision 2\nT-001 · ")
    assert "Threats 11–12 of 12" in reader.text(made[2].blocks)
    assert [n for n in range(1, 13) if f"T-{n:03} · " in reader.text(made[1].blocks)] == [6, 7, 8, 9, 10]


def test_threats_beyond_the_budget_have_pages_of_their_own() -> None:
    """The last shown page and the first kept page do not mix, so showing the rest changes no page."""
    model = samples.model(9, budget=7)
    assert [reader.text(p.blocks).split(" of ")[0] for p in pages(model)] == ["Threats 1–5", "Threats 6–7"]
    assert [reader.text(p.blocks).split(" of ")[0] for p in rest(model)] == ["Threats 8–9"]
    assert page_of(model, "T-008") == 3
    assert rest(samples.model(3)) == ()


def test_a_threat_is_found_on_its_page() -> None:
    """Page numbers count from 1; an unknown threat and an unknown page are said to be so."""
    model = samples.model(6)
    assert page_of(model, "T-006") == 2
    assert page_of(model, "T-999") is None
    with pytest.raises(IndexError):
        page(model, 3)
    with pytest.raises(IndexError):
        page(model, 0)


def test_a_threat_says_what_why_how_bad_and_what_to_do() -> None:
    """Title, categories, severity, targets; statement; evidence; factors; mitigations; references."""
    said = reader.text(_one(samples.threat()))
    assert (
        "T-001 · Locker opened by a forged command · Spoofing, Tampering · High"
        " · on Locker API → Locker controller, Locker controller"
    ) in said
    assert "can send the Locker controller an open command of their own" in said
    assert (
        "Why it applies: “open command” (lockers.mmd); Locker API → Locker controller leaves the Cloud; "
        "nothing names a signature on the command"
    ) in said
    assert (
        "Why High: likelihood 4 (the locker stands in the street, no signature seen) "
        "× impact 4 (parcels of others)"
    ) in said
    assert (
        "Do: ○ Sign each open command for one locker and one minute (small)"
        " · ● Give every locker its own client certificate (large)"
    ) in said
    assert "CWE-306 · CAPEC-115" in said


def test_references_are_links() -> None:
    """Both references lead to the catalogue's page."""
    assert reader.links(_one(samples.threat())) == [r.url for r in samples.threat().references]


def test_a_proposed_threat_can_be_judged() -> None:
    """Severity, Accept, Dismiss, Mitigations and More, each with the way back to this very threat."""
    blocks = _one(samples.threat(3))
    assert reader.labels(blocks) == [act.SEVERITY, "Accept", "Dismiss", "Mitigations", act.MORE]
    for control in reader.controls(blocks):
        found = reader.route(control)
        assert (found.model, found.revision, found.threat) == ("tm-lockers", 2, "T-003")


def test_the_severity_menu_starts_at_the_severity_that_holds() -> None:
    """All four severities from worst to least; the current one is picked; each value says what it sets."""
    menu = reader.controls(_one(samples.threat()))[0]
    assert [o["text"]["text"] for o in menu["options"]] == ["Critical", "High", "Medium", "Low"]
    assert menu["initial_option"]["text"]["text"] == "High"
    assert decode(menu["options"][3]["value"]) == Route("tm-lockers", 2, "T-001", value="low")


def test_the_more_menu_leads_to_details_and_the_other_statuses() -> None:
    """A proposed threat can be marked as mitigated or its risk accepted; an accepted one reopened too."""

    def values(threat: Threat) -> list[str]:
        routes = [decode(o["value"]) for o in reader.controls(_one(threat))[-1]["options"]]
        return [r.value for r in routes if r]

    assert values(samples.threat()) == [act.DETAILS, "mitigated", "risk_accepted"]
    assert values(_decided(ThreatStatus.ACCEPTED)) == [act.DETAILS, "mitigated", "risk_accepted", "proposed"]
    assert values(_decided(ThreatStatus.MITIGATED)) == [act.DETAILS, "risk_accepted", "proposed"]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (ThreatStatus.ACCEPTED, f"accepted by @{WHO}"),
        (ThreatStatus.MITIGATED, f"marked as mitigated by @{WHO}"),
        (ThreatStatus.RISK_ACCEPTED, f"risk accepted by @{WHO}"),
    ],
)
def test_a_verdict_is_shown_with_its_author(status: ThreatStatus, words: str) -> None:
    """A judged threat says who judged and can no longer be accepted, but still be dismissed."""
    blocks = _one(_decided(status))
    assert f"→ {words}\n" in reader.text(blocks)
    assert "Accept" not in reader.labels(blocks)
    assert "Dismiss" in reader.labels(blocks)


def test_a_dismissed_threat_is_two_lines_and_a_way_back() -> None:
    """It keeps its title and says by whom and why; the rest is gone; Reopen takes it back."""
    blocks = _one(_decided(ThreatStatus.DISMISSED, "the broker is wired, not radio"))
    assert reader.text(blocks).splitlines()[1:] == [
        "T-001 · Locker opened by a forged command · High",
        f"dismissed by @{WHO}: the broker is wired, not radio",
    ]
    (button,) = reader.controls(blocks)
    assert (button["action_id"], reader.route(button).threat) == (act.REOPEN, "T-001")


def test_an_engineers_severity_stands_beside_the_computed_one() -> None:
    """It says from what to what, by whom and why, and still shows how the first was computed."""
    override = SeverityOverride(severity=Severity.LOW, who=WHO, when=samples.NOON, reason="it is signed")
    blocks = _one(samples.threat(override=override))
    said = reader.text(blocks)
    assert f"→ severity High → Low by @{WHO}: it is signed\n" in said
    assert "Computed High: likelihood 4" in said
    assert reader.controls(blocks)[0]["initial_option"]["text"]["text"] == "Low"


def test_a_note_without_a_verdict_is_shown() -> None:
    """What a control answers is said on a proposed threat too."""
    said = reader.text(_one(samples.threat(status_reason="the command is signed (answer by dana)")))
    assert "→ the command is signed (answer by dana)\n" in said


def test_mitigations_carry_their_marks() -> None:
    """To decide, to do, done and not to be done look different; the last is struck through."""
    first = samples.threat().mitigations[0]
    told = tuple(first.model_copy(update={"status": s, "text": s.value}) for s in MitigationStatus)
    blocks = _one(samples.threat(mitigations=told))
    assert "Do: ○ proposed (small) · ◐ accepted (small) · ✕ rejected (small) · ● done (small)" in reader.text(
        blocks
    )
    leaves = [leaf for c in blocks[1]["elements"] for leaf in c["elements"]]  # type: ignore[attr-defined]
    assert [x["text"] for x in leaves if x.get("style", {}).get("strike")] == ["rejected"]


def test_evidence_says_whose_words_it_quotes() -> None:
    """An answer names who gave it, a description is quoted with its place, an absence is ours."""
    kinds = [
        (EvidenceKind.ANSWER, "Yes", WHO, f"answered “Yes” by @{WHO}"),
        (
            EvidenceKind.DESCRIPTION,
            "Codes are six digits.",
            "description",
            "“Codes are six digits.” (description)",
        ),
        (EvidenceKind.PASSAGE, "Short codes are guessed.", "CWE-521", "“Short codes are guessed.” (CWE-521)"),
        (EvidenceKind.ABSENCE, "no lockout is named", "", "no lockout is named"),
    ]
    for kind, quote, source, words in kinds:
        piece = Evidence(kind=kind, quote=quote, source=source)
        assert f"Why it applies: {words}\n" in reader.text(_one(samples.threat(evidence=(piece,))))


def test_long_threats_are_shortened_and_say_what_is_left() -> None:
    """What does not fit is cut with "…" or counted, and the More menu is there for all of it."""
    mitigation = samples.threat().mitigations[0]
    many = tuple(mitigation.model_copy(update={"id": f"M-{n}"}) for n in range(9))
    long = samples.threat(title="very long " * 60, mitigations=many)
    blocks = _one(long)
    said = reader.text(blocks)
    assert "very long…" in said
    assert "4 more" in said
    assert act.MORE in reader.labels(blocks)


def test_the_same_model_renders_to_the_same_page() -> None:
    """Rendering is pure."""
    assert pages(samples.model()) == pages(samples.model())


def test_controls_whose_address_does_not_fit_are_left_out() -> None:
    """A model id no button can carry costs the buttons, not the page."""
    model = samples.model(1, id="m" * 3_000)
    assert reader.controls(page(model, 1).blocks) == []
    assert "T-001" in reader.text(page(model, 1).blocks)


def test_added_threats_have_pages_of_their_own_behind_all_others() -> None:
    """What stood before keeps its place, its number and its words, within the budget and beyond."""
    made = samples.model(12, budget=7)
    mine = samples.threat(id="T-099", key="mine", origin=Origin.ENGINEER)
    more = made.model_copy(update={"threats": (*made.threats, mine)})

    assert shown_pages(more) == shown_pages(made) == 2
    assert (len(rest(made)), len(rest(more))) == (1, 1)
    assert [page(more, n) for n in (1, 2, 3)] == [page(made, n) for n in (1, 2, 3)]
    assert list(added_pages(made)) == []
    assert list(added_pages(more)) == [4]
    assert page_of(more, "T-099") == 4
    assert "Added by engineers" in page(more, 4).text
    assert len(pages(more)) == 3


def test_threats_with_one_id_keep_their_pages() -> None:
    """Pages follow the places of the threats, so that two with the same id do not take one of them away."""
    one = samples.threat(1)
    model = samples.model(0, threats=(one,) * 7, budget=5)

    assert len(pages(model)) == 1
    assert len(rest(model)) == 1
