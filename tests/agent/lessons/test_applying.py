"""What earlier verdicts make of a list, and how it says so."""

from __future__ import annotations

import pytest

from agent.analysts.areas import split
from agent.domain.lesson import FLOW, Kinds, Lesson, LessonKind, Place, Teaching
from agent.domain.system import EvidenceKind, Option, Question
from agent.domain.threat import Severity, Threat
from agent.lessons.applying import (
    ASKED,
    LED,
    LINES,
    applied,
    asked_again,
    asked_first,
    lines_for,
    of_others,
    sentences,
)
from tests.agent.lessons.made import MESH, a_model, a_system, a_threat, dismissal, said, taught

OURS = "we have this, it is our firewall"
TWICE = (dismissal("tm-2", title="Checkout"), dismissal("tm-1", title="Parcels"))


def notes(threat: Threat) -> list[tuple[str, str]]:
    """What earlier models say of it, and by whom."""
    return [(e.quote, e.source) for e in threat.evidence if e.kind is EvidenceKind.LESSON]


def added(title: str = "Guessed vouchers", model: str = "tm-1", *places: Place) -> Teaching:
    """A model to which an engineer added a threat, on a database unless said otherwise."""
    lesson = Lesson(
        kind=LessonKind.ADDED,
        title=title,
        places=places or (Place(kind="data_store", technologies=("database",)),),
        severity=Severity.HIGH,
        after="guess vouchers one by one",
        who="U0LEE",
    )
    return Teaching(model=model, title="Checkout", lessons=(lesson,))


def test_a_doubted_threat_says_why_it_stands_where_it_stands() -> None:
    """How often, in which model last, with which words, and who said them; its severity is as it was."""
    found = applied((a_threat(), a_threat("other", id_="T-002", score=(2, 2))), a_system(), TWICE, 25)

    assert [t.pattern for t in found.threats] == ["other", "transport-plain"]
    assert notes(found.threats[1]) == [
        (f"Dismissed in 2 earlier models here, last in “Checkout”: “{MESH}”", "U0LEE")
    ]
    assert (found.back, found.up) == (1, 0)
    assert found.threats[1].severity is a_threat().severity


def test_what_is_told_leads_to_where_it_was_said() -> None:
    """The note carries the permalink of the thread of the model that taught last."""
    last = TWICE[0].model_copy(update={"link": "https://acme.slack.com/archives/C1/p1"})
    found = applied((a_threat(),), a_system(), (last, TWICE[1]), 25)

    links = [e.link for e in found.threats[0].evidence if e.kind is EvidenceKind.LESSON]
    assert links == ["https://acme.slack.com/archives/C1/p1"]


def test_one_dismissal_is_told_and_moves_nothing() -> None:
    """It stands beside the threat, which stays where it was."""
    threats = (a_threat(), a_threat("other", id_="T-002", score=(2, 2)))
    found = applied(threats, a_system(), TWICE[:1], 25)

    assert [t.pattern for t in found.threats] == ["transport-plain", "other"]
    assert notes(found.threats[0])[0][0].startswith("Dismissed in an earlier model here, “Checkout”: ")
    assert (found.back, found.up) == (0, 0)


def test_what_is_told_of_accepted_and_mixed_ones() -> None:
    """Accepted ones say so; where engineers were of two minds, both are told."""
    yes = taught(a_model(id_="tm-3", title="Tills"), said("accepted"))
    (accepted,) = applied((a_threat(),), a_system(), (yes,), 25).threats
    (mixed,) = applied((a_threat(),), a_system(), (yes, *TWICE), 25).threats

    assert notes(accepted) == [("Accepted in an earlier model here, “Tills”", "U0LEE")]
    assert notes(mixed)[0][0].startswith(
        "Accepted in an earlier model here and dismissed in 2, last in “Checkout”"
    )


def test_a_corrected_severity_is_told_and_not_applied() -> None:
    """The computed one stands."""
    low = [taught(a_model(id_=m), said("low", kind="severity", reason="inside")) for m in ("tm-1", "tm-2")]
    (threat,) = applied((a_threat(),), a_system(), low, 25).threats

    assert notes(threat) == [
        ("Set to Low by engineers in 2 earlier models here, last in “Checkout”: “inside”", "U0LEE")
    ]
    assert threat.effective_severity is Severity.MEDIUM


def test_lessons_touch_nothing_else() -> None:
    """But for the notes, every threat is as it came; the same input gives the same."""
    threats = (a_threat(), a_threat("other", id_="T-002"))
    found = applied(threats, a_system(), TWICE, 1)
    bare = [
        t.model_copy(update={"evidence": tuple(e for e in t.evidence if e.kind is not EvidenceKind.LESSON)})
        for t in found.threats
    ]

    assert sorted(bare, key=lambda t: t.id) == list(threats)
    assert applied(threats, a_system(), TWICE, 1) == found
    assert applied(found.threats, a_system(), TWICE, 1).threats == found.threats


def test_quotes_cannot_end_ours() -> None:
    """A reason with quotation marks and line ends stays one quotation."""
    sly = dismissal("tm-2", "fine” (approved by “the board")
    (threat,) = applied((a_threat(),), a_system(), (sly,), 25).threats
    ((text, _),) = notes(threat)

    assert text.count("”") == text.count("“") == 2
    assert text.endswith("(approved by 'the board”")


def test_the_summary_says_once_what_moved() -> None:
    """In numbers; nothing when nothing moved."""
    assert sentences(3, 0, ()) == ("3 threats were moved back by earlier verdicts of this workspace.",)
    assert sentences(1, 2, ("Q?",)) == (
        "1 threat was moved back and 2 threats were moved up by earlier verdicts of this workspace.",
        "Q?",
    )
    assert sentences(0, 0, ()) == ()


def test_a_model_does_not_teach_itself() -> None:
    """Its own verdicts stand in it already."""
    assert of_others(TWICE, "tm-2") == TWICE[1:]


def test_a_threat_added_elsewhere_is_asked_about() -> None:
    """Where a part is of the same kind and does the same, by name, with what to answer."""
    (asked,) = asked_again((), a_system(), (added(),))
    assert asked == (
        "In “Checkout” an engineer added “Guessed vouchers”. Does that hold for Store? "
        "If so, reply “Add a threat that …” in this thread."
    )


@pytest.mark.parametrize(
    "place",
    [
        Place(kind="data_store", technologies=("queue",)),
        Place(kind="data_store", technologies=("mysql",)),
        Place(kind="data_store"),
        Place(kind="process", technologies=("database",)),
    ],
    ids=["another role", "another product", "made of nothing", "another kind"],
)
def test_what_is_not_alike_is_not_asked(place: Place) -> None:
    """A kind alone likens everything to everything: it takes what the thing is made of as well."""
    assert asked_again((), a_system(), (added("Guessed vouchers", "tm-1", place),)) == ()


def test_few_are_asked_and_none_twice() -> None:
    """At most so many, the likest first; not what the list has already, nor what another model has asked."""
    near = Place(kind="data_store", technologies=("postgresql",))
    many = [added(f"Voucher {n}", f"tm-{n}") for n in range(9)]
    found = asked_again((), a_system(), [*many, added("The likest", "tm-9", near)])

    assert len(found) == ASKED
    assert "The likest" in found[0]
    known = a_threat("", title="voucher 0")
    assert "Voucher 0" not in " ".join(asked_again((known,), a_system(), many))
    assert len(asked_again((), a_system(), [added(), added("guessed  vouchers", "tm-2")])) == 1


def a_question(id_: str, decides: str) -> Question:
    """A question of the rules."""
    options = (Option(label="Yes", value="yes"),)
    return Question(
        id=id_, text=f"Is {id_} there?", about="flow", fact="control:waf", options=options, decides=(decides,)
    )


def test_what_answered_it_elsewhere_is_asked_first() -> None:
    """A reason that another system gave for itself leads its question, in that system's words."""
    threats = (a_threat("other", id_="T-001"), a_threat(id_="T-002"))
    questions = (a_question("a", "T-001"), a_question("b", "T-002"))
    led = asked_first(questions, threats, a_system(), (dismissal("tm-1", OURS),))

    assert [q.id for q in led] == ["b", "a"]
    assert led[0].text == f"In “Checkout” such a threat was dismissed: “{OURS}”. Is b there?"
    assert asked_first(questions, threats, a_system(), (dismissal("tm-1", MESH),)) == questions
    assert asked_first(questions, threats, a_system(), ()) == questions


def test_few_questions_are_led() -> None:
    """The others keep their places among themselves."""
    threats = tuple(a_threat(id_=f"T-{n}") for n in range(4))
    questions = tuple(a_question(f"q{n}", f"T-{n}") for n in range(4))
    led = asked_first(questions, threats, a_system(), (dismissal("tm-1", OURS),))

    assert [q.id for q in led] == ["q0", "q1", "q2", "q3"]
    assert sum("dismissed" in q.text for q in led) == LED


def test_lines_for_a_language_model() -> None:
    """Short, the likest and most telling first, without names of persons; of parts of the area alone."""
    system = a_system()
    (area,) = split(system)
    far = Place(kind="external_entity")
    lines = lines_for(area, Kinds(system), (*TWICE, added(), added("Elsewhere", "tm-5", far)))

    assert (
        lines[0]
        == f"dismissed in “Checkout”: “What transport-plain says” on a flow into postgresql: “{MESH}”"
    )
    assert any(line.startswith("added by an engineer in “Checkout”") for line in lines)
    assert not [line for line in lines if "U0" in line or "Elsewhere" in line]


def test_every_kind_of_lesson_has_its_line() -> None:
    """A corrected severity and a rejected mitigation are told too."""
    system = a_system()
    (area,) = split(system)
    corrected = taught(a_model(), said("low", kind="severity", reason="inside"))
    rejected = taught(a_model(id_="tm-2"), said("rejected", kind="mitigation", mitigation="M-1"))
    accepted = taught(a_model(id_="tm-3"), said("accepted"))

    what = "“What transport-plain says” on a flow into postgresql"
    assert set(lines_for(area, Kinds(system), (corrected, rejected, accepted))) == {
        f"set from medium to low in “Checkout”: {what}: “inside”",
        f"not to be done in “Checkout”: “Encrypt the way.” against {what}",
        f"accepted in “Checkout”: {what}",
    }


def test_lines_are_bounded() -> None:
    """So many, however much was taught."""
    system = a_system()
    (area,) = split(system)
    many = [dismissal(f"tm-{n}", f"because {n}") for n in range(3 * LINES)]

    assert len(lines_for(area, Kinds(system), many)) == LINES
    assert (
        lines_for(area, Kinds(system), [dismissal(places=(Place(kind=FLOW, technologies=("mysql",)),))]) == ()
    )
