from __future__ import annotations

import pytest

from agent.domain.threat import Stride
from agent.evaluation.compared import Compared, Place, placed
from agent.evaluation.matching import Comparison, Cosines, Rule, gates_open, repeated
from tests.fakes import WordsEmbedder

_TEXT = Rule(gated=False, cut=0.6)
_GATES = Rule(gated=True, cut=0.6)


def _said(
    id_: str,
    statement: str,
    stride: Stride | None = None,
    component: str = "",
    elements: tuple[str, ...] = (),
) -> Compared:
    return Compared(
        id=id_,
        statement=statement,
        stride=(stride,) if stride else (),
        component=component,
        elements=elements,
    )


def _compare(threats: list[Compared], references: list[Compared]) -> Comparison:
    texts = [text for c in (*threats, *references) for text in (c.statement, c.whole)]
    return Comparison(threats, references, Cosines(WordsEmbedder(), texts))


def test_text_alone_is_compared_without_gates() -> None:
    """By text alone another category and another element do not matter."""
    threat = _said("T", "anyone opens the valve", Stride.TAMPERING, "Valve", ("Valve",))
    ref = _said("R", "anyone opens the valve", Stride.SPOOFING, "Phone", ("Phone",))
    assert [m.cosine for m in _compare([threat], [ref]).matches(_TEXT)] == [pytest.approx(1.0)]
    assert _compare([threat], [ref]).matches(_GATES) == ()


def test_the_whole_text_is_compared_behind_the_gates() -> None:
    """With gates, category and component are part of what is embedded."""
    threat = _said("T", "anyone opens it", Stride.TAMPERING, "Valve", ("Valve",))
    assert threat.whole == "Tampering. Valve. anyone opens it"
    ref = _said("R", "someone turns it", Stride.TAMPERING, "Valve", ("Valve",))
    comparison = _compare([threat], [ref])
    assert comparison.matches(_TEXT) == ()
    assert comparison.matches(Rule(gated=True, cut=0.5))[0].cosine == pytest.approx(0.6)


def test_what_the_reference_does_not_say_is_not_asked() -> None:
    """A reference without category or element lets every one through."""
    threat = _said("T", "x", Stride.TAMPERING, "Valve", ("Valve",))
    assert gates_open(threat, _said("R", "x"))
    assert gates_open(threat, _said("R", "x", Stride.TAMPERING))
    assert gates_open(threat, _said("R", "x", None, "the valves", ("the valves",)))
    assert not gates_open(_said("T", "x", Stride.TAMPERING), _said("R", "x", None, "Valve", ("Valve",)))


def test_references_are_placed_by_element_flow_or_part() -> None:
    """A component may be an element, a flow's label, or several of them; an asset is no place."""
    known = (
        Place(name="Phone", elements=("Phone",)),
        Place(name="Valve", elements=("Valve",)),
        Place(name="open", elements=("Phone", "Valve")),
    )
    said = ("Valve", "open", "Phone, Valve", "the harvest", "")
    found = placed([_said("R", "x", component=c) for c in said], known)
    assert [c.elements for c in found] == [("Valve",), ("Phone", "Valve"), ("Phone", "Valve"), (), ()]


def test_a_reference_is_matched_once() -> None:
    """Two threats that say the same cannot both have the one reference; the nearer one has it."""
    threats = [_said("T1", "anyone opens the valve by night"), _said("T2", "anyone opens the valve")]
    matches = _compare(threats, [_said("R", "anyone opens the valve")]).matches(_TEXT)
    assert [(m.produced, m.reference) for m in matches] == [(1, 0)]


def test_a_budget_reads_the_first_threats_only() -> None:
    """What stands behind the budget is not matched."""
    threats = [_said("T1", "nothing alike"), _said("T2", "anyone opens the valve")]
    comparison = _compare(threats, [_said("R", "anyone opens the valve")])
    assert comparison.matches(_TEXT, 1) == ()
    assert len(comparison.matches(_TEXT, 2)) == len(comparison.matches(_TEXT)) == 1


def test_the_nearest_threat_is_told_even_below_the_cut() -> None:
    """For a missed reference one wants to know what came nearest; of equals the first."""
    threats = [_said("T1", "rain"), _said("T2", "valve bursts"), _said("T3", "valve bursts")]
    near = _compare(threats, [_said("R", "valve rusts")]).nearest(0)
    assert near is not None
    assert near[0] == 1
    assert near[1] == pytest.approx(0.5)
    assert _compare([], [_said("R", "valve rusts")]).nearest(0) is None


def test_every_text_is_embedded_once_in_one_call() -> None:
    """An embedder is asked once for everything."""
    embedder = WordsEmbedder()
    cosines = Cosines(embedder, ["a b", "a b", "a c"])
    assert cosines.of("a b", "a c") == pytest.approx(0.5)
    assert embedder.calls == 1


def test_repetitions_are_counted_against_what_stands_before() -> None:
    """The first of three equal threats is no repetition, the other two are."""
    threats = [_said("1", "a b"), _said("2", "c d"), _said("3", "a b"), _said("4", "b a")]
    cosines = Cosines(WordsEmbedder(), [t.statement for t in threats])
    assert repeated(threats, cosines, 0.85) == 2
