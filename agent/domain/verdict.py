"""Verdicts: what engineers said. Append-only; the current state of a threat model is folded from them."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from pydantic import AwareDatetime, Field

from agent.domain.base import Value
from agent.domain.model import ThreatModel
from agent.domain.threat import (
    Effort,
    Mitigation,
    MitigationStatus,
    Origin,
    Severity,
    SeverityOverride,
    Statement,
    Threat,
    ThreatStatus,
)


class VerdictKind(StrEnum):
    """What a verdict does."""

    STATUS = "status"
    """Sets a threat's status: `after` is a ThreatStatus."""
    SEVERITY = "severity"
    """Overrides a threat's severity: `after` is a Severity."""
    TITLE = "title"
    """Rewrites a threat's title: `after` is the text."""
    STATEMENT = "statement"
    """Rewrites a threat's statement: `after` is a Statement as JSON."""
    MITIGATION = "mitigation"
    """Sets a mitigation's status: `after` is a MitigationStatus."""
    ADD_MITIGATION = "add_mitigation"
    """Adds a mitigation with the id `mitigation`: `after` is its text."""
    ADD_THREAT = "add_threat"
    """Adds a threat with the id `threat`: `after` is the Threat as JSON."""
    ANSWER = "answer"
    """Answers the open question `question`: `after` is the option's value."""
    UNDO = "undo"
    """Takes back the verdict whose id is `after`."""


class Verdict(Value):
    """What one engineer said once about a threat or one of its mitigations."""

    id: str
    """Unique; the delivery that carried it, so that a repeated delivery is the same verdict."""
    who: str
    when: AwareDatetime
    model: str
    revision: int = Field(ge=1)
    """The revision that the engineer saw."""
    threat: str = ""
    """The threat's id; empty for an answer, which may be about several."""
    mitigation: str = ""
    question: str = ""
    """The question's id, for an answer; for a severity, the question whose answer it follows from."""
    kind: VerdictKind
    before: str = ""
    after: str
    reason: str = ""


def fold(model: ThreatModel, verdicts: Iterable[Verdict]) -> ThreatModel:
    """The model as its engineers have left it.

    Verdicts take effect in the order of `when`, then of `id`, however they come in; one repeated counts
    once; one that is undone counts not at all; one about a threat that this revision lacks is passed over,
    and so is a severity that followed from an answer which this revision was made with.
    """
    ordered = sorted({v.id: v for v in verdicts if v.model == model.id}.values(), key=_order)
    undone = _undone(ordered)
    live = [v for v in ordered if v.kind is not VerdictKind.UNDO and v.id not in undone]
    model = _extended(model, [v for v in live if v.kind is VerdictKind.ADD_THREAT])
    by_threat: dict[str, list[Verdict]] = {}
    for verdict in live:
        if not _outdated(verdict, model):
            by_threat.setdefault(verdict.threat, []).append(verdict)
    answered = _answered(model, by_threat.pop("", []))
    said = {
        t.id: [*answered.get(t.id, []), *sorted(by_threat.get(t.id, []), key=lambda v: not _follows(v))]
        for t in model.threats
    }
    threats = tuple(_fold_threat(t, said[t.id]) for t in model.threats)
    return model.model_copy(update={"threats": threats})


def _order(verdict: Verdict) -> tuple[float, str]:
    return (verdict.when.timestamp(), verdict.id)


def _undone(ordered: list[Verdict]) -> set[str]:
    """The ids that undo verdicts take back; the latest word wins, so an undo can itself be undone."""
    undone: set[str] = set()
    for verdict in reversed(ordered):
        if verdict.kind is VerdictKind.UNDO and verdict.id not in undone:
            undone.add(verdict.after)
    return undone


def _follows(verdict: Verdict) -> bool:
    """Whether it is a severity that follows from an answer: what is said of a threat itself wins."""
    return verdict.kind is VerdictKind.SEVERITY and bool(verdict.question)


def _outdated(verdict: Verdict, model: ThreatModel) -> bool:
    """Whether it is a severity that the revision's own run has worked out again from what was answered."""
    return _follows(verdict) and verdict.revision != model.revision


def _extended(model: ThreatModel, added: list[Verdict]) -> ThreatModel:
    """The model with the threats that engineers added, behind its own: what has been shown stays in place."""
    for verdict in added:
        threat = Threat.model_validate_json(verdict.after)
        ids = {t.id for t in model.threats}
        keys = {key for t in model.threats for key in (t.key, *t.merged)}
        if threat.id in ids or threat.key in keys:
            continue
        cells = tuple(
            cell.model_copy(update={"threats": (*cell.threats, threat.id)})
            if cell.element in threat.targets and cell.label in threat.kinds
            else cell
            for cell in model.coverage.cells
        )
        coverage = model.coverage.model_copy(update={"cells": cells})
        model = model.model_copy(update={"threats": (*model.threats, threat), "coverage": coverage})
    return model


def _answered(model: ThreatModel, answers: list[Verdict]) -> dict[str, list[Verdict]]:
    """The severities that answers give, as verdicts by threat: what is said of a threat itself wins."""
    questions = {q.id: q for q in model.questions}
    latest = {v.question: v for v in answers if v.kind is VerdictKind.ANSWER}
    found: dict[str, list[Verdict]] = {}
    for verdict in latest.values():
        question = questions.get(verdict.question)
        for option in question.options if question else ():
            for outcome in option.outcomes if option.value == verdict.after else ():
                change = {"kind": VerdictKind.SEVERITY, "after": outcome.severity, "reason": outcome.reason}
                found.setdefault(outcome.threat, []).append(verdict.model_copy(update=change))
    return found


def _fold_threat(threat: Threat, verdicts: list[Verdict]) -> Threat:
    for verdict in verdicts:
        threat = _apply(threat, verdict)
    return threat


def _apply(threat: Threat, verdict: Verdict) -> Threat:  # noqa: PLR0911 - one return a kind
    match verdict.kind:
        case VerdictKind.STATUS:
            status = ThreatStatus(verdict.after)
            return threat.model_copy(
                update={
                    "status": status,
                    "status_reason": verdict.reason,
                    "decided_by": verdict.who,
                    "decided_at": verdict.when,
                }
            )
        case VerdictKind.SEVERITY:
            override = SeverityOverride(
                severity=Severity(verdict.after),
                who=verdict.who,
                when=verdict.when,
                reason=verdict.reason,
                follows=verdict.question,
            )
            return threat.model_copy(update={"override": override})
        case VerdictKind.TITLE:
            return threat.model_copy(update={"title": verdict.after})
        case VerdictKind.STATEMENT:
            return threat.model_copy(update={"statement": Statement.model_validate_json(verdict.after)})
        case VerdictKind.MITIGATION:
            return _with_mitigation_status(threat, verdict.mitigation, MitigationStatus(verdict.after))
        case VerdictKind.ADD_MITIGATION:
            added = Mitigation(
                id=verdict.mitigation,
                text=verdict.after,
                effort=Effort.MEDIUM,
                status=MitigationStatus.ACCEPTED,
                origin=Origin.ENGINEER,
            )
            kept = tuple(m for m in threat.mitigations if m.id != added.id)
            return threat.model_copy(update={"mitigations": (*kept, added)})
        case VerdictKind.UNDO | VerdictKind.ANSWER | VerdictKind.ADD_THREAT:  # folded before
            return threat


def _with_mitigation_status(threat: Threat, mitigation: str, status: MitigationStatus) -> Threat:
    changed = tuple(
        m.model_copy(update={"status": status}) if m.id == mitigation else m for m in threat.mitigations
    )
    return threat.model_copy(update={"mitigations": changed})
