"""A model's word on the rules analyst's candidates: each keeps its key, its factors and its place.

Confirmed: more confidence. Sharpened: the model's words for it, on fewer of its own parts, and more
confidence. Rejected: it stays, with the reason, and with less confidence, so that it ranks behind its equals.
Only when a quoted sentence of the input itself states the control does it become what the rules make of an
answered threat: a control to test, low by the same factor. A model can drop nothing and change no severity
by its word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent import risk
from agent.analysts.filled import confidence
from agent.analysts.filled.checking import Check
from agent.analysts.filled.rating import control_state
from agent.catalog.control_words import load_control_words
from agent.catalog.patterns import load_patterns
from agent.catalog.vocabulary import ControlName
from agent.domain.system import Evidence, Known
from agent.domain.threat import Threat


def judged(check: Check, candidates: Sequence[Threat], answer: Any) -> tuple[Threat, ...]:
    """The candidates that the model spoke of, changed.

    One named twice counts by the first of rejected, sharpened, confirmed.
    """
    shown = {f"C{i}": t for i, t in enumerate(candidates, 1)}
    found: dict[str, Threat] = {}
    for said in answer.rejected:
        if said.id in shown and said.id not in found:
            found[said.id] = _rejected(check, shown[said.id], said)
            check.count("rejected")
    for said in answer.sharpened:
        if said.id in shown and said.id not in found:
            found[said.id] = _sharpened(check, shown[said.id], said)
            check.count("sharpened")
    for alias in answer.confirmed:
        if alias in shown and alias not in found:
            found[alias] = _confirmed(shown[alias])
            check.count("confirmed")
    return tuple(found[alias] for alias in shown if alias in found)


def _confirmed(threat: Threat) -> Threat:
    return threat.model_copy(update={"confidence": confidence.agreed(threat.confidence)})


def _sharpened(check: Check, threat: Threat, said: Any) -> Threat:
    wanted = set(check.aliases.known(said.on))
    targets = tuple(t for t in threat.targets if t in wanted) or threat.targets
    changes: dict[str, str] = {
        "action": check.words(said.does, 300),
        "prerequisites": check.words(said.given, 160),
    }
    title = check.words(said.title, 110)
    return threat.model_copy(
        update={
            "title": title[:1].upper() + title[1:] or threat.title,
            "statement": threat.statement.model_copy(update=_given(changes)),
            "targets": targets,
            "evidence": _joined(check.evidence(said.quotes), threat.evidence),
            "confidence": confidence.agreed(threat.confidence),
        }
    )


def _rejected(check: Check, threat: Threat, said: Any) -> Threat:
    if said.why == "answered" and (answered := _answered(check, threat, said)) is not None:
        return answered
    evidence = check.quote(said.quote)
    reason = check.words(said.reason, 200) or said.why.replace("_", " ")
    return threat.model_copy(
        update={
            "confidence": confidence.doubted(threat.confidence, quoted=evidence is not None),
            "status_reason": f"The language model doubts it: {reason}.",
            "evidence": _joined((evidence,) if evidence else (), threat.evidence),
        }
    )


def _answered(check: Check, threat: Threat, said: Any) -> Threat | None:
    """The candidate as a control to test; None when the quote does not state a control that answers it."""
    if said.control not in _answering(threat):
        return None
    state, evidence = control_state(check, said.control, "present", said.quote)
    if state is not Known.YES or evidence is None:
        return None
    label = load_control_words()[ControlName(said.control)].label
    others = tuple(f for f in threat.likelihood.factors if not f.name.startswith("control"))
    changed = threat.model_copy(
        update={
            "likelihood": risk.rate(threat.likelihood.base, (*others, risk.control_stands(label))),
            "status_reason": f"{label[:1].upper()}{label[1:]} is stated to be there: test it.",
            "evidence": _joined((evidence,), threat.evidence),
        }
    )
    return risk.rescore(changed)


def _answering(threat: Threat) -> frozenset[str]:
    """The controls any of which answers the candidate, by its pattern."""
    patterns: Mapping[str, frozenset[str]] = {
        p.id: frozenset(c.value for c in p.answered_by) for p in load_patterns()
    }
    return patterns.get(threat.pattern, frozenset())


def _joined(first: Sequence[Evidence], then: Sequence[Evidence]) -> tuple[Evidence, ...]:
    return tuple({(e.kind, e.quote): e for e in (*first, *then)}.values())


def _given(changes: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in changes.items() if text}
