"""A pattern's matches become a threat, in the system's own names."""

from __future__ import annotations

from collections.abc import Sequence

from agent import risk
from agent.analysts.matching import Match
from agent.analysts.rating import graveness, labels_of, ratings
from agent.analysts.topology import Topology
from agent.analysts.values import flow_name, values_of, way
from agent.catalog.templates import Template, Values
from agent.domain.system import Element, Evidence, EvidenceKind, Flow
from agent.domain.threat import Mitigation, Origin, Statement, Threat, threat_key

_QUOTED = 3
"""How many places of a group are quoted as evidence."""
_NAMED = 2
"""How many names a title spells out for one placeholder."""
_TOLD = 2
"""How many sentences are."""


def write(topology: Topology, group: Sequence[Match], key_targets: tuple[str, ...]) -> Threat:
    """One threat for all places of the group, the gravest first.

    Args:
        topology: the system.
        group: matches of one pattern, at least one.
        key_targets: what the threat's key is made of, so that a group keeps its key as it grows.
    """
    ordered = _gravest_first(topology, group)
    lead = ordered[0]
    pattern = lead.pattern
    values = values_of(topology, ordered)
    likelihood, impact = ratings(topology, lead)
    return Threat(
        key=threat_key(pattern.id, key_targets),
        pattern=pattern.id,
        title=_said(pattern.title, _shortened(values), most=_NAMED),
        statement=_statement(lead, values),
        stride=pattern.stride,
        targets=_targets(ordered),
        evidence=_evidence(topology, ordered, values),
        likelihood=likelihood,
        impact=impact,
        severity=risk.severity_of(likelihood.score, impact.score),
        confidence=_confidence(topology, lead),
        references=pattern.references,
        mitigations=tuple(
            Mitigation(id=f"M-{i}", text=_said(r.text, values), effort=r.effort)
            for i, r in enumerate(pattern.remedies, 1)
        ),
        origin=Origin.RULES,
    )


def _shortened(values: Values) -> Values:
    """The values for a title: of data the first two names, as nobody asks how many more there are."""
    return {**values, **{name: values[name][:_NAMED] for name in ("data", "stake")}}


def _gravest_first(topology: Topology, group: Sequence[Match]) -> list[Match]:
    """Open places before answered ones, then by severity; the system's order decides ties."""
    open_ = [m for m in group if m.answer is None] or list(group)
    rated = [(graveness(topology, m), m) for m in open_]
    rated.sort(key=lambda item: (-item[0][0].rank, -item[0][1]))
    return [m for _, m in rated]


def _statement(lead: Match, values: Values) -> Statement:
    pattern = lead.pattern
    return Statement(
        source=pattern.source.fill(values),
        prerequisites=pattern.given.fill(values) if pattern.given else "",
        action=pattern.action.fill(values),
        impact=pattern.harm_text.fill(values),
        goal=pattern.goal,
        assets=tuple(dict.fromkeys(a.fill(values) for a in pattern.assets)),
    )


def _targets(ordered: Sequence[Match]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(m.subject.id for m in ordered))


def _evidence(topology: Topology, ordered: Sequence[Match], values: Values) -> tuple[Evidence, ...]:
    lead = ordered[0]
    found: list[Evidence] = [
        Evidence(kind=EvidenceKind.TOPOLOGY, quote=_said(w, values)) for w in lead.pattern.why
    ]
    against = topology.stating(frozenset({*lead.pattern.answered_by, *lead.pattern.eased_by}))
    for match in ordered[:_QUOTED]:
        own = (_own(match.subject), *_held(topology, match))
        found += [e for e in own if e is not None and e.quote not in against]
        for standing in (match.answer, match.denied):
            if standing is not None and standing.evidence is not None:
                found.append(standing.evidence)
    found += _told(topology, ordered)
    found += _path(topology, lead)
    if lead.answer is None and lead.denied is None and lead.pattern.answered_by:
        found.append(_absence(topology, lead))
    return tuple({(e.kind, e.quote): e for e in found if e.quote}.values())


def _told(topology: Topology, ordered: Sequence[Match]) -> list[Evidence]:
    """The sentences that make the pattern fit, where its condition asks for any.

    None of which states a control that answers or eases the threat: that speaks against it.
    """
    pattern = ordered[0].pattern
    described, told = pattern.asked
    remarks = [r for m in ordered[:_QUOTED] for e in m.ends for r in topology.quotes(e, described)]
    remarks += topology.quotes("", told)
    against = {c.value for c in (*pattern.answered_by, *pattern.eased_by)}
    quotes = dict.fromkeys((r.quote, r.source) for r in remarks if against.isdisjoint(r.controls))
    return [
        Evidence(kind=EvidenceKind.DESCRIPTION, quote=quote, source=source)
        for quote, source in list(quotes)[:_TOLD]
    ]


def _held(topology: Topology, match: Match) -> list[Evidence | None]:
    return [topology.assets[a].evidence for a in match.subject.assets[:1] if a in topology.assets]


def _own(subject: Element | Flow) -> Evidence:
    return subject.evidence if isinstance(subject, Flow) else subject.source


def _path(topology: Topology, lead: Match) -> list[Evidence]:
    at = lead.subject.target if isinstance(lead.subject, Flow) else lead.subject.id
    path = topology.entry_path(at)
    if len(path) < 3:  # noqa: PLR2004 - a shorter way is the flow itself
        return []
    return [Evidence(kind=EvidenceKind.TOPOLOGY, quote=way(topology, path))]


def _absence(topology: Topology, lead: Match) -> Evidence:
    subject = lead.subject
    place = f"on {flow_name(topology, subject)}" if isinstance(subject, Flow) else f"at {subject.name}"
    return Evidence(
        kind=EvidenceKind.ABSENCE, quote=f"nothing {place} or in the description names {labels_of(lead)}"
    )


def _confidence(topology: Topology, lead: Match) -> float:
    confidence = lead.pattern.confidence
    if _told(topology, (lead,)):
        confidence += 0.15
    if lead.denied is not None:
        confidence += 0.2
    ends = (topology.elements[e] for e in lead.ends)
    if lead.subject.assumed or any(e.assumed for e in ends):
        confidence -= 0.2
    return round(min(0.95, max(0.1, confidence)), 2)


def _said(template: Template, values: Values, most: int | None = None) -> str:
    """The filled text with a capital, unless it begins with the name of a part."""
    text = template.fill(values, most)
    named = template.text.startswith("{") and not template.text.startswith(("{data", "{stake"))
    return text if named else text[:1].upper() + text[1:]
