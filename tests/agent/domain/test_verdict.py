"""What folding verdicts promises."""

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from agent.domain.model import Coverage, CoverageCell, ThreatModel
from agent.domain.system import System
from agent.domain.threat import (
    Mitigation,
    MitigationStatus,
    Origin,
    Rating,
    Severity,
    Statement,
    Stride,
    Threat,
    ThreatStatus,
)
from agent.domain.verdict import Verdict, VerdictKind, fold

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def a_threat(id_: str) -> Threat:
    """A high spoofing threat with one mitigation."""
    return Threat(
        id=id_,
        key=id_,
        title=f"Forged order {id_}",
        statement=Statement(source="a stranger", action="post an order of their own", impact="wrong books"),
        stride=(Stride.SPOOFING,),
        targets=("api",),
        likelihood=Rating(score=4, base=4),
        impact=Rating(score=4, base=4),
        severity=Severity.HIGH,
        mitigations=(Mitigation(id="M-1", text="Check the signature."),),
    )


def a_model() -> ThreatModel:
    """Two threats and one open question."""
    return ThreatModel(
        id="tm-1",
        revision=1,
        title="Shop",
        created=NOON,
        system=System(name="Shop"),
        threats=(a_threat("T-001"), a_threat("T-002")),
    )


def a_verdict(id_: str, kind: VerdictKind, after: str, *, minute: int = 0, **more: str) -> Verdict:
    """A verdict of Dana's on T-001, unless said otherwise."""
    when = NOON + timedelta(minutes=minute)
    fields = {"threat": "T-001", "who": "U0DANA", **more}
    return Verdict(id=id_, when=when, model="tm-1", revision=1, kind=kind, after=after, **fields)


def added(id_: str = "T-003") -> Verdict:
    """Dana's own threat."""
    threat = a_threat(id_).model_copy(update={"origin": Origin.ENGINEER, "status": ThreatStatus.ACCEPTED})
    return a_verdict("add", VerdictKind.ADD_THREAT, threat.model_dump_json(), threat=id_)


def test_an_added_threat_stands_behind_the_others() -> None:
    """Whole, in every revision, no budget hides it, and what is said of it afterwards counts."""
    said = a_verdict("v", VerdictKind.SEVERITY, "low", minute=1, threat="T-003")
    for revision in (1, 2):
        made = fold(a_model().model_copy(update={"revision": revision, "budget": 1}), [said, added()])
        assert [t.id for t in made.threats] == ["T-001", "T-002", "T-003"]
        assert [t.id for t in made.shown] == ["T-001", "T-003"]
        assert [t.id for t in made.added] == ["T-003"]
        assert made.threat("T-003").effective_severity is Severity.LOW


def test_an_added_threat_covers_its_cells() -> None:
    """The coverage counts it where it stands."""
    cells = tuple(CoverageCell(element=e, stride=Stride.SPOOFING) for e in ("api", "db"))
    model = a_model().model_copy(update={"coverage": Coverage(cells=cells)})

    assert [c.threats for c in fold(model, [added()]).coverage.cells] == [("T-003",), ()]


def test_a_threat_that_is_there_is_not_added() -> None:
    """Neither under an id nor under a key that the revision has already; and Undo takes it away."""
    by_id = fold(a_model(), [added("T-002")])
    assert by_id == a_model()
    merged = a_model().threats[0].model_copy(update={"merged": ("T-003",)})
    model = a_model().model_copy(update={"threats": (merged,)})
    assert fold(model, [added()]) == model
    undo = a_verdict("u", VerdictKind.UNDO, "add", minute=1)
    assert fold(a_model(), [added(), undo]) == a_model()


def test_a_severity_that_follows_from_an_answer_gives_way() -> None:
    """What is said of the threat itself wins, and the next revision has worked it out again."""
    follows = a_verdict("f", VerdictKind.SEVERITY, "low", minute=1, question="encrypted@flow")
    own = a_verdict("o", VerdictKind.SEVERITY, "critical")

    assert fold(a_model(), [follows]).threat("T-001").effective_severity is Severity.LOW
    assert fold(a_model(), [follows, own]).threat("T-001").effective_severity is Severity.CRITICAL
    second = a_model().model_copy(update={"revision": 2})
    assert fold(second, [follows]) == second


kinds = st.sampled_from(
    [
        (VerdictKind.STATUS, "accepted"),
        (VerdictKind.STATUS, "dismissed"),
        (VerdictKind.SEVERITY, "low"),
        (VerdictKind.SEVERITY, "critical"),
        (VerdictKind.MITIGATION, "done"),
        (VerdictKind.ADD_MITIGATION, "Ask the provider."),
        (VerdictKind.TITLE, "A better title"),
        (VerdictKind.UNDO, "v0"),
        (VerdictKind.UNDO, "v1"),
        (VerdictKind.UNDO, "v2"),
    ]
)


@st.composite
def verdicts(draw: st.DrawFn) -> list[Verdict]:
    """Up to eight verdicts, some of them undoing others."""
    picked = draw(
        st.lists(st.tuples(kinds, st.integers(0, 5), st.sampled_from(["T-001", "T-002"])), max_size=8)
    )
    return [
        a_verdict(f"v{n}", kind, after, minute=minute, threat=threat, mitigation="M-1")
        for n, ((kind, after), minute, threat) in enumerate(picked)
    ]


@given(verdicts(), st.randoms(use_true_random=False))
def test_order_of_arrival_does_not_matter(given_verdicts: list[Verdict], random: Random) -> None:
    """Verdicts fold by their time, in whatever order and however often they arrive."""
    shuffled = [*given_verdicts, *given_verdicts]
    random.shuffle(shuffled)

    assert fold(a_model(), shuffled) == fold(a_model(), given_verdicts)


@given(verdicts())
def test_folding_loses_no_threat(given_verdicts: list[Verdict]) -> None:
    """Whatever engineers say, the revision keeps its threats, their order and their identifiers."""
    folded = fold(a_model(), given_verdicts)

    assert [t.id for t in folded.threats] == ["T-001", "T-002"]


@given(verdicts())
def test_a_verdict_survives_its_json(given_verdicts: list[Verdict]) -> None:
    """Verdicts read from their own JSON are equal to what was written."""
    assert [Verdict.model_validate_json(v.model_dump_json()) for v in given_verdicts] == given_verdicts


def test_the_latest_word_holds() -> None:
    """Of two verdicts on one thing the later one holds, and says who."""
    folded = fold(
        a_model(),
        [
            a_verdict("b", VerdictKind.STATUS, "dismissed", minute=2, who="U0LEE", reason="we have a WAF"),
            a_verdict("a", VerdictKind.STATUS, "accepted", minute=1),
        ],
    )

    threat = folded.threat("T-001")
    assert (threat.status, threat.decided_by, threat.status_reason) == (
        ThreatStatus.DISMISSED,
        "U0LEE",
        "we have a WAF",
    )


def test_undo_brings_back_what_stood_before() -> None:
    """An undone verdict counts not at all; undoing the undo brings it back."""
    low = a_verdict("a", VerdictKind.SEVERITY, "low", minute=1)
    undo = a_verdict("b", VerdictKind.UNDO, "a", minute=2)
    redo = a_verdict("c", VerdictKind.UNDO, "b", minute=3)

    assert fold(a_model(), [low, undo]).threat("T-001").effective_severity is Severity.HIGH
    assert fold(a_model(), [low, undo, redo]).threat("T-001").effective_severity is Severity.LOW


def test_an_engineers_severity_says_who_and_when() -> None:
    """An overriding severity carries its author and its time, and leaves the computed one alone."""
    threat = fold(a_model(), [a_verdict("a", VerdictKind.SEVERITY, "low", minute=1)]).threat("T-001")

    assert threat.severity is Severity.HIGH
    assert threat.override is not None
    assert (threat.override.who, threat.override.when) == ("U0DANA", NOON + timedelta(minutes=1))


def test_mitigations_change_by_verdict_alone() -> None:
    """A mitigation's status and an engineer's own mitigation come from verdicts."""
    threat = fold(
        a_model(),
        [
            a_verdict("a", VerdictKind.MITIGATION, "done", mitigation="M-1"),
            a_verdict("b", VerdictKind.ADD_MITIGATION, "Fetch the event by id.", mitigation="M-2"),
        ],
    ).threat("T-001")

    assert [(m.id, m.status) for m in threat.mitigations] == [
        ("M-1", MitigationStatus.DONE),
        ("M-2", MitigationStatus.ACCEPTED),
    ]


def test_verdicts_on_other_models_and_gone_threats_are_passed_over() -> None:
    """A verdict that is not about this model, or not about a threat it has, changes nothing."""
    other = a_verdict("a", VerdictKind.STATUS, "accepted").model_copy(update={"model": "tm-2"})
    gone = a_verdict("b", VerdictKind.STATUS, "accepted", threat="T-099")

    assert fold(a_model(), [other, gone]) == a_model()
