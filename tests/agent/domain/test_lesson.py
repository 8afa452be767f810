"""What is learned from a threat model as its engineers have left it."""

from __future__ import annotations

from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.domain.lesson import MOST, TEXT, Kinds, LessonKind, Place, Teaching, lessons
from agent.domain.system import Outcome
from agent.domain.threat import Origin, Severity, ThreatStatus
from agent.domain.verdict import Verdict, VerdictKind, fold
from tests.agent.lessons.made import MESH, NOON, a_model, a_system, a_threat, said, taught


def test_a_dismissal_is_a_lesson_with_its_reason() -> None:
    """It says which pattern, on what, how severe it was, who said so, when and why."""
    (lesson,) = taught(a_model(), said("dismissed", reason=MESH)).lessons

    assert (lesson.kind, lesson.pattern, lesson.reason) == (LessonKind.DISMISSED, "transport-plain", MESH)
    assert (lesson.who, lesson.when, lesson.severity) == ("U0LEE", NOON, Severity.MEDIUM)
    assert lesson.places == (Place(kind="flow", technologies=("postgresql",)),)


def test_whatever_is_done_about_it_it_was_accepted() -> None:
    """Accepted, mitigated and with an accepted risk, engineers took it to be a threat."""
    for status in (ThreatStatus.ACCEPTED, ThreatStatus.MITIGATED, ThreatStatus.RISK_ACCEPTED):
        (lesson,) = taught(a_model(), said(status.value)).lessons
        assert lesson.kind is LessonKind.ACCEPTED


def test_what_nobody_judged_teaches_nothing() -> None:
    """Proposed threats are no lessons, nor are reopened ones."""
    assert lessons(a_model()) == ()
    assert taught(a_model(), said("dismissed"), said("proposed", id_="w", minute=1)).lessons == ()


def test_a_severity_is_a_lesson_when_an_engineer_set_it() -> None:
    """From what to what; one that an answer decided, and one that is as computed, teach nothing."""
    (lesson,) = taught(a_model(), said("low", kind="severity", reason="inside only")).lessons
    assert (lesson.kind, lesson.severity, lesson.after) == (LessonKind.SEVERITY, Severity.MEDIUM, "low")
    assert taught(a_model(), said("medium", kind="severity")).lessons == ()
    assert taught(a_model(), said("low", kind="severity", question="encrypted@flow")).lessons == ()


def test_an_answer_is_no_correction() -> None:
    """The severity that an answered question gives is the system's, not an engineer's opinion."""
    options = (
        {"label": "Yes", "value": "yes", "outcomes": (Outcome(threat="T-001", severity="low").dump(),)},
    )
    question = {"id": "q", "text": "?", "about": "flow", "fact": "encrypted", "options": options}
    model = a_model(questions=(question,))
    answer = said("yes", kind="answer", threat="", question="q")

    assert fold(model, [answer]).threats[0].effective_severity is Severity.LOW
    assert taught(model, answer).lessons == ()


def test_a_rejected_mitigation_is_a_lesson() -> None:
    """With its text; one that is to be done is none."""
    (lesson,) = taught(a_model(), said("rejected", kind="mitigation", mitigation="M-1")).lessons
    assert (lesson.kind, lesson.after) == (LessonKind.REJECTED, "Encrypt the way.")
    assert taught(a_model(), said("done", kind="mitigation", mitigation="M-1")).lessons == ()


def test_an_engineers_own_threat_is_a_lesson() -> None:
    """What somebody added by hand is worth asking elsewhere; dismissed again, it is not."""
    own = a_threat("", "store", title="Guessed vouchers", id_="T-009", origin=Origin.ENGINEER)
    add = said(own.model_dump_json(), kind="add_threat", threat="T-009")
    (lesson,) = taught(a_model(), add).lessons

    assert (lesson.kind, lesson.title, lesson.after) == (LessonKind.ADDED, "Guessed vouchers", "read along")
    assert taught(a_model(), add, said("dismissed", id_="w", minute=1, threat="T-009")).lessons == ()


def test_lessons_are_bounded() -> None:
    """So many a model, and so much of each text, on one line."""
    threats = [a_threat(id_=f"T-{n:03d}") for n in range(MOST + 9)]
    verdicts = [said("dismissed", id_=t.id, threat=t.id, reason="long\n" * 200) for t in threats]
    found = taught(a_model(*threats), *verdicts).lessons

    assert len(found) == MOST
    assert {len(x.reason) <= TEXT and "\n" not in x.reason for x in found} == {True}


def test_places_are_kinds_of_things() -> None:
    """An element is its kind and what it is made of, a flow what it enters; unknown ids are nothing."""
    found = Kinds(a_system(store=("amazon-s3",))).of(("store", "flow", "store", "nowhere"))
    assert found == (
        Place(kind="data_store", technologies=("amazon-s3",)),
        Place(kind="flow", technologies=("amazon-s3",)),
    )


def test_a_teaching_survives_its_json() -> None:
    """It is the same after a checkpoint."""
    teaching = taught(a_model(), said("dismissed", reason=MESH))
    assert Teaching.load(teaching.dump()) == teaching


patient = settings(deadline=None, suppress_health_check=list(HealthCheck))
kinds = st.sampled_from(
    [
        ("status", "accepted"),
        ("status", "dismissed"),
        ("status", "proposed"),
        ("severity", "low"),
        ("severity", "critical"),
        ("mitigation", "rejected"),
        ("undo", "v0"),
        ("undo", "v1"),
    ]
)
histories = st.lists(kinds, max_size=8).map(
    lambda rows: [
        said(after, id_=f"v{n}", minute=n, kind=kind, mitigation="M-1" if kind == "mitigation" else "")
        for n, (kind, after) in enumerate(rows)
    ]
)


@patient
@given(histories, st.randoms(use_true_random=False))
def test_only_the_order_in_time_counts(history: list[Verdict], random: Random) -> None:
    """However verdicts come in, and however often, the same is learned."""
    shuffled = [*history, *history]
    random.shuffle(shuffled)
    assert taught(a_model(), *shuffled) == taught(a_model(), *history)


@patient
@given(histories, kinds)
def test_what_is_taken_back_was_never_said(history: list[Verdict], last: tuple[str, str]) -> None:
    """A verdict and its undo teach what is taught without either."""
    kind, after = ("status", "accepted") if last[0] == "undo" else last
    mitigation = "M-1" if kind == "mitigation" else ""
    more = said(after, id_="last", minute=30, kind=kind, mitigation=mitigation)
    undo = said("last", id_="undo", minute=31, kind=VerdictKind.UNDO.value)

    assert taught(a_model(), *history, more, undo) == taught(a_model(), *history)
