"""The modals, and what is read back from them."""

from __future__ import annotations

from typing import Any

import pytest

from agent.domain.request import Methodology
from agent.domain.threat import MitigationStatus, Severity, SeverityOverride, ThreatStatus
from bot.render import actions as act
from bot.render import forms, modals
from bot.render.dismissal import dismissable, dismissal
from bot.render.routing import Route, decode
from tests.agent.export import samples
from tests.bot.render import reader

MODEL = samples.model()
THREAT = MODEL.threats[0]


def _inputs(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {b["block_id"]: b for b in view["blocks"] if b["type"] == "input"}


def _submitted(**fields: dict[str, Any]) -> dict[str, Any]:
    return {"state": {"values": {name: {name: state} for name, state in fields.items()}}}


def test_the_intake_asks_for_title_description_and_files() -> None:
    """The title is filled in; description and files are optional; the channel goes along, nothing else."""
    view = modals.intake("C0123", "Parcel lockers")
    inputs = _inputs(view)
    assert list(inputs) == [forms.TITLE, forms.DESCRIPTION, forms.FILES, forms.METHODOLOGY]
    assert inputs[forms.TITLE]["element"]["initial_value"] == "Parcel lockers"
    assert inputs[forms.TITLE]["element"]["max_length"] == 150
    assert inputs[forms.DESCRIPTION]["element"]["max_length"] == 3000
    assert inputs[forms.FILES]["element"]["max_files"] == 10
    assert [i["optional"] for i in inputs.values()] == [False, True, True, False]
    assert (view["callback_id"], view["private_metadata"]) == (act.INTAKE_VIEW, "C0123")


def test_the_intake_offers_every_methodology() -> None:
    """Each in words and by name; security is chosen until somebody chooses another."""
    chosen = _inputs(modals.intake("C0123"))[forms.METHODOLOGY]["element"]
    assert [o["value"] for o in chosen["options"]] == [m.value for m in Methodology]
    assert all(Methodology(o["value"]).label in o["text"]["text"] for o in chosen["options"])
    assert chosen["initial_option"] == chosen["options"][0]
    assert chosen["options"][0]["value"] == "stride"


@pytest.mark.parametrize(
    ("picked", "methodology"),
    [
        ({"selected_option": {"value": "linddun"}}, Methodology.LINDDUN),
        ({"selected_option": {"value": "maestro"}}, Methodology.MAESTRO),
        ({"selected_option": {"value": "tea leaves"}}, Methodology.STRIDE),
        ({"selected_option": None}, Methodology.STRIDE),
        ({}, Methodology.STRIDE),
    ],
)
def test_the_chosen_methodology_comes_back(picked: dict[str, Any], methodology: Methodology) -> None:
    """What is none, or missing, is the usual one."""
    assert forms.read_intake(_submitted(methodology=picked)).methodology is methodology


def test_the_intake_comes_back_as_it_was_filled() -> None:
    """Title and description without blanks around them, files as Slack names them."""
    got = forms.read_intake(
        _submitted(
            title={"value": " Parcel lockers "}, description={"value": None}, files={"files": [{"id": "F1"}]}
        )
    )
    assert got == forms.Intake("Parcel lockers", "", ({"id": "F1"},))
    assert forms.read_intake({}) == forms.Intake("", "", ())


def test_a_dismissal_asks_why() -> None:
    """One required field; the form knows its threat and shows it, as far as the button does."""
    view = dismissal(dismissable(Route("tm-lockers", 2, "T-001"), THREAT.title))
    (field,) = _inputs(view).values()
    assert field["optional"] is False
    assert reader.text(view["blocks"]).startswith("T-001 · Locker opened by a forged command")
    assert decode(view["private_metadata"]) == Route("tm-lockers", 2, "T-001")
    assert view["callback_id"] == act.DISMISS_VIEW
    assert reader.text(dismissal(Route("tm-lockers", 2, "T-001"))["blocks"]).startswith("T-001\n")


def test_the_reason_comes_back() -> None:
    """The reason without blanks around it; empty when there is none."""
    assert forms.read_reason(_submitted(reason={"value": " wired \n"})) == "wired"
    assert forms.read_reason({"state": {"values": {"reason": "?"}}}) == ""


def test_every_mitigation_has_a_choice_and_there_is_room_for_one_more() -> None:
    """Each starts at what it is now; one's own is optional."""
    view = modals.mitigations(MODEL, THREAT)
    inputs = _inputs(view)
    assert list(inputs) == ["mitigation:M-1", "mitigation:M-2", forms.OWN]
    picked = [i["element"]["initial_option"]["value"] for i in list(inputs.values())[:2]]
    assert picked == ["proposed", "done"]
    assert [o["value"] for o in inputs["mitigation:M-1"]["element"]["options"]] == [
        "proposed",
        "accepted",
        "done",
        "rejected",
    ]
    assert inputs[forms.OWN]["optional"] is True
    assert view["callback_id"] == act.MITIGATIONS_VIEW


def test_choices_come_back_by_mitigation() -> None:
    """Known statuses by id and one's own text; anything else is left out."""
    pick = {"selected_option": {"value": "rejected"}}
    got = forms.read_mitigations(
        _submitted(
            **{"mitigation:M-1": pick, "mitigation:M-2": {"selected_option": {"value": "eaten"}}},
            own={"value": "Seal the cable duct"},
        )
    )
    assert got.statuses == {"M-1": MitigationStatus.REJECTED}
    assert got.own == "Seal the cable duct"


def test_mitigations_beyond_what_a_form_holds_are_counted() -> None:
    """Ninety have a choice; the others are said to be there."""
    one = THREAT.mitigations[0]
    many = THREAT.model_copy(
        update={"mitigations": tuple(one.model_copy(update={"id": f"M-{n}"}) for n in range(120))}
    )
    view = modals.mitigations(MODEL, many)
    assert len(_inputs(view)) == 91
    assert "30 more are not shown here." in reader.text(view["blocks"])


def test_the_details_hold_everything_of_a_threat() -> None:
    """Every piece of evidence, every factor with its points, all mitigations, references with titles."""
    override = SeverityOverride(severity=Severity.LOW, who="U0123ABCD", when=samples.NOON, reason="signed")
    judged = THREAT.model_copy(
        update={
            "override": override,
            "status": ThreatStatus.ACCEPTED,
            "decided_by": "U0123ABCD",
            "decided_at": samples.NOON,
        }
    )
    said = reader.text(modals.details(MODEL, judged)["blocks"])
    for piece in THREAT.evidence:
        assert piece.quote in said
    for mitigation in THREAT.mitigations:
        assert mitigation.text in said
    for line in (
        "• accepted by @U0123ABCD (2026-03-04 12:00 UTC)",
        "• severity High → Low by @U0123ABCD: signed",
        "Likelihood 4 of 5",
        "• +1: the locker stands in the street (exposure)",
        "• CWE-306 Missing authentication for a critical function",
        "• Proposed by rules, pattern unauthenticated-command; confidence 80%.",
    ):
        assert line in said
    assert "submit" not in modals.details(MODEL, judged)
