"""What comparing two threat models promises."""

from agent.difference import difference
from agent.domain.model import ThreatModel
from agent.domain.system import System
from agent.domain.threat import Rating, Severity, Statement, Stride, Threat


def a_threat(key: str, severity: Severity = Severity.HIGH, merged: tuple[str, ...] = ()) -> Threat:
    """A threat with this key."""
    return Threat(
        id=f"T-{key}",
        key=key,
        title=key,
        statement=Statement(source="a stranger", action="read", impact="loss"),
        stride=(Stride.SPOOFING,),
        targets=("api",),
        likelihood=Rating(score=3, base=3),
        impact=Rating(score=3, base=3),
        severity=severity,
        merged=merged,
    )


def a_model(*threats: Threat) -> ThreatModel:
    """A model of these threats."""
    return ThreatModel(id="tm", revision=1, title="Shop", system=System(name="Shop"), threats=threats)


def test_every_threat_stands_in_one_list() -> None:
    """New, gone, kept and changed threats are told apart by their keys."""
    before = a_model(a_threat("a"), a_threat("b"), a_threat("c"))
    after = a_model(a_threat("b"), a_threat("c", Severity.LOW), a_threat("d"))
    found = difference(before, after)

    assert [t.key for t in found.new] == ["d"]
    assert [t.key for t in found.gone] == ["a"]
    assert [t.key for t in found.kept] == ["b"]
    assert [(c.after.key, c.what) for c in found.changed] == [("c", ("severity high → low",))]


def test_a_model_does_not_differ_from_itself() -> None:
    """Comparing a model with itself keeps everything."""
    model = a_model(a_threat("a"), a_threat("b"))
    found = difference(model, model)

    assert [t.key for t in found.kept] == ["a", "b"]
    assert (found.new, found.gone, found.changed) == ((), (), ())


def test_a_threat_that_now_stands_for_another_is_not_new() -> None:
    """When near-duplicates were folded, the one that is left is the same threat, not a new one."""
    found = difference(a_model(a_threat("a")), a_model(a_threat("b", merged=("a",))))

    assert found.new == ()
    assert found.gone == ()
