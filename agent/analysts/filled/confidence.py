"""Confidence, computed: agreement of rules and model, evidence that stands in the input, passages."""

from __future__ import annotations

from collections.abc import Sequence

from agent.domain.system import Evidence, EvidenceKind

ALONE = 0.35
"""A threat that only a model names, with nothing to show for it."""
QUOTED = 0.15
"""The first quote from the input; a second one adds SECOND."""
SECOND = 0.05
PASSAGE = 0.1
"""A passage that says the same, cited or quoted."""
PROVEN = 0.15
"""A sentence of the input says that the control is missing."""
ASSUMED = -0.1
"""The part itself is assumed."""
AGREED = 0.15
"""Rules and model say the same."""
DOUBTED = 0.6
"""What is left of the rules' confidence when the model finds a candidate unlikely."""
DENIED = 0.5
"""The same when it says that the candidate does not belong here, with a quote that stands in the input."""
LEAST, MOST = 0.1, 0.95


def of_own(evidence: Sequence[Evidence], *, passage: bool, proven: bool, assumed: bool) -> float:
    """The confidence of a threat that the model alone names."""
    quoted = [e for e in evidence if e.kind is not EvidenceKind.PASSAGE]
    points = ALONE + (QUOTED if quoted else 0) + (SECOND if len(quoted) > 1 else 0)
    points += (PASSAGE if passage else 0) + (PROVEN if proven else 0) + (ASSUMED if assumed else 0)
    return _kept(points)


def agreed(before: float) -> float:
    """The confidence of a candidate that the model confirms or sharpens."""
    return _kept(before + AGREED)


def doubted(before: float, *, quoted: bool) -> float:
    """The confidence of a candidate that the model rejects."""
    return _kept(before * (DENIED if quoted else DOUBTED))


def _kept(points: float) -> float:
    return round(min(MOST, max(LEAST, points)), 2)
