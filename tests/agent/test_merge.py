"""Merging: nothing twice, the worst first, ids that stay, questions that matter."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from agent.analysts.base import Findings
from agent.domain.model import ThreatModel
from agent.domain.system import Question, System
from agent.domain.threat import (
    Effort,
    Mitigation,
    Origin,
    Rating,
    Severity,
    SeverityOverride,
    Statement,
    Stride,
    Threat,
)
from agent.merge import join, merge, number, rank, rank_questions
from agent.risk import severity_of
from tests.sketching import sketch

SHOP = sketch(
    "(Buyer)\n[Shop: api]\n[Stock: service]\nBuyer -> Shop: order\nShop -> Stock: ask\nShop -> Stock: tell"
)
ORDER, ASK, TELL = (f.id for f in SHOP.flows)


def threat(
    key: str,
    title: str = "",
    *,
    targets: tuple[str, ...] = ("shop",),
    score: tuple[int, int] = (3, 3),
    stride: Stride = Stride.TAMPERING,
    pattern: str = "",
    remedy: str = "",
) -> Threat:
    """A threat made for the test."""
    return Threat(
        key=key,
        pattern=pattern,
        title=title or key,
        statement=Statement(source="somebody", action=title or key, impact="harm"),
        stride=(stride,),
        targets=targets,
        likelihood=Rating(score=score[0], base=score[0]),
        impact=Rating(score=score[1], base=score[1]),
        severity=severity_of(*score),
        mitigations=(Mitigation(id="M-1", text=remedy, effort=Effort.SMALL),) if remedy else (),
        origin=Origin.RULES,
    )


def model(*threats: Threat) -> ThreatModel:
    """A revision with these threats."""
    created = datetime(2026, 1, 1, tzinfo=UTC)
    return ThreatModel(id="m", revision=1, title="Shop", created=created, system=SHOP, threats=threats)


def test_the_same_key_is_the_same_threat() -> None:
    """Two areas that find one threat give one, with the targets of both and the graver rating."""
    (one,) = join([threat("k", score=(2, 2)), threat("k", targets=("stock",), score=(4, 4))], SHOP)
    assert one.targets == ("stock", "shop")
    assert one.severity is Severity.HIGH
    assert one.merged == ()


def test_patterns_of_one_group_at_one_place_fold_into_the_gravest() -> None:
    """The one that stays keeps its words and takes over targets, identifiers and what to do."""
    weaker = threat("a", "Replayed event", pattern="webhook-repeated", targets=(ORDER,), remedy="keep ids")
    graver = threat(
        "b", "Forged event", pattern="webhook-forged", targets=(ORDER,), score=(5, 4), remedy="verify"
    )
    (one,) = join([weaker, graver], SHOP)
    assert (one.key, one.title, one.merged) == ("b", "Forged event", ("a",))
    assert [(m.id, m.text) for m in one.mitigations] == [("M-1", "verify"), ("M-2", "keep ids")]


def test_an_element_and_a_flow_into_it_are_one_place_but_two_flows_are_not() -> None:
    """A group meets on an element and the flow to it; two flows to one element stay two."""
    console = threat("a", "Console open", pattern="console-open-to-world", targets=("shop",))
    sign_in = threat("b", "Stolen login", pattern="stolen-admin", targets=(ORDER,))
    assert len(join([console, sign_in], SHOP)) == 1
    ask = threat("c", "Read ask", pattern="transport-plain", targets=(ASK,))
    tell = threat("d", "Read tell", pattern="transport-unknown-inside", targets=(TELL,))
    assert len(join([ask, tell], SHOP)) == 2


def test_nearly_the_same_words_on_one_target_are_one_threat() -> None:
    """What two analysts say in almost the same words about one place is said once; about another, twice."""
    one = threat("a", "Attacker replays a captured order to the shop")
    two = threat("b", "An attacker can replay a captured order to the shop")
    elsewhere = threat("c", "An attacker can replay a captured order to the shop", targets=("stock",))
    other_kind = threat("d", "An attacker can replay a captured order to the shop", stride=Stride.REPUDIATION)
    assert [t.key for t in join([one, two], SHOP)] == ["a"]
    assert len(join([one, elsewhere], SHOP)) == 2
    assert len(join([one, other_kind], SHOP)) == 2


def test_joining_again_changes_nothing() -> None:
    """What was joined once stays as it is."""
    threats = [
        threat("a", "Forged", pattern="webhook-forged"),
        threat("b", "Replayed", pattern="webhook-repeated"),
    ]
    once = join(threats, SHOP)
    assert join(once, SHOP) == once


many = st.lists(
    st.builds(
        lambda key, likelihood, impact, target, stride: threat(
            key, score=(likelihood, impact), targets=(target,), stride=stride
        ),
        st.text("abcdefgh", min_size=1, max_size=2),
        st.integers(1, 5),
        st.integers(1, 5),
        st.sampled_from(["shop", "stock"]),
        st.sampled_from(Stride),
    ),
    max_size=25,
    unique_by=lambda t: t.key,
)


@given(many)
def test_ranking_loses_nothing_and_severity_never_rises(threats: list[Threat]) -> None:
    """The same threats, the most severe first, and the order of input does not matter."""
    ranked = rank(threats)
    assert sorted(t.key for t in ranked) == sorted(t.key for t in threats)
    assert [t.severity.rank for t in ranked] == sorted((t.severity.rank for t in threats), reverse=True)
    assert rank(list(reversed(threats))) == ranked


def test_an_engineers_severity_decides_the_rank() -> None:
    """What an engineer made critical comes before what was computed as high."""
    when = datetime(2026, 1, 1, tzinfo=UTC)
    override = SeverityOverride(severity=Severity.CRITICAL, who="dana", when=when)
    low = threat("a", score=(1, 1)).model_copy(update={"override": override})
    assert [t.key for t in rank([threat("b", score=(4, 4)), low])] == ["a", "b"]


def test_within_a_severity_kinds_are_mixed() -> None:
    """After two of a kind at one place, another kind elsewhere comes first, even if rated a little lower."""
    same = [threat(f"s{i}", score=(4, 4)) for i in range(3)]
    other = threat("o", score=(3, 5), targets=("stock",), stride=Stride.REPUDIATION)
    assert [t.key for t in rank([*same, other])].index("o") < 3


def test_numbers_start_at_one_in_rank_order() -> None:
    """The first revision counts from T-001 down the list."""
    assert [t.id for t in number([threat("b"), threat("a")], None)] == ["T-001", "T-002"]


def test_a_threat_keeps_its_number_over_revisions() -> None:
    """The same key keeps its id wherever it now ranks; a new one gets the next; a gone one is not reused."""
    before = model(*number([threat("a"), threat("b"), threat("gone")], None))
    after = number([threat("new"), threat("b"), threat("a")], before)
    assert {t.key: t.id for t in after} == {"a": "T-001", "b": "T-002", "new": "T-004"}


def test_a_threat_that_now_stands_for_an_old_one_takes_its_number() -> None:
    """Folded otherwise than before, a threat is still found under the number it had."""
    before = model(*number([threat("a")], None))
    wider = threat("b").model_copy(update={"merged": ("a",)})
    assert [t.id for t in number([wider], before)] == ["T-001"]


def test_no_number_is_given_twice() -> None:
    """When one threat of before becomes two, only one of them keeps the number."""
    before = model(threat("a").model_copy(update={"id": "T-001", "merged": ("b",)}))
    assert sorted(t.id for t in number([threat("a"), threat("b")], before)) == ["T-001", "T-002"]


def question(id_: str, decides: tuple[str, ...], weight: float = 1.0) -> Question:
    """A question made for the test."""
    return Question(
        id=id_, text="?", about="shop", fact="control:mfa", options=(), decides=decides, weight=weight
    )


def test_questions_name_threats_by_number_and_the_weightiest_come_first() -> None:
    """Keys become ids, the same question from two threats is one with both, and few are kept."""
    threats = number([threat("a").model_copy(update={"merged": ("x",)}), threat("b")], None)
    asked = [
        question("q1", ("x",)),
        question("q2", ("a",), 1.5),
        question("q1", ("b",)),
        question("q3", ("nobody",), 9.0),
    ]
    kept = rank_questions(asked, threats)
    assert [(q.id, q.decides, q.weight) for q in kept] == [
        ("q1", ("T-001", "T-002"), 2.0),
        ("q2", ("T-001",), 1.5),
    ]
    assert rank_questions(asked, threats, most=1) == kept[:1]


def test_merging_does_not_depend_on_which_area_came_first() -> None:
    """Branches finish in any order; the list is the same."""
    one = Findings(area="1", threats=(threat("a"), threat("b", score=(4, 4))))
    two = Findings(area="2", threats=(threat("c"),), questions=(question("q", ("c",)),))
    assert merge([one, two], SHOP) == merge([two, one], SHOP)


def test_nothing_found_gives_nothing() -> None:
    """No findings, no threats, no questions."""
    assert merge([], System(name="Empty")) == ((), ())
