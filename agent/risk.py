"""Severity from stated factors: likelihood 1–5 times impact 1–5, each a base and what changes it.

The product decides: 20 and more is critical, 12 and more high, 6 and more medium, the rest low. So critical
needs a five beside a four; a two never gets above medium. A control that nobody has spoken of changes
nothing by itself: it is named among the factors, and a question is raised.
"""

from __future__ import annotations

from collections.abc import Iterable

from agent.domain.system import Classification
from agent.domain.threat import Factor, Rating, Severity, Threat

_STEPS = ((20, Severity.CRITICAL), (12, Severity.HIGH), (6, Severity.MEDIUM))
_CONTROL = "control: "
_IN_PLACE = "control in place"


def severity_of(likelihood: int, impact: int) -> Severity:
    """The severity of a likelihood and an impact, each 1 to 5."""
    product = likelihood * impact
    for least, severity in _STEPS:
        if product >= least:
            return severity
    return Severity.LOW


def rate(base: int, factors: Iterable[Factor]) -> Rating:
    """The base and what the factors add, kept within 1 to 5."""
    kept = tuple(factors)
    return Rating(score=_clip(base + sum(f.points for f in kept)), base=base, factors=kept)


def rescore(threat: Threat) -> Threat:
    """The threat with ratings and severity computed again from its stated factors."""
    likelihood = rate(threat.likelihood.base, threat.likelihood.factors)
    impact = rate(threat.impact.base, threat.impact.factors)
    severity = severity_of(likelihood.score, impact.score)
    return threat.model_copy(update={"likelihood": likelihood, "impact": impact, "severity": severity})


def exposure(*, exposed: bool, reachable: bool, way: str, place: str) -> Factor:
    """How near the internet is: +1 when anybody there can talk to it, −1 when no way in is drawn.

    Args:
        exposed: anybody on the internet can talk to it.
        reachable: some way leads to it from outside.
        way: the way, in names, such as "customer → Web shop".
        place: the name of the element or flow itself.
    """
    if exposed:
        return Factor(name="exposure", points=1, reason=f"reachable from the internet ({way or place})")
    if reachable:
        return Factor(name="exposure", points=0, reason=f"behind another part ({way})")
    return Factor(name="exposure", points=-1, reason=f"no way from outside to {place} is drawn")


def skill(level: str) -> Factor:
    """What the attacker must know: +1 for nothing, 0 for some craft, −1 for an expert's."""
    match level:
        case "none":
            return Factor(name="skill", points=1, reason="no skill needed")
        case "some":
            return Factor(name="skill", points=0, reason="takes known tools")
        case _:
            return Factor(name="skill", points=-1, reason="takes an expert")


def control_unknown(label: str) -> Factor:
    """Nobody has spoken of the control: no points, but it is named."""
    return Factor(name=f"{_CONTROL}{label}", points=0, reason=f"nothing names {label}")


def control_denied(label: str) -> Factor:
    """The control is stated to be missing: +1."""
    return Factor(name=f"{_CONTROL}{label}", points=1, reason=f"{label} is stated to be missing")


def control_stands(label: str) -> Factor:
    """The control is there, to be tested: −4, so that the likelihood is 1."""
    return Factor(name=_IN_PLACE, points=-4, reason=f"{label} is stated to be there")


def is_answered(threat: Threat) -> bool:
    """Whether a control is stated to answer the threat, so that it is low and stays as a control to test."""
    return any(f.name == _IN_PLACE for f in threat.likelihood.factors)


def control_eases(label: str) -> Factor:
    """Another control makes it harder: −1."""
    return Factor(name="eased", points=-1, reason=f"{label} makes it harder")


def data_class(classification: Classification, noun: str) -> Factor:
    """What is at stake: +1 for restricted data, −1 for public."""
    points = {Classification.RESTRICTED: 1, Classification.PUBLIC: -1}.get(classification, 0)
    return Factor(name="data class", points=points, reason=f"{noun} ({classification.value})")


def harm(phrase: str) -> Factor:
    """What the base of the impact stands for."""
    return Factor(name="harm", points=0, reason=phrase)


def explain(threat: Threat) -> str:
    """How the severity comes about, such as "likelihood 5 (no skill needed) × impact 4 (money)"."""
    return f"{_explained('likelihood', threat.likelihood)} × {_explained('impact', threat.impact)}"


def lowering_facts(threat: Threat) -> tuple[str, ...]:
    """Which facts would make the threat less severe, the strongest first, as clauses.

    Such as "Low if a signature were in place" or "High if it could not be reached from the internet".
    """
    found: list[tuple[int, str]] = []
    for factor in threat.likelihood.factors:
        lower = _without(threat.likelihood, factor)
        found += _change(threat, severity_of(lower, threat.impact.score), _unless(factor))
    for factor in threat.impact.factors:
        lower = _without(threat.impact, factor)
        found += _change(threat, severity_of(threat.likelihood.score, lower), _unless(factor))
    return tuple(text for _, text in sorted(found, key=lambda item: item[0]))


def _change(threat: Threat, severity: Severity, clause: str) -> list[tuple[int, str]]:
    if not clause or severity.rank >= threat.severity.rank:
        return []
    return [(severity.rank, f"{severity.value.capitalize()} if {clause}")]


def _without(rating: Rating, factor: Factor) -> int:
    """The score if the fact behind the factor were otherwise."""
    if factor.name.startswith(_CONTROL):
        return 1
    if factor.points <= 0:
        return rating.score
    return _clip(rating.base + sum(f.points for f in rating.factors) - factor.points)


def _unless(factor: Factor) -> str:
    if factor.name.startswith(_CONTROL):
        return f"{factor.name.removeprefix(_CONTROL)} were in place"
    return {
        "exposure": "it could not be reached from the internet",
        "data class": f"no {factor.reason.partition(' (')[0]} were at stake",
        "boundary": "it did not cross the boundary",
        "single point": "there were a second way",
    }.get(factor.name, "")


def _explained(word: str, rating: Rating) -> str:
    reasons = "; ".join(f.reason for f in rating.factors if f.reason)
    return f"{word} {rating.score} ({reasons})" if reasons else f"{word} {rating.score}"


def _clip(score: int) -> int:
    return max(1, min(5, score))
