"""A model's own threats: filled schemas become domain values, as far as they pass the checks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from agent import risk
from agent.analysts.filled import confidence
from agent.analysts.filled.checking import Check
from agent.analysts.filled.rating import impact, likelihood, part_of
from agent.catalog.control_words import load_control_words
from agent.catalog.references import load_references
from agent.catalog.vocabulary import ControlName
from agent.domain.base import slug
from agent.domain.system import Evidence, EvidenceKind, Known
from agent.domain.threat import (
    Effort,
    Mitigation,
    Origin,
    Reference,
    Statement,
    Stride,
    Threat,
    threat_key,
)

MOST = 12
"""Threats of its own that one call may add: more is a list, not a finding."""
_TARGETS, _REMEDIES, _CITED = 4, 3, 5
_PUBLIC = re.compile(r"(?:CWE|CAPEC|ASVS)-[\d.]+|A?M?L?\.?T\d{4}(?:\.\d{3})?|(?:API|LLM|A)\d\d?:20\d\d")
"""Identifiers of public catalogues; other passages can be quoted but are no reference."""


def own_threats(check: Check, said: Iterable[Any]) -> tuple[Threat, ...]:
    """The threats that pass, in the model's order, at most MOST; those that do not are counted."""
    found: dict[str, Threat] = {}
    for number, item in enumerate(said):
        threat = _threat(check, item) if number < MOST else None
        if threat is None:
            check.count("threats_dropped")
        else:
            found.setdefault(threat.key, threat)
    check.count("threats", len(found))
    return tuple(found.values())


def _threat(check: Check, said: Any) -> Threat | None:
    targets = check.parts(said.on)[:_TARGETS]
    action, title = check.words(said.does, 300), check.words(said.title, 110)
    if not targets or not action or not title:
        return None
    likely, proof, state = likelihood(check, said, targets[0])
    costs = impact(check.topology, said, targets[0])
    references, supported = cited(check, said.cites)
    quoted = check.evidence(said.quotes)
    evidence = _evidence(check, said, targets[0], quoted, proof)
    return Threat(
        key=threat_key(f"model:{slug(title)}", targets),
        title=title[:1].upper() + title[1:],
        statement=_statement(check, said, action),
        stride=tuple(dict.fromkeys(Stride(s) for s in said.stride)),
        categories=tuple(dict.fromkeys(getattr(said, "categories", ()))),
        targets=targets,
        evidence=evidence,
        likelihood=likely,
        impact=costs,
        severity=risk.severity_of(likely.score, costs.score),
        confidence=confidence.of_own(
            quoted,
            passage=supported or any(e.kind is EvidenceKind.PASSAGE for e in quoted),
            proven=proof is not None and state is Known.NO,
            assumed=part_of(check.topology.system, targets[0]).assumed,
        ),
        references=references,
        mitigations=_mitigations(check, said.do),
        origin=Origin.MODEL,
    )


def cited(check: Check, aliases: Iterable[str]) -> tuple[tuple[Reference, ...], bool]:
    """The references that exist among the cited, and whether a passage of this call is one of them."""
    table, shown = load_references(), {f"P{i}": p.source for i, p in enumerate(check.passages, 1)}
    found: dict[str, Reference] = {}
    supported = False
    for alias in dict.fromkeys(aliases):
        id_ = shown.get(alias, alias)
        supported = supported or alias in shown
        if id_ in table:
            found[id_] = table[id_]
        elif alias in shown and _PUBLIC.fullmatch(id_):
            found[id_] = Reference(id=id_)
        elif alias not in shown:
            check.count("references_dropped")
    return tuple(found.values())[:_CITED], supported


def _statement(check: Check, said: Any, action: str) -> Statement:
    return Statement(
        source=check.words(said.who, 80) or "an attacker",
        prerequisites=check.words(said.given, 160),
        action=action,
        impact=check.words(said.leads_to, 200),
        goal=tuple(dict.fromkeys(said.goals)),
    )


def _evidence(
    check: Check, said: Any, target: str, quoted: Sequence[Evidence], proof: Evidence | None
) -> tuple[Evidence, ...]:
    """What was quoted, what proves the control's state, else what nothing in the input says."""
    found = [*quoted, *([proof] if proof else [])]
    if proof is None and said.control != "none":
        label = load_control_words()[ControlName(said.control)].label
        name = check.words(check.topology.system.name_of(target), 120)
        found.append(
            Evidence(
                kind=EvidenceKind.ABSENCE, quote=f"nothing on {name} or in the description names {label}"
            )
        )
    if not found:
        part = part_of(check.topology.system, target)
        found.append(part.evidence if hasattr(part, "evidence") else part.source)
    return tuple({(e.kind, e.quote): e for e in found}.values())


def _mitigations(check: Check, said: Iterable[Any]) -> tuple[Mitigation, ...]:
    texts = [(check.words(m.text, 220), Effort(m.effort)) for m in said]
    kept = [(text, effort) for text, effort in texts if text][:_REMEDIES]
    return tuple(
        Mitigation(id=f"M-{i}", text=text, effort=effort, origin=Origin.MODEL)
        for i, (text, effort) in enumerate(kept, 1)
    )
